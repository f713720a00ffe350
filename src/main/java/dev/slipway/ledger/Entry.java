package dev.slipway.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.operation.Operation;
import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.store.Write;
import dev.slipway.target.Target;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One decision, never changed and never removed.
 *
 * @param id sorts by time
 * @param actor who decided: a caller, {@code slipway} or {@code ECS}
 * @param rollout that it is about
 * @param state that the rollout has since, as its {@code State} is named
 * @param release number of the release that it is about
 * @param sentence what was decided and why
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Entry(
        String id,
        Target target,
        Instant at,
        String actor,
        What what,
        @Nullable String rollout,
        @Nullable String state,
        @Nullable Integer release,
        String sentence) {
    /** The actor of what the control plane decided by itself. */
    public static final String SLIPWAY = "slipway";
    /** The actor of what AWS did by itself. */
    public static final String ECS = "ECS";

    /** What was decided. */
    public enum What {
        ROLLOUT_QUEUED,
        ROLLOUT_STARTED,
        FREEZE_OVERRIDDEN,
        TASK_RUN,
        CHECKED,
        APPROVAL_WANTED,
        APPROVED,
        REJECTED,
        VERDICT,
        STOPPED,
        ROLLOUT_ENDED,
        /** A deployment that nobody asked the control plane for. */
        DEPLOYED_PAST_US
    }

    private static final Kind<Entry> KIND = new Kind<>("entry", Entry.class, 1);
    /** The prefix of the sort keys of entries. */
    public static final String SORT = "ledger#";

    public static Kind<Entry> kind() {
        return KIND;
    }

    /** Records the entry. */
    public Write write() {
        return new Write.Create<>(new Key<>(Operation.partition(target), SORT + id, KIND), this);
    }
}
