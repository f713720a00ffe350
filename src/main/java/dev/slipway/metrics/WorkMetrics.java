package dev.slipway.metrics;

import dev.slipway.metrics.Sample.Unit;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.WorkListener;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.Progress;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the work of the control plane is measured by. Properties are in small letters: CloudWatch reads a line with {@code Service} and
 * {@code Environment} as one about an entity of such a name.
 */
public final class WorkMetrics implements WorkListener {
    private final Metrics metrics;

    public WorkMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    /** An end is an update of what had not ended, which the table takes once. */
    @Override
    public void onCommit(Transaction transaction) {
        for (Write write : transaction.writes()) {
            if (write instanceof Write.Update<?> update) {
                if (update.read().value() instanceof Operation before
                        && update.value() instanceof Operation after
                        && before.isRunning()
                        && !after.isRunning()) {
                    ended(after);
                } else if (update.read().value() instanceof Rollout before
                        && update.value() instanceof Rollout after
                        && before.isOpen()
                        && !after.isOpen()) {
                    ended(after);
                }
            }
        }
    }

    private void ended(Operation operation) {
        Instant end = Objects.requireNonNull(operation.endedAt(), "it has ended");
        metrics.put(new Sample()
                .by("Type", operation.type())
                .by("State", operation.state())
                .value("OperationDuration", Unit.SECONDS, seconds(operation.acceptedAt(), end))
                .property("target", operation.target().key())
                .property("operation", operation.id())
                .property(
                        "failure",
                        operation.failure() == null ? null : operation.failure().code()));
    }

    private void ended(Rollout rollout) {
        Rollout.Outcome outcome = rollout.requireOutcome();
        Sample sample = new Sample()
                .by("Strategy", rollout.settings().strategy())
                .by("State", rollout.state())
                .value(
                        "RolloutDuration",
                        Unit.SECONDS,
                        seconds(rollout.progress().startedAt(), outcome.endedAt()))
                .property("target", rollout.service().key())
                .property("rollout", rollout.id())
                .property("operation", rollout.progress().operation())
                .property(
                        "failure",
                        outcome.failure() == null ? null : outcome.failure().code());
        Duration judged = timeToVerdict(rollout);
        metrics.put(judged == null ? sample : sample.value("TimeToVerdict", Unit.SECONDS, seconds(judged)));
    }

    /** From ECS being told to deploy until it was settled whether the release stays; null where its traffic was not judged. */
    private static @Nullable Duration timeToVerdict(Rollout rollout) {
        Progress progress = rollout.progress();
        if (progress.verdict() == null || progress.calledAt() == null) {
            return null;
        }
        Instant settled = rollout.stop() != null
                ? rollout.stop().at()
                : progress.deployedAt() != null
                        ? progress.deployedAt()
                        : rollout.requireOutcome().endedAt();
        return Duration.between(progress.calledAt(), settled);
    }

    @Override
    public void onPassFailed(Operation operation, Fault fault) {
        metrics.put(new Sample()
                .by("Fault", fault)
                .value("FailedPasses", Unit.COUNT, 1)
                .property("target", operation.target().key())
                .property("operation", operation.id())
                .property("phase", operation.phase().toString()));
    }

    @Override
    public void onMessageReturned(Return why) {
        metrics.put(new Sample().by("Reason", why).value("ReturnedMessages", Unit.COUNT, 1));
    }

    @Override
    public void onResync(int open, int stuck) {
        metrics.put(new Sample().value("OpenOperations", Unit.COUNT, open).value("StuckOperations", Unit.COUNT, stuck));
    }

    @Override
    public void onResyncRecorded(Duration since) {
        metrics.put(new Sample().value("ResyncInterval", Unit.SECONDS, seconds(since)));
    }

    private static double seconds(Instant from, Instant to) {
        return seconds(Duration.between(from, to));
    }

    /** Never negative, though the clocks of two functions may differ. */
    private static double seconds(Duration duration) {
        return Math.max(0, duration.toMillis()) / 1000.0;
    }
}
