package dev.slipway.simulated.scaling;

import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.applicationautoscaling.ApplicationAutoScalingClient;
import software.amazon.awssdk.services.applicationautoscaling.model.*;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.Service;

/** Application Auto Scaling in memory, for the number of tasks of ECS services. It looks at each once a minute. */
public final class SimulatedScaling implements ApplicationAutoScalingClient {
    private final SimulatedAws aws;
    private final EcsClient ecs;
    private final TargetTracking tracking;
    private final Map<String, ScaledService> targets = new LinkedHashMap<>();
    private boolean watching;
    private long activities;

    /** The clients are the account's own, neither counted nor faulted. */
    public SimulatedScaling(SimulatedAws aws, EcsClient ecs, CloudWatchClient cloudWatch) {
        this.aws = aws;
        this.ecs = ecs;
        this.tracking = new TargetTracking(cloudWatch);
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    /**
     * RegisterScalableTarget: of an active resource "it changes the resource's current capacity to a value that is inside of this
     * range", also where only other things of it are changed.
     */
    @Override
    public RegisterScalableTargetResponse registerScalableTarget(RegisterScalableTargetRequest request) {
        ScaledService known = targets.get(request.resourceId());
        if (known == null && (request.minCapacity() == null || request.maxCapacity() == null)) {
            throw ScalingErrors.validation("MinCapacity and MaxCapacity are required for a new scalable target");
        }
        int min = request.minCapacity() == null ? Objects.requireNonNull(known).min : request.minCapacity();
        int max = request.maxCapacity() == null ? Objects.requireNonNull(known).max : request.maxCapacity();
        if (min > max) {
            throw ScalingErrors.validation("Maximum capacity cannot be less than minimum capacity");
        }
        ScaledService target = known == null
                ? new ScaledService(request.resourceId(), min, max, aws.clock().instant())
                : known;
        if (service(target).isEmpty()) {
            throw ScalingErrors.validation("ECS service doesn't exist: " + request.resourceId());
        }
        target.min = min;
        target.max = max;
        targets.put(request.resourceId(), target);
        keepWithin(target, "a change of the limits");
        watch();
        return RegisterScalableTargetResponse.builder()
                .scalableTargetARN(aws.arn("application-autoscaling", "scalable-target/" + request.resourceId()))
                .build();
    }

    @Override
    public DeregisterScalableTargetResponse deregisterScalableTarget(DeregisterScalableTargetRequest request) {
        require(request.resourceId());
        targets.remove(request.resourceId());
        return DeregisterScalableTargetResponse.builder().build();
    }

    @Override
    public DescribeScalableTargetsResponse describeScalableTargets(DescribeScalableTargetsRequest request) {
        return DescribeScalableTargetsResponse.builder()
                .scalableTargets(targets.values().stream()
                        .filter(target -> request.resourceIds().isEmpty()
                                || request.resourceIds().contains(target.resourceId))
                        .map(SimulatedScaling::describe)
                        .toList())
                .build();
    }

    private static ScalableTarget describe(ScaledService target) {
        return ScalableTarget.builder()
                .serviceNamespace(ServiceNamespace.ECS)
                .scalableDimension(ScalableDimension.ECS_SERVICE_DESIRED_COUNT)
                .resourceId(target.resourceId)
                .minCapacity(target.min)
                .maxCapacity(target.max)
                .creationTime(target.createdAt)
                .build();
    }

    @Override
    public PutScalingPolicyResponse putScalingPolicy(PutScalingPolicyRequest request) {
        ScaledService target = require(request.resourceId());
        if (request.targetTrackingScalingPolicyConfiguration() == null) {
            throw ScalingErrors.validation("Only target tracking is simulated.");
        }
        target.policies.put(request.policyName(), request);
        return PutScalingPolicyResponse.builder()
                .policyARN(aws.arn(
                        "autoscaling",
                        "scalingPolicy:0:resource/ecs/%s:policyName/%s"
                                .formatted(request.resourceId(), request.policyName())))
                .build();
    }

    @Override
    public DeleteScalingPolicyResponse deleteScalingPolicy(DeleteScalingPolicyRequest request) {
        if (require(request.resourceId()).policies.remove(request.policyName()) == null) {
            throw ScalingErrors.notFound("scaling policy");
        }
        return DeleteScalingPolicyResponse.builder().build();
    }

    @Override
    public PutScheduledActionResponse putScheduledAction(PutScheduledActionRequest request) {
        cron(request);
        require(request.resourceId()).schedules.put(request.scheduledActionName(), request);
        return PutScheduledActionResponse.builder().build();
    }

    private static AwsCron cron(PutScheduledActionRequest request) {
        return AwsCron.of(request.schedule(), request.timezone() == null ? "UTC" : request.timezone());
    }

    @Override
    public DeleteScheduledActionResponse deleteScheduledAction(DeleteScheduledActionRequest request) {
        if (require(request.resourceId()).schedules.remove(request.scheduledActionName()) == null) {
            throw ScalingErrors.notFound("scheduled action");
        }
        return DeleteScheduledActionResponse.builder().build();
    }

    @Override
    public DescribeScalingActivitiesResponse describeScalingActivities(DescribeScalingActivitiesRequest request) {
        ScaledService target = targets.get(request.resourceId());
        List<ScalingActivity> found = target == null ? List.of() : List.copyOf(target.activities);
        int most = request.maxResults() == null ? found.size() : request.maxResults();
        return DescribeScalingActivitiesResponse.builder()
                .scalingActivities(found.stream().limit(most).toList())
                .build();
    }

    /** The policies and scheduled actions of a service, by name; for looking at what a stack has made. */
    public List<String> namesOf(String resourceId) {
        synchronized (aws.clock()) {
            ScaledService target = targets.get(resourceId);
            List<String> names = new ArrayList<>();
            if (target != null) {
                names.addAll(target.policies.keySet());
                names.addAll(target.schedules.keySet());
            }
            return names;
        }
    }

    private ScaledService require(@Nullable String resourceId) {
        ScaledService target = targets.get(resourceId);
        if (target == null) {
            throw ScalingErrors.notFound("scalable target");
        }
        return target;
    }

    private Optional<Service> service(ScaledService target) {
        try {
            return ecs
                    .describeServices(
                            request -> request.cluster(target.cluster()).services(target.service()))
                    .services()
                    .stream()
                    .filter(service -> "ACTIVE".equals(service.status()))
                    .findFirst();
        } catch (software.amazon.awssdk.services.ecs.model.ClusterNotFoundException e) {
            return Optional.empty();
        }
    }

    /** At the begin of every minute. */
    private void watch() {
        if (watching || targets.isEmpty()) {
            return;
        }
        watching = true;
        Instant now = aws.clock().instant();
        Instant next = now.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
        aws.clock().after(Duration.between(now, next), () -> {
            watching = false;
            List.copyOf(targets.values()).forEach(target -> look(target, next));
            watch();
        });
    }

    private void look(ScaledService target, Instant minute) {
        for (PutScheduledActionRequest action : List.copyOf(target.schedules.values())) {
            if (cron(action).matches(minute)) {
                target.min =
                        Objects.requireNonNullElse(action.scalableTargetAction().minCapacity(), target.min);
                target.max =
                        Objects.requireNonNullElse(action.scalableTargetAction().maxCapacity(), target.max);
                keepWithin(target, "scheduled action name " + action.scheduledActionName());
            }
        }
        service(target).ifPresent(service -> track(target, service, minute));
    }

    /**
     * The policy that wants most counts, and tasks are taken away only when no policy wants them. D/troubleshoot-service-auto-scaling.html:
     * while a deployment is under way nothing is scaled in; scale-out goes on. During the cooldown what was added counts "as part of
     * the desired capacity for the next scale-out": it is reckoned from the number before.
     */
    private void track(ScaledService target, Service service, Instant now) {
        int current = service.desiredCount();
        int out = cooldown(target, TargetTrackingScalingPolicyConfiguration::scaleOutCooldown);
        int in = cooldown(target, TargetTrackingScalingPolicyConfiguration::scaleInCooldown);
        boolean cooling = !isOver(target.scaledOut, out, now);
        int base = cooling ? Math.min(target.scaledOutFrom, current) : current;
        int most = -1;
        boolean allKnown = true;
        for (PutScalingPolicyRequest policy : target.policies.values()) {
            OptionalInt wanted = tracking.wanted(target, policy, base, now);
            allKnown &= wanted.isPresent();
            most = Math.max(most, wanted.orElse(-1));
        }
        if (most > current) {
            // "A scale out activity does not adjust the desired count" above the maximum.
            int to = Math.max(Math.min(most, target.max), target.min);
            if (to > current) {
                target.scaledOutFrom = base;
                target.scaledOut = now;
                set(target, current, to, "monitor alarm in state ALARM triggered policy");
            }
        } else if (most >= 0 && most < current && !cooling && allKnown && !isDeploying(service)) {
            int to = Math.max(most, target.min);
            if (to < current && isOver(target.scaledIn, in, now)) {
                target.scaledIn = now;
                set(target, current, Math.min(to, target.max), "monitor alarm in state ALARM triggered policy");
            }
        }
    }

    private static int cooldown(
            ScaledService target, Function<TargetTrackingScalingPolicyConfiguration, @Nullable Integer> which) {
        return target.policies.values().stream()
                .mapToInt(policy -> orZero(which.apply(policy.targetTrackingScalingPolicyConfiguration())))
                .max()
                .orElse(0);
    }

    private static int orZero(@Nullable Integer seconds) {
        return seconds == null ? 0 : seconds;
    }

    private static boolean isOver(@Nullable Instant since, int cooldown, Instant now) {
        return since == null || !now.isBefore(since.plusSeconds(cooldown));
    }

    private static boolean isDeploying(Service service) {
        return service.deployments().stream()
                .anyMatch(deployment -> deployment.rolloutState() == DeploymentRolloutState.IN_PROGRESS);
    }

    private void keepWithin(ScaledService target, String cause) {
        service(target).ifPresent(service -> {
            int current = service.desiredCount();
            int within = Math.clamp(current, target.min, target.max);
            if (within != current) {
                set(target, current, within, cause);
            }
        });
    }

    private void set(ScaledService target, int from, int to, String cause) {
        ecs.updateService(request ->
                request.cluster(target.cluster()).service(target.service()).desiredCount(to));
        Instant now = aws.clock().instant();
        target.remember(ScalingActivity.builder()
                .activityId("activity-" + ++activities)
                .serviceNamespace(ServiceNamespace.ECS)
                .scalableDimension(ScalableDimension.ECS_SERVICE_DESIRED_COUNT)
                .resourceId(target.resourceId)
                .description("Setting desired count to %d.".formatted(to))
                .cause(cause + " from " + from)
                .startTime(now)
                .endTime(now)
                .statusCode(ScalingActivityStatusCode.SUCCESSFUL)
                .statusMessage("Successfully set desired count to %d.".formatted(to))
                .build());
    }
}
