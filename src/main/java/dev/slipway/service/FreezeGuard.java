package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.freeze.Freeze;
import dev.slipway.freeze.FreezeOverride;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Holds rollouts of a service against the freeze windows of its environment and its own. */
record FreezeGuard(Store store, IdGenerator ids) {
    /** How an order to roll out nevertheless is given: in the body of a rollout. */
    static final String IN_BODY =
            "Wait until then, or order it: \"override\": {\"freezes\": [%s], \"reason\": \"…\"} in the body.";
    /** How an order to roll out nevertheless is given: in the query of an apply. */
    static final String IN_QUERY =
            "Wait until then, leave the container's settings as they are, or order it: ?%s&reason=….";

    /** The windows that are open for a service. */
    List<Freeze.Open> open(ServiceRecord record, Instant now) {
        List<Freeze> freezes =
                new ArrayList<>(store.get(EnvironmentRecord.key(record.id().environmentId()))
                        .map(Stored::value)
                        .map(environment -> environment.declared().freezes())
                        .orElse(List.of()));
        freezes.addAll(record.declared().freezes());
        return Freeze.open(freezes, now);
    }

    /** Throws {@link ProblemException} 409 when a window is open that the order does not name. */
    void enforce(ServiceId id, List<Freeze.Open> open, @Nullable FreezeOverride override, boolean inQuery) {
        List<Freeze.Open> left = Freeze.without(open, override);
        if (left.isEmpty()) {
            return;
        }
        String names = open.stream()
                .map(window -> inQuery ? "overrideFreeze=" + window.name() : "\"" + window.name() + "\"")
                .distinct()
                .collect(Collectors.joining(inQuery ? "&" : ", "));
        throw new ProblemException(
                409,
                "frozen",
                "Rollouts of %s are frozen: %s.".formatted(id.key(), describe(left)),
                (inQuery ? IN_QUERY : IN_BODY).formatted(names));
    }

    static String describe(List<Freeze.Open> open) {
        return open.stream().map(Freeze.Open::toString).collect(Collectors.joining(", "));
    }

    /** Records which open windows were overridden, if one was. */
    Transaction overridden(
            ServiceId id,
            @Nullable String rollout,
            List<Freeze.Open> open,
            @Nullable FreezeOverride override,
            String actor,
            Instant now) {
        if (override == null || open.isEmpty()) {
            return new Transaction();
        }
        String sentence = "%s rolls out in spite of %s: %s".formatted(actor, describe(open), override.reason());
        return new Transaction()
                .entry(new LedgerEntry(
                        ids.next(),
                        id,
                        now,
                        actor,
                        LedgerEntry.EventType.FREEZE_OVERRIDDEN,
                        rollout,
                        null,
                        null,
                        sentence));
    }
}
