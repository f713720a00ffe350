/** How the command line ends. */
@NullMarked
package dev.slipway.cli.exit;

import org.jspecify.annotations.NullMarked;
