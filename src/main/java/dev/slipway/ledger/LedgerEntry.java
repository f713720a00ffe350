package dev.slipway.ledger;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Write;
import io.quarkus.runtime.annotations.RegisterForReflection;
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
 * @param message what was decided and why
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LedgerEntry(
        String id,
        Target target,
        Instant at,
        String actor,
        EventType type,
        @Nullable String rollout,
        @Nullable String state,
        @Nullable Integer release,
        String message) {
    /** The actor of what the control plane decided by itself. */
    public static final String SLIPWAY = "slipway";
    /** The actor of what AWS did by itself. */
    public static final String ECS = "ECS";

    /** What was decided. */
    public enum EventType {
        /** A spec was accepted; it is the declared one from then on. */
        SPEC_ACCEPTED,
        /** A spec could not be applied, and the one before is the declared one again. */
        SPEC_REVERTED,
        /** An environment with an end date will remove itself soon. */
        EXPIRY_WARNED,
        /** A deletion was accepted. */
        DELETION_ACCEPTED,
        /** Service or environment are gone; a new one of the name begins anew. */
        DELETED,
        /** A rollout was accepted that waits for what is under way. */
        ROLLOUT_QUEUED,
        ROLLOUT_STARTED,
        /** What is live in another environment was called for. */
        PROMOTED,
        FREEZE_OVERRIDDEN,
        /** Controls are weaker than they were declared: for one rollout, or by a new spec. */
        CONTROLS_WEAKENED,
        /** A pipeline may deploy to an environment from then on. */
        GRANTED,
        /** It may no longer. */
        GRANT_REVOKED,
        /** The pipeline is declared otherwise than it was given for: it may no longer until it is given anew. */
        GRANT_LAPSED,
        /** The one-off task before a rollout has run. */
        TASK_RUN,
        CHECKED,
        APPROVAL_REQUESTED,
        APPROVED,
        REJECTED,
        VERDICT,
        STOPPED,
        ROLLOUT_ENDED,
        /** A service is applied again because its environment has changed. */
        APPLIED_AGAIN,
        /** A deployment that nobody asked the control plane for. */
        DEPLOYED_OUT_OF_BAND,
        /** Another release is live than was recorded, since a rollout was given up. */
        LIVE_CORRECTED,
        /** Somebody has changed outside Slipway what it had deployed. */
        DRIFTED,
        /** What was changed outside Slipway is put back. */
        MEND_ACCEPTED,
        /** All is as it was deployed again. */
        DRIFT_ENDED,
        /** A message that the worker had given up was sent to it again. */
        REDRIVEN,
        /** What a newer version of Slipway has decided, before an older one was deployed again; the message tells. */
        @JsonEnumDefaultValue
        OTHER
    }

    public static final ItemType<LedgerEntry> ITEM_TYPE = new ItemType<>("ledger-entry", LedgerEntry.class, 1);
    /** The prefix of the sort keys of entries. */
    public static final String SORT = "ledger#";

    /** What was decided at a target as such, by {@code actor}. */
    public static LedgerEntry of(String id, Target target, EventType what, String actor, String sentence, Instant at) {
        return new LedgerEntry(id, target, at, actor, what, null, null, null, sentence);
    }

    /** Records the entry. */
    public Write write() {
        return new Write.Create<>(new Key<>(target.partition(), SORT + id, ITEM_TYPE), this);
    }
}
