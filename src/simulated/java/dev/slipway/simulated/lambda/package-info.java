/** Lambda in memory: functions of the product and of its users, called as AWS calls them. */
@NullMarked
package dev.slipway.simulated.lambda;

import org.jspecify.annotations.NullMarked;
