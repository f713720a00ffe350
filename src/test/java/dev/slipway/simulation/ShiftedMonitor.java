package dev.slipway.simulation;

import dev.slipway.deployment.TargetGroups;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.ecs.EcsTraffic;
import dev.slipway.store.Stored;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;

/**
 * Looks at one service while a rollout runs: who gets its production requests, and whether what has to be rolled back is
 * rolled back in time.
 */
final class ShiftedMonitor {
    /** With faults: a lease that a dead pass leaves behind, the resync, and the calls that fail after it. */
    private static final Duration WITH_FAULTS = Duration.ofMinutes(20);
    /** Without: the worker's next look. */
    private static final Duration ONE_LOOK = Duration.ofMinutes(1);
    /** When somebody cancels or replaces a rollout. */
    private static final Duration WHEN_CANCELLED = Duration.ofSeconds(15);

    private static final double ROUNDING = 1e-6;

    private final World world;
    private final Map<String, Double> most = new HashMap<>();
    private final Map<String, Duration> exposed = new HashMap<>();
    /** The task definition of who was healthy last, by target group. */
    private final Map<String, String> answered = new HashMap<>();

    private boolean mayFall;
    private boolean liveFalls;
    private @Nullable Instant last;
    private Map<String, Double> before = Map.of();

    ShiftedMonitor(World world) {
        this.world = world;
    }

    /** Whether tasks of the release that is rolled out, or of the live one, do not stay healthy, which is not our doing. */
    void mayFall(boolean candidate, boolean live) {
        mayFall = candidate;
        liveFalls = live;
    }

    /** The largest share of the production requests that a release ever had, 0–1. */
    double most(String taskDefinition) {
        return most.getOrDefault(taskDefinition, 0.0);
    }

    /** How long it had any. */
    Duration exposed(String taskDefinition) {
        return exposed.getOrDefault(taskDefinition, Duration.ZERO);
    }

    void look(@Nullable Rollout rollout) {
        Instant now = world.timeline.instant();
        EcsTraffic traffic = world.traffic(World.WEB);
        traffic.groups()
                .forEach(group -> group.tasks().stream()
                        .filter(EcsTraffic.Receiver::healthy)
                        .forEach(task -> answered.put(group.targetGroupArn(), task.taskDefinitionArn())));
        Duration since = last == null ? Duration.ZERO : Duration.between(last, now);
        before.keySet().forEach(release -> exposed.merge(release, since, Duration::plus));
        before = traffic.byTaskDefinition();
        before.forEach((release, share) -> most.merge(release, share, Math::max));
        last = now;
        served(traffic, rollout);
        if (rollout != null) {
            rolledBackInTime(rollout, now);
        }
    }

    /** Where requests go, somebody healthy answers, unless a release falls over by itself. */
    private void served(EcsTraffic traffic, @Nullable Rollout rollout) {
        TargetGroups groups = rollout == null ? null : rollout.progress().targetGroups();
        if (liveFalls || mayFall && (groups == null || groups.live().equals(groups.candidate()))) {
            return;
        }
        for (EcsTraffic.Group group : traffic.groups()) {
            boolean healthy = group.tasks().stream().anyMatch(EcsTraffic.Receiver::healthy);
            if (group.fraction() > ROUNDING && !healthy && !falls(group, groups) && liveStands()) {
                world.chaos.violations.add("%s: %s of the requests go to %s, where nobody is healthy: %s"
                        .formatted(world.timeline.instant(), group.fraction(), group.targetGroupArn(), traffic));
            }
        }
    }

    private boolean falls(EcsTraffic.Group group, @Nullable TargetGroups groups) {
        return mayFall && (groups != null && group.targetGroupArn().equals(groups.candidate()) || fell(group));
    }

    /**
     * Whether who answered there last falls over by itself: all requests may be with such a release although it is not
     * live, when somebody deploys outside Slipway while it bakes, which ends the deployment that ECS would roll back.
     */
    private boolean fell(EcsTraffic.Group group) {
        String last = answered.get(group.targetGroupArn());
        return world.plane.rollouts().releases(World.WEB, 100, null).items().stream()
                .map(Stored::value)
                .anyMatch(release -> release.taskDefinition().equals(last)
                        && !ShiftedImage.of(release.tag()).stands());
    }

    /** A release that falls over by itself may have gone live since the episode began. */
    private boolean liveStands() {
        Integer live = world.record(World.WEB).live();
        return live == null
                || world.store
                        .get(Release.key(World.WEB, live))
                        .map(found -> ShiftedImage.of(found.value().tag()).stands())
                        .orElse(true);
    }

    private void rolledBackInTime(Rollout rollout, Instant now) {
        boolean rejected = rollout.progress().verdict() != null
                && rollout.progress().verdict().outcome() == Outcome.UNHEALTHY;
        if (rejected && rollout.isRunning() && rollout.stop() == null) {
            world.chaos.violations.add(now + " an UNHEALTHY verdict is not followed by a stop: " + rollout);
        }
        Rollout.Stop stop = rollout.stop();
        String deployment = rollout.progress().deployment();
        boolean ordered = stop != null
                && (stop.cause() == Rollout.Stop.Cause.CANCELLED || stop.cause() == Rollout.Stop.Cause.REPLACED);
        if (stop == null
                || deployment == null
                || !rollout.isRunning()
                || rollout.settings().isRolling() && (!ordered || world.chaos.everOn)) {
            return;
        }
        Duration withFaults = world.chaos.hasStormForStops() ? WITH_FAULTS.plus(Chaos.STORM) : WITH_FAULTS;
        Duration limit = world.chaos.everOn ? withFaults : ordered ? WHEN_CANCELLED : ONE_LOOK;
        if (stop.at().plus(limit).isBefore(now) && goesOn(deployment)) {
            world.chaos.violations.add(
                    "%s ECS still goes on with what was stopped at %s: %s".formatted(now, stop.at(), stop.message()));
        }
    }

    private boolean goesOn(String deployment) {
        ServiceDeployment[] found = new ServiceDeployment[1];
        world.chaos.apart(() -> found[0] = world.account
                .ecs()
                .describeServiceDeployments(request -> request.serviceDeploymentArns(deployment))
                .serviceDeployments()
                .getFirst());
        return Set.of("PENDING", "IN_PROGRESS").contains(found[0].statusAsString());
    }
}
