/** How often, how fast and how safely a team ships: the four figures of the DORA research. */
@NullMarked
package dev.slipway.dora;

import org.jspecify.annotations.NullMarked;
