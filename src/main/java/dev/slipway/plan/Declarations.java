package dev.slipway.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.allowlist.AllowedTags;
import dev.slipway.cost.Cost;
import dev.slipway.cost.CostChange;
import dev.slipway.cost.PriceList;
import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.Declarations.Declared;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.problem.ProblemException;
import dev.slipway.stack.Risk;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Accepts what callers declare of one kind of target: apply, plan, run of a plan, delete. Every refusal is a {@link ProblemException},
 * after which nothing has changed. A kind says what its specs must keep and what is written beside them; all else is the
 * same for each.
 *
 * @param <T> ids of the targets
 * @param <S> their specs
 * @param <R> what is kept of them
 */
public abstract class Declarations<T extends Target, S, R extends Declared<S, R>> {
    protected final Base base;
    private final String noun;
    private final Class<S> specs;

    /** What every kind stands on. */
    public record Base(
            Store store,
            Operations operations,
            Acceptance acceptance,
            IdGenerator ids,
            InstantSource clock,
            ObjectMapper json,
            AllowedTags tags,
            PriceList prices) {}

    /**
     * What an apply is to heed.
     *
     * @param expected the revision that the caller has seen; 0 when there must be none yet; {@link #ANY_REVISION} when there
     *     must be one; null when any will do
     * @param allow logical ids of what may be replaced or deleted although it holds data or traffic
     * @param override of controls that the spec declares weaker, and of freeze windows for what the apply rolls out
     */
    public record Order(
            @Nullable Long expected,
            Set<String> allow,
            @Nullable ControlOverride override) {
        /** Any revision will do, as long as there is one. */
        public static final Long ANY_REVISION = -1L;
    }

    /**
     * What a deletion is to heed.
     *
     * @param expected the revision that the caller has seen, as in an {@link Order}
     * @param keep what of it is left, see {@link Operation}
     * @param confirm the name of the target, said once more; null when it was not
     */
    public record Deletion(
            @Nullable Long expected,
            Set<String> keep,
            @Nullable String confirm) {
        /**
         * Throws {@link ProblemException} 409 when another name was said, or none and the target is not to be deleted by mistake.
         *
         * @param name of the target
         * @param subject the target at the beginning of a sentence
         * @param why it is not to be deleted by mistake, to be said after the subject; null when it may be
         * @param removes what its deletion removes, in a sentence
         */
        public void requireName(String name, String subject, @Nullable String why, Supplier<String> removes) {
            if (confirm == null ? why != null : !confirm.equals(name)) {
                throw new ProblemException(
                        409,
                        "confirmation-required",
                        "%s %s %s"
                                .formatted(
                                        subject,
                                        why != null ? why : "is not called %s.".formatted(confirm),
                                        removes.get()),
                        "If that is what you want, confirm with its name: ?confirm=" + name);
            }
        }
    }

    /**
     * A spec that fits.
     *
     * @param beside what else is written when it is declared, such as what it claims of others
     * @param warnings what the caller should know though it is not wrong
     */
    public record Admission(Transaction beside, List<String> warnings) {}

    /**
     * What a plan rests on beside the declared spec; see {@link Plan}. When digest or release are others, the plan does not hold
     * any more.
     *
     * @param weakened which declared controls would be weaker
     * @param risks of the change that no resource shows
     */
    public record Basis(
            @Nullable String environmentDigest,
            Map<String, Plan.Change> release,
            List<Weakening> weakened,
            List<Risk> risks) {
        static final Basis NONE = new Basis(null, Map.of(), List.of(), List.of());

        Basis and(List<Risk> more) {
            List<Risk> all = new ArrayList<>(risks);
            all.addAll(more);
            return new Basis(environmentDigest, release, weakened, all);
        }

        /** All risks that are known before the stack's difference is. */
        List<Risk> allRisks() {
            List<Risk> all = new ArrayList<>(weakened.stream()
                    .map(weaker -> new Risk(
                            weaker.setting(),
                            "%s is declared weaker: %s → %s.".formatted(weaker.setting(), weaker.from(), weaker.to()),
                            false))
                    .toList());
            all.addAll(risks);
            return all;
        }
    }

    /** @param noun for one of the kind, in sentences and problem codes */
    protected Declarations(Base base, String noun, Class<S> specs) {
        this.base = base;
        this.noun = noun;
        this.specs = specs;
    }

    /** Where a record lies. */
    protected abstract Key<R> key(T id);

    /** The record of a target that is created by its first spec. */
    protected abstract R created(T id, S spec, Instant now);

