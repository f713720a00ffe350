package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.verdict.Criteria;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a deployment that shifts traffic goes on. ECS has a circuit breaker for rolling updates only; here failed
 * tasks, time and the verdict are ours to act on. Plain values in, a decision out.
 */
final class TrafficShiftPolicy {
    /** ECS is asked at least so often how far it is, also while nothing should happen. */
    static final Duration MAX_POLL_INTERVAL = Duration.ofMinutes(5);
    /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html: half the tasks … */
    private static final double FAILURE_RATIO = 0.5;
    /** … but not fewer than 3 and not more than 200. */
    private static final int MIN_FAILURES = 3;

    private static final int MAX_FAILURES = 200;
    /** After so long it is known whether requests come. */
    private static final Duration QUIET = Duration.ofMinutes(10);
    /** Tasks of the new release that may end by themselves for each of the old one's that has. */
    private static final int CRASH_RATIO = 3;

    private static final String RECONCILE = "RECONCILE_SERVICE";
    private static final String CLEAN_UP = "CLEAN_UP";
    /** Stages in which nothing is waited for but tasks and the load balancer. */
    private static final Set<String> PRE_TRAFFIC =
            Set.of("", RECONCILE, "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT");
    /** Stages of which the end is known beforehand. */
    private static final Set<String> BAKING = Set.of("BAKE_TIME", "PRODUCTION_TRAFFIC_SHIFT");

    private TrafficShiftPolicy() {}

    /** What becomes of the release before, which ECS brings up again when it is stopped. */
    enum Direction {
        /** It was good until then. */
        FORWARD,
        /** It is to go, by a person's order. */
        BACK_BY_ORDER,
        /** It is to go, since it was found to be bad. */
        BACK_BY_ITSELF;

        static Direction of(Rollout rollout) {
            return rollout.isAutomaticRollback()
                    ? BACK_BY_ITSELF
                    : rollout.request().reason() == Rollout.Reason.ROLLBACK ? BACK_BY_ORDER : FORWARD;
        }
    }

    /**
     * What a look has found.
     *
     * @param served whether it has had production traffic
     * @param intended when we meant to deploy
     * @param failedTasks of the new release, as ECS counts them
     * @param crashes of tasks, once it serves
     * @param desired tasks of the service
     * @param drainingSeconds of its target groups
     */
    record Snapshot(
            RolloutSettings settings,
            Direction direction,
            boolean served,
            Rollout.Stage stage,
            Instant intended,
            int failedTasks,
            Crashes crashes,
            int desired,
            int drainingSeconds,
            @Nullable Verdict verdict,
            Instant now) {}

    /**
     * Tasks that have stopped though nobody wanted it. ECS counts none of them once a deployment has its tasks.
     *
     * @param candidate of the new release
     * @param live of the one before, in the last hour
     */
    record Crashes(int candidate, int live) {
        static final Crashes NONE = new Crashes(0, 0);
    }

    /** What to do. */
    sealed interface Decision {
        /** Nothing, until the next look. */
        record Continue() implements Decision {}

        /** Write down that it is to be rolled back. */
        record RecordStop(Rollout.Stop.Cause cause, String message) implements Decision {}
    }

    static Decision decide(Snapshot seen) {
        if (stays(seen.direction(), seen.stage(), seen.served())) {
            return new Decision.Continue();
        }
        Verdict verdict = seen.verdict();
        if (verdict != null && verdict.outcome() == Outcome.UNHEALTHY) {
            return new Decision.RecordStop(Rollout.Stop.Cause.UNHEALTHY, verdict.message());
        }
        int most = maxFailures(seen.desired());
        if (seen.failedTasks() >= most) {
            return new Decision.RecordStop(
                    Rollout.Stop.Cause.FAILED_TASKS,
                    "%d of its tasks failed, and %d are too many.".formatted(seen.failedTasks(), most));
        }
        Crashes crashes = seen.crashes();
        if (crashes.candidate() >= most + CRASH_RATIO * crashes.live()) {
            return new Decision.RecordStop(
                    Rollout.Stop.Cause.FAILED_TASKS,
                    "%d of its tasks have stopped by themselves while it served, and %d of the old release's in the last hour."
                            .formatted(crashes.candidate(), crashes.live()));
        }
        if (seen.stage().name().equals(CLEAN_UP)) {
            return new Decision.Continue(); // it has everything; that the old tasks take their time is no fault of it
        }
        RolloutSettings settings = seen.settings();
        if (PRE_TRAFFIC.contains(seen.stage().name())) {
            Duration limit = settings.startLimit(seen.desired());
            if (seen.stage().name().equals(RECONCILE)) {
                limit = limit.plus(RolloutSettings.leaveLimit(seen.drainingSeconds()));
            }
            if (startOf(seen).plus(limit).isBefore(seen.now())) {
                return new Decision.RecordStop(
                        Rollout.Stop.Cause.TIME_LIMIT,
                        "Its tasks were not ready within %d s.".formatted(limit.toSeconds()));
            }
        }
        Duration longest = settings.maxDuration(seen.desired(), seen.drainingSeconds());
        if (seen.intended().plus(longest).isBefore(seen.now())) {
            return new Decision.RecordStop(
                    Rollout.Stop.Cause.TIME_LIMIT,
                    "It was not done within %d min, which is longer than all its parts may take together."
                            .formatted(longest.toMinutes()));
        }
        return new Decision.Continue();
    }

