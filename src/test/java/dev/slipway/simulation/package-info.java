/** The whole product against the simulated account: the main job, day two, and seeded histories with faults. */
@NullMarked
package dev.slipway.simulation;

import org.jspecify.annotations.NullMarked;
