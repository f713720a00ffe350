/** What can be changed: environments, the services in them and their pipelines, with the names their AWS resources carry. */
@NullMarked
package dev.slipway.id;

import org.jspecify.annotations.NullMarked;
