/** Freeze windows: times in which nothing is rolled out unless somebody orders it by name. */
@NullMarked
package dev.slipway.freeze;

import org.jspecify.annotations.NullMarked;
