/** Slipway's page on this machine: a proxy on the loopback interface that signs what one browser asks. */
@NullMarked
package dev.slipway.cli.dashboard;

import org.jspecify.annotations.NullMarked;
