/** What specs may name outside Slipway, as the deployment's parameters say. */
@NullMarked
package dev.slipway.allowlist;

import org.jspecify.annotations.NullMarked;
