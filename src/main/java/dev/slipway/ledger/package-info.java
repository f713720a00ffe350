/** What was decided, by whom, why and when; kept longer than AWS keeps anything. */
@NullMarked
package dev.slipway.ledger;

import org.jspecify.annotations.NullMarked;
