/** What containers have written: read line by line, followed, and counted by Logs Insights. */
@NullMarked
package dev.slipway.logs;

import org.jspecify.annotations.NullMarked;
