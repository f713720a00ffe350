package dev.slipway.freeze;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
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

    /** Those of {@code open} that have none of these names. */
    public static List<Open> without(List<Open> open, Collection<String> names) {
        return open.stream().filter(window -> !names.contains(window.name())).toList();
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

/**
 * When a freeze window is open. Its starts are times of the clock on the wall. Where clocks go forward over a start, it
 * opens as much later (02:30 of a day without 02:30 is 03:30); where they go back over one, at the first of the two. A
 * cron library's own view of such days differs from version to version, so it only ever sees times without a zone.
 */
final class Schedule {
    /** More than any clock is put forward or back. */
    private static final Duration SHIFT = Duration.ofHours(2);
    /** Windows that follow each other without a gap are one; so many are looked at. */
    private static final int MAX_WINDOWS = 400;

    private final ExecutionTime starts;
    private final ZoneId zone;
    private final Duration duration;

    Schedule(Freeze freeze) {
        starts = ExecutionTime.forCron(parse(freeze.start()));
        zone = ZoneId.of(freeze.timeZone());
        duration = Duration.ofMinutes(freeze.durationMinutes());
    }

    private static Cron parse(String start) {
        return new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX)).parse(start);
    }

    static Optional<String> startError(String start) {
        try {
            ZonedDateTime leapYear = ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
            return ExecutionTime.forCron(parse(start)).nextExecution(leapYear).isEmpty()
                    ? Optional.of("never comes")
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(
                    "is no cron expression of 5 fields (minute, hour, day of month, month, day of week), such as"
                            + " 0 18 * * FRI: " + e.getMessage());
        }
    }

    static Optional<String> timeZoneError(String timeZone) {
        return ZoneId.getAvailableZoneIds().contains(timeZone)
                ? Optional.empty()
                : Optional.of("is no name of the IANA time zone database, such as Europe/Berlin or UTC");
    }

    /** When the window that is open closes; empty when none is. */
    Optional<Instant> openUntil(Instant now) {
        @Nullable Instant until = null;
        ZonedDateTime wall = wall(now);
        ZonedDateTime earliest = wall.minus(duration).minus(SHIFT);
        ZonedDateTime at = wall.plus(SHIFT);
        for (int seen = 0; seen < MAX_WINDOWS; seen++) {
            Optional<ZonedDateTime> start = starts.lastExecution(at);
            boolean known = until != null && at.isBefore(wall.minus(SHIFT));
            if (known || start.isEmpty() || start.get().isBefore(earliest)) {
                break;
            }
            Instant opened = instant(start.get());
            Instant closes = opened.plus(duration);
            if (!opened.isAfter(now) && closes.isAfter(now) && (until == null || closes.isAfter(until))) {
                until = closes;
            }
            at = start.get();
        }
        return Optional.ofNullable(until).map(closes -> extended(wall, closes));
    }

    private Instant extended(ZonedDateTime from, Instant closes) {
        Instant until = closes;
        ZonedDateTime at = from;
        for (int seen = 0; seen < MAX_WINDOWS; seen++) {
            Optional<ZonedDateTime> next = starts.nextExecution(at);
            if (next.isEmpty() || instant(next.get()).isAfter(until)) {
                break;
            }
            Instant end = instant(next.get()).plus(duration);
            until = end.isAfter(until) ? end : until;
            at = next.get();
        }
        return until;
    }

    /** What the clock on the wall shows, in UTC's clothes. */
    private ZonedDateTime wall(Instant instant) {
        return instant.atZone(zone).toLocalDateTime().atZone(ZoneOffset.UTC);
    }

    private Instant instant(ZonedDateTime wall) {
        return wall.toLocalDateTime().atZone(zone).toInstant();
    }
}
