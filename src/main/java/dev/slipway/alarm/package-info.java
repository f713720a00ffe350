/** What the alarms of services and environments say now. */
@NullMarked
package dev.slipway.alarm;

import org.jspecify.annotations.NullMarked;
