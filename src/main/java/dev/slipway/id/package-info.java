/** What can be changed: environments and the services in them, with the names their AWS resources carry. */
@NullMarked
package dev.slipway.id;

import org.jspecify.annotations.NullMarked;
