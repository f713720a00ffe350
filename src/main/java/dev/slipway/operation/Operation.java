package dev.slipway.operation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.stack.Leftover;
import dev.slipway.stack.Progress;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An accepted request that takes longer than the request. It is the only one at its target until it ends.
 *
 * @param id sorts by time of acceptance
 * @param phase where it is
 * @param phaseSince when that phase was recorded, so before anything in it was done
 * @param allow logical ids of resources that may be replaced or deleted although they hold data or traffic
 * @param keep what a deletion leaves: {@code registry}, {@code logs}
 * @param mends logical ids of the resources that a mend may touch
 * @param plan the plan that it computes or runs
 * @param rollout the rollout that it is, or that is a part of it
 * @param override of freeze windows, when somebody ordered one for what it rolls out
 * @param progress of the stack change under way or done last
 * @param services of an environment that is applied, how each of its services takes over what has changed for it; of those that do
 *     so later, also after the operation has ended
 * @param notes what the caller should know: what was left, what to do next
 * @param leftovers what it or one before it could not delete, and what is no part of a stack any more
 * @param failure why it failed
 */
@RegisterForReflection
@RecordBuilder
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
        Set<String> mends,
        @Nullable String plan,
        @Nullable String rollout,
        @Nullable ControlOverride override,
        @Nullable Progress progress,
        List<FollowingService> services,
        List<String> notes,
        List<Leftover> leftovers,
        @Nullable Problem failure)
        implements OperationBuilder.With {
    /**
     * A service that takes over what an apply of its environment has changed for it.
     *
     * @param finding why it does not, or by what it has; null where there is nothing to say
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FollowingService(
            String service, FollowingState state, @Nullable String finding) {}

    /** How it stands. */
    public enum FollowingState {
        /** Its turn has not come yet. */
        WAITING,
        /** It is being applied again, by an operation of its own under the same id. */
        APPLYING,
        /** Another operation of its own is under way, and is waited for. */
        BUSY,
        /** It has everything, or is gone. */
        DONE,
        /** It is still busy, and is waited for no longer: it follows by itself, when that has ended. */
        LATER,
        /** A freeze is open: it is left as it is, and follows by itself when that is over. */
        FROZEN,
        FAILED
    }

    /** What it does. */
    public enum Type {
        APPLY,
        DELETE,
        PLAN,
        ROLLOUT,
        /** Puts back what somebody has changed outside Slipway. */
        MEND
    }

    /** How it stands. */
    public enum State {
        RUNNING,
        SUCCEEDED,
        FAILED
    }

    static final ItemType<Operation> ITEM_TYPE = new ItemType<>("operation", Operation.class, 1);

    public Operation {
        allow = allow == null ? Set.of() : Set.copyOf(allow);
        keep = keep == null ? Set.of() : Set.copyOf(keep);
        mends = mends == null ? Set.of() : Set.copyOf(mends);
        services = services == null ? List.of() : List.copyOf(services); // operations from before there were any
        notes = notes == null ? List.of() : List.copyOf(notes);
        leftovers = leftovers == null ? List.of() : List.copyOf(leftovers); // likewise
    }

    /** An operation as it is accepted, in its first phase. */
    public static Operation accepted(String id, Target target, Type type, String actor, Instant now) {
        return OperationBuilder.builder()
                .id(id)
                .target(target)
                .type(type)
                .state(State.RUNNING)
                .phase(Phase.Transitions.of(target, type).first())
                .phaseSince(now)
                .actor(actor)
                .acceptedAt(now)
                .build();
    }

    public static Key<Operation> key(Target target, String id) {
        return new Key<>(target.partition(), "operation#" + id, ITEM_TYPE);
    }

    /** Where to watch it. */
    public String path() {
        return target.path() + "/operations/" + id;
    }

    @JsonIgnore
    public boolean isRunning() {
        return state == State.RUNNING;
    }

    private Phase entered(Phase next) {
        return Phase.Transitions.of(target, type).enter(phase, next);
    }

    /** For a workflow that has nothing to do in the phase. */
    public IllegalStateException unexpectedPhase() {
        return new IllegalStateException("%s is in the phase %s".formatted(target.key(), phase));
    }

    /** How far the stack change under way has come; the beginning of one where none is. */
    public Progress progressAt(Instant now) {
        return progress == null ? Progress.start(now) : progress;
    }

    /** Enters another phase, in which a stack change would begin anew. */
    public Operation enterPhase(Phase next, Instant now) {
        return with(copy -> copy.phase(entered(next)).phaseSince(now).progress(null));
    }

    /** Enters another phase, in which others change their stacks; the progress shown stays that of its own. */
    public Operation enterPhaseKeepingProgress(Phase next, Instant now) {
        return with(copy -> copy.phase(entered(next)).phaseSince(now));
    }

    /** Before the change of a stack that the phase makes. */
    public Operation withoutProgress() {
        return with(copy -> copy.progress(null));
    }

    /** With one note more, the last of them. */
    public Operation withNote(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return withNotes(more);
    }

    /** How a service stands by now; nothing changes where it is none of those that were to follow. */
    public Operation withFollowing(FollowingService seen) {
        return withServices(services.stream()
                .map(service -> service.service().equals(seen.service()) ? seen : service)
                .toList());
    }

    /** Something is left that should have gone; the notes say what to do. */
    public Operation leaving(List<Leftover> left) {
        List<Leftover> all =
                Stream.concat(leftovers.stream(), left.stream()).distinct().toList();
        List<String> more = Stream.concat(notes.stream(), left.stream().map(Leftover::sentence))
                .distinct()
                .toList();
        return left.isEmpty() ? this : with(copy -> copy.leftovers(all).notes(more));
    }

    /** It has ended now, in phase DONE, as it should. */
    public Operation succeeded(Instant now) {
        return with(copy -> copy.state(State.SUCCEEDED)
                .phase(entered(Phase.DONE))
                .phaseSince(now)
                .endedAt(now));
    }

    /** It has ended now, for {@code cause}, and stays in the phase in which it failed. */
    public Operation failed(Problem cause, Instant now) {
        return with(copy -> copy.state(State.FAILED).endedAt(now).failure(cause));
    }
}
