/** What stands in a rollout's way and what it will take, told before it starts: reads AWS, changes nothing. */
@NullMarked
package dev.slipway.preflight;

import org.jspecify.annotations.NullMarked;
