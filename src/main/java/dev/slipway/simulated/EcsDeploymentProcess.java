package dev.slipway.simulated;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentStrategy;

/**
 * How a service gets from the tasks it has to those it should have, under one deployment strategy. A pass looks at the
 * service as it is now, starts and stops tasks, and says when it has arrived; it keeps no state of its own. The
 * strategies with two target groups bring their stages (scale up, test traffic, production traffic, bake, clean up).
 */
sealed interface EcsDeploymentProcess permits EcsRollingProcess {
    void pass(EcsServiceRecord service);

    /** Refuses what is not modelled, before anything has changed. */
    static void requireModelled(@Nullable DeploymentStrategy strategy) {
        if (strategy != null && strategy != DeploymentStrategy.ROLLING) {
            throw new UnsupportedOperationException("deployment strategy " + strategy + " is not modelled yet");
        }
    }
}
