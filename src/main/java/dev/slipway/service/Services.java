package dev.slipway.service;

import dev.slipway.cost.Cost;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.environment.Certificates;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.Environments;
import dev.slipway.environment.Environments.Expiry;
import dev.slipway.environment.Followers;
import dev.slipway.environment.LateFollower;
import dev.slipway.freeze.Freeze;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.Declarations;
import dev.slipway.plan.Plan;
import dev.slipway.preflight.SecretAccess;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.routing.RouteClaim;
import dev.slipway.stack.Risk;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Accepts what callers want of services. */
public final class Services extends Declarations<ServiceId, ServiceSpec, ServiceRecord> implements Followers {
    private final Outbox outbox;
    private final Environments environments;
    private final RolloutQueue queue;
    private final SecretAccess secrets;
    private final Certificates certificates;

    public Services(
            Base base,
            Outbox outbox,
            Environments environments,
            RolloutQueue queue,
            SecretAccess secrets,
            Certificates certificates) {
        super(base, "service", ServiceSpec.class);
        this.outbox = outbox;
        this.environments = environments;
        this.queue = queue;
        this.secrets = secrets;
        this.certificates = certificates;
    }

    /** Services of an environment, by name. */
    public Page<ServiceRecord> list(EnvironmentId id, int limit, @Nullable String next) {
        environments.get(id);
        return base.store()
                .list(ServiceRecord.partition(id), ServiceRecord.SORT, ServiceRecord.ITEM_TYPE, false, limit, next);
    }

    @Override
    protected Key<ServiceRecord> key(ServiceId id) {
        return ServiceRecord.key(id);
    }

    @Override
    protected ServiceRecord created(ServiceId id, ServiceSpec spec, Instant now) {
        return ServiceRecord.created(id, spec, now);
    }

    @Override
    protected String describe(ServiceId id) {
        return "service %s in %s".formatted(id.service(), id.environment());
    }

    /** An environment can have services once it has been created. */
    @Override
    protected void requireReady(ServiceId id) {
        EnvironmentRecord environment = environments.get(id.environmentId());
        if (environment.deleting()) {
            throw new ProblemException(409, "environment-deleting", id.environment() + " is being deleted.", null);
        }
        Instant end = environment.declared().end();
        if (end != null && !base.clock().instant().isBefore(end)) {
            throw new ProblemException(
                    409,
                    "environment-expired",
                    "%s has expired at %s and removes itself.".formatted(id.environment(), end),
                    "To keep it, send its spec with a later expires, or without: PUT "
                            + id.environmentId().path());
        }
        if (environment.outputs().isEmpty()) {
            throw new ProblemException(
                    409,
                    "environment-not-ready",
                    "%s has not been created yet.".formatted(id.environment()),
                    "Wait until its first apply has succeeded: GET "
                            + id.environmentId().path());
        }
    }

    /** Whose secrets it names. */
    @Override
    protected List<Risk> inspect(ServiceId id, ServiceSpec spec) {
        List<FieldError> errors = new ArrayList<>(secrets.errors(id, spec.container()));
        Optional<EnvironmentSpec> environment =
                environments.find(id.environmentId()).map(EnvironmentRecord::declared);
        environment.ifPresent(declared -> errors.addAll(NamedResources.refusals(id, spec.rollout(), declared)));
        ProblemException.throwIfAny("invalid-spec", "%s may not have what it names.".formatted(id.key()), errors);
        Map<String, String> hosts = new HashMap<>();
        List<String> named = spec.routing().hosts();
        IntStream.range(0, named.size()).forEach(i -> hosts.put("/routing/hosts/" + i, named.get(i)));
        return environment
                .map(declared -> certificates.uncovered(declared, hosts))
                .orElse(List.of());
    }

    /** What it takes of the listener is written together with it: see {@link EnvironmentRecord#services()}. */
    @Override
    protected Admission admit(ServiceId id, ServiceSpec spec, Optional<ServiceRecord> found) {
        Stored<EnvironmentRecord> environment = environments.stored(id.environmentId());
        RouteClaim claim = RouteAllocation.of(id, spec, environment.value());
        Transaction remembered = found.isPresent()
                ? new Transaction()
                : former(id).map(new Transaction()::delete).orElseGet(Transaction::new);
        return new Admission(
                claim.equals(environment.value().services().get(id.service()))
                        ? remembered.check(environment)
                        : remembered.update(environment, environment.value().withRoute(id.service(), claim)),
                Stream.concat(
                                ServiceRules.warnings(spec, environment.value().declared()).stream()
                                        .map(warning -> warning.field() + " " + warning.message()),
                                Expiry.describe(
                                        id.environmentId(), environment.value().declared())
                                        .stream())
                        .toList());
    }

