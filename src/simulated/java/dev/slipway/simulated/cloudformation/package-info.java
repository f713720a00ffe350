/** CloudFormation in memory: evaluates the shipped templates, makes change sets, deploys resource by resource, rolls back, finds drift. */
@NullMarked
package dev.slipway.simulated.cloudformation;

import org.jspecify.annotations.NullMarked;
