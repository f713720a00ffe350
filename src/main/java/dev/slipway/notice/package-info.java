/** What people are told of by SNS. */
@NullMarked
package dev.slipway.notice;

import org.jspecify.annotations.NullMarked;