    @Override
    protected Basis basis(ServiceId id, ServiceSpec spec, Optional<ServiceRecord> found) {
        Map<String, Plan.Change> release = found.flatMap(this::live)
                .map(live -> ContainerDifference.between(live.container(), spec.container(), base.json()))
                .orElse(Map.of());
        EnvironmentRecord environment = environments.get(id.environmentId());
        List<Risk> risks = new ArrayList<>(found.map(record -> ServiceRisks.of(
                        record.declared(), spec, record.live(), base.clock().instant()))
                .orElse(List.of()));
        boolean live = found.map(ServiceRecord::live).isPresent();
        risks.addAll(taken(id, spec, found, environment, live));
        ServiceRules.warnings(spec, environment.declared())
                .forEach(warning ->
                        risks.add(new Risk(warning.field(), warning.field() + " " + warning.message(), false)));
        found.filter(this::isOutdated)
                .ifPresent(_ -> risks.add(new Risk(
                        "environment",
                        "%s has changed since this was applied: it is taken over, and where the network or the listener is another one, all tasks (%d at most) are replaced by a rolling update."
                                .formatted(id.environment(), spec.mostTasks()),
                        false)));
        found.filter(record -> isReplacingTasks(record, spec))
                .flatMap(record -> queue.freezeGuard()
                        .refusal(
                                id,
                                queue.freezeGuard().open(record, base.clock().instant()),
                                null))
                .ifPresent(frozen -> risks.add(new Risk(
                        "freezes",
                        frozen.detail() + " What rolls out is refused until then, unless it is overridden.",
                        false)));
        return new Basis(EnvironmentDigest.digest(environment), release, weakened(id, spec, found), risks);
    }

    @Override
    protected Cost cost(ServiceId id, ServiceSpec spec) {
        return ServiceCost.of(
                spec,
                environments.get(id.environmentId()).declared(),
                base.clock().instant(),
                base.prices());
    }

    private static List<Risk> taken(
            ServiceId id,
            ServiceSpec spec,
            Optional<ServiceRecord> found,
            EnvironmentRecord environment,
            boolean live) {
        Map<String, RouteClaim> others = new HashMap<>(environment.services());
        others.remove(id.service());
        return ServiceRisks.taken(
                found.map(record -> record.declared().routing()).orElse(null),
                RouteAllocation.of(id, spec, environment),
                others,
                live);
    }

    private Optional<Release> live(ServiceRecord record) {
        return Optional.ofNullable(record.live())
                .map(live -> base.store()
                        .get(Release.key(record.id(), live))
                        .orElseThrow()
                        .value());
    }

    @Override
    protected String overridePath(ServiceId id) {
        return id.overridePath();
    }

    /** Of a service that was deleted the controls are remembered, so that deleting it and declaring it anew is no way around them. */
    @Override
    protected List<Weakening> weakened(ServiceId id, ServiceSpec spec, Optional<ServiceRecord> found) {
        return found.isPresent()
                ? super.weakened(id, spec, found)
                : former(id).map(controls -> controls.value().weakenedBy(spec)).orElse(List.of());
    }

    /** An environment that was deleted took them with it: one of its name is another. */
    private Optional<Stored<FormerControls>> former(ServiceId id) {
        Optional<EnvironmentRecord> environment = environments.find(id.environmentId());
        return base.store()
                .get(FormerControls.key(id))
                .filter(controls -> environment
                        .filter(here ->
                                here.createdAt().isAfter(controls.value().deletedAt()))
                        .isEmpty());
    }

    /** An apply that would replace tasks has to override the freeze windows that are open. */
    @Override
    protected Transaction ordered(ServiceRecord record, ServiceSpec spec, Order order, Request request, Instant now) {
        return rollingOut(record, spec, order, request, now);
    }

    /**
     * A mend may replace tasks, so that freeze windows hold it. Throws {@link ProblemException} 409 when one is open that the order does
     * not name.
     *
     * @return what is recorded of those that were overridden
     */
    public Transaction enforceFreezes(ServiceId id, @Nullable ControlOverride override, String actor) {
        Instant now = base.clock().instant();
        Stored<ServiceRecord> found = stored(id);
        List<Freeze.Open> open = queue.freezeGuard().open(found.value(), now);
        queue.freezeGuard().enforce(found.value(), open, override);
        return queue.freezeGuard()
                .overridden(id, null, open, override, actor, now)
                .check(found);
    }

    /** Whether an apply would start a rollout, see {@link ServiceWorkflow}. */
    private boolean isRollingOut(ServiceRecord record, ServiceSpec spec) {
        return !spec.container().equals(record.attempted())
                && live(record)
                        .filter(live -> !live.container().equals(spec.container()))
                        .isPresent();
    }

