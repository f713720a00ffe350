package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.operation.ControlOverride;
import dev.slipway.rollout.Rollout.Grant;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants rolled out.
 *
 * @param image a tag, a digest, tag@digest, or the registry's URI with one of them
 * @param commit that it was built from, if known
 * @param settings for this rollout; null for the spec's
 * @param override the order to override controls; null: none may be weakened
 * @param onBehalfOf who had the actor ask, as in the rollout's request
 * @param grant that it rests on, likewise
 * @param committedAt when the commit was pushed, likewise; what a caller of the API says is never one
 */
public record RolloutRequest(
        String image,
        @Nullable String commit,
        @Nullable RolloutSettings settings,
        ConcurrencyPolicy concurrencyPolicy,
        @Nullable ControlOverride override,
        @Nullable String onBehalfOf,
        @Nullable Grant grant,
        @Nullable Instant committedAt) {
    /** Of an actor who asks for himself. */
    public RolloutRequest(
            String image,
            @Nullable String commit,
            @Nullable RolloutSettings settings,
            ConcurrencyPolicy concurrencyPolicy,
            @Nullable ControlOverride override) {
        this(image, commit, settings, concurrencyPolicy, override, null, null, null);
    }

    /** What to do when something else is under way at the service. */
    public enum ConcurrencyPolicy {
        /** Refuse the new one. */
        REJECT,
        /** Start the new one when it has ended. */
        QUEUE,
        /** Stop the rollout that is under way, and start the new one when it has ended. */
        REPLACE
    }
}
