package dev.slipway.operation;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * An order to override controls: freeze windows that are open, and declared rollout settings that the request weakens. It comes
 * by paths of its own, so that IAM can refuse it.
 *
 * @param freezes names of the windows; no others are overridden
 * @param reason that stands in the ledger
 */
@RegisterForReflection
public record ControlOverride(List<String> freezes, String reason) {
    public ControlOverride {
        freezes = List.copyOf(freezes);
    }
}
