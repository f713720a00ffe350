package dev.slipway.status;

import dev.slipway.alarm.AlarmState;
import dev.slipway.operation.Operation;
import dev.slipway.status.HealthReason.Level;
import dev.slipway.status.ServiceStatus.StoppedTask;
import dev.slipway.status.ServiceStatus.TaskCounts;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides how a service stands from what a look has found. Plain values in, a state with its reasons out. */
final class StatusPolicy {
    /** A stop is news for so long. */
    static final Duration RECENT = Duration.ofMinutes(15);
    /** One task may stop for reasons of its own. */
    private static final int STOPS = 2;

    private StatusPolicy() {}

    /**
     * What was found.
     *
     * @param path of the service
     * @param live whether a release has been live
     * @param running path of the operation under way that changes something, with what it does in words; null: none
     * @param lastFailure of the operation that ended last, where it failed; null: it did not
     * @param leftover what the latest apply could not delete; null: nothing
     * @param counts null when ECS did not tell, or has no such service
     * @param gone whether ECS has no such service
     * @param steady whether nothing is being deployed
     * @param targets null when they were not looked at
     * @param shares of the production requests while they are divided between two releases; empty where they are not, or nobody
     *     knows how
     * @param stops of the release that ECS is to run, the newest first: what another one went through is the past
     * @param certificates the alarms of the environment's certificates; null when nobody watches
     * @param mostTasks what scaling may reach now; null when the load changes nothing
     * @param pipelineFailure what its pipeline failed at last; null: it did not
     * @param alarmsAreNew whether they say no more than that no task is healthy, and came with a first release, of which CloudWatch has
     *     no minute yet
     * @param startsFromNone whether it had no tasks by its count until a few minutes ago
     * @param unread what AWS did not tell
     */
    @RecordBuilder
    record Snapshot(
            String path,
            boolean live,
            @Nullable Running running,
            @Nullable Failure lastFailure,
            @Nullable Failure leftover,
            @Nullable TaskCounts counts,
            boolean gone,
            boolean steady,
            @Nullable List<RegisteredTarget> targets,
            List<Share> shares,
            List<StoppedTask> stops,
            @Nullable AlarmState alarms,
            @Nullable AlarmState certificates,
            @Nullable Integer mostTasks,
            @Nullable Failure pipelineFailure,
            boolean alarmsAreNew,
            boolean startsFromNone,
            List<String> unread,
            Instant now)
            implements StatusPolicySnapshotBuilder.With {}

    /**
     * An operation under way.
     *
     * @param deletes whether it is to have no tasks after it
     */
    record Running(String path, String what, boolean deletes) {
        static Running of(Operation operation) {
            return new Running(
                    operation.path(),
                    "It is being changed (%s), in phase %s."
                            .formatted(operation.type().name().toLowerCase(Locale.ROOT), operation.phase()),
                    operation.type() == Operation.Type.DELETE);
        }
    }

    /** Something that failed, and where there is more of it. */
    record Failure(String path, String detail) {}

    /**
     * What the load balancer says of a task.
     *
     * @param state as AWS spells it
     * @param ours whether it is of the release that is live
     */
    record RegisteredTarget(
            @Nullable String zone, String state, @Nullable String reason, boolean ours) {
        boolean isHealthy() {
            return state.equals("healthy");
        }

        boolean isUnhealthy() {
            return state.equals("unhealthy");
        }
    }

    /**
     * A release's share of the production requests.
     *
     * @param percent of them
     * @param served whether one of its tasks takes them
     * @param otherwise why not, in words
     */
    record Share(int release, double percent, boolean served, String otherwise) {}

    /** A state and what led to it, the most serious first. */
    record Assessment(HealthState state, List<HealthReason> reasons) {
        private static Assessment of(Stream<HealthReason> reasons) {
            List<HealthReason> sorted =
                    reasons.sorted(Comparator.comparing(HealthReason::state)).toList();
            return new Assessment(
                    sorted.isEmpty() ? HealthState.HEALTHY : sorted.getFirst().state(), sorted);
        }

        Assessment and(List<HealthReason> more) {
            return of(Stream.concat(reasons.stream(), more.stream()));
        }
    }

    static Assessment assess(Snapshot seen) {
        List<HealthReason> reasons = new ArrayList<>();
        boolean serves = tasks(seen, reasons);
        if (serves) {
            targets(seen, reasons);
            shares(seen, reasons);
            stops(seen.path(), seen.stops(), seen.now()).ifPresent(reasons::add);
            scaling(seen, reasons);
        }
        alarms(seen, reasons);
        certificates(seen, reasons);
        changes(seen, reasons);
        seen.unread().forEach(text -> reasons.add(new HealthReason(Level.SERVICE, HealthState.HEALTHY, text, null)));
        return Assessment.of(reasons.stream());
    }

