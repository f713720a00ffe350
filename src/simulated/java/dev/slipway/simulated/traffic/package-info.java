/** Requests to the simulated load balancers, minute by minute, and single ones by hand. */
@NullMarked
package dev.slipway.simulated.traffic;

import org.jspecify.annotations.NullMarked;
