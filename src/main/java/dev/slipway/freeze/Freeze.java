package dev.slipway.freeze;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A window that comes again and again, in which nothing is rolled out.
 *
 * @param name by which it is overridden
 * @param start when it opens: minute, hour, day of month, month and day of week, as in crontab
 * @param durationMinutes how long it stays open, in time that passes, also when clocks are changed meanwhile
 * @param timeZone of {@code start}, from the IANA time zone database
 * @param reason that who is refused is told
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Freeze(
        String name,
        String start,
        int durationMinutes,
        String timeZone,
        @Nullable String reason) {
    /**
     * A window that is open.
     *
     * @param until when it closes; where it opens anew before that, when the last of them closes
     */
    public record Open(String name, Instant until, @Nullable String reason) {
        @Override
        public String toString() {
            return reason == null
                    ? "%s (until %s)".formatted(name, until)
                    : "%s (until %s: %s)".formatted(name, until, reason);
        }
    }

    /** Those of {@code freezes} that are open, in their order. */
    public static List<Open> open(List<Freeze> freezes, Instant now) {
        List<Open> open = new ArrayList<>();
        for (Freeze freeze : freezes) {
            new Schedule(freeze)
                    .openUntil(now)
                    .ifPresent(until -> open.add(new Open(freeze.name(), until, freeze.reason())));
        }
        return open;
    }

    /** Those of {@code open} that an order does not name. */
    public static List<Open> without(List<Open> open, @Nullable FreezeOverride override) {
        return override == null
                ? open
                : open.stream()
                        .filter(window -> !override.freezes().contains(window.name()))
                        .toList();
    }

    /** What is wrong with {@code start}, to be said after its name; empty when it is right. */
    public static Optional<String> startError(String start) {
        return Schedule.startError(start);
    }

    /** What is wrong with {@code timeZone}, to be said after its name; empty when it is right. */
    public static Optional<String> timeZoneError(String timeZone) {
        return Schedule.timeZoneError(timeZone);
    }
}
