/** Stories of health: whether releases stay up, and what is said of it. */
@NullMarked
package dev.slipway.simulation.health;

import org.jspecify.annotations.NullMarked;
