package dev.slipway.rollout;

import dev.slipway.deployment.StoppedTasks.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Decides whether the tasks of a release that ECS has deployed stay up. ECS calls a deployment complete as soon as its tasks run and
 * are healthy once; what stops half a minute later is started again for ever. Plain values in, a decision out.
 */
final class StabilityPolicy {
    /** One task may stop for reasons of its own; a release is at fault when two do … */
    private static final int FAILURES = 2;
    /** … or, of many, one in ten. */
    private static final double FAILURE_RATIO = 0.1;
    /** Each failure begins the time anew; the whole takes so many times as long at most. */
    private static final int LONGEST = 3;
    /** A task that fails its checks may be well again by then, or be replaced. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private StabilityPolicy() {}

    /**
     * What a look has found.
     *
     * @param since when the deployment was seen to be complete
     * @param stable how long tasks must stay up
     * @param desired tasks of the service
     * @param failures of the release's tasks since then, the oldest first
     * @param unhealthy tasks that run and fail the load balancer's health check now, as those may that ECS does not judge yet
     *     (gracePeriodSeconds); they count at the end only
     */
    record Snapshot(Instant since, Duration stable, int desired, List<Failure> failures, int unhealthy, Instant now) {}

    /** What to do. */
    sealed interface Decision {
        /** They have stayed up for long enough. */
        record Stable() implements Decision {}

        /** Nothing, until the next look; it is over at {@code until} unless a task fails before. */
        record Watch(Instant until) implements Decision {}

        /** Too many have failed. */
        record Unstable(String message) implements Decision {}
    }

    static Decision decide(Snapshot seen) {
        List<Failure> failures = seen.failures();
        Duration atMost = seen.stable().multipliedBy(LONGEST);
        if (areTooMany(failures, maxFailures(seen.desired()), atMost)) {
            return new Decision.Unstable(
                    "%d task%s stopped within %d s after it had been deployed to %d, the last one: %s."
                            .formatted(
                                    failures.size(),
                                    failures.size() == 1 ? "" : "s",
                                    Math.max(
                                            1,
                                            Duration.between(
                                                            seen.since(),
                                                            failures.getLast().at())
                                                    .toSeconds()),
                                    seen.desired(),
                                    sentence(failures.getLast().reason())));
        }
        Instant last = failures.isEmpty() ? seen.since() : failures.getLast().at();
        Instant longest = seen.since().plus(atMost);
        Instant until = last.plus(seen.stable());
        Instant end = until.isAfter(longest) ? longest : until;
        if (seen.now().isBefore(end)) {
            return new Decision.Watch(end);
        }
        if (seen.unhealthy() == 0) {
            return new Decision.Stable();
        }
        if (seen.now().isBefore(longest)) {
            Instant soon = seen.now().plus(LOOK_AGAIN);
            return new Decision.Watch(soon.isAfter(longest) ? longest : soon);
        }
        return seen.unhealthy() >= Math.min(maxFailures(seen.desired()), seen.desired())
                ? new Decision.Unstable(
                        "%d of %d tasks fail the load balancer's health check %d s after it had been deployed."
                                .formatted(
                                        seen.unhealthy(),
                                        seen.desired(),
                                        Duration.between(seen.since(), seen.now())
                                                .toSeconds()))
                : new Decision.Stable();
    }

    /** Within as long as it is usually watched: while its last minutes cannot be read it is watched for hours. */
    private static boolean areTooMany(List<Failure> failures, int most, Duration within) {
        return IntStream.rangeClosed(0, failures.size() - most)
                .anyMatch(first -> Duration.between(
                                        failures.get(first).at(),
                                        failures.get(first + most - 1).at())
                                .compareTo(within)
                        <= 0);
    }

    /** So many failures are too many. */
    static int maxFailures(int desired) {
        return Math.max(FAILURES, (int) Math.ceil(desired * FAILURE_RATIO));
    }

    private static String sentence(String reason) {
        return reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    }
}
