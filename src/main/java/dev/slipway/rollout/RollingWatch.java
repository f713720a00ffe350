package dev.slipway.rollout;

import dev.slipway.ledger.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Watches a rolling deployment, which ECS's circuit breaker judges. */
final class RollingWatch {
    static final Duration LOOK = Duration.ofMinutes(5); // the event of its end wakes us earlier

    private final EcsDeployments deployments;
    private final Chronicle chronicle;
    private final Endings endings;

    RollingWatch(EcsDeployments deployments, Chronicle chronicle, Endings endings) {
        this.deployments = deployments;
        this.chronicle = chronicle;
        this.endings = endings;
    }

    RolloutStep watch(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        Instant intended = course.operation().phaseSince();
        List<DeploymentPolicy.Current> current = deployments
                .active(rollout.service())
                .map(EcsDeployments::current)
                .orElse(List.of());
        boolean overdue = intended.plus(rollout.settings().longest()).isBefore(now);
        String taskDefinition = endings.release(course).taskDefinition();
        DeploymentPolicy.Glance glance = DeploymentPolicy.glance(current, taskDefinition, intended);
        switch (glance) {
            case LIVE -> {
                return endings.live(course, rollout, now);
            }
            case GOING -> {
                if (rollout.stop() == null) {
                    return overdue ? timeLimit(course, now) : course.again(rollout, LOOK);
                }
            }
            case UNCLEAR -> {}
        }
        var decision = DeploymentPolicy.watch(
                deployments.ours(rollout.service(), taskDefinition, intended),
                rollout.deployment(),
                rollout.stop() != null,
                intended,
                now);
        return switch (decision) {
            case DeploymentPolicy.Watch.NotYet notYet -> course.again(rollout, LOOK);
            case DeploymentPolicy.Watch.Going going ->
                overdue && rollout.stop() == null
                        ? timeLimit(course, now)
                        : course.again(at(rollout, going.arn()), LOOK);
            case DeploymentPolicy.Watch.Stop halt -> {
                deployments.stop(halt.arn());
                yield course.again(at(rollout, halt.arn()), LOOK);
            }
            case DeploymentPolicy.Watch.Live live ->
                glance == DeploymentPolicy.Glance.GOING // ECS was done between our two questions
                        ? endings.live(course, at(rollout, live.arn()), now)
                        : endings.stopped(course, live.arn(), "Another deployment took its place.", now);
            case DeploymentPolicy.Watch.TakenBack back -> endings.takenBack(course, back.arn(), back.reason(), now);
            case DeploymentPolicy.Watch.Stopped stopped ->
                endings.stopped(course, stopped.arn(), stopped.reason(), now);
            case DeploymentPolicy.Watch.Stuck stuck -> endings.stuck(course, stuck.arn(), stuck.reason(), now);
            case DeploymentPolicy.Watch.Never never -> endings.never(course, now);
        };
    }

    private static Rollout at(Rollout rollout, String arn) {
        return rollout.with(draft -> draft.deployment = arn);
    }

    private RolloutStep timeLimit(Course course, Instant now) {
        Rollout.Stop stop = new Rollout.Stop(
                Rollout.Stop.Cause.TIME_LIMIT,
                Entry.SLIPWAY,
                "It was not done within %d s."
                        .formatted(course.rollout().value().settings().timeLimitSeconds()),
                now);
        Rollout stopping = course.rollout().value().stopping(stop);
        return course.again(
                stopping,
                Duration.ZERO,
                chronicle.tell(stopping, Entry.What.STOPPED, Entry.SLIPWAY, stop.sentence(), now));
    }
}
