/** Stories of how the number of tasks follows the load. */
@NullMarked
package dev.slipway.simulation.scaling;

import org.jspecify.annotations.NullMarked;
