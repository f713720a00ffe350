/** Releases: images resolved to digests and container configurations registered as task definitions. */
@NullMarked
package dev.slipway.release;

import org.jspecify.annotations.NullMarked;
