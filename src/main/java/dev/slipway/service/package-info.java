/** Services: a container with a name in an environment; its spec, stack parameters, live state and API. */
@NullMarked
package dev.slipway.service;

import org.jspecify.annotations.NullMarked;
