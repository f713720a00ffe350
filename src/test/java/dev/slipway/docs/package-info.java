/** Holds the documents to the code: links, specs, commands and codes. */
@NullMarked
package dev.slipway.docs;

import org.jspecify.annotations.NullMarked;
