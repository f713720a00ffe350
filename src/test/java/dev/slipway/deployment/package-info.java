@NullMarked
package dev.slipway.deployment;

import org.jspecify.annotations.NullMarked;
