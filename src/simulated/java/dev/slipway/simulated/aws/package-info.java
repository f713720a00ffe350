/** What all simulated services share: the virtual clock, calls that are counted and can fail, and events. */
@NullMarked
package dev.slipway.simulated.aws;

import org.jspecify.annotations.NullMarked;