    /**
     * Whether an apply would start a rollout, take over what has changed in the environment, by which tasks may be replaced, or have
     * tasks run on other capacity.
     */
    private boolean isReplacingTasks(ServiceRecord record, ServiceSpec spec) {
        return isRollingOut(record, spec) || isOutdated(record) || isMovingTasks(record, spec);
    }

    /** Of a spec whose apply has not ended it is open whether tasks run as it says, or as the one before did. */
    private static boolean isMovingTasks(ServiceRecord record, ServiceSpec spec) {
        return record.live() != null
                && Stream.of(Optional.of(record.declared()), Optional.ofNullable(record.fallback()))
                        .flatMap(Optional::stream)
                        .anyMatch(before -> !spec.capacity().sharesLike(before.capacity()));
    }

    private boolean isOutdated(ServiceRecord record) {
        return record.live() != null
                && EnvironmentDigest.isOutdated(
                        record, environments.get(record.id().environmentId()));
    }

    private Transaction rollingOut(ServiceRecord record, ServiceSpec spec, Order order, Request request, Instant now) {
        if (!isReplacingTasks(record, spec)) {
            return new Transaction();
        }
        List<Freeze.Open> open = queue.freezeGuard().open(record, now);
        queue.freezeGuard().enforce(record, open, order.override());
        return queue.freezeGuard().overridden(record.id(), null, open, order.override(), request.actor(), now);
    }

    @Override
    protected String removes(ServiceRecord record, Deletion order) {
        ServiceId id = record.id();
        List<String> gone = new ArrayList<>(List.of("the stack %s%s"
                .formatted(
                        id.stackName(),
                        record.live() == null ? "" : " with all tasks of release %d".formatted(record.live()))));
        List<String> left = new ArrayList<>();
        (order.keep().contains("registry") ? left : gone).add("the registry %s with all images".formatted(id.family()));
        (order.keep().contains("logs") ? left : gone).add("the logs in %s".formatted(id.logGroup()));
        return "It removes %s.%s"
                .formatted(
                        String.join(", ", gone),
                        left.isEmpty() ? "" : " It leaves %s.".formatted(String.join(", ", left)));
    }

    /** What is live, or stands where nothing is to be deleted by mistake, is deleted by its name only. */
    @Override
    protected Transaction deleting(Stored<ServiceRecord> found, Deletion order, Request request, Instant now) {
        ServiceRecord record = found.value();
        ServiceId id = record.id();
        boolean guarded = environments.get(id.environmentId()).declared().terminationProtection();
        String guard = guarded ? "is in an environment with termination protection." : null;
        String why = record.live() != null ? "is live, with release %d.".formatted(record.live()) : guard;
        order.requireName(id.service(), id.key(), why, () -> removes(record, order));
        return queue.cancelQueued(id, request.actor(), now).check(found);
    }

