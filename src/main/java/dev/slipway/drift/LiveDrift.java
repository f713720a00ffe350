package dev.slipway.drift;

import dev.slipway.scaling.ScalingSettings;
import dev.slipway.scaling.ScalingSettings.Limits;
import dev.slipway.service.ServiceQueries.Live;
import dev.slipway.service.ServiceRecord;
import dev.slipway.stack.DriftExclusion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What CloudFormation cannot tell of a service, since rollouts and autoscaling own it: the release, the number of tasks, the
 * weights of the listener's rule and the limits of scaling. Of a service at which nothing is under way.
 */
final class LiveDrift {
    private static final String ECS_SERVICE = "AWS::ECS::Service";
    /** Application Auto Scaling runs schedules within minutes of their time. */
    private static final Duration SCHEDULES_LATE_BY = Duration.ofMinutes(5);

    private LiveDrift() {}

    /** @param emptyGroup the target group that has all requests though no task is in it, A or B; null where that is not so */
    static List<DriftDifference> of(ServiceRecord record, Live live, @Nullable String emptyGroup, Instant now) {
        List<DriftDifference> found = new ArrayList<>();
        release(record, live, found);
        count(record, live, found);
        weights(record, live, emptyGroup, found);
        limits(record, live, now, found);
        return found;
    }

    private static void release(ServiceRecord record, Live live, List<DriftDifference> found) {
        Integer recorded = record.live();
        Integer actual = live.release() == null ? null : live.release().number();
        if (recorded != null && !recorded.equals(actual)) {
            found.add(difference(
                    "EcsService",
                    ECS_SERVICE,
                    DriftExclusion.LIVE_TASK_DEFINITION.path(),
                    "release " + recorded,
                    actual == null ? live.taskDefinition() : "release " + actual,
                    null,
                    "Roll out the release that is to be live: POST %s/rollouts"
                            .formatted(record.id().path())));
        }
    }

    private static void count(ServiceRecord record, Live live, List<DriftDifference> found) {
        Integer declared = record.declared().count();
        if (declared != null && declared != live.desired()) {
            found.add(difference(
                    "EcsService",
                    ECS_SERVICE,
                    DriftExclusion.TASK_COUNT.path(),
                    Integer.toString(declared),
                    Integer.toString(live.desired()),
                    SpecField.of("count", live.desired()),
                    "An apply of the same count leaves it alone: apply what keeps it, and then count: %d again."
                            .formatted(declared)));
        }
    }

    /** At rest one target group has all requests, and it is that of the tasks. */
    private static void weights(
            ServiceRecord record, Live live, @Nullable String emptyGroup, List<DriftDifference> found) {
        int a = live.weightA();
        int b = live.weightB();
        String actual = a == 0 && b == 0
                ? "no requests to either target group"
                : a > 0 && b > 0
                        ? "A %d, B %d".formatted(a, b)
                        : emptyGroup == null
                                ? null
                                : "all requests to target group %s, in which no task is".formatted(emptyGroup);
        if (actual != null) {
            found.add(difference(
                    "ProductionRule",
                    DriftExclusion.TRAFFIC_WEIGHTS.resourceType(),
                    "/Actions/0/ForwardConfig/TargetGroups",
                    "all requests to the target group of the tasks",
                    actual,
                    null,
                    mendOfWeights(record, a > 0 && b > 0)));
        }
    }

    /** A rollout that shifts traffic begins where all requests reach tasks: traffic that reaches none is refused by its preflight. */
    private static String mendOfWeights(ServiceRecord record, boolean divided) {
        String byHand = "Give the group of the live tasks all requests again by hand: aws elbv2 modify-rule.";
        return divided && !record.declared().rollout().isRolling()
                ? "Restart it, which shifts the traffic and sets both: POST %s/restart. At once: %s"
                        .formatted(record.id().path(), byHand)
                : byHand;
    }

    private static void limits(ServiceRecord record, Live live, Instant now, List<DriftDifference> found) {
        ScalingSettings scaled = record.scaled();
        if (scaled == null || record.declared().scaling() == null) {
            return;
        }
        Limits expected = scaled.limits(now);
        @Nullable Limits actual = live.scaling() == null ? null : live.scaling().limits();
        boolean same = expected.equals(actual)
                || scaled.limits(now.minus(SCHEDULES_LATE_BY)).equals(actual);
        if (live.scaling() != null && actual == null || same) {
            return; // AWS did not tell, or they are the same
        }
        if (actual == null) {
            found.add(limit(
                    "/MinCapacity and /MaxCapacity",
                    "%d to %d".formatted(expected.min(), expected.max()),
                    "not registered",
                    null,
                    "Apply the spec without scaling, then with it."));
            return;
        }
        boolean scheduled = !scaled.schedules().isEmpty();
        limit("min", "/MinCapacity", expected.min(), actual.min(), scheduled).ifPresent(found::add);
        limit("max", "/MaxCapacity", expected.max(), actual.max(), scheduled).ifPresent(found::add);
    }

    /** @param scheduled whether a schedule has set it, and none of the spec's two limits */
    private static Optional<DriftDifference> limit(
            String name, String path, int expected, int actual, boolean scheduled) {
        return expected == actual
                ? Optional.empty()
                : Optional.of(limit(
                        path,
                        Integer.toString(expected),
                        Integer.toString(actual),
                        scheduled ? null : SpecField.of("scaling." + name, actual),
                        "An apply of the same limits leaves them alone: apply the spec with %s: %d in scaling, and then as it was."
                                .formatted(name, actual)));
    }

    private static DriftDifference limit(
            String path, String expected, String actual, @Nullable SpecField spec, String action) {
        return difference(
                "ScalableTarget", DriftExclusion.SCALING_LIMITS.resourceType(), path, expected, actual, spec, action);
    }

    private static DriftDifference difference(
            String resource,
            String type,
            String path,
            String expected,
            String actual,
            @Nullable SpecField spec,
            String action) {
        return new DriftDifference(resource, type, null, path, expected, actual, null, null, null, spec, action);
    }
}
