package dev.slipway.simulated.traffic;

import java.time.Duration;

/**
 * What a load balancer of the simulated account answers.
 *
 * @param latency from the request to the answer, in simulated time, which does not pass meanwhile
 */
public record HttpAnswer(int status, String body, Duration latency) {}
