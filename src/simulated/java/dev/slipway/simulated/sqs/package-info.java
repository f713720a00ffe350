/** The work queue in memory: at-least-once, delayed, on the virtual clock. */
@NullMarked
package dev.slipway.simulated.sqs;

import org.jspecify.annotations.NullMarked;
