/** Rollouts: making a release the live one, by a strategy, and what became of it. */
@NullMarked
package dev.slipway.rollout;

import org.jspecify.annotations.NullMarked;
