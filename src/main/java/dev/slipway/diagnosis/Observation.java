package dev.slipway.diagnosis;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was said of a service, in the words of whoever said it.
 *
 * @param at when it happened; null when nobody tells
 * @param ofRelease whether it is about the release that is asked about, as far as that can be known
 */
record Observation(Source source, @Nullable Instant at, String text, boolean ofRelease) {
    /** Who said it. */
    enum Source {
        /** Why a task stopped, as the scheduler has it. */
        TASK,
        /** How a container ended. */
        CONTAINER,
        /** The service's events. */
        EVENT,
        /** The load balancer, of a target. */
        TARGET,
        /** ECS, of a deployment. */
        DEPLOYMENT,
        /** A container's log. */
        LOG,
        /** A change of a stack that failed, or does not end. */
        STACK,
        /** The service's pipeline. */
        PIPELINE,
        /** Slipway itself, of a rollout. */
        ROLLOUT
    }

    private static final int LONGEST = 1500;

    Observation {
        text = (text.length() > LONGEST ? text.substring(0, LONGEST) : text).replaceAll("\\s+", " ");
    }

    Instant time() {
        return at == null ? Instant.EPOCH : at;
    }
}
