/** How AWS Lambda reaches the application: the HTTP bridge of the api function and the queue of the worker. */
@NullMarked
package dev.slipway.lambda;

import org.jspecify.annotations.NullMarked;
