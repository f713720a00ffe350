/** Puts the parts together: one control plane from clients, a store, a queue and a clock, in Lambda, locally and in tests. */
@NullMarked
package dev.slipway.app;

import org.jspecify.annotations.NullMarked;
