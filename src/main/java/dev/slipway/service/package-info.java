/** Services: a container with a name in an environment; its spec, stack parameters, what is live, and what its operations do. */
@NullMarked
package dev.slipway.service;

import org.jspecify.annotations.NullMarked;