    /**
     * Whether nothing but a person's order stops it. One that goes back by itself and has no traffic yet may be stopped: the bad release
     * stays either way, and people are told. One that was ordered is watched for as long as it bakes, which is not at all unless the order says so.
     */
    static boolean stays(Direction direction, Rollout.@Nullable Stage stage, boolean served) {
        return switch (direction) {
            case FORWARD -> false;
            case BACK_BY_ORDER -> stage != null && stage.name().equals(CLEAN_UP);
            case BACK_BY_ITSELF -> served;
        };
    }

    /** Tasks that a deployment before has left behind go first where there are any, and the new ones begin after that. */
    private static Instant startOf(Snapshot seen) {
        return seen.stage().name().isEmpty() || seen.stage().name().equals(RECONCILE)
                ? seen.intended()
                : seen.stage().since();
    }

    static int maxFailures(int desired) {
        return Math.clamp((int) Math.ceil(desired * FAILURE_RATIO), MIN_FAILURES, MAX_FAILURES);
    }

    /**
     * Whether ECS has to be asked how far it is. While our own gate holds it, nothing moves; the bake of a step ends at
     * the gate, too, which tells us when it lets it pass. So ECS is asked where nobody tells: until production traffic
     * moves, after the gate, at the end of the last bake and from then on, and now and then, since ECS may have acted by
     * itself.
     *
     * @param asked when it was asked last
     * @param held whether our gate holds it
     * @param passed when our gate let it pass last
     */
    static boolean mustPoll(
            Rollout rollout, @Nullable Instant asked, boolean held, @Nullable Instant passed, Instant now) {
        Rollout.Stage stage = rollout.progress().stage();
        // After a step without a bake the gate holds again, at the next step's stage of the same name, before we look.
        boolean hasPassed = passed != null && asked != null && !passed.isBefore(asked);
        if (stage == null
                || asked == null
                || hasPassed
                || rollout.stop() != null
                || !asked.plus(MAX_POLL_INTERVAL).isAfter(now)) {
            return true;
        }
        if (held && isAtTheGate(stage)) {
            return false;
        }
        if (stage.percent() <= 0 || !BAKING.contains(stage.name())) {
            return true;
        }
        Duration bake = Duration.ofMinutes(rollout.settings().finalBakeMinutes());
        return stage.percent() >= 100 && !stage.since().plus(bake).isAfter(now);
    }

    /**
     * Whether it is worth to ask for tasks that have ended: when one does while it serves, requests fail, unless hardly any come.
     *
     * @param verdict the last one
     */
    static boolean mayCrash(@Nullable Verdict verdict, AnalysisState state, Instant now) {
        if (state.shifts().isEmpty()) {
            return false;
        }
        if (verdict != null && verdict.errors().candidateFailures() > 0) {
            return true;
        }
        boolean quiet = verdict == null || verdict.errors().candidateRequests() < Criteria.MINIMUM_REQUESTS;
        return quiet && state.shifts().getFirst().at().plus(QUIET).isBefore(now);
    }

    private static boolean isAtTheGate(Rollout.Stage stage) {
        return Arrays.stream(GateStage.values()).anyMatch(gate -> gate.name().equals(stage.name()));
    }
}
