/** Tests of {@link dev.slipway.status}. */
@org.jspecify.annotations.NullMarked
package dev.slipway.status;
