package dev.slipway.simulated.traffic;

/** What stands before a load balancer. */
@FunctionalInterface
public interface RequestFilter {
    /** Whether a request reaches the load balancer; one that does not is answered 403. */
    boolean admits(String loadBalancerArn, HttpCall call);
}
