package dev.slipway.scaling;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Times of the clock on the wall that come again and again, and what Application Auto Scaling calls them. A time that a day does
 * not have, because clocks go forward over it, is left out on that day; one that a day has twice comes once, the first time. A
 * cron library's own view of such days differs from version to version, so it only ever sees times without a zone.
 */
public final class CronSchedule {
    private static final int LONGEST_GAP = 400;
    private static final ZonedDateTime MONDAY = ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private final ExecutionTime times;
    private final ZoneId zone;

    /** @param start 5 fields as in crontab; throws IllegalArgumentException when it is none */
    public CronSchedule(String start, String timeZone) {
        times = ExecutionTime.forCron(
                new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX)).parse(start));
        zone = ZoneId.of(timeZone);
    }

    /** When it came last, now included. */
    public Optional<Instant> lastStart(Instant now) {
        // A minute later, since the library leaves out the time that it is asked for; two hours for clocks
        // that went back.
        ZonedDateTime at = wall(now).plusMinutes(1).plusHours(2);
        for (int seen = 0; seen < LONGEST_GAP; seen++) {
            Optional<ZonedDateTime> last = times.lastExecution(at);
            if (last.isEmpty()) {
                return Optional.empty();
            }
            Optional<Instant> found = instant(last.get()).filter(start -> !start.isAfter(now));
            if (found.isPresent()) {
                return found;
            }
            at = last.get();
        }
        return Optional.empty();
    }

    /** When it comes next. */
    public Optional<Instant> nextStart(Instant now) {
        ZonedDateTime at = wall(now).minusHours(2);
        for (int seen = 0; seen < LONGEST_GAP; seen++) {
            Optional<ZonedDateTime> next = times.nextExecution(at);
            if (next.isEmpty()) {
                return Optional.empty();
            }
            Optional<Instant> found = instant(next.get()).filter(start -> start.isAfter(now));
            if (found.isPresent()) {
                return found;
            }
            at = next.get();
        }
        return Optional.empty();
    }

    /** What the clock on the wall shows, in UTC's clothes. */
    private ZonedDateTime wall(Instant instant) {
        return instant.atZone(zone).toLocalDateTime().atZone(ZoneOffset.UTC);
    }

    /** Empty for a time that clocks have gone over. */
    private Optional<Instant> instant(ZonedDateTime wall) {
        return zone.getRules().getValidOffsets(wall.toLocalDateTime()).stream()
                .findFirst()
                .map(wall.toLocalDateTime()::toInstant);
    }

    /** What is wrong with it for Application Auto Scaling, to be said after its name; empty when nothing is. */
    public static Optional<String> error(String start) {
        String[] fields = start.trim().split("\\s+");
        return fields.length == 5 && !fields[2].equals("*") && !fields[4].equals("*")
                ? Optional.of(
                        "names days of the month and days of the week; Application Auto Scaling takes one of both:"
                                + " leave the other *, and write two schedules if you need both")
                : Optional.empty();
    }

    /**
     * The expression of 6 fields that Application Auto Scaling takes: with a year, one of the two days a question mark, and days
     * of the week one by one and by name, since it counts them from 1 and its week ends with Saturday.
     * https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
     */
    public static String aws(String start) {
        String[] fields = start.trim().toUpperCase(Locale.ROOT).split("\\s+");
        String week = daysOfWeek(fields[4]);
        boolean weekly = !week.equals("*");
        return "cron(%s %s %s %s %s *)"
                .formatted(fields[0], fields[1], weekly ? "?" : fields[2], fields[3], weekly ? week : "?");
    }

    /** A star for all of them. */
    private static String daysOfWeek(String field) {
        if (field.equals("*")) {
            return field;
        }
        ExecutionTime days = ExecutionTime.forCron(
                new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX)).parse("0 0 * * " + field));
        List<String> named = Stream.iterate(MONDAY, day -> day.plusDays(1))
                .limit(7)
                .filter(days::isMatch)
                .map(day -> day.getDayOfWeek().name().substring(0, 3))
                .toList();
        return named.size() == 7 ? "*" : String.join(",", named);
    }
}
