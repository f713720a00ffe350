package dev.slipway.freeze;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * An order to roll out although freeze windows are open.
 *
 * @param freezes names of the windows; no others are overridden
 * @param reason that stands in the ledger
 */
@RegisterForReflection
public record FreezeOverride(List<String> freezes, String reason) {
    public FreezeOverride {
        freezes = List.copyOf(freezes);
    }
}
