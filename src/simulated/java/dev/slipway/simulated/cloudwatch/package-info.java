/** CloudWatch in memory: metrics of the simulated traffic and of callers, metric math, alarms. */
@NullMarked
package dev.slipway.simulated.cloudwatch;

import org.jspecify.annotations.NullMarked;
