package dev.slipway.rollout;

import dev.slipway.verdict.Outcome;
import dev.slipway.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides what our gate does when ECS asks whether a deployment may go on. Plain values in, a decision out. */
final class GatePolicy {
    /** New tasks may stumble over their first requests; who fails so often in a row is out. */
    static final int MOST_ROUNDS = 3;

    private GatePolicy() {}

    /**
     * What is known when ECS asks.
     *
     * @param verdict on the release so far; null before there is one
     */
    record Seen(
            GateStage stage,
            int step,
            GateRecord.Passage passage,
            RolloutSettings settings,
            Rollout.@Nullable Stop stop,
            @Nullable Verdict verdict,
            Instant now) {}

    /** What to do. */
    sealed interface Decision {
        /** Let it go on. */
        record Pass() implements Decision {}

        /** Have it taken back. */
        record Fail(Rollout.Stop.Cause cause, String sentence) implements Decision {}

        /** Ask again later. */
        record Hold(String sentence) implements Decision {}

        /** Send the checks. */
        record Check() implements Decision {}

        /** Ask the user's function. */
        record AskFunction() implements Decision {}

        /** Send requests of our own, since users send too few. */
        record Probe() implements Decision {}

        /** Ask a person. */
        record AskForApproval() implements Decision {}
    }

    static Decision decide(Seen seen) {
        Rollout.Stop stop = seen.stop();
        if (stop != null) {
            return new Decision.Fail(stop.cause(), stop.sentence());
        }
        if (seen.passage().passedAt() != null) { // ECS may ask twice
            return new Decision.Pass();
        }
        return switch (seen.stage()) {
            case POST_TEST_TRAFFIC_SHIFT -> tested(seen);
            case PRE_PRODUCTION_TRAFFIC_SHIFT -> seen.step() == 0 ? approved(seen) : judged(seen);
        };
    }

    private static Decision tested(Seen seen) {
        GateRecord.Passage passage = seen.passage();
        if (!seen.settings().checks().isEmpty() && !passage.checksPassed()) {
            return passage.rounds() < MOST_ROUNDS
                    ? new Decision.Check()
                    : new Decision.Fail(Rollout.Stop.Cause.CHECKS_FAILED, failures(passage));
        }
        if (seen.settings().checkFunction() == null || passage.functionPassed()) {
            return new Decision.Pass();
        }
        int limit = seen.settings().timeLimitSeconds();
        return passage.since().plusSeconds(limit).isAfter(seen.now())
                ? new Decision.AskFunction()
                : new Decision.Fail(
                        Rollout.Stop.Cause.CHECKS_FAILED,
                        "The check function did not decide within %d s.".formatted(limit));
    }

    private static String failures(GateRecord.Passage passage) {
        return passage.checks().stream()
                .filter(check -> !check.passed())
                .map(check -> "Check %s failed: %s".formatted(check.path(), check.sentence()))
                .reduce("", (a, b) -> a.isEmpty() ? b : a + " " + b);
    }

    private static Decision judged(Seen seen) {
        Verdict verdict = seen.verdict();
        if (verdict != null && verdict.outcome() == Outcome.UNHEALTHY) {
            return new Decision.Fail(Rollout.Stop.Cause.UNHEALTHY, verdict.sentence());
        }
        if (verdict != null && verdict.outcome() == Outcome.HEALTHY) {
            return approved(seen);
        }
        Duration hold = Duration.ofMinutes(seen.settings().verdict().holdMinutes());
        if (!seen.passage().since().plus(hold).isAfter(seen.now())) {
            return new Decision.Fail(
                    Rollout.Stop.Cause.NO_EVIDENCE,
                    "There was still too little to judge by, %d min after the step's bake: %s"
                            .formatted(hold.toMinutes(), sentence(verdict)));
        }
        return verdict != null && verdict.probe()
                ? new Decision.Probe()
                : new Decision.Hold("Waits for a verdict: " + sentence(verdict));
    }

    private static String sentence(@Nullable Verdict verdict) {
        return verdict == null ? "no metrics yet." : verdict.sentence();
    }

    private static Decision approved(Seen seen) {
        RolloutSettings.Approval rules = seen.settings().approval();
        GateRecord.Approval said = seen.passage().approval();
        if (!rules.wanted(seen.step())) {
            return new Decision.Pass();
        }
        if (said != null) {
            return said.approved()
                    ? new Decision.Pass()
                    : new Decision.Fail(
                            Rollout.Stop.Cause.REJECTED,
                            "%s rejected it%s"
                                    .formatted(said.by(), said.reason() == null ? "." : ": " + said.reason()));
        }
        Instant asked = seen.passage().approvalAskedAt();
        if (asked == null) {
            return new Decision.AskForApproval();
        }
        Duration timeout = Duration.ofMinutes(rules.timeoutMinutes());
        if (asked.plus(timeout).isAfter(seen.now())) {
            String asking = seen.passage().holds(); // says whom to tell, and until when
            return new Decision.Hold(asking == null ? "Waits for an approval." : asking);
        }
        return switch (rules.onTimeout()) {
            case APPROVE -> new Decision.Pass();
            case REJECT ->
                new Decision.Fail(
                        Rollout.Stop.Cause.REJECTED,
                        "Nobody approved it within %d min.".formatted(timeout.toMinutes()));
        };
    }
}
