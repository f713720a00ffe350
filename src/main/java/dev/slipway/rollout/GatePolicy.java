package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Approval.OnTimeout;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides what our gate does when ECS asks whether a deployment may go on. Plain values in, a decision out. */
final class GatePolicy {
    /** New tasks may stumble over their first requests; after so many failed rounds of checks the release is rolled back. */
    static final int MAX_CHECK_ROUNDS = 3;

    /** Between two rounds, however often we are asked: new tasks get their time, and nobody can use the rounds up at once. */
    static final Duration CHECK_PAUSE = Duration.ofSeconds(5);

    private GatePolicy() {}

    /**
     * What is known when ECS asks, or before the one-off task.
     *
     * @param stage null where ECS does not ask
     * @param verdict on the release so far; null before there is one
     */
    record Snapshot(
            @Nullable GateStage stage,
            int step,
            GateRecord.Checkpoint checkpoint,
            RolloutSettings settings,
            Rollout.@Nullable Stop stop,
            @Nullable Verdict verdict,
            Instant now) {}

    /** What to do. */
    sealed interface Decision {
        /** Let it go on. */
        record Proceed() implements Decision {}

        /** Have it rolled back. */
        record Fail(Rollout.Stop.Cause cause, String message) implements Decision {}

        /** Ask again later. */
        record Hold(String message) implements Decision {}

        /** Send the checks. */
        record Check() implements Decision {}

        /** Ask the user's function. */
        record AskFunction() implements Decision {}

        /** Send requests of our own, since users send too few. */
        record Probe() implements Decision {}

        /**
         * Ask a person.
         *
         * @param doubt that has people asked where the spec asks nobody; null for none
         */
        record AskForApproval(@Nullable String doubt) implements Decision {}

        /** Write down, once, that neither good nor bad was shown in time, and what becomes of that. */
        record RecordNoEvidence(String message) implements Decision {}
    }

    static Decision decide(Snapshot seen) {
        Rollout.Stop stop = seen.stop();
        if (stop != null) {
            return new Decision.Fail(stop.cause(), stop.message());
        }
        if (seen.checkpoint().passedAt() != null) { // ECS may ask twice
            return new Decision.Proceed();
        }
        return switch (Objects.requireNonNull(seen.stage(), "ECS asks at a stage")) {
            case POST_TEST_TRAFFIC_SHIFT -> afterTestTraffic(seen);
            case PRE_PRODUCTION_TRAFFIC_SHIFT -> seen.step() == 0 ? afterApproval(seen) : afterAnalysis(seen);
        };
    }

    /** Where ECS does not ask: before the one-off task, which acts on production as the traffic does, and before a first release. */
    static Decision beforeStart(Snapshot seen) {
        return seen.settings().isApproved() ? afterApproval(seen) : new Decision.Proceed();
    }

    private static Decision afterTestTraffic(Snapshot seen) {
        GateRecord.Checkpoint checkpoint = seen.checkpoint();
        if (!seen.settings().checks().isEmpty() && !checkpoint.checksPassed()) {
            Instant before = checkpoint.checkedAt();
            if (before != null && before.plus(CHECK_PAUSE).isAfter(seen.now())) {
                return new Decision.Hold("Checks failed in round %d.".formatted(checkpoint.rounds()));
            }
            return checkpoint.rounds() < MAX_CHECK_ROUNDS
                    ? new Decision.Check()
                    : new Decision.Fail(Rollout.Stop.Cause.CHECKS_FAILED, failures(checkpoint));
        }
        if (seen.settings().checkFunction() == null || checkpoint.functionPassed()) {
            return new Decision.Proceed();
        }
        int limit = seen.settings().timeLimitSeconds();
        return checkpoint.since().plusSeconds(limit).isAfter(seen.now())
                ? new Decision.AskFunction()
                : new Decision.Fail(
                        Rollout.Stop.Cause.CHECKS_FAILED,
                        "The check function did not decide within %d s.".formatted(limit));
    }

    private static String failures(GateRecord.Checkpoint checkpoint) {
        return checkpoint.checks().stream()
                .filter(check -> !check.passed())
                .map(check -> "Check %s failed: %s".formatted(check.path(), check.message()))
                .reduce("", (a, b) -> a.isEmpty() ? b : a + " " + b);
    }

    private static Decision afterAnalysis(Snapshot seen) {
        Verdict verdict = seen.verdict();
        if (verdict != null && verdict.outcome() == Outcome.UNHEALTHY) {
            return new Decision.Fail(Rollout.Stop.Cause.UNHEALTHY, verdict.message());
        }
        if (verdict != null && verdict.outcome() == Outcome.HEALTHY) {
            return afterApproval(seen);
        }
        Duration hold = Duration.ofMinutes(seen.settings().verdict().holdMinutes());
        Duration asked = Duration.ZERO;
        if (isAskedWhenSound(seen, hold)) {
            Decision said = afterApproval(seen, null);
            if (!(said instanceof Decision.Proceed)) {
                return said;
            }
            asked = timeOfQuestion(seen);
        }
        Duration limit = least(hold.plus(asked), RolloutSettings.STEP_LIMIT);
        return isWithin(seen, limit) ? waiting(seen) : withoutEvidence(seen, limit);
    }

