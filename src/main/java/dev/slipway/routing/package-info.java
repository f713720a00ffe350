/** What services take of the listener that they share, and in which order its rules are asked. */
@NullMarked
package dev.slipway.routing;

import org.jspecify.annotations.NullMarked;
