package dev.slipway.simulated.traffic;

import java.util.function.LongConsumer;

/** What stands before a load balancer. One that refuses a request answers 403, and no target group counts it. */
public interface RequestFilter {
    /** Whether a request that somebody sends now reaches the load balancer. */
    boolean admits(String loadBalancerArn, HttpCall call);

    /**
     * Whether requests that are made up for a time reach it.
     *
     * @param loadBalancer {@code app/name/id}
     * @param time epoch milliseconds, not after now
     */
    boolean admits(String loadBalancer, Senders senders, long time);

    /** Tells every time after {@code from} and before {@code to} at which it was changed. */
    void changes(String loadBalancer, long from, long to, LongConsumer each);
}
