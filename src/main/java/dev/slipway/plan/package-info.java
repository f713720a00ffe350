/** What callers declare of any kind of target, and plans of it: accepted, computed, and worked on where a target is one stack. */
@NullMarked
package dev.slipway.plan;

import org.jspecify.annotations.NullMarked;
