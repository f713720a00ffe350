package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Transaction;

/** The services of an environment, which take over what an apply of it has changed for them. */
public interface Followers {
    /**
     * So many services are applied again at once. Each is a stack that is looked at once a minute and, where its tasks are
     * replaced, one UpdateService: far from the limits of CloudFormation and ECS, and fifty services are through in the time of
     * five. More would gain little, and all their tasks would be replaced in the same minutes.
     */
    int MAX_AT_ONCE = 10;

    /** What is told of a service that has nothing to follow any more. */
    String GONE = "It is gone, or was made anew since.";

    /**
     * Has a service follow, once for each operation of its environment, be that under way or have ended.
     *
     * @param start whether it may begin now
     * @param beside what is written when it begins, all or nothing
     * @return how it stands towards that
     */
    FollowingService follow(ServiceId id, Operation environmentOperation, boolean start, Transaction beside);

    /** Whether a service that has a stack lacks something of its environment. */
    boolean isAnyOutdated(EnvironmentId id);
}
