package dev.slipway.simulated.aws;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes wrong between us and AWS. The simulation tests draw it from a seed; a local run has none of it. */
public interface Faults {
    /** How one call to AWS ends. */
    enum Call {
        /** As AWS decides. */
        ANSWERED,
        /** Refused before any effect: a throttling exception. */
        THROTTLED,
        /** Refused before any effect: the caller may not. */
        DENIED,
        /** The connection broke before AWS saw the call. */
        LOST,
        /** AWS carried the call out, but the answer never arrived. */
        ANSWER_LOST
    }

    /** The fate of a call, for example {@code on("Ecs", "updateService")}. */
    default Call on(String service, String operation) {
        return Call.ANSWERED;
    }

    /** After which delays an event arrives: empty when it is lost, more than one when it is doubled. */
    default List<Duration> deliveries() {
        return List.of(Duration.ofSeconds(1));
    }

    /** Whether answers of a service's reads may be late at all, so that what they may show is kept. */
    default boolean mayBeStale(String service) {
        return false;
    }

    /** How old the answer of a call is, for example of {@code "Ecs"}: many APIs are eventually consistent. */
    default Duration age(String service, String operation) {
        return Duration.ZERO;
    }

    /** Whether the lifecycle hook that ECS invokes now is delivered a second time. */
    default boolean hookTwice() {
        return false;
    }

    /** Why ECS can start no task now, in its own words; null while it can. */
    default @Nullable String placement() {
        return null;
    }

    /** No faults, and every event arrives once after a second. */
    Faults NONE = new Faults() {};
}
