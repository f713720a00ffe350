package dev.slipway.health;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;

/**
 * How Slipway itself stands.
 *
 * @param state the worst of its checks
 * @param version of the code that answers
 */
@RegisterForReflection
public record Health(State state, String version, Instant at, List<Check> checks) {
    /** From good to bad. */
    public enum State {
        OK,
        WARNING,
        FAILED
    }

    /**
     * One thing that was looked at.
     *
     * @param name table, queue, dead-letters, resync or operations
     * @param message what was seen, in a sentence
     */
    @RegisterForReflection
    public record Check(String name, State state, String message) {}
}
