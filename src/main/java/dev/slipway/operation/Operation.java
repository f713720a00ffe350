package dev.slipway.operation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.freeze.FreezeOverride;
import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.stack.Progress;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An accepted request that takes longer than the request. It is the only one at its target until it ends.
 *
 * @param id sorts by time of acceptance
 * @param phase where it is
 * @param phaseSince when that phase was recorded, so before anything in it was done
 * @param allow logical ids of resources that may be replaced or deleted although they hold data or traffic
 * @param keep what a deletion leaves: {@code registry}, {@code logs}
 * @param plan the plan that it computes or runs
 * @param rollout the rollout that it is, or that is a part of it
 * @param override of freeze windows, when somebody ordered one for what it rolls out
 * @param progress of the stack change under way or done last
 * @param notes what the caller should know: what was left, what to do next
 * @param failure why it failed
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Operation(
        String id,
        Target target,
        Type type,
        State state,
        Phase phase,
        Instant phaseSince,
        String actor,
        Instant acceptedAt,
        @Nullable Instant endedAt,
        Set<String> allow,
        Set<String> keep,
        @Nullable String plan,
        @Nullable String rollout,
        @Nullable FreezeOverride override,
        @Nullable Progress progress,
        List<String> notes,
        @Nullable Problem failure) {
    /** What it does. */
    public enum Type {
        APPLY,
        DELETE,
        PLAN,
        ROLLOUT
    }

    /** How it stands. */
    public enum State {
        RUNNING,
        SUCCEEDED,
        FAILED
    }

    private static final ItemType<Operation> ITEM_TYPE = new ItemType<>("operation", Operation.class, 1);

    public Operation {
        allow = allow == null ? Set.of() : Set.copyOf(allow);
        keep = keep == null ? Set.of() : Set.copyOf(keep);
        notes = notes == null ? List.of() : List.copyOf(notes);
    }

    /** An operation as it is accepted, in its first phase. */
    public static Operation accepted(String id, Target target, Type type, String actor, Instant now) {
        return new Operation(
                id,
                target,
                type,
                State.RUNNING,
                Phase.Transitions.of(target, type).first(),
                now,
                actor,
                now,
                null,
                Set.of(),
                Set.of(),
                null,
                null,
                null,
                null,
                List.of(),
                null);
    }

    /** The partition in which all that happened at a target lies. */
    public static String partition(Target target) {
        return "target#" + target.key();
    }

    public static Key<Operation> key(Target target, String id) {
        return new Key<>(partition(target), "operation#" + id, ITEM_TYPE);
    }

    static ItemType<Operation> itemType() {
        return ITEM_TYPE;
    }

    @JsonIgnore
    public boolean isRunning() {
        return state == State.RUNNING;
    }

    public Operation withAllow(Set<String> logicalIds) {
        return copy(state, phase, phaseSince, endedAt, logicalIds, keep, plan, rollout, progress, notes, failure);
    }

    public Operation withKeep(Set<String> what) {
        return copy(state, phase, phaseSince, endedAt, allow, what, plan, rollout, progress, notes, failure);
    }

    public Operation withPlan(String id) {
        return copy(state, phase, phaseSince, endedAt, allow, keep, id, rollout, progress, notes, failure);
    }

    public Operation withRollout(String id) {
        return copy(state, phase, phaseSince, endedAt, allow, keep, plan, id, progress, notes, failure);
    }

    private Phase entered(Phase next) {
        return Phase.Transitions.of(target, type).enter(phase, next);
    }

    /** For a workflow that has nothing to do in the phase. */
    public IllegalStateException unexpectedPhase() {
        return new IllegalStateException("%s is in the phase %s".formatted(target.key(), phase));
    }

    /** Enters another phase, in which a stack change would begin anew. */
    public Operation enterPhase(Phase next, Instant now) {
        return copy(state, entered(next), now, endedAt, allow, keep, plan, rollout, null, notes, failure);
    }

    /** Enters another phase, in which others change their stacks; the progress shown stays that of its own. */
    public Operation enterPhaseKeepingProgress(Phase next, Instant now) {
        return copy(state, entered(next), now, endedAt, allow, keep, plan, rollout, progress, notes, failure);
    }

    public Operation withProgress(Progress now) {
        return copy(state, phase, phaseSince, endedAt, allow, keep, plan, rollout, now, notes, failure);
    }

    public Operation withNote(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return copy(state, phase, phaseSince, endedAt, allow, keep, plan, rollout, progress, more, failure);
    }

    public Operation succeeded(Instant now) {
        return copy(State.SUCCEEDED, entered(Phase.DONE), now, now, allow, keep, plan, rollout, progress, notes, null);
    }

    public Operation failed(Problem cause, Instant now) {
        return copy(State.FAILED, phase, phaseSince, now, allow, keep, plan, rollout, progress, notes, cause);
    }

    private Operation copy(
            State state,
            Phase phase,
            Instant phaseSince,
            @Nullable Instant endedAt,
            Set<String> allow,
            Set<String> keep,
            @Nullable String plan,
            @Nullable String rollout,
            @Nullable Progress progress,
            List<String> notes,
            @Nullable Problem failure) {
        return new Operation(
                id,
                target,
                type,
                state,
                phase,
                phaseSince,
                actor,
                acceptedAt,
                endedAt,
                allow,
                keep,
                plan,
                rollout,
                override,
                progress,
                notes,
                failure);
    }

    /** Freeze windows do not hold what it rolls out. */
    public Operation withOverride(@Nullable FreezeOverride order) {
        return new Operation(
                id,
                target,
                type,
                state,
                phase,
                phaseSince,
                actor,
                acceptedAt,
                endedAt,
                allow,
                keep,
                plan,
                rollout,
                order,
                progress,
                notes,
                failure);
    }
}
