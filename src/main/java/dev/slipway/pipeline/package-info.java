/** From a push to production: specs and rules of pipelines, their jobs, their results, and their events. */
@NullMarked
package dev.slipway.pipeline;

import org.jspecify.annotations.NullMarked;
