package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import java.util.Map;

/** The services of an environment, which take over what an apply of it has changed for them. */
public interface Followers {
    /**
     * Has a service follow, once for each operation of its environment.
     *
     * @param start whether it may begin now
     * @return how it stands towards that
     */
    FollowingService follow(ServiceId id, Operation environmentOperation, boolean start);

    /** How many tasks the services with a live release have, by name. */
    Map<String, Integer> liveTasks(EnvironmentId id);

    /** Whether a service that has a stack lacks something of its environment. */
    boolean isAnyOutdated(EnvironmentId id);
}
