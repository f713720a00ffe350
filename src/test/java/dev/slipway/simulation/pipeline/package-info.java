/** Stories of pipelines in a whole simulated account: what is pushed, built, promoted and deployed, and by whose word. */
@NullMarked
package dev.slipway.simulation.pipeline;

import org.jspecify.annotations.NullMarked;
