package dev.slipway.rollout;

import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.ledger.LedgerEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.ecs.model.Service;

/** Watches a rolling deployment, which ECS's circuit breaker judges. */
record RollingDeploymentMonitor(EcsDeployments deployments, RolloutEventRecorder events, RolloutCompletion completion) {
    static final Duration POLL_INTERVAL = Duration.ofMinutes(5); // the event of its end wakes us earlier

    private static final Duration SHOWS_SOON = Duration.ofSeconds(30);

    RolloutReconcileResult monitor(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        Instant intended = context.operation().phaseSince();
        Optional<Service> service = deployments.findActive(rollout.service());
        List<DeploymentPolicy.DeploymentState> current =
                service.map(EcsDeployments::deploymentStates).orElse(List.of());
        boolean overdue = context.calledAt().plus(context.maxDuration()).isBefore(now);
        String taskDefinition = completion.release(context).taskDefinition();
        boolean stays = rollout.isAutomaticRollback() && runs(service, taskDefinition);
        boolean stops = rollout.stop() != null
                && !(stays
                        && RolloutCompletion.staysAsRollback(
                                rollout, rollout.stop().cause()));
        DeploymentPolicy.PrimaryStatus primaryStatus =
                DeploymentPolicy.primaryStatus(current, taskDefinition, intended);
        switch (primaryStatus) {
            case LIVE -> {
                return completion.succeeded(context, rollout, now);
            }
            case IN_PROGRESS -> {
                if (!stops) {
                    return overdue && !stays ? timeLimit(context, now) : context.requeue(rollout, POLL_INTERVAL);
                }
            }
            case UNKNOWN -> {}
        }
        var decision = DeploymentPolicy.monitor(
                deployments.listCandidates(
                        rollout.service(), taskDefinition, rollout.progress().deployment(), intended),
                rollout.progress().deployment(),
                stops,
                intended,
                context.calledAt(),
                now);
        return switch (decision) {
            case DeploymentPolicy.MonitorDecision.NotVisibleYet notYet -> context.requeue(rollout, POLL_INTERVAL);
            case DeploymentPolicy.MonitorDecision.InProgress going ->
                overdue && !stays && rollout.stop() == null
                        ? timeLimit(context, now)
                        : context.requeue(withDeployment(rollout, going.arn()), POLL_INTERVAL);
            case DeploymentPolicy.MonitorDecision.RollingBack back ->
                completion.rollingBack(context, back.arn(), deployments.describe(back.arn()), POLL_INTERVAL, now);
            case DeploymentPolicy.MonitorDecision.Stop halt -> {
                deployments.stop(halt.arn());
                completion.signal().send(rollout.service(), now);
                yield context.requeue(withDeployment(rollout, halt.arn()), POLL_INTERVAL);
            }
            case DeploymentPolicy.MonitorDecision.Live live -> {
                if (primaryStatus
                        == DeploymentPolicy.PrimaryStatus.IN_PROGRESS) { // ECS was done between our two questions
                    yield completion.succeeded(context, withDeployment(rollout, live.arn()), now);
                }
                yield DeploymentPolicy.isFromBefore(current, intended) && !overdue
                        ? context.requeue(withDeployment(rollout, live.arn()), SHOWS_SOON)
                        : completion.stopped(context, live.arn(), "Another deployment took its place.", now);
            }
            case DeploymentPolicy.MonitorDecision.RolledBack back ->
                completion.rolledBack(context, back.arn(), back.reason(), now);
            case DeploymentPolicy.MonitorDecision.Stopped stopped ->
                completion.stopped(context, stopped.arn(), stopped.reason(), now);
            case DeploymentPolicy.MonitorDecision.RollbackFailed stuck ->
                completion.rollbackFailed(context, stuck.arn(), stuck.reason(), now);
            case DeploymentPolicy.MonitorDecision.Missing never -> completion.deploymentMissing(context, now);
        };
    }

    /** A task of it runs: then going back from a bad release is not stopped for its time, as ECS would bring that one up again everywhere. */
    private static boolean runs(Optional<Service> service, String taskDefinition) {
        return service.stream()
                .flatMap(found -> found.deployments().stream())
                .anyMatch(found -> found.taskDefinition().equals(taskDefinition) && found.runningCount() > 0);
    }

    private static Rollout withDeployment(Rollout rollout, String arn) {
        return rollout.progressed(progress -> progress.deployment(arn));
    }

    private RolloutReconcileResult timeLimit(RolloutContext context, Instant now) {
        Rollout.Stop stop = new Rollout.Stop(
                Rollout.Stop.Cause.TIME_LIMIT,
                LedgerEntry.SLIPWAY,
                "It was not done within %d s.".formatted(context.maxDuration().toSeconds()),
                now);
        Rollout stopping = context.rollout().value().stopping(stop);
        return context.requeue(
                stopping,
                Duration.ZERO,
                events.record(stopping, LedgerEntry.EventType.STOPPED, LedgerEntry.SLIPWAY, stop.message(), now));
    }
}
