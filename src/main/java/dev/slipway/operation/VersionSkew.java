package dev.slipway.operation;

import dev.slipway.problem.Problem;
import dev.slipway.store.Store.NewerSchemaException;

/** What it means that the table holds what a newer version of Slipway wrote: this one is older, and lets it be. */
public final class VersionSkew {
    private VersionSkew() {}

    public static Problem problem(NewerSchemaException found) {
        return new Problem(
                "newer-version",
                Problem.Category.INTERNAL,
                "A newer version of Slipway has written what this request needs: " + found.getMessage() + ".",
                "During an upgrade, try again in a minute. After going back to an older version, deploy the newer one"
                        + " again.",
                java.util.List.of());
    }
}
