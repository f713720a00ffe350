/** What people are told of by SNS. */
@NullMarked
package dev.slipway.notification;

import org.jspecify.annotations.NullMarked;
