package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.operation.Operation;
import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.target.ServiceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What our gate has asked, heard and decided in a rollout.
 *
 * @param deployment ARN of the ECS deployment that is the rollout's
 */
public record GateRecord(String rollout, String deployment, List<Passage> passages) {
    private static final Kind<GateRecord> KIND = new Kind<>("gate", GateRecord.class, 1);

    public GateRecord {
        passages = List.copyOf(passages);
    }

    /**
     * The gate at one stage, and at one step of it.
     *
     * @param stage as AWS spells it
     * @param step 0 before production traffic moves for the first time, then one more each
     * @param since when ECS first asked
     * @param passedAt when it was let pass
     * @param failed why it was not
     * @param holds what it waits for, in a sentence
     * @param rounds how often the checks have been made
     * @param checks of the last round
     * @param functionPassed whether the user's function has said yes
     * @param approvalAskedAt since when a person is asked
     * @param approval what the person said
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Passage(
            String stage,
            int step,
            Instant since,
            @Nullable Instant passedAt,
            @Nullable String failed,
            @Nullable String holds,
            int rounds,
            List<CheckResult> checks,
            boolean functionPassed,
            @Nullable Instant approvalAskedAt,
            @Nullable Approval approval) {
        public Passage {
            checks = List.copyOf(checks);
        }

        static Passage entered(GateStage stage, int step, Instant now) {
            return new Passage(stage.name(), step, now, null, null, null, 0, List.of(), false, null, null);
        }

        boolean checksPassed() {
            return rounds > 0 && checks.stream().allMatch(CheckResult::passed);
        }

        boolean wantsApproval() {
            return approvalAskedAt != null && approval == null && passedAt == null && failed == null;
        }

        Passage passed(Instant at) {
            return new Passage(
                    stage, step, since, at, null, null, rounds, checks, functionPassed, approvalAskedAt, approval);
        }

        Passage failed(String why) {
            return new Passage(
                    stage, step, since, null, why, null, rounds, checks, functionPassed, approvalAskedAt, approval);
        }

        Passage holding(String what) {
            return new Passage(
                    stage, step, since, null, null, what, rounds, checks, functionPassed, approvalAskedAt, approval);
        }

        Passage checked(List<CheckResult> results) {
            return new Passage(
                    stage,
                    step,
                    since,
                    null,
                    null,
                    holds,
                    rounds + 1,
                    results,
                    functionPassed,
                    approvalAskedAt,
                    approval);
        }

        Passage withFunctionPassed() {
            return new Passage(stage, step, since, null, null, holds, rounds, checks, true, approvalAskedAt, approval);
        }

        Passage asking(Instant at) {
            return new Passage(stage, step, since, null, null, holds, rounds, checks, functionPassed, at, approval);
        }

        Passage answered(Approval answer) {
            return new Passage(
                    stage, step, since, null, null, holds, rounds, checks, functionPassed, approvalAskedAt, answer);
        }
    }

    /** What a check gave. */
    public record CheckResult(String path, boolean passed, String sentence) {}

    /** What a person said. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Approval(
            boolean approved,
            String by,
            Instant at,
            @Nullable String reason) {}

    public static Key<GateRecord> key(ServiceId service, String rollout) {
        return new Key<>(Operation.partition(service), "gate#" + rollout, KIND);
    }

    Optional<Passage> at(GateStage stage, int step) {
        return passages.stream()
                .filter(found -> found.stage().equals(stage.name()) && found.step() == step)
                .findFirst();
    }

    /** The passage at which a person is asked now. */
    public Optional<Passage> wantingApproval() {
        return passages.stream().filter(Passage::wantsApproval).findFirst();
    }

    /** Whether the gate has been asked and has not let it pass yet. */
    @JsonIgnore
    boolean holds() {
        return passages.stream().anyMatch(passage -> passage.passedAt() == null && passage.failed() == null);
    }

    /** When the gate let it pass last; null if it never did. */
    public @Nullable Instant passedAt() {
        return passages.stream()
                .map(Passage::passedAt)
                .filter(java.util.Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    GateRecord with(Passage passage) {
        List<Passage> next = new ArrayList<>(passages);
        next.removeIf(found -> found.stage().equals(passage.stage()) && found.step() == passage.step());
        next.add(passage);
        return new GateRecord(rollout, deployment, next);
    }

    GateRecord answering(UnaryOperator<Passage> answer) {
        return wantingApproval().map(answer).map(this::with).orElse(this);
    }
}