    /**
     * Whether people were asked since the release was sound, and not for want of evidence. That it is in doubt now and then, while they think,
     * is no reason to ask otherwise: it only has to be sound again when it goes on.
     */
    private static boolean isAskedWhenSound(Snapshot seen, Duration hold) {
        Instant asked = seen.checkpoint().approvalRequestedAt();
        return asked != null
                && (seen.settings().verdict().onNoEvidence() != OnNoEvidence.APPROVE
                        || asked.isBefore(seen.checkpoint().since().plus(hold)));
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** How long people took to answer, or did not; evidence was not waited for meanwhile. */
    private static Duration timeOfQuestion(Snapshot seen) {
        Instant asked = Objects.requireNonNull(seen.checkpoint().approvalRequestedAt());
        GateRecord.Approval said = seen.checkpoint().approval();
        return Duration.between(
                asked, said == null ? Approvals.until(seen.settings(), seen.checkpoint(), asked) : said.at());
    }

    /** Neither good nor bad was shown in time, and the spec says what then. */
    private static Decision withoutEvidence(Snapshot seen, Duration limit) {
        boolean recorded = seen.checkpoint().evidenceMissedAt() != null;
        String missing = missing(seen, limit.toMinutes());
        return switch (seen.settings().verdict().onNoEvidence()) {
            case ROLLBACK -> new Decision.Fail(Rollout.Stop.Cause.NO_EVIDENCE, missing);
            case APPROVE -> afterApproval(seen, missing);
            case PROMOTE ->
                recorded
                        ? afterApproval(seen)
                        : new Decision.RecordNoEvidence(
                                missing + " It goes on, since nothing was found against it (onNoEvidence: promote).");
            case WAIT -> {
                if (!isWithin(seen, RolloutSettings.STEP_LIMIT)) {
                    long minutes = RolloutSettings.STEP_LIMIT.toMinutes();
                    yield new Decision.Fail(Rollout.Stop.Cause.NO_EVIDENCE, missing(seen, minutes));
                }
                yield recorded
                        ? waiting(seen)
                        : new Decision.RecordNoEvidence(missing
                                + " It waits on, for %d h at the most (onNoEvidence: wait)."
                                        .formatted(RolloutSettings.STEP_LIMIT.toHours()));
            }
        };
    }

    private static Decision waiting(Snapshot seen) {
        Verdict verdict = seen.verdict();
        return verdict != null && verdict.probe()
                ? new Decision.Probe()
                : new Decision.Hold("Waits for a verdict: " + message(verdict));
    }

    private static boolean isWithin(Snapshot seen, Duration limit) {
        return seen.checkpoint().since().plus(limit).isAfter(seen.now());
    }

    private static String missing(Snapshot seen, long minutes) {
        return "There was still too little to judge by, %d min after the step's bake: %s"
                .formatted(minutes, message(seen.verdict()));
    }

    private static String message(@Nullable Verdict verdict) {
        return verdict == null ? "no metrics yet." : verdict.message();
    }

    private static Decision afterApproval(Snapshot seen) {
        return seen.settings().approval().required(seen.step()) ? afterApproval(seen, null) : new Decision.Proceed();
    }

    /** @param doubt that silence does not settle, whatever the spec takes it for elsewhere; null for none */
    private static Decision afterApproval(Snapshot seen, @Nullable String doubt) {
        GateRecord.Approval said = seen.checkpoint().approval();
        if (said != null) {
            return said.approved()
                    ? new Decision.Proceed()
                    : new Decision.Fail(
                            Rollout.Stop.Cause.REJECTED,
                            "%s rejected it%s"
                                    .formatted(said.by(), said.reason() == null ? "." : ": " + said.reason()));
        }
        Instant asked = seen.checkpoint().approvalRequestedAt();
        if (asked == null) {
            return new Decision.AskForApproval(doubt);
        }
        Instant until = Approvals.until(seen.settings(), seen.checkpoint(), asked);
        if (until.isAfter(seen.now())) {
            String asking = seen.checkpoint().waitsFor(); // says whom to tell, and until when
            return new Decision.Hold(asking == null ? "Waits for an approval." : asking);
        }
        String nobody = "Nobody approved it within %d min."
                .formatted(Duration.between(asked, until).toMinutes());
        if (doubt != null) {
            return new Decision.Fail(Rollout.Stop.Cause.NO_EVIDENCE, doubt + " " + nobody);
        }
        return seen.settings().approval().onTimeout() == OnTimeout.APPROVE
                ? new Decision.Proceed()
                : new Decision.Fail(Rollout.Stop.Cause.REJECTED, nobody);
    }
}
