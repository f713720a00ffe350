/** Environments: network, load balancer and cluster; their spec, stack parameters and API. */
@NullMarked
package dev.slipway.environment;

import org.jspecify.annotations.NullMarked;
