/** Metrics of Slipway itself, which are written where the deployment asks for them. */
@NullMarked
package dev.slipway.metrics;

import org.jspecify.annotations.NullMarked;
