package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import dev.slipway.store.Stored;
import java.util.Map;

/**
 * What a pass at a rollout needs to know.
 *
 * @param outputs of the service's stack
 * @param count tasks that the first release starts with
 */
public record Course(Operation operation, Stored<Rollout> rollout, Map<String, String> outputs, int count) {
    public Course {
        outputs = Map.copyOf(outputs);
    }

    String output(String name) {
        String value = outputs.get(name);
        if (value == null) {
            throw new IllegalStateException(
                    "the stack of " + rollout.value().service().key() + " has no output " + name);
        }
        return value;
    }
}
