/** SNS in memory: topics and what was published to them. */
@NullMarked
package dev.slipway.simulated.sns;

import org.jspecify.annotations.NullMarked;
