/** Whether a new revision is worse than the old one: minutes of counts in, a verdict that may be asked for every minute out. */
@NullMarked
package dev.slipway.verdict;

import org.jspecify.annotations.NullMarked;
