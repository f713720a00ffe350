/** Application Auto Scaling in memory: scalable targets of ECS, target tracking, scheduled actions. */
@NullMarked
package dev.slipway.simulated.scaling;

import org.jspecify.annotations.NullMarked;
