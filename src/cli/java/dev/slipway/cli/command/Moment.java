package dev.slipway.cli.command;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as the API takes it: an instant in UTC, or how long ago, which its clock counts from. */
final class Moment implements ITypeConverter<String> {
    @Override
    public String convert(String written) {
        if (written.matches("[1-9][0-9]{0,4}[smhd]") || InUtc.isOne(written)) {
            return written;
        }
        throw new TypeConversionException(
                "%s is no time. Write one such as 2026-11-28T00:00:00Z, in UTC, or how long ago: 45s, 15m, 2h, 3d."
                        .formatted(written.isBlank() ? "\"\"" : written));
    }

    /** An instant only. */
    static final class InUtc implements ITypeConverter<String> {
        @Override
        public String convert(String written) {
            if (isOne(written)) {
                return written;
            }
            throw new TypeConversionException("%s is no time. Write one such as 2026-11-28T00:00:00Z, in UTC."
                    .formatted(written.isBlank() ? "\"\"" : written));
        }

        private static boolean isOne(String written) {
            try {
                Instant.parse(written);
                return true;
            } catch (DateTimeParseException e) {
                return false;
            }
        }
    }
}
