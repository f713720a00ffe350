package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.diagnosis.DiagnosisPolicy;
import dev.slipway.diagnosis.Evidence;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.problem.Problem;
import dev.slipway.rollout.Rollout;
import dev.slipway.stack.Leftover;
import dev.slipway.stack.Progress;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An operation as the API shows it.
 *
 * @param self its path
 * @param phase where it is, or where it was when it failed
 * @param services how the services of an environment take over what its apply has changed for them
 * @param leftovers what CloudFormation could not delete, and what is no part of a stack any more
 * @param diagnosis of the failure of a change; that of a rollout is in the rollout
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record OperationView(
        String id,
        String self,
        String target,
        Operation.Type type,
        Operation.State state,
        String phase,
        Instant phaseSince,
        String actor,
        Instant acceptedAt,
        @Nullable Instant endedAt,
        Set<String> allow,
        Set<String> keep,
        @Nullable String plan,
        @Nullable String rollout,
        @Nullable Progress progress,
        List<Operation.FollowingService> services,
        List<String> notes,
        List<Leftover> leftovers,
        @Nullable Problem failure,
        @Nullable Diagnosis diagnosis) {
    static OperationView of(Operation operation) {
        return new OperationView(
                operation.id(),
                operation.target().path() + "/operations/" + operation.id(),
                operation.target().key(),
                operation.type(),
                operation.state(),
                operation.phase().toString(),
                operation.phaseSince(),
                operation.actor(),
                operation.acceptedAt(),
                operation.endedAt(),
                operation.allow(),
                operation.keep(),
                operation.plan(),
                operation.rollout(),
                operation.progress(),
                operation.services(),
                operation.notes(),
                operation.leftovers(),
                operation.failure(),
                diagnosis(operation));
    }

    private static @Nullable Diagnosis diagnosis(Operation operation) {
        Problem failure = operation.failure();
        Instant ended = operation.endedAt();
        return failure == null || ended == null || operation.rollout() != null
                ? null
                : DiagnosisPolicy.diagnose(
                        Evidence.ofFailure(
                                operation.target().key(),
                                operation.target().path(),
                                failure.code(),
                                failure.detail(),
                                ended),
                        ended);
    }

    /**
     * An operation in a sentence's length, inside the view of its target.
     *
     * @param done resources that have reached their end, of {@code total}; 0 of 0 while unknown
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Summary(
            String id,
            String self,
            Operation.Type type,
            Operation.State state,
            String phase,
            Instant acceptedAt,
            @Nullable Instant endedAt,
            @Nullable Integer done,
            @Nullable Integer total,
            List<String> notes,
            @Nullable Problem failure) {
        static Summary of(Operation operation) {
            Progress progress = operation.progress();
            Progress known = progress != null && progress.total() > 0 ? progress : null;
            return new Summary(
                    operation.id(),
                    operation.target().path() + "/operations/" + operation.id(),
                    operation.type(),
                    operation.state(),
                    operation.phase().toString(),
                    operation.acceptedAt(),
                    operation.endedAt(),
                    known == null ? null : known.done(),
                    known == null ? null : known.total(),
                    operation.notes(),
                    operation.failure());
        }
    }

    /**
     * What happens at a target, and what happened last.
     *
     * @param running the operation under way
     * @param ended the one before it, or the last one
     */
    record Latest(
            @Nullable TargetState state,
            @Nullable Summary running,
            @Nullable Summary ended) {
        /** Plans count for nothing but {@code running}: they change nothing. */
        static Latest of(Operations operations, Store store, Target target) {
            // In this order, or what stops waiting and starts in between would be seen in neither place.
            boolean waits = operations.findQueued(target).isPresent();
            Operation running = operations.findRunning(target).orElse(null);
            Operation ended = operations.lastEnded(target).orElse(null);
            boolean busy = waits || running != null && running.type() != Operation.Type.PLAN;
            return new Latest(
                    TargetState.of(busy, ended, rollout(store, target, ended)),
                    running == null ? null : Summary.of(running),
                    ended == null ? null : Summary.of(ended));
        }

        private static @Nullable Rollout rollout(Store store, Target target, @Nullable Operation operation) {
            String id = operation == null ? null : operation.rollout();
            return id == null || !(target instanceof ServiceId service)
                    ? null
                    : store.get(Rollout.key(service, id)).map(Stored::value).orElse(null);
        }
    }
}
