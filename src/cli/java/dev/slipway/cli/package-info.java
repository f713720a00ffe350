/** The command line: Slipway's API for people, and for scripts. It knows nothing of the product but its API. */
@NullMarked
package dev.slipway.cli;

import org.jspecify.annotations.NullMarked;
