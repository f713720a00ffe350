package dev.slipway.operation;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * A request that was accepted.
 *
 * @param location the path to watch
 * @param warnings what the caller should know though it is not wrong
 */
@RegisterForReflection
public record Accepted(String location, List<String> warnings) {
    public Accepted {
        warnings = List.copyOf(warnings);
    }

    /** The id of what is to be watched: the last part of the path. */
    public String id() {
        return location.substring(location.lastIndexOf('/') + 1);
    }
}
