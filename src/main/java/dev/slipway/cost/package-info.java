/** What things cost by AWS's list prices: the list, estimates of what stacks hold, and what is paid for without use. */
@NullMarked
package dev.slipway.cost;

import org.jspecify.annotations.NullMarked;