    /** Whether there is anything to look at. */
    private static boolean tasks(Snapshot seen, List<HealthReason> reasons) {
        TaskCounts counts = seen.counts();
        Running running = seen.running();
        if (running != null && (running.deletes() || !seen.live())) {
            return false; // whatever its last tasks do, or its first
        }
        if (!seen.live() && (counts == null || seen.gone())) {
            reasons.add(new HealthReason(
                    Level.SERVICE, HealthState.STOPPED, "It has no release yet.", "POST " + seen.path() + "/rollouts"));
            return false;
        }
        if (seen.gone()) {
            reasons.add(new HealthReason(
                    Level.SERVICE,
                    HealthState.DOWN,
                    "ECS has no such service: somebody has deleted it. Applying its spec makes it anew.",
                    "PUT " + seen.path()));
            return false;
        }
        if (counts == null) {
            reasons.add(new HealthReason(
                    Level.SERVICE, HealthState.UNKNOWN, "ECS did not tell how many tasks it has.", null));
            return false;
        }
        if (counts.desired() == 0) {
            reasons.add(new HealthReason(
                    Level.TASKS, HealthState.STOPPED, "It is to have no tasks, by its count or by a schedule.", null));
            return false;
        }
        if (seen.startsFromNone() && !isServing(seen, counts)) {
            reasons.add(new HealthReason(
                    Level.TASKS,
                    HealthState.CHANGING,
                    "It had no tasks, and starts: %d of %d run.".formatted(counts.running(), counts.desired()),
                    null));
            return false;
        }
        if (counts.running() == 0) {
            reasons.add(new HealthReason(
                    Level.TASKS,
                    HealthState.DOWN,
                    "None of its %d tasks runs.".formatted(counts.desired()),
                    seen.path() + "/diagnosis"));
        } else if (counts.running() < counts.desired() && seen.steady() && seen.running() == null) {
            reasons.add(new HealthReason(
                    Level.TASKS,
                    HealthState.DEGRADED,
                    "%d of %d tasks run.".formatted(counts.running(), counts.desired()),
                    seen.path() + "/diagnosis"));
        }
        return true;
    }

    private static boolean isServing(Snapshot seen, TaskCounts counts) {
        return counts.running() >= counts.desired()
                && (seen.targets() == null
                        || !seen.targets().isEmpty() && seen.targets().stream().allMatch(RegisteredTarget::isHealthy));
    }

    /** Of the release that is live: what a new one's tasks do until they are ready is no fault. */
    private static void targets(Snapshot seen, List<HealthReason> reasons) {
        if (seen.targets() == null) {
            return;
        }
        List<RegisteredTarget> ours =
                seen.targets().stream().filter(RegisteredTarget::ours).toList();
        List<RegisteredTarget> unhealthy =
                ours.stream().filter(RegisteredTarget::isUnhealthy).toList();
        if (seen.targets().stream().noneMatch(RegisteredTarget::isHealthy)) {
            reasons.add(new HealthReason(
                    Level.TARGETS,
                    HealthState.DOWN,
                    seen.targets().isEmpty()
                            ? "The load balancer knows none of its tasks."
                            : "The load balancer finds none of its %d tasks healthy%s."
                                    .formatted(
                                            seen.targets().size(),
                                            reasons(seen.targets().stream().map(RegisteredTarget::reason))),
                    seen.path() + "/diagnosis"));
        } else if (!unhealthy.isEmpty()) {
            reasons.add(new HealthReason(
                    Level.TARGETS,
                    HealthState.DEGRADED,
                    "%d of %d tasks fail the load balancer's health check%s."
                            .formatted(
                                    unhealthy.size(),
                                    ours.size(),
                                    reasons(unhealthy.stream().map(RegisteredTarget::reason))),
                    seen.path() + "/diagnosis"));
        }
        List<String> zones = ours.stream()
                .filter(RegisteredTarget::isHealthy)
                .map(RegisteredTarget::zone)
                .filter(zone -> zone != null)
                .distinct()
                .toList();
        if (zones.size() == 1 && ours.size() > 1 && seen.steady()) {
            reasons.add(new HealthReason(
                    Level.TARGETS,
                    HealthState.HEALTHY,
                    "All tasks that serve are in one zone, %s.".formatted(zones.getFirst()),
                    null));
        }
    }

    /** In brackets, as AWS spells them. */
    static String reasons(Stream<@Nullable String> all) {
        String found = all.flatMap(Stream::ofNullable).distinct().limit(3).collect(Collectors.joining(", "));
        return found.isEmpty() ? "" : " (" + found + ")";
    }

