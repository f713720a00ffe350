/**
 * Where the control plane keeps what it knows: one interface, DynamoDB behind it, or memory in the simulation, one
 * contract.
 */
@NullMarked
package dev.slipway.store;

import org.jspecify.annotations.NullMarked;
