/** What people ask of a service's releases, on the simulated account. */
@NullMarked
package dev.slipway.simulation.rollout;

import org.jspecify.annotations.NullMarked;
