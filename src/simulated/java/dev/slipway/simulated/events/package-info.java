/** Which events the rules of template.yaml let through to the work queue. */
@NullMarked
package dev.slipway.simulated.events;

import org.jspecify.annotations.NullMarked;
