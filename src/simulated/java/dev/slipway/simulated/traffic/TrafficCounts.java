package dev.slipway.simulated.traffic;

import org.jspecify.annotations.Nullable;

/** What happened to the requests of one target group in one zone and minute. */
public final class TrafficCounts {
    /** Requests for which a target was chosen. */
    public int requests;

    /** Answers of targets by hundreds: {@code answers[2]} are 2xx. */
    public final int[] answers = new int[6];
    /** Connections that a target refused. */
    public int refused;
    /** Answered by the load balancer itself, because the connection broke or was refused. */
    public int badGateway;
    /** Answered by the load balancer itself, because there was no target. */
    public int unavailable;
    /** Answered by the load balancer itself, because the target did not. */
    public int timeouts;

    public int @Nullable [] latencies;

    int[] latencies() {
        if (latencies == null) {
            latencies = new int[TrafficLatency.BINS];
        }
        return latencies;
    }

    public void add(TrafficCounts other) {
        requests += other.requests;
        for (int i = 0; i < answers.length; i++) {
            answers[i] += other.answers[i];
        }
        refused += other.refused;
        badGateway += other.badGateway;
        unavailable += other.unavailable;
        timeouts += other.timeouts;
        if (other.latencies != null) {
            int[] mine = latencies();
            for (int i = 0; i < mine.length; i++) {
                mine[i] += other.latencies[i];
            }
        }
    }
}
