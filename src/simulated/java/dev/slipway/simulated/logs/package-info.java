/** CloudWatch Logs in memory. */
@NullMarked
package dev.slipway.simulated.logs;

import org.jspecify.annotations.NullMarked;