    /**
     * What is sent to a group that has no healthy target reaches nobody: a rule does not choose the other group instead
     * (docs/assumptions.md).
     */
    private static void shares(Snapshot seen, List<HealthReason> reasons) {
        if (reasons.stream().anyMatch(reason -> reason.state() == HealthState.DOWN)) {
            return;
        }
        seen.shares().stream()
                .filter(share -> !share.served())
                .forEach(share -> reasons.add(new HealthReason(
                        seen.targets() == null ? Level.TASKS : Level.TARGETS,
                        share.percent() < 100 ? HealthState.DEGRADED : HealthState.DOWN,
                        "%s production requests go to release %d, of which %s."
                                .formatted(
                                        share.percent() < 100 ? percent(share.percent()) + " % of the" : "All",
                                        share.release(),
                                        share.otherwise()),
                        seen.path() + "/diagnosis")));
    }

    private static String percent(double percent) {
        return percent == Math.rint(percent) ? String.valueOf((long) percent) : String.valueOf(percent);
    }

    /** What tasks that stop by themselves lead to; empty where none has lately. */
    static Optional<HealthReason> stops(String path, List<StoppedTask> stops, Instant now) {
        List<StoppedTask> recent = stops.stream()
                .filter(stop -> stop.at().plus(RECENT).isAfter(now))
                .toList();
        if (recent.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new HealthReason(
                Level.TASKS,
                recent.size() >= STOPS ? HealthState.DEGRADED : HealthState.HEALTHY,
                "%d task%s stopped by %s in the last %d minutes, the last one at %s: %s"
                        .formatted(
                                recent.size(),
                                recent.size() == 1 ? "" : "s",
                                recent.size() == 1 ? "itself" : "themselves",
                                RECENT.toMinutes(),
                                recent.getFirst().at(),
                                recent.getFirst().reason()),
                path + "/diagnosis"));
    }

    private static void scaling(Snapshot seen, List<HealthReason> reasons) {
        if (seen.mostTasks() != null
                && seen.counts() != null
                && seen.counts().desired() >= seen.mostTasks()
                && seen.mostTasks() > 0) {
            reasons.add(new HealthReason(
                    Level.SCALING,
                    HealthState.HEALTHY,
                    "It is at its maximum of %d tasks: more load finds no more.".formatted(seen.mostTasks()),
                    null));
        }
    }

    private static void alarms(Snapshot seen, List<HealthReason> reasons) {
        if (seen.alarms() == null) {
            return;
        }
        if (seen.live()) { // they come with the first release
            untold(seen.alarms()).ifPresent(reasons::add);
        }
        seen.alarms()
                .raised()
                .forEach(raised -> reasons.add(new HealthReason(
                        Level.ALARMS,
                        seen.alarmsAreNew() ? HealthState.HEALTHY : HealthState.DEGRADED,
                        "%s is in ALARM since %s.%s"
                                .formatted(
                                        raised.name(),
                                        raised.since(),
                                        seen.alarmsAreNew()
                                                ? " It came with the first release, of which CloudWatch has no minute yet."
                                                : ""),
                        raised.playbook())));
    }

    /** Alarms of which CloudWatch does not tell are no alarms that are at rest. */
    static Optional<HealthReason> untold(AlarmState alarms) {
        return alarms.state() == AlarmState.State.UNKNOWN
                ? Optional.of(new HealthReason(Level.ALARMS, HealthState.HEALTHY, alarms.summary(), null))
                : Optional.empty();
    }

    /** One that runs out serves until then; the environment's state says that something is to be done. */
    private static void certificates(Snapshot seen, List<HealthReason> reasons) {
        if (seen.certificates() != null) {
            seen.certificates()
                    .raised()
                    .forEach(raised -> reasons.add(new HealthReason(
                            Level.CERTIFICATE,
                            HealthState.HEALTHY,
                            "A certificate of its environment runs out: %s is in ALARM since %s."
                                    .formatted(raised.name(), raised.since()),
                            raised.playbook())));
        }
    }

    private static void changes(Snapshot seen, List<HealthReason> reasons) {
        Running running = seen.running();
        if (running != null) {
            reasons.add(new HealthReason(Level.DEPLOYMENT, HealthState.CHANGING, running.what(), running.path()));
        } else if (!seen.steady() && !seen.gone() && seen.counts() != null) {
            reasons.add(new HealthReason(
                    Level.DEPLOYMENT,
                    HealthState.CHANGING,
                    "A deployment that was started outside Slipway is under way.",
                    seen.path()));
        }
        Failure failed = seen.lastFailure();
        if (failed != null) {
            reasons.add(new HealthReason(Level.STACK, HealthState.HEALTHY, failed.detail(), failed.path()));
        }
        Failure leftover = seen.leftover();
        if (leftover != null) {
            reasons.add(new HealthReason(Level.STACK, HealthState.HEALTHY, leftover.detail(), leftover.path()));
        }
        Failure pipeline = seen.pipelineFailure();
        if (pipeline != null) {
            reasons.add(new HealthReason(Level.PIPELINE, HealthState.HEALTHY, pipeline.detail(), pipeline.path()));
        }
    }
}