    /**
     * Looks in AWS whether a target may have what its spec names: once for a request, however often it has to be tried, and
     * before anything is read that others may change meanwhile. Throws {@link ProblemException} when it may not.
     *
     * @return what the caller should know though it is not wrong
     */
    protected List<Risk> inspect(T id, S spec) {
        return List.of();
    }

    /** Holds a spec against all around it. Throws {@link ProblemException} when it does not fit. */
    protected abstract Admission admit(T id, S spec, Optional<R> found);

    /** What is written when a deletion is accepted. Throws {@link ProblemException} when it may not be deleted. */
    protected abstract Transaction deleting(Stored<R> found, Deletion order, Request request, Instant now);

    /** What a deletion removes, and what it leaves, in a sentence. */
    protected abstract String removes(R record, Deletion order);

    /** The target in words that follow "There is no". */
    protected String describe(T id) {
        return noun + " " + id.key();
    }

    /** Throws {@link ProblemException} when what the target stands in is not there yet. */
    protected void requireReady(T id) {}

    /** What a plan for a spec rests on. */
    protected Basis basis(T id, S spec, Optional<R> found) {
        return Basis.NONE;
    }

    /** What a target with such a spec costs in a month. */
    protected abstract Cost cost(T id, S spec);

    /** What an order means for a target that is there. Throws {@link ProblemException} when more has to be ordered. */
    protected Transaction ordered(R record, S spec, Order order, Request request, Instant now) {
        return new Transaction();
    }

    public Optional<R> find(T id) {
        return base.store().get(key(id)).map(Stored::value);
    }

    /** Throws {@link ProblemException} 404 when there is none. */
    public R get(T id) {
        return stored(id).value();
    }

    /** Likewise. */
    public Stored<R> stored(T id) {
        return base.store().get(key(id)).orElseThrow(() -> missing(id));
    }

    /** The refusal where there is none. */
    public ProblemException missing(T id) {
        return new ProblemException(
                404, noun + "-not-found", "There is no %s.".formatted(describe(id)), "Create it: PUT " + id.path());
    }

    /** Creates the target or changes it. */
    public Accepted apply(T id, S spec, Order order, Request request) {
        Inspection inspected = new Inspection(id, spec);
        return base.acceptance().accept(request, () -> declare(id, spec, order, null, inspected, request));
    }

    /** The controls that a spec declares weaker than they are, or than they were when it was declared last. */
    protected List<Weakening> weakened(T id, S spec, Optional<R> found) {
        return found.map(record -> record.weakenedBy(spec)).orElse(List.of());
    }

    /** The path by which a spec may be sent that declares controls weaker. */
    protected String overridePath(T id) {
        throw new IllegalStateException("a %s declares no controls".formatted(noun));
    }

    /**
     * Throws {@link ProblemException} 403 when a spec declares less and nobody has ordered that: whoever may apply specs could
     * close a freeze window, or have what rolls out by one judged by nothing.
     */
    private void requireOrder(T id, List<Weakening> weakened, boolean declared, @Nullable ControlOverride override) {
        if (override == null && !weakened.isEmpty()) {
            throw new ProblemException(
                    403,
                    WeakeningPolicy.refusal(
                            id,
                            weakened,
                            declared ? "" : " They were declared before it was deleted.",
                            "send the same below %s, with ?reason=… behind a PUT, or with a \"reason\" in the body of a plan's apply."
                                    .formatted(overridePath(id))));
        }
    }

    /** Computes what {@link #apply} would change. */
    public Accepted plan(T id, S spec, Request request) {
        Inspection inspected = new Inspection(id, spec);
        return base.acceptance().accept(request, () -> {
            requireReady(id);
            List<Risk> seen = inspected.once();
            Optional<R> found = find(id);
            Admission admission = admit(id, spec, found);
            Basis basis = basis(id, spec, found).and(seen);
            Instant now = base.clock().instant();
            Plan plan = Plan.computing(
                    base.ids().next(),
                    id,
                    base.json().valueToTree(spec),
                    revision(found),
                    basis,
                    settings(found, spec),
                    CostChange.between(
                            found.map(record -> cost(id, record.declared())).orElse(null), cost(id, spec)),
                    request.actor(),
                    now);
            Operation operation =
                    accepted(id, Operation.Type.PLAN, request, now).withPlan(plan.id());
            Transaction kept = new Transaction().create(Plan.key(id, plan.id()), plan, plan.expiresAt());
            return new Acceptance.Attempt<>(
                    base.operations().startWrites(operation, kept),
                    new Accepted(id.path() + "/plans/" + plan.id(), warnings(admission, seen)));
        });
    }

    private Map<String, Plan.Change> settings(Optional<R> found, S spec) {
        return found.map(record -> SettingDifference.between(
                        base.json().valueToTree(record.declared()), base.json().valueToTree(spec), Set.of("container")))
                .orElse(Map.of());
    }

