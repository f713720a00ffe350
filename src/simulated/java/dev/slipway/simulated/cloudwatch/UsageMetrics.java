package dev.slipway.simulated.cloudwatch;

import dev.slipway.simulated.ecs.EcsState;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AWS/Usage, ResourceCount of Fargate vCPUs ("AWS Fargate usage metrics"), and the quotas that SERVICE_QUOTA() reads.
 * ECS forgets stopped tasks after an hour, so nothing older is told.
 */
final class UsageMetrics implements MetricSource {
    private static final String ON_DEMAND = "Standard/OnDemand";
    private static final String SPOT = "Standard/Spot";
    private static final double USUAL_QUOTA = 4000;
    private static final Duration LATE = Duration.ofMinutes(1);
    private static final Duration REMEMBERED = Duration.ofMinutes(55);

    private final EcsState ecs;
    private final Map<String, Double> quotas = new LinkedHashMap<>(Map.of(ON_DEMAND, USUAL_QUOTA, SPOT, USUAL_QUOTA));

    UsageMetrics(EcsState ecs) {
        this.ecs = ecs;
    }

    /** The quota on vCPUs that run on demand, which AWS raises on request. */
    void quota(double vCpus) {
        quotas.put(ON_DEMAND, vCpus);
    }

    /** What SERVICE_QUOTA() answers; null where the metric has no quota. */
    @Nullable
    Double quota(MetricName metric) {
        String kind = kind(metric);
        return kind == null ? null : quotas.get(kind);
    }

    @Override
    public @Nullable MetricSamples minute(MetricName metric, long start) {
        String kind = kind(metric);
        Instant at = Instant.ofEpochMilli(start);
        Instant now = ecs.aws.clock().instant();
        if (kind == null
                || at.isBefore(now.minus(REMEMBERED))
                || at.plusSeconds(60).plus(LATE).isAfter(now)) {
            return null;
        }
        double units = ecs.tasks.values().stream()
                .filter(task -> (task.capacityProvider.equals("FARGATE_SPOT") ? SPOT : ON_DEMAND).equals(kind))
                .filter(task -> !task.createdAt.isAfter(at))
                .filter(task -> task.stoppedAt == null || task.stoppedAt.isAfter(at))
                .mapToDouble(task -> Double.parseDouble(task.definition.cpu()))
                .sum();
        return units == 0 ? null : MetricSamples.of(units / 1024, 1);
    }

    private @Nullable String kind(MetricName metric) {
        String kind = metric.dimension("Class");
        boolean fargate = metric.namespace().equals("AWS/Usage")
                && metric.name().equals("ResourceCount")
                && metric.dimensions().size() == 4
                && "Fargate".equals(metric.dimension("Service"))
                && "Resource".equals(metric.dimension("Type"))
                && "vCPU".equals(metric.dimension("Resource"));
        return fargate && kind != null && quotas.containsKey(kind) ? kind : null;
    }
}
