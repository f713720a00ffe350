/** ECS in memory: services, tasks, deployments in all four strategies, lifecycle hooks, the circuit breaker. */
@NullMarked
package dev.slipway.simulated.ecs;

import org.jspecify.annotations.NullMarked;
