/** AWS clients per account and region, and the one place where AWS's errors and quirks are translated. */
@NullMarked
package dev.slipway.aws;

import org.jspecify.annotations.NullMarked;
