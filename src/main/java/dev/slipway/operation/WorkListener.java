package dev.slipway.operation;

import java.time.Duration;

/**
 * Is told of the work that is done, to measure it. Each call comes after what it tells of has been written: at most once, since a
 * process may end between the two, and never of what was refused as a conflict.
 */
public interface WorkListener {
    /** Nobody measures. */
    WorkListener NONE = new WorkListener() {};

    /** Why a pass has failed. */
    enum Fault {
        /** It passes by itself: AWS in trouble or throttling, or somebody else wrote first. */
        TRANSIENT,
        /** AWS has refused a call, for want of permission or for what was asked. */
        REFUSED,
        /** A fault of Slipway's own. */
        INTERNAL
    }

    /** Why a message goes back to the queue. */
    enum Return {
        /** It has failed, and comes again until it is given up. */
        FAILED,
        /** The rest of its batch had taken the time of the invocation. */
        NO_TIME
    }

    /** All of it has been written. */
    default void onCommit(Transaction transaction) {}

    /** A pass has failed, and it is written down what becomes of the operation. */
    default void onPassFailed(Operation operation, Fault fault) {}

    /** A message comes again. */
    default void onMessageReturned(Return why) {}

    /**
     * Everything was looked at.
     *
     * @param open operations that are under way or wait for their turn at a target
     * @param stuck those of them that are tried again after a fault, or whose look is overdue
     */
    default void onResync(int open, int stuck) {}

    /** The resync was written down. */
    default void onResyncRecorded(Duration sinceTheOneBefore) {}
}
