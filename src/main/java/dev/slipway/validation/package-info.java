/** Reads specs: from bytes to records with all defaults, or all that is wrong with them in one answer. */
@NullMarked
package dev.slipway.validation;

import org.jspecify.annotations.NullMarked;
