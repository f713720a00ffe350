/** Plans: what applying a spec would change, kept so that it can be read, and run only if it still holds. */
@NullMarked
package dev.slipway.plan;

import org.jspecify.annotations.NullMarked;
