package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.freeze.Freeze;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Holds rollouts of a service against the freeze windows of its environment and its own. */
record FreezeGuard(Store store, IdGenerator ids) {

    /** The windows that are open for a service. */
    List<Freeze.Open> open(ServiceRecord record, Instant now) {
        return Freeze.open(declared(record), now);
    }

    /** Those that are declared and, until that has been applied, those of the spec before: it may come back. */
    private List<Freeze> declared(ServiceRecord record) {
        Set<Freeze> freezes = new LinkedHashSet<>();
        store.get(EnvironmentRecord.key(record.id().environmentId()))
                .map(Stored::value)
                .ifPresent(environment -> {
                    freezes.addAll(environment.declared().freezes());
                    Optional.ofNullable(environment.fallback()).ifPresent(before -> freezes.addAll(before.freezes()));
                });
        freezes.addAll(record.declared().freezes());
        Optional.ofNullable(record.fallback()).ifPresent(before -> freezes.addAll(before.freezes()));
        return List.copyOf(freezes);
    }

    /**
     * Throws {@link ProblemException} 409 when a window is open that the order does not name, 422 when it names one that there
     * is not.
     */
    void enforce(ServiceRecord record, List<Freeze.Open> open, @Nullable ControlOverride override) {
        requireKnown(record, override);
        refusal(record.id(), open, override).ifPresent(problem -> {
            throw new ProblemException(409, problem);
        });
    }

    /** Those of {@code open} that an order does not name. */
    static List<Freeze.Open> holding(List<Freeze.Open> open, @Nullable ControlOverride override) {
        return override == null ? open : Freeze.without(open, override.freezes());
    }

    /** Why a rollout has to wait or to be ordered; empty when nothing holds it. */
    Optional<Problem> refusal(ServiceId id, List<Freeze.Open> open, @Nullable ControlOverride override) {
        List<Freeze.Open> left = holding(open, override);
        String names = open.stream()
                .map(window -> "\"" + window.name() + "\"")
                .distinct()
                .collect(Collectors.joining(", "));
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of(Problem.user(
                        "frozen",
                        "Rollouts of %s are frozen: %s.".formatted(id.key(), describe(left)),
                        "Wait until then, or override it if you may: send the same below %s, with \"freezes\": [%s] and a \"reason\" in the body, or with a PUT as ?freezes=…&reason=…."
                                .formatted(id.overridePath(), names)));
    }

    /** Throws {@link ProblemException} 422 when an order names a window that there is not. */
    void requireKnown(ServiceRecord record, @Nullable ControlOverride override) {
        if (override == null) {
            return;
        }
        List<String> known =
                declared(record).stream().map(Freeze::name).distinct().toList();
        override.freezes().stream()
                .filter(name -> !known.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new ProblemException(
                            422,
                            "freeze-not-found",
                            "%s has no freeze window %s.".formatted(record.id().key(), name),
                            known.isEmpty() ? "Leave it out." : "There is: " + String.join(", ", known));
                });
    }

    static String describe(List<Freeze.Open> open) {
        return open.stream().map(Freeze.Open::toString).collect(Collectors.joining(", "));
    }

    /** Records which open windows were overridden, if one was. */
    Transaction overridden(
            ServiceId id,
            @Nullable String rollout,
            List<Freeze.Open> open,
            @Nullable ControlOverride override,
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
