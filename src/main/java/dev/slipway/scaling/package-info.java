/** How the number of a service's tasks follows the load: limits, schedules, and what Application Auto Scaling does with them. */
@NullMarked
package dev.slipway.scaling;

import org.jspecify.annotations.NullMarked;
