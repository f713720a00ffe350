package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What our gate has asked, heard and decided in a rollout.
 *
 * @param deployment ARN of the ECS deployment that is the rollout's; null before ECS has asked
 */
@RegisterForReflection
public record GateRecord(String rollout, @Nullable String deployment, List<Checkpoint> checkpoints) {
    /** Where people are asked before the one-off task, which is no stage of ECS. */
    static final String BEFORE_TASK = "BEFORE_TASK";
    /** Where they are asked before a service's first release, which has all traffic at once. */
    static final String BEFORE_FIRST_RELEASE = "BEFORE_FIRST_RELEASE";

    private static final ItemType<GateRecord> ITEM_TYPE = new ItemType<>("gate", GateRecord.class, 1);

    public GateRecord {
        checkpoints = List.copyOf(checkpoints);
    }

    /**
     * The gate at one stage, and at one step of it.
     *
     * @param stage as AWS spells it, {@link #BEFORE_TASK}, or {@link #BEFORE_FIRST_RELEASE}
     * @param step 0 before production traffic moves for the first time, then one more each
     * @param since when ECS first asked
     * @param passedAt when it was let pass
     * @param failureReason why it was not
     * @param waitsFor what it waits for, in a sentence
     * @param rounds how often the checks have been made
     * @param checkedAt when they were made last
     * @param checks of the last round
     * @param functionPassed whether the user's function has said yes
     * @param evidenceMissedAt since when it goes or waits on without the evidence that it has waited for
     * @param approvalRequestedAt since when a person is asked
     * @param approval what the person said
     */
    @RecordBuilder
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Checkpoint(
            String stage,
            int step,
            Instant since,
            @Nullable Instant passedAt,
            @Nullable String failureReason,
            @Nullable String waitsFor,
            int rounds,
            @Nullable Instant checkedAt,
            List<CheckResult> checks,
            boolean functionPassed,
            @Nullable Instant evidenceMissedAt,
            @Nullable Instant approvalRequestedAt,
            @Nullable Approval approval)
            implements GateRecordCheckpointBuilder.With {
        public Checkpoint {
            checks = List.copyOf(checks);
        }

        static Checkpoint entered(GateStage stage, int step, Instant now) {
            return entered(stage.name(), step, now);
        }

        static Checkpoint entered(String stage, int step, Instant now) {
            return new Checkpoint(stage, step, now, null, null, null, 0, null, List.of(), false, null, null, null);
        }

        /**
         * What an approval here is for: the percentage of production traffic that the new release gets by it; 0 for the one-off
         * task.
         */
        public double approves(RolloutSettings settings) {
            return switch (stage) {
                case BEFORE_TASK -> 0;
                case BEFORE_FIRST_RELEASE -> 100;
                default -> settings.steps().get(step);
            };
        }

        /** Whether ECS asks there; else it is the worker. */
        @JsonIgnore
        boolean isOfEcs() {
            return !stage.equals(BEFORE_TASK) && !stage.equals(BEFORE_FIRST_RELEASE);
        }

        boolean checksPassed() {
            return rounds > 0 && checks.stream().allMatch(CheckResult::passed);
        }

        boolean awaitsApproval() {
            return approvalRequestedAt != null && approval == null && passedAt == null && failureReason == null;
        }

        Checkpoint passed(Instant at) {
            return with(gate -> gate.passedAt(at).failureReason(null).waitsFor(null));
        }

        Checkpoint failed(String why) {
            return with(gate -> gate.passedAt(null).failureReason(why).waitsFor(null));
        }

        Checkpoint holding(String what) {
            return with(gate -> gate.passedAt(null).failureReason(null).waitsFor(what));
        }

        Checkpoint checked(List<CheckResult> results, Instant at) {
            return with(gate -> gate.rounds(rounds + 1).checkedAt(at).checks(results));
        }
    }

    /** What a check gave. */
    public record CheckResult(String path, boolean passed, String message) {}

    /** What a person said. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Approval(
            boolean approved,
            String by,
            Instant at,
            @Nullable String reason) {}

    public static Key<GateRecord> key(ServiceId service, String rollout) {
        return new Key<>(service.partition(), "gate#" + rollout, ITEM_TYPE);
    }

    Optional<Checkpoint> find(GateStage stage, int step) {
        return find(stage.name(), step);
    }

    Optional<Checkpoint> find(String stage, int step) {
        return checkpoints.stream()
                .filter(found -> found.stage().equals(stage) && found.step() == step)
                .findFirst();
    }

    GateRecord of(String ecsDeployment) {
        return new GateRecord(rollout, ecsDeployment, checkpoints);
    }

    /** The checkpoint at which a person is asked now. */
    public Optional<Checkpoint> awaitingApproval() {
        return checkpoints.stream().filter(Checkpoint::awaitsApproval).findFirst();
    }

    /** Whether the gate has been asked and has not let it pass yet. */
    @JsonIgnore
    boolean isHolding() {
        return checkpoints.stream()
                .anyMatch(checkpoint -> checkpoint.passedAt() == null && checkpoint.failureReason() == null);
    }

    /** When the gate let it pass last; null if it never did. */
    public @Nullable Instant passedAt() {
        return checkpoints.stream()
                .map(Checkpoint::passedAt)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    GateRecord with(Checkpoint checkpoint) {
        List<Checkpoint> next = new ArrayList<>(checkpoints);
        next.removeIf(found -> found.stage().equals(checkpoint.stage()) && found.step() == checkpoint.step());
        next.add(checkpoint);
        return new GateRecord(rollout, deployment, next);
    }

    GateRecord answering(UnaryOperator<Checkpoint> answer) {
        return awaitingApproval().map(answer).map(this::with).orElse(this);
    }
}
