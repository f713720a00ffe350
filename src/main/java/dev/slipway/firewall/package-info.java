/** The firewall of an environment: what is asked of it, what that means, what it costs, and what it has seen. */
@NullMarked
package dev.slipway.firewall;

import org.jspecify.annotations.NullMarked;
