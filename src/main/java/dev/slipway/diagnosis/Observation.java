package dev.slipway.diagnosis;

import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was said of a service, in the words of whoever said it.
 *
 * @param at when it happened; null when nobody tells
 * @param ofRelease whether it is about the release that is asked about, as far as that can be known
 * @param nameless the text with names that people have given in it made unreadable, letter by letter: what rules look at
 */
record Observation(Source source, @Nullable Instant at, String text, boolean ofRelease, String nameless) {
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
        ROLLOUT,
        /** The service's status. */
        STATUS,
        /** The log of Slipway's hook function, of the deployment that is asked about. */
        HOOK
    }

    private static final int LONGEST = 1500;

    Observation(Source source, @Nullable Instant at, String text, boolean ofRelease) {
        this(source, at, shortened(text), ofRelease, shortened(text));
    }

    private static String shortened(String text) {
        return (text.length() > LONGEST ? text.substring(0, LONGEST) : text).replaceAll("\\s+", " ");
    }

    /** A service may be called {@code hook} or {@code efs-mount}. What a program writes is left as it is. */
    Observation without(Pattern names) {
        return source == Source.LOG
                ? this
                : new Observation(
                        source,
                        at,
                        text,
                        ofRelease,
                        names.matcher(text)
                                .replaceAll(name -> "x".repeat(name.group().length())));
    }

    Instant time() {
        return at == null ? Instant.EPOCH : at;
    }
}
