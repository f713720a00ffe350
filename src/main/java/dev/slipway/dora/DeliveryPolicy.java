package dev.slipway.dora;

import dev.slipway.dora.DeliveryMetrics.Durations;
import dev.slipway.dora.DeliveryMetrics.FailureRate;
import dev.slipway.dora.DeliveryMetrics.Frequency;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes the figures from how rollouts ended. Plain values in, figures out. */
final class DeliveryPolicy {
    static final Map<String, String> DEFINITIONS = Map.of(
            "deploymentFrequency",
            "Rollouts of an image or of other settings that ended SUCCEEDED in the period; rollbacks do not count.",
            "leadTime",
            "Of rollouts of an image that name a commit, from when it was pushed, that is when the first execution of the pipeline with it began, to the end of the rollout that made it live. One that was asked for without a pipeline counts from the request, since nothing tells of the push. One of a pipeline or a promotion whose push is not known is left out.",
            "changeFailureRate",
            "Of the rollouts of an image or of other settings that ended in the period and were not cancelled, those that were rolled back, failed, or were live and gone back from by a rollback, before the next one. What failed before ECS was told to deploy does not count, nor a first release that fails with its stack.",
            "timeToRestore",
            "Of those that failed, from when they were found to be bad (ECS began to go back, or Slipway decided it), or a rollback was asked for, until the release before was live again. One is left out where ECS does not say when it began.");

    private DeliveryPolicy() {}

    /** How a rollout ended. */
    enum End {
        LIVE,
        ROLLED_BACK,
        FAILED,
        CANCELLED
    }

    /**
     * A rollout that has ended.
     *
     * @param rollback whether it went back to an earlier release
     * @param committed since when its commit is known; null where it names none
     * @param decidedAt when it was found to be bad; null where it was not, or nothing tells
     */
    record Change(
            String service,
            boolean rollback,
            End end,
            Instant startedAt,
            Instant endedAt,
            @Nullable Instant committed,
            @Nullable Instant decidedAt) {}

    /**
     * @param changes of one service or several, each service's oldest first; also such as ended before the period
     * @param cut whether the period is shorter than asked for
     */
    static DeliveryMetrics metrics(
            @Nullable String service, String environment, List<Change> changes, Instant from, Instant to, boolean cut) {
        int deployments = 0;
        int failed = 0;
        int all = 0;
        List<Duration> leads = new ArrayList<>();
        List<Duration> restores = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            if (change.rollback()
                    || change.end() == End.CANCELLED
                    || change.endedAt().isBefore(from)
                    || !change.endedAt().isBefore(to)) {
                continue;
            }
            all++;
            if (change.end() == End.LIVE) {
                deployments++;
                if (change.committed() != null && !change.committed().isAfter(change.endedAt())) {
                    leads.add(Duration.between(change.committed(), change.endedAt()));
                }
            }
            Change back = rollback(changes, i);
            boolean bad = change.end() != End.LIVE || back != null;
            if (bad) {
                failed++;
                if (change.end() == End.ROLLED_BACK) {
                    if (change.decidedAt() != null) {
                        restores.add(Duration.between(change.decidedAt(), change.endedAt()));
                    }
                } else if (back != null) {
                    restores.add(Duration.between(back.startedAt(), back.endedAt()));
                }
            }
        }
        double days = Math.max(1, Duration.between(from, to).toSeconds()) / 86_400.0;
        return new DeliveryMetrics(
                service,
                environment,
                from,
                to,
                cut,
                new Frequency(deployments, Math.round(deployments / days * 100) / 100.0),
                durations(leads),
                new FailureRate(failed, all, all == 0 ? null : Math.round(1000.0 * failed / all) / 10.0),
                durations(restores),
                DEFINITIONS);
    }

    /** The rollback that has gone back from it: the next change of the service, where it is one and has succeeded. */
    private static @Nullable Change rollback(List<Change> changes, int at) {
        for (int i = at + 1; i < changes.size(); i++) {
            Change next = changes.get(i);
            if (next.service().equals(changes.get(at).service()) && next.end() == End.LIVE) {
                return next.rollback() ? next : null;
            }
        }
        return null;
    }

    private static @Nullable Durations durations(List<Duration> found) {
        if (found.isEmpty()) {
            return null;
        }
        List<Long> seconds = found.stream().map(Duration::toSeconds).sorted().toList();
        return new Durations(quantile(seconds, 0.5), quantile(seconds, 0.9), seconds.size());
    }

    /** The nearest rank. */
    private static long quantile(List<Long> sorted, double part) {
        return sorted.get((int) Math.ceil(part * sorted.size()) - 1);
    }
}
