package dev.slipway.cli.command;

import dev.slipway.cli.exit.CliException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** How long a verb follows what it has begun. */
final class Waiting {
    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long to wait at most: 90s, 30m, 4h (default: 4h)")
    Duration timeout = Duration.ofHours(4);

    /** Such as {@code 90s}, {@code 30m} or {@code 4h}. */
    static final class Time implements ITypeConverter<Duration> {
        private static final Pattern WRITTEN = Pattern.compile("(?<number>[1-9][0-9]{0,5})(?<unit>[smhd])");

        @Override
        public Duration convert(String written) {
            Matcher matcher = WRITTEN.matcher(written);
            if (!matcher.matches()) {
                throw CliException.usage(written + " is no time.", "Write one such as 90s, 30m or 4h.");
            }
            long number = Long.parseLong(matcher.group("number"));
            return switch (matcher.group("unit")) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
    }
}
