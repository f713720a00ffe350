/** What people see: tables, colours, and a picture that is drawn again in place. */
@NullMarked
package dev.slipway.cli.terminal;

import org.jspecify.annotations.NullMarked;
