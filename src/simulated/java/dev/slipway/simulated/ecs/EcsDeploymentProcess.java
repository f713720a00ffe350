package dev.slipway.simulated.ecs;

/**
 * How a service gets from the tasks it has to those it should have, under one deployment strategy. A pass looks at the
 * service as it is now, starts and stops tasks, and says when it has arrived. What it has to know beyond the tasks and
 * rules is in the service deployment, so a pass may come at any time and as often as it likes.
 */
sealed interface EcsDeploymentProcess permits EcsRollingProcess, EcsStagedProcess {
    void pass(EcsServiceRecord service);
}
