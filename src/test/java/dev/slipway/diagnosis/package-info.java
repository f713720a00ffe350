/** Tests of {@link dev.slipway.diagnosis}. */
@org.jspecify.annotations.NullMarked
package dev.slipway.diagnosis;
