package dev.slipway.scaling;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How the number of a service's tasks follows the load. Names, ranges and defaults are those of {@code scaling} in {@code
 * schemas/service.json}.
 *
 * @param min fewest tasks; where there are schedules theirs hold instead, at any time
 * @param max most tasks, likewise
 * @param cpuPercent of the CPU that tasks are to use on average; null where it does not scale
 * @param memoryPercent likewise of their memory
 * @param requestsPerTask production requests that a task is to have in a minute; null where they do not scale
 * @param schedules times at which other limits begin
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScalingSettings(
        int min,
        int max,
        @Nullable Integer cpuPercent,
        @Nullable Integer memoryPercent,
        @Nullable Integer requestsPerTask,
        int scaleOutCooldownSeconds,
        int scaleInCooldownSeconds,
        List<Schedule> schedules) {
    private static final Duration YEAR = Duration.ofDays(364); // whole weeks
    private static final int MOST_STARTS = 2000;

    public ScalingSettings {
        schedules = List.copyOf(schedules);
    }

    /**
     * A time that comes again and again, from which on other limits hold until the next one.
     *
     * @param start minute, hour, day of month, month and day of week, as in crontab
     * @param timeZone of {@code start}, from the IANA time zone database
     */
    @RegisterForReflection
    public record Schedule(String name, String start, String timeZone, int min, int max) {}

    /** Fewest and most tasks. */
    public record Limits(int min, int max) {
        /** Whether the load changes nothing. */
        public boolean isFixed() {
            return min == max;
        }

        /** The same, made wide enough for a number of tasks. */
        public Limits including(int count) {
            return new Limits(Math.min(min, count), Math.max(max, count));
        }
    }

    private record Begun(Instant at, Limits limits) {}

    /** The limits of the schedule that began last, as if there had always been these schedules; without any, the settings' own. */
    public Limits limits(Instant now) {
        return schedules.stream()
                .flatMap(schedule -> new CronSchedule(schedule.start(), schedule.timeZone())
                        .lastStart(now).map(at -> new Begun(at, new Limits(schedule.min(), schedule.max()))).stream())
                .max(Comparator.comparing(Begun::at))
                .map(Begun::limits)
                .orElseGet(() -> new Limits(min, max));
    }

    /** Least and most on average of what there is of so many tasks. */
    public record Average(double least, double most) {}

    /**
     * Least and most on average, over a year from {@code from} on, of something that there is of so many tasks, which need not be in
     * proportion to them. Schedules that begin more often than anybody can read are followed as far as {@value #MOST_STARTS} starts
     * go.
     */
    public Average average(Instant from, IntToDoubleFunction of) {
        List<CronSchedule> starts = schedules.stream()
                .map(schedule -> new CronSchedule(schedule.start(), schedule.timeZone()))
                .toList();
        Instant end = from.plus(YEAR);
        Instant at = from;
        double least = 0;
        double most = 0;
        for (int seen = 0; seen < MOST_STARTS && at.isBefore(end); seen++) {
            Instant now = at;
            Instant next = starts.stream()
                    .flatMap(start -> start.nextStart(now).stream())
                    .min(Comparator.naturalOrder())
                    .filter(start -> start.isBefore(end))
                    .orElse(end);
            double hours = Duration.between(at, next).toMinutes() / 60.0;
            Limits limits = limits(at);
            least += hours * of.applyAsDouble(limits.min());
            most += hours * of.applyAsDouble(limits.max());
            at = next;
        }
        double hours = Duration.between(from, at).toMinutes() / 60.0;
        return new Average(least / hours, most / hours);
    }

    /** Whether the same limits hold at the same times. */
    public boolean limitsLike(@Nullable ScalingSettings other) {
        return other != null && min == other.min && max == other.max && schedules.equals(other.schedules);
    }

    /** The most tasks that there can ever be. */
    public int mostTasks() {
        return Math.max(max, schedules.stream().mapToInt(Schedule::max).max().orElse(0));
    }

    /**
     * The number of tasks from which on more load finds no more, for an alarm that knows one number: the largest maximum at which scaling
     * still has a choice. 0 where there is none: where the limits are one number at all times, or a schedule has so many tasks run
     * whatever the load.
     */
    public int watchedMaximum() {
        List<Limits> all = schedules.isEmpty()
                ? List.of(new Limits(min, max))
                : schedules.stream()
                        .map(schedule -> new Limits(schedule.min(), schedule.max()))
                        .toList();
        int most = all.stream()
                .filter(limits -> !limits.isFixed())
                .mapToInt(Limits::max)
                .max()
                .orElse(0);
        return all.stream().anyMatch(limits -> limits.min() >= most) ? 0 : most;
    }

    /** The first schedule that stops the service. */
    public Optional<Schedule> stopping() {
        return schedules.stream().filter(schedule -> schedule.max() == 0).findFirst();
    }
}
