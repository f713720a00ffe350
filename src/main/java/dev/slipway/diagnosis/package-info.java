/** What is wrong with a service and what mends it, from what AWS and the records tell. */
@NullMarked
package dev.slipway.diagnosis;

import org.jspecify.annotations.NullMarked;
