/** How Slipway itself stands: what it checks of its own, its dead letters, and what support needs to know. */
@NullMarked
package dev.slipway.health;

import org.jspecify.annotations.NullMarked;
