/** Elastic Load Balancing in memory: rules with weights, target groups, target health. */
@NullMarked
package dev.slipway.simulated.elb;

import org.jspecify.annotations.NullMarked;
