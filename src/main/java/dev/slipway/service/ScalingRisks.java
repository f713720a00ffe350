package dev.slipway.service;

import dev.slipway.scaling.ScalingSettings;
import dev.slipway.scaling.ScalingSettings.Limits;
import dev.slipway.scaling.ScalingSettings.Schedule;
import dev.slipway.stack.Risk;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a change of a living service's number of tasks, or of what says it, means for its users. */
final class ScalingRisks {
    private ScalingRisks() {}

    /** @param now as of when limits by schedules are compared */
    static void of(ServiceSpec before, ServiceSpec after, int release, Instant now, List<Risk> risks) {
        ScalingSettings was = before.scaling();
        ScalingSettings will = after.scaling();
        if (was == null && will == null) {
            count(Objects.requireNonNull(before.count()), Objects.requireNonNull(after.count()), release, risks);
        } else if (will == null) {
            risks.add(note(
                    "scaling",
                    "is turned off: the tasks that run then stay, and neither load nor schedules change their number any more. count (%d) is set when it says another number after that."
                            .formatted(Objects.requireNonNull(after.count()))));
        } else if (was == null) {
            on(Objects.requireNonNull(before.count()), will, release, now, risks);
        } else {
            limits(was, will, release, now, risks);
            changed(was, will, risks);
        }
        if (will != null && (was == null || !will.schedules().equals(was.schedules()))) {
            will.stopping()
                    .map(Schedule::name)
                    .ifPresent(name -> risks.add(note(
                            "scaling.schedules",
                            "stops the service with each %s: all its tasks end, and requests to it get 503 until the next schedule."
                                    .formatted(name))));
        }
        capacity(before.capacity(), after, risks);
    }

    private static void count(int before, int after, int release, List<Risk> risks) {
        if (before == after) {
            return;
        }
        if (after == 0) {
            risks.add(now("count", stops(before)));
        } else if (before == 0) {
            risks.add(note("count", starts(release)));
        } else if (after < before) {
            risks.add(now("count", "leaves %d of %d tasks to serve the same requests.".formatted(after, before)));
        } else {
            risks.add(now("count", "has %d tasks run, and be paid for, instead of %d.".formatted(after, before)));
        }
    }

    private static String stops(int tasks) {
        return "stops the service: its %d tasks end, and requests to it get 503.".formatted(tasks);
    }

    private static String starts(int release) {
        return "starts the service with release %d, which has all requests at once; what was rolled out while the service was stopped was neither checked nor judged."
                .formatted(release);
    }

    /** How many tasks there are when it is applied is known only then. */
    private static void on(int before, ScalingSettings will, int release, Instant now, List<Risk> risks) {
        Limits limits = will.limits(now);
        if (limits.max() == 0 && before > 0) {
            risks.add(now("scaling.schedules", stops(before)));
            return;
        }
        if (limits.max() == 0) {
            risks.add(note(
                    "scaling",
                    "is turned on, with the limits that its schedules have now: the service stays stopped until the next of them that asks for tasks starts it with release %d."
                            .formatted(release)));
            return;
        }
        risks.add(note(
                "scaling",
                "is turned on%s: it begins with the tasks that run then; with more than %d some end, with fewer than %d some start."
                        .formatted(
                                will.schedules().isEmpty() ? "" : ", with the limits that its schedules have now",
                                limits.max(),
                                limits.min())));
        if (before == 0 && limits.min() > 0) {
            risks.add(note(will.schedules().isEmpty() ? "scaling.min" : "scaling.schedules", starts(release)));
        }
    }

    /** Schedules say what the limits are, wherever there are any: {@code min} and {@code max} beside them say nothing any more. */
    private static void limits(ScalingSettings was, ScalingSettings will, int release, Instant now, List<Risk> risks) {
        if (was.schedules().isEmpty() && will.schedules().isEmpty()) {
            least(was.min(), will.min(), risks);
            most(was.max(), will.max(), risks);
            return;
        }
        Limits before = was.limits(now);
        Limits after = will.limits(now);
        if (after.max() == 0 && before.max() > 0) {
            risks.add(now("scaling.schedules", "stops the service: all its tasks end, and requests to it get 503."));
        } else if (before.max() == 0 && after.min() > 0) {
            risks.add(now("scaling.schedules", starts(release)));
        } else if (!after.equals(before)) {
            risks.add(now(
                    "scaling.schedules",
                    "has %d to %d tasks run instead of %d to %d: those beyond end, and missing ones start."
                            .formatted(after.min(), after.max(), before.min(), before.max())));
        } else if (!will.schedules().equals(was.schedules())) {
            risks.add(note(
                    "scaling.schedules",
                    (will.schedules().isEmpty()
                                    ? "go: the limits of now, %d to %d tasks, hold at any time."
                                    : "sets other limits from their next start on; those of now, %d to %d tasks, stay until then.")
                            .formatted(after.min(), after.max())));
        }
        if (!will.schedules().isEmpty() && (will.min() != was.min() || will.max() != was.max())) {
            risks.add(
                    note(
                            will.max() != was.max() ? "scaling.max" : "scaling.min",
                            "changes nothing while there are schedules: the limits are those of the schedule that began last."));
        }
    }