    /**
     * Has a service follow its environment, which has been applied: its declared spec is applied again, once for the
     * environment's operation, if it has anything of the environment that has changed; twice where the services had to move before
     * the environment's stack could change the rest. Its ledger says so. A freeze holds it as
     * it holds a rollout, since its tasks may be replaced. What follows the stack in such an operation is the service's own matter.
     * A service that was made after the environment's operation had ended has nothing to take over from it.
     */
    @Override
    public FollowingService follow(ServiceId id, Operation environmentOperation, boolean start, Transaction beside) {
        Optional<Stored<ServiceRecord>> found = base.store().get(key(id));
        Instant ended = environmentOperation.endedAt();
        if (found.isEmpty() || ended != null && !found.get().value().createdAt().isBefore(ended)) {
            return following(id, FollowingState.DONE, GONE);
        }
        boolean outdated = EnvironmentDigest.isOutdated(found.get().value(), environments.get(id.environmentId()));
        String first = environmentOperation.id();
        boolean moved = outdated
                && base.operations()
                        .find(id, first)
                        .filter(operation -> operation.state() == Operation.State.SUCCEEDED)
                        .isPresent();
        String ownId = moved ? first + "-2" : first;
        Optional<Operation> own = base.operations().find(id, ownId);
        if (outdated && own.isPresent() && own.get().state() == Operation.State.FAILED) {
            Problem failure = own.get().failure();
            return following(
                    id,
                    FollowingState.FAILED,
                    "%s See %s"
                            .formatted(
                                    failure == null ? "It failed." : failure.detail(),
                                    own.get().path()));
        }
        boolean unmade = found.get().value().outputs().isEmpty() && own.isEmpty();
        boolean beingMade = unmade && base.operations().findChanging(id).isPresent();
        if (unmade && !beingMade && hasChangedSince(found.get())) {
            return follow(id, environmentOperation, start, beside); // it was made between the two reads
        }
        // What is being made for the first time may have read the environment as it was before.
        if (!outdated && !beingMade || own.isPresent() && !own.get().isRunning()) {
            return following(id, FollowingState.DONE, null);
        }
        if (own.isPresent()) {
            return following(id, FollowingState.APPLYING, null);
        }
        Optional<Operation> other = base.operations().findRunning(id);
        if (other.isPresent()) {
            return following(
                    id,
                    FollowingState.BUSY,
                    "Another operation is under way: " + other.get().path());
        }
        ServiceRecord record = found.get().value();
        Instant now = base.clock().instant();
        List<Freeze.Open> open = queue.freezeGuard().open(record, now);
        if (record.live() != null && !open.isEmpty()) {
            return following(id, FollowingState.FROZEN, FreezeGuard.describe(open));
        }
        if (!start) {
            return following(id, FollowingState.WAITING, null);
        }
        Operation operation = Operation.accepted(ownId, id, Operation.Type.APPLY, environmentOperation.actor(), now)
                .withAllow(allowed(environmentOperation, record))
                .withNote("Applied again because the environment has changed.");
        Transaction told = new Transaction()
                .check(found.get())
                .entry(LedgerEntry.of(
                        base.ids().next(),
                        id,
                        LedgerEntry.EventType.APPLIED_AGAIN,
                        environmentOperation.actor(),
                        "%s changed the environment%s, and the service is applied again: %s. Where its network has changed, its tasks are replaced."
                                .formatted(
                                        environmentOperation.actor(),
                                        ended == null ? "" : " by %s, when it was busy or in a freeze".formatted(ended),
                                        environmentOperation.path()),
                        now))
                .and(beside);
        outbox.commit(base.operations().startWrites(operation, told));
        return following(id, FollowingState.APPLYING, null);
    }

    private boolean hasChangedSince(Stored<ServiceRecord> read) {
        return base.store()
                .get(read.key())
                .filter(now -> now.version() == read.version())
                .isEmpty();
    }

    /** What somebody allowed for the environment is not allowed for what a service has been declared as since. */
    private static Set<String> allowed(Operation environmentOperation, ServiceRecord service) {
        return service.updatedAt().isAfter(environmentOperation.acceptedAt()) ? Set.of() : environmentOperation.allow();
    }

    private static FollowingService following(ServiceId id, FollowingState state, @Nullable String finding) {
        return new FollowingService(id.service(), state, finding);
    }

    /** How many tasks the services of an environment with a live release have, by name. */
    public static Map<String, Integer> liveTasks(Store store, EnvironmentId id) {
        return all(store, id)
                .filter(record -> record.live() != null)
                .collect(Collectors.toMap(
                        record -> record.id().service(),
                        record -> record.declared().mostTasks()));
    }

    /** The topics that services of an environment have their rollouts told to. */
    Set<String> topics(EnvironmentId id) {
        return all(base.store(), id)
                .flatMap(record -> Stream.ofNullable(record.declared().rollout().notifyTopic()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What of its environment a service does not have, and how it gets it, in a sentence; empty when it has all. */
    public Optional<String> outdated(ServiceRecord record, EnvironmentRecord environment) {
        if (!EnvironmentDigest.isOutdated(record, environment)) {
            return Optional.empty();
        }
        String how = base.store()
                .get(LateFollower.key(record.id()))
                .map(Stored::value)
                .map(late ->
                        "it is applied again by itself when nothing else is under way and no freeze is open: GET %s%s"
                                .formatted(
                                        late.operationPath(),
                                        late.refusals() == null
                                                ? ""
                                                : ". " + late.refusals().describe() + " Next attempt: "
                                                        + late.refusals().next()))
                .orElse("apply its spec again to use them.");
        return Optional.of("The environment's outputs or tags have changed since the service was applied; " + how);
    }

    @Override
    public boolean isAnyOutdated(EnvironmentId id) {
        EnvironmentRecord environment = environments.get(id);
        return all(base.store(), id).anyMatch(record -> EnvironmentDigest.isOutdated(record, environment));
    }

    /** What is kept of the services of an environment, by name. */
    public List<ServiceRecord> all(EnvironmentId id) {
        return all(base.store(), id).toList();
    }

    private static Stream<ServiceRecord> all(Store store, EnvironmentId id) {
        return store.stream(ServiceRecord.partition(id), ServiceRecord.SORT, ServiceRecord.ITEM_TYPE, false)
                .map(Stored::value);
    }
}
