/** CodePipeline, CodeBuild and connections to repositories in memory, as the shipped template declares them. */
@NullMarked
package dev.slipway.simulated.codepipeline;

import org.jspecify.annotations.NullMarked;