    /** Runs a plan, if it still holds. */
    public Accepted applyPlan(
            T id, String planId, Set<String> allow, @Nullable ControlOverride override, Request request) {
        AtomicReference<@Nullable Inspection> inspected = new AtomicReference<>();
        return base.acceptance().accept(request, () -> {
            Optional<R> found = find(id);
            Plan plan = Plans.requireRunnable(base.store(), id, planId, revision(found));
            Risk.refusal(plan.risks(), allow).ifPresent(problem -> {
                throw new ProblemException(409, problem);
            });
            S spec = base.json().convertValue(plan.spec(), specs);
            requireCurrent(plan, basis(id, spec, found));
            inspected.compareAndSet(null, new Inspection(id, spec)); // a plan's spec never changes
            Inspection inspection = Objects.requireNonNull(inspected.get());
            return declare(id, spec, new Order(plan.revision(), allow, override), planId, inspection, request);
        });
    }

    /** Deletes the target. */
    public Accepted delete(T id, Deletion order, Request request) {
        return delete(id, order, request, new Transaction());
    }

    /** @param beside what is written, or has to be so, together with it */
    public Accepted delete(T id, Deletion order, Request request, Transaction beside) {
        return base.acceptance().accept(request, () -> {
            base.operations().requireUnlocked(id);
            Stored<R> found = stored(id);
            requireRevision(found.value().revision(), order.expected());
            Instant now = base.clock().instant();
            String removed = removes(found.value(), order);
            Transaction also = deleting(found, order, request, now)
                    .and(beside)
                    .entry(entry(
                            id,
                            LedgerEntry.EventType.DELETION_ACCEPTED,
                            request,
                            "asked for the deletion of the %s. %s".formatted(noun, removed),
                            now));
            Operation operation =
                    accepted(id, Operation.Type.DELETE, request, now).withKeep(order.keep());
            return base.operations().accept(operation, also, List.of(removed));
        });
    }

    private Acceptance.Attempt<Accepted> declare(
            T id, S spec, Order order, @Nullable String plan, Inspection inspected, Request request) {
        base.operations().requireUnlocked(id);
        requireReady(id);
        List<Risk> seen = inspected.once();
        Optional<Stored<R>> found = base.store().get(key(id));
        Optional<R> record = found.map(Stored::value);
        long revision = revision(record);
        requireRevision(revision, order.expected());
        Admission admission = admit(id, spec, record);
        List<Weakening> weakened = weakened(id, spec, record);
        requireOrder(id, weakened, found.isPresent(), order.override());
        List<Risk> risks = basis(id, spec, record).and(seen).allRisks();
        Instant now = base.clock().instant();
        R next = record.map(known -> known.declared().equals(spec) ? known : known.withSpec(spec, now))
                .orElseGet(() -> created(id, spec, now));
        Transaction also = admission
                .beside()
                .and(weakening(id, weakened, order.override(), request, now))
                .and(record.map(known -> ordered(known, spec, order, request, now))
                        .orElseGet(Transaction::new))
                .entry(entry(
                        id,
                        LedgerEntry.EventType.SPEC_ACCEPTED,
                        request,
                        (next.revision() == revision
                                        ? "applied revision %d of the spec again.".formatted(revision)
                                        : "declared revision %d of the spec.".formatted(next.revision()))
                                + risks.stream()
                                        .map(risk -> " " + risk.message())
                                        .distinct()
                                        .collect(Collectors.joining()),
                        now))
                .put(key(id), found, next);
        Operation operation = accepted(id, Operation.Type.APPLY, request, now)
                .withAllow(order.allow())
                .withOverride(order.override())
                .withPlan(plan);
        return base.operations().accept(operation, also, warnings(admission, risks));
    }

    private void requireAllowedTags(T id, S spec) {
        List<FieldError> errors = base.tags()
                .refusals(base.json()
                        .valueToTree(spec)
                        .path("tags")
                        .propertyStream()
                        .map(Map.Entry::getKey)
                        .toList());
        ProblemException.throwIfAny(
                "invalid-spec", "The deployment allows %s no such tag.".formatted(id.key()), errors);
    }

    private static List<String> warnings(Admission admission, List<Risk> risks) {
        return Stream.concat(admission.warnings().stream(), risks.stream().map(Risk::message))
                .distinct()
                .toList();
    }

    /** Records that a new spec declares controls weaker, if it does, and why where an order says so. */
    private Transaction weakening(
            T id, List<Weakening> weakened, @Nullable ControlOverride override, Request request, Instant now) {
        return weakened.isEmpty()
                ? new Transaction()
                : new Transaction()
                        .entry(entry(
                                id,
                                LedgerEntry.EventType.CONTROLS_WEAKENED,
                                request,
                                "declares controls weaker: " + WeakeningPolicy.describe(weakened)
                                        + (override == null ? "" : ": " + override.reason()),
                                now));
    }

