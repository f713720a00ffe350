/** ECR in memory; the tag of an image says how its tasks behave. */
@NullMarked
package dev.slipway.simulated.ecr;

import org.jspecify.annotations.NullMarked;
