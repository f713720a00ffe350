/** Where the control plane keeps what it knows: one interface, DynamoDB and memory behind it, one contract. */
@NullMarked
package dev.slipway.store;

import org.jspecify.annotations.NullMarked;
