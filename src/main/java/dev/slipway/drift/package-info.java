/** What AWS has otherwise than it was deployed, because somebody changed it outside Slipway. */
@NullMarked
package dev.slipway.drift;

import org.jspecify.annotations.NullMarked;
