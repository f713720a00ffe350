/** Digests of what is compared without being kept. */
@NullMarked
package dev.slipway.digest;

import org.jspecify.annotations.NullMarked;
