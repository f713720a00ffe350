/** What goes wrong in words: a stable code, what is wrong, what to do, and whose it is to fix; RFC 9457 on the API. */
@NullMarked
package dev.slipway.problem;

import org.jspecify.annotations.NullMarked;
