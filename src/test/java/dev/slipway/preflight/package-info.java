@NullMarked
package dev.slipway.preflight;

import org.jspecify.annotations.NullMarked;
