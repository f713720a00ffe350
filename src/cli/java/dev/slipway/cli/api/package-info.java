/** Requests to Slipway's API: where it is, who asks, and what a refusal says. */
@NullMarked
package dev.slipway.cli.api;

import org.jspecify.annotations.NullMarked;
