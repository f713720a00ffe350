/** Stories of who may name and do what, in a whole simulated account. */
@NullMarked
package dev.slipway.simulation.access;

import org.jspecify.annotations.NullMarked;
