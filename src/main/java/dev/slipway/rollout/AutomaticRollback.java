package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.diagnosis.Evidence.HealthCheck;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Going back from a release that ECS has deployed and that did not stay up, or was found to be bad as ECS finished, or whose rollout
 * was cancelled after that. It is a rollout of its own, of the release before, in the same operation; the first one ends when it does.
 */
public final class AutomaticRollback {
    private final RolloutCompletion completion;
    private final RolloutEventRecorder events;
    private final IdGenerator ids;

    AutomaticRollback(RolloutCompletion completion, RolloutEventRecorder events, IdGenerator ids) {
        this.completion = completion;
        this.events = events;
        this.ids = ids;
    }

    /**
     * A rollout, as it begins or ends.
     *
     * @param also all that is written with it, itself too
     */
    public record Change(Rollout rollout, Transaction also) {}

    /**
     * The rollout that goes back, and what begins it.
     *
     * @param reverted the rollout whose release is to go
     * @param to the release that was live before it
     * @param declared the service's settings
     */
    public Change begin(Stored<Rollout> reverted, Release to, RolloutSettings declared, Instant now) {
        Rollout before = reverted.value();
        Rollout.Request request = Rollout.Request.ofRelease(
                        Rollout.Reason.ROLLBACK,
                        to,
                        Objects.requireNonNull(before.stop()).by(),
                        declared.forRollback())
                .withRevertOf(before.id());
        Rollout rollback = Rollout.requested(ids.next(), before.service(), request, before.release(), now)
                .progressed(progress -> progress.release(to.number())
                        .operation(before.progress().operation()));
        Rollout waiting =
                before.progressed(progress -> progress.waitsFor("Release %d is rolled out again: %s/rollouts/%s"
                        .formatted(to.number(), before.service().path(), rollback.id())));
        return new Change(
                rollback,
                events.recordStart(rollback, now)
                        .create(Rollout.key(rollback.service(), rollback.id()), rollback)
                        .update(reverted, waiting));
    }

    /**
     * The end of the rollout that was to be gone back from.
     *
     * @param rollback that went back, as it ended
     * @param outputs of the service's stack
     * @param healthCheck the load balancer's, of each task
     */
    public Change end(
            Stored<Rollout> reverted,
            Rollout rollback,
            Map<String, String> outputs,
            HealthCheck healthCheck,
            Instant now) {
        Diagnosis diagnosis = reverted.value().isCancelled()
                ? null
                : completion.diagnose(reverted.value(), outputs, healthCheck, now);
        Rollout.Stop stop = Objects.requireNonNull(reverted.value().stop());
        Rollout.Outcome how = rollback.requireOutcome();
        if (rollback.state() != Rollout.State.SUCCEEDED) {
            Problem cause = how.failure();
            String sentence = "Release %d is to go, and the rollback has ended %s: %s %s"
                    .formatted(reverted.value().release(), rollback.state(), how.detail(), stop.message());
            return ended(
                    reverted,
                    Rollout.State.FAILED,
                    sentence,
                    Problem.user(
                            RolloutCompletion.UNSTABLE,
                            sentence,
                            cause == null || cause.action() == null
                                    ? "To go back: POST %s/rollback"
                                            .formatted(
                                                    reverted.value().service().path())
                                    : cause.action()),
                    diagnosis,
                    now);
        }
        if (reverted.value().isCancelled()) {
            return ended(
                    reverted,
                    Rollout.State.CANCELLED,
                    stop.message() + " Release %d is live again.".formatted(rollback.release()),
                    null,
                    null,
                    now);
        }
        String sentence = "Release %d was rolled back: %s Release %d is live again."
                .formatted(reverted.value().release(), stop.message(), rollback.release());
        return ended(
                reverted,
                Rollout.State.ROLLED_BACK,
                sentence,
                Problem.user("rolled-back", sentence, RolloutCompletion.advice(stop.cause())),
                diagnosis,
                now);
    }

    private Change ended(
            Stored<Rollout> reverted,
            Rollout.State state,
            String what,
            @Nullable Problem problem,
            @Nullable Diagnosis diagnosis,
            Instant now) {
        String sentence = RolloutCompletion.explained(what, diagnosis);
        Problem failure = problem == null ? null : RolloutCompletion.explained(problem, diagnosis);
        Rollout ended = reverted.value().ended(state, now, sentence, failure, diagnosis);
        return new Change(
                ended,
                events.record(
                                ended,
                                LedgerEntry.EventType.ROLLOUT_ENDED,
                                Objects.requireNonNull(ended.stop()).by(),
                                sentence,
                                now)
                        .update(reverted, ended)
                        .and(completion.markRelease(ended, sentence, now)));
    }
}
