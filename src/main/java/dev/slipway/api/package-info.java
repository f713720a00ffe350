/** The HTTP API: resources, what they answer, and problems as RFC 9457 has them. */
@NullMarked
package dev.slipway.api;

import org.jspecify.annotations.NullMarked;
