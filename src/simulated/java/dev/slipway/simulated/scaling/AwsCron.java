package dev.slipway.simulated.scaling;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;

/**
 * A cron expression of 6 fields, as in "Cron expressions reference" of Amazon EventBridge, which Application Auto Scaling points to;
 * of its wildcards those that the product writes: , - * ? and /. A time that clocks go over does not come, one that comes twice
 * counts once (assumed, as EventBridge Scheduler documents it).
 */
record AwsCron(List<String> fields, ZoneId zone) {
    private static final List<String> MONTHS =
            List.of("", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final List<String> DAYS = List.of("", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    static AwsCron of(String schedule, String zone) {
        String inner = schedule.replaceFirst("^cron\\((.*)\\)$", "$1");
        List<String> fields = List.of(inner.trim().split("\\s+"));
        if (inner.equals(schedule) || fields.size() != 6) {
            throw ScalingErrors.validation("Unsupported schedule: " + schedule);
        }
        if (fields.get(2).equals("?") == fields.get(4).equals("?")) {
            throw ScalingErrors.validation("One of day-of-month and day-of-week must be a question mark: " + schedule);
        }
        return new AwsCron(fields, ZoneId.of(zone));
    }

    /** @param minute at its begin */
    boolean matches(Instant minute) {
        ZonedDateTime at = minute.atZone(zone);
        boolean again = !at.getOffset().equals(at.withEarlierOffsetAtOverlap().getOffset());
        return !again
                && matches(0, at.getMinute(), 0, List.of())
                && matches(1, at.getHour(), 0, List.of())
                && matches(2, at.getDayOfMonth(), 1, List.of())
                && matches(3, at.getMonthValue(), 1, MONTHS)
                && matches(4, at.getDayOfWeek().getValue() % 7 + 1, 1, DAYS)
                && matches(5, at.getYear(), 1970, List.of());
    }

    private boolean matches(int field, int value, int first, List<String> names) {
        for (String part : fields.get(field).split(",")) {
            String[] stepped = part.split("/");
            int step = stepped.length > 1 ? Integer.parseInt(stepped[1]) : 1;
            String range = stepped[0];
            boolean any = range.equals("*") || range.equals("?");
            String[] ends = range.split("-");
            int from = any ? first : number(ends[0], names);
            int to = any || stepped.length > 1 && ends.length == 1
                    ? Integer.MAX_VALUE
                    : number(ends[ends.length - 1], names);
            boolean within = from <= to ? value >= from && value <= to : value >= from || value <= to;
            if (within && Math.floorMod(value - from, step) == 0) {
                return true;
            }
        }
        return false;
    }

    private static int number(String text, List<String> names) {
        int named = names.indexOf(text.toUpperCase(Locale.ROOT));
        return named > 0 ? named : Integer.parseInt(text);
    }
}
