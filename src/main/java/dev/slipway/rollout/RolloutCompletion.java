package dev.slipway.rollout;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.stack.StackResult;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;

/** How rollouts end: what is recorded and what is said. */
final class RolloutCompletion {
    /** Code of the problem when ECS could not go back. */
    static final String ROLLBACK_FAILED = "rollback-failed";

    private final Store store;
    private final EcsDeployments deployments;
    private final RolloutEventRecorder events;

    RolloutCompletion(Store store, EcsDeployments deployments, RolloutEventRecorder chronicle) {
        this.store = store;
        this.deployments = deployments;
        this.events = chronicle;
    }

    RolloutReconcileResult succeeded(RolloutContext course, Rollout rollout, Instant now) {
        if (rollout.stop() != null) {
            return succeededDespiteStop(course, rollout, rollout.stop(), now);
        }
        String verdict =
                rollout.verdict() == null ? "" : " " + rollout.verdict().message();
        return end(
                course,
                rollout,
                Rollout.State.SUCCEEDED,
                now,
                "Release %d is live.%s".formatted(course.release(), verdict),
                null);
    }

    /** It was to be rolled back, but ECS was done before it was told. */
    private RolloutReconcileResult succeededDespiteStop(
            RolloutContext course, Rollout rollout, Rollout.Stop stop, Instant now) {
        return end(
                course,
                rollout,
                Rollout.State.SUCCEEDED,
                now,
                "Release %d is live, although it was to be rolled back: ECS had finished by then. %s To go back: POST %s/rollback"
                        .formatted(
                                course.release(),
                                stop.message(),
                                rollout.service().path()),
                null);
    }

    /** Cancelled before ECS was told anything. */
    RolloutReconcileResult cancelledBeforeStart(RolloutContext course, Rollout.Stop stop, Instant now) {
        return end(course, Rollout.State.CANCELLED, now, stop.message() + " Nothing had been deployed.", null);
    }

    /** ECS has gone back to the release before. */
    RolloutReconcileResult rolledBack(RolloutContext course, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = course.rollout().value().with(draft -> draft.deployment = arn);
        Rollout.Stop stop = rollout.stop();
        if (stop != null && rollout.isCancelled()) {
            String sentence = stop.message() + " The release before is live again.";
            return end(course, rollout, Rollout.State.CANCELLED, now, sentence, null);
        }
        String why = stop == null ? rollbackReason(arn, reason) : stop.message();
        return end(
                course,
                rollout,
                Rollout.State.ROLLED_BACK,
                now,
                "Release %d was rolled back: %s".formatted(course.release(), why),
                Problem.user(
                        "rolled-back",
                        (stop == null ? "ECS rolled release %d back: %s" : "Release %d was rolled back: %s")
                                .formatted(course.release(), why),
                        "Look at the stopped tasks and their logs, fix the image or the configuration, and roll out"
                                + " anew."));
    }

    private String rollbackReason(String arn, @Nullable String reason) {
        return deployments
                .describe(arn)
                .map(ServiceDeployment::rollback)
                .map(rollback -> rollback.reason())
                .filter(text -> !text.isBlank())
                .orElse(reason == null ? "ECS gives no reason." : reason);
    }

    /** Somebody stopped the deployment outside Slipway, or another one took its place. */
    RolloutReconcileResult stopped(RolloutContext course, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = course.rollout().value().with(draft -> draft.deployment = arn);
        String live = deployments
                .findActive(rollout.service())
                .map(service -> "The service now runs %s.".formatted(service.taskDefinition()))
                .orElse("The service is gone.");
        return end(
                course,
                rollout,
                Rollout.State.CANCELLED,
                now,
                "The deployment was stopped: %s %s".formatted(reason == null ? "ECS gives no reason." : reason, live),
                Problem.user(
                        "deployment-stopped",
                        "The deployment was stopped outside Slipway, or another one took its place. " + live,
                        "Find out who did it (CloudTrail: StopServiceDeployment, UpdateService) and roll out anew."));
    }

    /** The rollback itself failed. */
    RolloutReconcileResult rollbackFailed(RolloutContext course, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = course.rollout().value().with(draft -> draft.deployment = arn);
        return end(
                course,
                rollout,
                Rollout.State.FAILED,
                now,
                "Release %d failed, and so did its rollback.".formatted(course.release()),
                Problem.dependency(
                        ROLLBACK_FAILED,
                        "ECS could not roll back: " + rollbackReason(arn, reason),
                        "The service may be without healthy tasks. Roll out a release that you know to be good: POST "
                                + rollout.service().path() + "/rollback"));
    }

    /** ECS shows no deployment, long after it was told to make one. */
    RolloutReconcileResult deploymentMissing(RolloutContext course, Instant now) {
        Release release = release(course);
        boolean live = deployments
                .findActive(course.rollout().value().service())
                .filter(service -> service.taskDefinition().equals(release.taskDefinition()))
                .isPresent();
        return live
                ? succeeded(course, course.rollout().value(), now)
                : end(
                        course,
                        Rollout.State.FAILED,
                        now,
                        "ECS shows no deployment of release %d.".formatted(release.number()),
                        Problem.dependency(
                                "deployment-missing",
                                "ECS accepted the update but shows no deployment of it.",
                                "Roll out again; if it recurs, ask AWS support with the service's ARN."));
    }

    /** A change of the stack failed. */
    RolloutReconcileResult stackFailed(RolloutContext course, StackResult.Failed failed, Instant now) {
        RolloutContext at = new RolloutContext(
                course.operation().withProgress(failed.progress()),
                course.rollout(),
                course.outputs(),
                course.environmentOutputs(),
                course.desiredCount());
        return end(at, Rollout.State.FAILED, now, failed.cause().detail(), failed.cause());
    }

    RolloutReconcileResult end(
            RolloutContext course, Rollout.State state, Instant now, String sentence, @Nullable Problem failure) {
        return end(course, course.rollout().value(), state, now, sentence, failure);
    }

    RolloutReconcileResult end(
            RolloutContext course,
            Rollout rollout,
            Rollout.State state,
            Instant now,
            String sentence,
            @Nullable Problem failure) {
        Rollout ended = rollout.ended(state, now, sentence, failure);
        return new RolloutReconcileResult.Ended(
                course.operation(),
                events.record(ended, LedgerEntry.EventType.ROLLOUT_ENDED, actor(ended), sentence, now)
                        .updateIfChanged(course.rollout(), ended)
                        .and(markRelease(ended)),
                ended);
    }

    private static String actor(Rollout ended) {
        if (ended.stop() != null) {
            return ended.stop().by();
        }
        return ended.state() == Rollout.State.ROLLED_BACK ? LedgerEntry.ECS : LedgerEntry.SLIPWAY;
    }

    /** A release that was rolled back is marked; one that went live after all is good again. */
    private Transaction markRelease(Rollout ended) {
        if (ended.release() == null || ended.state() == Rollout.State.CANCELLED) {
            return new Transaction();
        }
        Stored<Release> release =
                store.get(Release.key(ended.service(), ended.release())).orElseThrow();
        String reason = ended.state() == Rollout.State.SUCCEEDED ? null : ended.detail();
        return new Transaction().updateIfChanged(release, release.value().withRolledBack(reason));
    }

    Release release(RolloutContext course) {
        return store.get(Release.key(course.rollout().value().service(), course.release()))
                .orElseThrow()
                .value();
    }
}