    private static void least(int was, int will, List<Risk> risks) {
        if (will > was) {
            risks.add(now("scaling.min", "has at least %d tasks run, whatever the load.".formatted(will)));
        } else if (will < was) {
            risks.add(note(
                    "scaling.min",
                    "lets the service go down to %d tasks when there is little load, where it kept %d: a sudden rise finds fewer."
                            .formatted(will, was)));
        }
    }

    private static void most(int was, int will, List<Risk> risks) {
        if (will < was) {
            risks.add(now(
                    "scaling.max",
                    "ends the tasks beyond %d, and more load than they can carry finds no more; it was %d."
                            .formatted(will, was)));
        } else if (will > was) {
            risks.add(note("scaling.max", "lets load cost up to %d tasks; it was %d.".formatted(will, was)));
        }
    }

    private static void changed(ScalingSettings was, ScalingSettings will, List<Risk> risks) {
        target("cpuPercent", was.cpuPercent(), will.cpuPercent(), risks);
        target("memoryPercent", was.memoryPercent(), will.memoryPercent(), risks);
        target("requestsPerTask", was.requestsPerTask(), will.requestsPerTask(), risks);
        if (will.scaleOutCooldownSeconds() > was.scaleOutCooldownSeconds()) {
            risks.add(note(
                    "scaling.scaleOutCooldownSeconds",
                    "waits %d s between two steps when load rises: it takes longer until there are enough tasks."
                            .formatted(will.scaleOutCooldownSeconds())));
        } else if (will.scaleOutCooldownSeconds() < was.scaleOutCooldownSeconds()) {
            risks.add(note(
                    "scaling.scaleOutCooldownSeconds",
                    "waits %d s between two steps when load rises: one rise may be answered twice, with more tasks than it needs."
                            .formatted(will.scaleOutCooldownSeconds())));
        }
        if (will.scaleInCooldownSeconds() < was.scaleInCooldownSeconds()) {
            risks.add(note(
                    "scaling.scaleInCooldownSeconds",
                    "waits %d s between two steps when load falls: tasks may be missing when it rises again."
                            .formatted(will.scaleInCooldownSeconds())));
        } else if (will.scaleInCooldownSeconds() > was.scaleInCooldownSeconds()) {
            risks.add(note(
                    "scaling.scaleInCooldownSeconds",
                    "waits %d s between two steps when load falls: tasks that nobody needs run, and cost, longer."
                            .formatted(will.scaleInCooldownSeconds())));
        }
    }

    private static void target(String name, @Nullable Integer was, @Nullable Integer will, List<Risk> risks) {
        if (was != null && will == null) {
            risks.add(now("scaling." + name, "is no target any more: no rise of it starts tasks."));
        } else if (was != null && will != null && will > was) {
            risks.add(now(
                    "scaling." + name,
                    "has the same load carried by fewer tasks: %d each where it was %d.".formatted(will, was)));
        } else if (will != null && (was == null || will < was)) {
            risks.add(now("scaling." + name, "has the same load carried by more tasks: %d each.".formatted(will)));
        }
    }

    private static void capacity(ServiceSpec.Capacity before, ServiceSpec spec, List<Risk> risks) {
        ServiceSpec.Capacity after = spec.capacity();
        if (after.sharesLike(before)) {
            return;
        }
        risks.add(now(
                "capacity",
                "replaces all tasks (%d at most) by a rolling update of the live release, twice where a rollout in stages has left it on the second target group."
                                .formatted(spec.mostTasks())
                        + (after.spotPercent() == 0
                                ? ""
                                : " Of those beyond %d, %d %% run on Fargate Spot, which AWS may take away with two minutes' notice."
                                        .formatted(after.onDemandBase(), after.spotPercent()))));
    }

    private static Risk now(String field, String what) {
        return ServiceRisks.note(field, what + ServiceRisks.AT_ONCE);
    }

    private static Risk note(String field, String what) {
        return ServiceRisks.note(field, what);
    }
}
