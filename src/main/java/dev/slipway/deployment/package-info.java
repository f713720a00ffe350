/** Deployments of an ECS service and what its target groups do, as AWS tells them, and the settings by which releases are deployed. */
@NullMarked
package dev.slipway.deployment;

import org.jspecify.annotations.NullMarked;