    /** A look in AWS, once for a request. */
    private final class Inspection {
        private final T id;
        private final S spec;
        private @Nullable List<Risk> seen;

        Inspection(T id, S spec) {
            this.id = id;
            this.spec = spec;
        }

        List<Risk> once() {
            if (seen == null) {
                requireAllowedTags(id, spec);
                seen = inspect(id, spec);
            }
            return seen;
        }
    }

    private Operation accepted(T id, Operation.Type type, Request request, Instant now) {
        return Operation.accepted(base.ids().next(), id, type, request.actor(), now);
    }

    private LedgerEntry entry(T id, LedgerEntry.EventType what, Request request, String did, Instant now) {
        return LedgerEntry.of(base.ids().next(), id, what, request.actor(), request.actor() + " " + did, now);
    }

    private long revision(Optional<R> record) {
        return record.map(Declared::revision).orElse(0L);
    }

    /** Throws {@link ProblemException} 412 when the declared spec is another one than the caller has seen. */
    private static void requireRevision(long revision, @Nullable Long expected) {
        if (Order.ANY_REVISION.equals(expected)) {
            if (revision == 0) {
                throw new ProblemException(
                        412,
                        "revision-mismatch",
                        "You expect one that is there; there is none.",
                        "Leave If-Match out.");
            }
            return;
        }
        if (expected != null && expected != revision) {
            throw new ProblemException(
                    412,
                    "revision-mismatch",
                    "You expect revision %d; it is at revision %d now.".formatted(expected, revision),
                    "Read it again, look at what changed, and send your change with the new ETag.");
        }
    }

    private static void requireCurrent(Plan plan, Basis now) {
        if (!now.release().equals(plan.release())) {
            throw outdated("Another release has gone live since the plan was made, and it would change otherwise now.");
        }
        if (plan.environmentDigest() != null && !Objects.equals(plan.environmentDigest(), now.environmentDigest())) {
            throw outdated("What the service has of its environment has changed since the plan was made.");
        }
    }

    private static ProblemException outdated(String detail) {
        return new ProblemException(409, "plan-stale", detail, "Make a new plan and look at it.");
    }

    /**
     * What is kept of a target: its declared spec, and with it whatever its kind needs.
     *
     * @param <R> the record itself
     */
    public interface Declared<S, R extends Declared<S, R>> {
        /** The spec that was accepted last, unless it was refused when it was to be applied. */
        S declared();

        /** The spec that holds again when the declared one is refused; null when that has been applied, or is the first. */
        @Nullable
        S fallback();

        /** Of the declared spec: 1 when the target was created, one more with each accepted spec that differs. */
        long revision();

        /** The same with another spec, at the next revision; what it falls back to is what was applied last. */
        R withSpec(S spec, Instant now);

        /** The same, once the declared spec has been applied, or nobody knows whether it has. */
        R withoutFallback();

        /** The controls that another spec declares weaker than this one. */
        default List<Weakening> weakenedBy(S spec) {
            return List.of();
        }

        /** The same with the spec that was applied last, at the next revision; empty when there is none. */
        default Optional<R> reverted(Instant now) {
            S before = fallback();
            return before == null
                    ? Optional.empty()
                    : Optional.of(withSpec(before, now).withoutFallback());
        }

        /** What the ledger says of that: who relies on a control that the refused spec had brought has to be told that it is gone. */
        default Transaction reversion(Operation failed, R reverted) {
            Instant at = Objects.requireNonNull(failed.endedAt());
            Transaction told = new Transaction()
                    .entry(LedgerEntry.of(
                            failed.id() + "-reverted",
                            failed.target(),
                            LedgerEntry.EventType.SPEC_REVERTED,
                            LedgerEntry.SLIPWAY,
                            "Revision %d of the spec was not applied; as revision %d the one before is declared again."
                                    .formatted(revision(), reverted.revision()),
                            at));
            List<Weakening> weakened = weakenedBy(reverted.declared());
            return weakened.isEmpty()
                    ? told
                    : told.entry(LedgerEntry.of(
                            failed.id() + "-weakened",
                            failed.target(),
                            LedgerEntry.EventType.CONTROLS_WEAKENED,
                            LedgerEntry.SLIPWAY,
                            "Revision %d declares controls weaker than revision %d, which was not applied: %s"
                                    .formatted(reverted.revision(), revision(), WeakeningPolicy.describe(weakened)),
                            at));
        }
    }
}
