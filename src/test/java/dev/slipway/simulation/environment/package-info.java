/** What changes on a living environment and in the services that share it, in a whole simulated account. */
@NullMarked
package dev.slipway.simulation.environment;

import org.jspecify.annotations.NullMarked;
