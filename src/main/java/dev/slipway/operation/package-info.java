/** Accepted requests that take longer than the request: one at a time per target, reconciled by the worker until they end. */
@NullMarked
package dev.slipway.operation;

import org.jspecify.annotations.NullMarked;
