package dev.slipway.drift;

import dev.slipway.scaling.ScalingSettings;
import dev.slipway.scaling.ScalingSettings.Limits;
import dev.slipway.service.ServiceQueries.Live;
import dev.slipway.service.ServiceRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What CloudFormation cannot tell of a service, since rollouts and autoscaling own it: the release, the number of tasks, the
 * weights of the listener's rule and the limits of scaling. Of a service at which nothing is under way.
 */
final class LiveDrift {
    private static final String ECS_SERVICE = "AWS::ECS::Service";

    private LiveDrift() {}

    static List<DriftDifference> of(ServiceRecord record, Live live, Instant now) {
        List<DriftDifference> found = new ArrayList<>();
        release(record, live, found);
        count(record, live, found);
        weights(live, found);
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
                    "An apply of the same count leaves it alone. To keep it, say count: %d in the spec and apply that; to go back, apply"
                                    .formatted(live.desired())
                            + " that and then count: %d.".formatted(declared)));
        }
    }

    /** At rest one target group has all requests. */
    private static void weights(Live live, List<DriftDifference> found) {
        if (live.weightA() > 0 && live.weightB() > 0) {
            found.add(difference(
                    "ProductionRule",
                    DriftExclusion.TRAFFIC_WEIGHTS.resourceType(),
                    "/Actions/0/ForwardConfig/TargetGroups",
                    "all requests to one target group",
                    "A %d, B %d".formatted(live.weightA(), live.weightB()),
                    "Give the group of the live tasks all requests again, by hand; the next traffic shift sets both."));
        }
    }

    private static void limits(ServiceRecord record, Live live, Instant now, List<DriftDifference> found) {
        ScalingSettings scaled = record.scaled();
        if (scaled == null || record.declared().scaling() == null) {
            return;
        }
        Limits expected = scaled.limits(now);
        @Nullable Limits actual = live.scaling() == null ? null : live.scaling().limits();
        if (live.scaling() != null && actual == null || expected.equals(actual)) {
            return; // AWS did not tell, or they are the same
        }
        found.add(difference(
                "ScalableTarget",
                DriftExclusion.SCALING_LIMITS.resourceType(),
                "/MinCapacity and /MaxCapacity",
                "%d to %d".formatted(expected.min(), expected.max()),
                actual == null ? "not registered" : "%d to %d".formatted(actual.min(), actual.max()),
                actual == null
                        ? "Apply the spec without scaling, then with it."
                        : "To keep them, say scaling: {min: %d, max: %d} in the spec and apply that; to go back, apply that and then the"
                                        .formatted(actual.min(), actual.max())
                                + " spec as it was."));
    }

    private static DriftDifference difference(
            String resource, String type, String path, String expected, String actual, String mend) {
        return new DriftDifference(resource, type, null, path, expected, actual, null, null, null, mend);
    }
}
