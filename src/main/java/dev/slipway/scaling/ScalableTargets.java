package dev.slipway.scaling;

import dev.slipway.id.ServiceId;
import dev.slipway.scaling.ScalingSettings.Limits;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.applicationautoscaling.ApplicationAutoScalingClient;
import software.amazon.awssdk.services.applicationautoscaling.model.DescribeScalableTargetsRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.DescribeScalingActivitiesRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.RegisterScalableTargetRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.ScalableDimension;
import software.amazon.awssdk.services.applicationautoscaling.model.ServiceNamespace;

/** The calls to Application Auto Scaling about a service's number of tasks. */
public final class ScalableTargets {
    private static final int SHOWN = 5;

    private final ApplicationAutoScalingClient scaling;

    public ScalableTargets(ApplicationAutoScalingClient scaling) {
        this.scaling = scaling;
    }

    /**
     * What scaling did.
     *
     * @param message what happened, in AWS's words
     */
    public record Activity(Instant at, String status, String message) {}

    /** What AWS calls the service. */
    static String resourceId(ServiceId id) {
        return "service/%s/%s".formatted(id.environmentId().cluster(), id.service());
    }

    /** The limits that hold now; empty when the service does not scale. */
    public Optional<Limits> limits(ServiceId id) {
        return scaling
                .describeScalableTargets(DescribeScalableTargetsRequest.builder()
                        .serviceNamespace(ServiceNamespace.ECS)
                        .scalableDimension(ScalableDimension.ECS_SERVICE_DESIRED_COUNT)
                        .resourceIds(resourceId(id))
                        .build())
                .scalableTargets()
                .stream()
                .findFirst()
                .map(found -> new Limits(found.minCapacity(), found.maxCapacity()));
    }

    /**
     * Has other limits hold, of a service that scales already. A number of tasks outside of them is set to the nearest within:
     * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
     */
    public void limit(ServiceId id, Limits limits) {
        scaling.registerScalableTarget(RegisterScalableTargetRequest.builder()
                .serviceNamespace(ServiceNamespace.ECS)
                .scalableDimension(ScalableDimension.ECS_SERVICE_DESIRED_COUNT)
                .resourceId(resourceId(id))
                .minCapacity(limits.min())
                .maxCapacity(limits.max())
                .build());
    }

    /** The last few things that scaling did, the newest first. */
    public List<Activity> activities(ServiceId id) {
        return scaling
                .describeScalingActivities(DescribeScalingActivitiesRequest.builder()
                        .serviceNamespace(ServiceNamespace.ECS)
                        .scalableDimension(ScalableDimension.ECS_SERVICE_DESIRED_COUNT)
                        .resourceId(resourceId(id))
                        .maxResults(SHOWN)
                        .build())
                .scalingActivities()
                .stream()
                .map(found -> new Activity(found.startTime(), found.statusCodeAsString(), found.description()))
                .toList();
    }
}
