package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What one target group did in one minute, or several minutes together.
 *
 * @param requests {@code RequestCount}
 * @param failures the target's own 5xx, and what the load balancer had to answer with 5xx in its place, after a crash, a refused
 *     connection or a timeout
 * @param timed {@code SampleCount} of {@code TargetResponseTime}; smaller than {@code requests}, since a request without
 *     an answer has no time
 * @param slow how many of the timed ones took longer than the limit
 * @param verySlow how many took longer than twice the limit
 */
@RegisterForReflection
public record Sample(long requests, long failures, long timed, long slow, long verySlow) {
    public static final Sample NONE = new Sample(0, 0, 0, 0);

    /** CloudWatch's sums of one minute need not agree to the last request: a part is never more than its whole. */
    public Sample {
        requests = Math.max(0, requests);
        failures = Math.clamp(failures, 0, requests);
        timed = Math.max(0, timed);
        slow = Math.clamp(slow, 0, timed);
        verySlow = Math.clamp(verySlow, 0, slow);
    }

    /** One of which the tail is not known. */
    public Sample(long requests, long failures, long timed, long slow) {
        this(requests, failures, timed, slow, 0);
    }

    /** Without the requests that we sent ourselves. */
    public Sample minus(Sample synthetic) {
        return new Sample(
                requests - synthetic.requests,
                failures - synthetic.failures,
                timed - synthetic.timed,
                slow - synthetic.slow,
                verySlow - synthetic.verySlow);
    }

    public Sample plus(Sample other) {
        return new Sample(
                requests + other.requests,
                failures + other.failures,
                timed + other.timed,
                slow + other.slow,
                verySlow + other.verySlow);
    }
}
