package dev.slipway.rollout;

import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.StoppedTasks;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.deployment.TargetHealthReader;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.release.Release;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/**
 * Watches whether the tasks of a release stay up once ECS has deployed it. When they do not, or when somebody cancels the rollout,
 * the release before is rolled out again: ECS has nothing left to go back to by itself.
 */
record StabilityMonitor(
        EcsDeployments deployments,
        StoppedTasks stoppedTasks,
        TargetHealthReader targets,
        LastMinutes lastMinutes,
        RolloutEventRecorder events,
        RolloutCompletion completion) {
    /** The event of a task that stops wakes us earlier. */
    private static final Duration POLL_INTERVAL = Duration.ofMinutes(5);

    private static final Duration SHOWS_SOON = Duration.ofSeconds(30);

    RolloutReconcileResult monitor(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        Rollout.Stop stop = rollout.stop();
        if (stop != null && stop.cause() == Rollout.Stop.Cause.REPLACED) { // what takes its place waits for its end
            return completion.succeeded(context, rollout, now);
        }
        Instant since = context.operation().phaseSince();
        Duration stable = Duration.ofMinutes(rollout.settings().stableMinutes());
        Release release = completion.release(context);
        Optional<Service> service = deployments.findActive(rollout.service());
        if (service.filter(found -> release.isTaskDefinition(found.taskDefinition()))
                .isEmpty()) {
            boolean late = now.isAfter(
                    since.plus(stable).plus(service.isPresent() ? DeploymentPolicy.VISIBLE_WITHIN : Duration.ZERO));
            Instant deployed = context.calledAt().plus(DeploymentPolicy.CLOCK_SKEW);
            return late || service.filter(found -> isNewer(found, deployed)).isPresent()
                    ? completion.replaced(context, now)
                    : context.requeue(rollout, SHOWS_SOON); // an answer from before its deployment
        }
        if (stop != null) {
            return completion.rollBack(context, now);
        }
        Optional<Stored<AnalysisState>> unread = lastMinutes.unread(rollout);
        Optional<RolloutReconcileResult> read = unread.flatMap(found -> lastMinutes.read(context, found, now));
        if (read.isPresent()) {
            return read.get();
        }
        int desired = service.map(Service::desiredCount).orElse(0);
        StabilityPolicy.Decision decision = desired == 0 || stable.isZero()
                ? new StabilityPolicy.Decision.Stable()
                : look(context, release, desired, stable, now);
        return switch (decision) {
            case StabilityPolicy.Decision.Stable _ when unread.isEmpty() -> completion.stable(context, service, now);
            case StabilityPolicy.Decision.Watch watch
            when unread.isEmpty() ->
                context.requeue(
                        rollout.progressed(progress ->
                                progress.waitsFor(RolloutCompletion.stabilizing(context.release(), watch.until()))),
                        nextLook(now, watch.until()));
            case StabilityPolicy.Decision.Stable _, StabilityPolicy.Decision.Watch _ ->
                context.requeue(rollout, LastMinutes.LOOK_AGAIN);
            case StabilityPolicy.Decision.Unstable unstable -> {
                completion.signal().send(rollout.service(), now);
                Rollout stopping = rollout.stopping(
                        new Rollout.Stop(Rollout.Stop.Cause.UNSTABLE, LedgerEntry.SLIPWAY, unstable.message(), now));
                yield context.requeue(
                        stopping,
                        Duration.ZERO,
                        events.record(
                                stopping, LedgerEntry.EventType.STOPPED, LedgerEntry.SLIPWAY, unstable.message(), now));
            }
        };
    }

    private StabilityPolicy.Decision look(
            RolloutContext context, Release release, int desired, Duration stable, Instant now) {
        Instant since = context.operation().phaseSince();
        var seen = new StabilityPolicy.Snapshot(
                since,
                stable,
                desired,
                stoppedTasks.failures(context.rollout().value().service(), release::isTaskDefinition, since),
                0,
                now);
        StabilityPolicy.Decision decision = StabilityPolicy.decide(seen);
        return decision instanceof StabilityPolicy.Decision.Stable
                ? StabilityPolicy.decide(
                        new StabilityPolicy.Snapshot(since, stable, desired, seen.failures(), unhealthy(context), now))
                : decision;
    }

    /** In the target group that has the requests now. */
    private int unhealthy(RolloutContext context) {
        TargetGroups groups = context.rollout().value().progress().targetGroups();
        String group = groups == null ? context.outputs().get("TargetGroupA") : groups.candidate();
        return group == null
                ? 0
                : (int) targets.of(group).stream()
                        .filter(target -> target.targetHealth().state() == TargetHealthStateEnum.UNHEALTHY)
                        .count();
    }

    /** At the end of the time, and now and then before. */
    static Duration nextLook(Instant now, Instant until) {
        Duration left = Duration.between(now, until);
        return left.compareTo(POLL_INTERVAL) < 0 ? left : POLL_INTERVAL;
    }

    private static boolean isNewer(Service service, Instant since) {
        return service.deployments().stream()
                .filter(found -> "PRIMARY".equals(found.status()))
                .map(Deployment::createdAt)
                .anyMatch(since::isBefore);
    }
}
