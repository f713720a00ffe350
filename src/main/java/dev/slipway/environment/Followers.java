package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import java.util.Map;

/** The services of an environment, which take over what an apply of it has changed for them. */
public interface Followers {
    /** How a service stands towards that. */
    sealed interface Result {
        /** It has everything, or has nothing of what changed. */
        record Done() implements Result {}

        /** It is being applied again, or waits for another operation of its own. */
        record UnderWay() implements Result {}

        record Failed() implements Result {}

        /**
         * A freeze is open, and its tasks would be replaced: it is left as it is.
         *
         * @param windows in words
         */
        record Frozen(String windows) implements Result {}
    }

    /** Has a service follow, once for each operation of its environment. */
    Result follow(ServiceId id, Operation environmentOperation);

    /** How many tasks the services with a live release have, by name. */
    Map<String, Integer> liveTasks(EnvironmentId id);

    /** Whether a service with a live release lacks something of its environment. */
    boolean isAnyOutdated(EnvironmentId id);
}
