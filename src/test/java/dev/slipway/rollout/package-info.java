/** Holds the decisions on rollouts to tables. */
@NullMarked
package dev.slipway.rollout;

import org.jspecify.annotations.NullMarked;
