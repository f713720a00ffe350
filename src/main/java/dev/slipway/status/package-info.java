/** How services and environments stand: one state each, with the reasons that led to it. */
@NullMarked
package dev.slipway.status;

import org.jspecify.annotations.NullMarked;
