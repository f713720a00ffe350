/** How AWS Lambda reaches the application: a handler for each of the four functions, and the HTTP bridge of api. */
@NullMarked
package dev.slipway.lambda;

import org.jspecify.annotations.NullMarked;
