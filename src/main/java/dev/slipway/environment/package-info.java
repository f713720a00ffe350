/** Environments: network, load balancer and cluster; their spec, stack parameters and what their operations do. */
@NullMarked
package dev.slipway.environment;

import org.jspecify.annotations.NullMarked;
