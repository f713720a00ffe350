/** S3 in memory: artifacts of pipelines. */
@NullMarked
package dev.slipway.simulated.s3;

import org.jspecify.annotations.NullMarked;
