/** AWS WAF, as far as the firewall of an environment goes. */
@NullMarked
package dev.slipway.simulated.waf;

import org.jspecify.annotations.NullMarked;
