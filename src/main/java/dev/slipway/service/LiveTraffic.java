package dev.slipway.service;

import dev.slipway.scaling.ScalingSettings.Limits;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is live of a service, observed from ECS and the load balancer: an apply hands these back to the stack, so that it
 * moves no traffic and reverts no release.
 *
 * @param taskDefinition the ARN of the live revision; null before the first release
 * @param containerPort that the live revision listens on
 * @param firstGroup the target group that the ECS service names first, A or B: under ROLLING its tasks go there
 * @param productionWeightA the production rule's weight for target group A; 0 to 999, like the others
 * @param tasks how many ECS is to run; 0 before the first release
 * @param limits of the number of tasks that hold now; null when the service does not scale
 * @param missingRules the ARNs of those that are not there, by the names that the stack's outputs give them
 */
@RecordBuilder
public record LiveTraffic(
        @Nullable String taskDefinition,
        int containerPort,
        String firstGroup,
        int productionWeightA,
        int productionWeightB,
        int testWeightA,
        int testWeightB,
        int tasks,
        @Nullable Limits limits,
        Map<String, String> missingRules)
        implements LiveTrafficBuilder.With {
    public LiveTraffic {
        missingRules = Map.copyOf(missingRules);
    }

    /** The same content, registered under another ARN. */
    LiveTraffic with(String other) {
        return withTaskDefinition(other);
    }

    /** Before the first release: production goes to A, tests go to B. */
    public static LiveTraffic initial(int port) {
        return new LiveTraffic(null, port, "A", 1, 0, 0, 1, 0, null, Map.of());
    }
}
