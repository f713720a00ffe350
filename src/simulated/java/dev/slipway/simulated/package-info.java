/**
 * An AWS account in memory, behind the SDK's own client interfaces and on an injected clock. It models what the shipped
 * templates and our calls use, no more; each rule names its source or is listed in docs/assumptions.md.
 */
@NullMarked
package dev.slipway.simulated;

import org.jspecify.annotations.NullMarked;
