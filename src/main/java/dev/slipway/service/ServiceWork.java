package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.RouteClaim;
import dev.slipway.ledger.Entry;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Waiting;
import dev.slipway.operation.Work;
import dev.slipway.plan.Plan;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.rollout.Chronicle;
import dev.slipway.rollout.Course;
import dev.slipway.rollout.EcsDeployments;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutParts;
import dev.slipway.rollout.RolloutRunner;
import dev.slipway.rollout.RolloutStep;
import dev.slipway.stack.Live;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Stacks;
import dev.slipway.stack.Step;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.ServiceId;
import dev.slipway.target.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of a service do. An apply goes through
 *
 * <pre>
 * observe → [sync →] stack → count → container → [the phases of a rollout →] done
 *    └→ detach → observe   └→ restore → the phases of a rollout
 * </pre>
 *
 * <p>so that it never moves traffic, never reverts a release and never resets the scale: what is live is observed, is
 * committed to the stack before anything else changes, and goes back with every change as it is.
 */
public final class ServiceWork implements Work {
    /** The first phase of an apply. */
    public static final String OBSERVE = "observe";

    static final String STACK = "stack";
    private static final String SYNC = "sync";
    private static final String DETACH = "detach";
    private static final String RESTORE = "restore";
    private static final String COUNT = "count";
    private static final String CONTAINER = "container";
    private static final String CLEANUP = "cleanup";
    private static final String FORGET = "forget";
    /** A rollout's phase in which the stack makes the ECS service. */
    private static final String FIRST = "first";

    private final Store store;
    private final Stacks stacks;
    private final ServiceStack stack;
    private final LiveObserver observer;
    private final Remains remains;
    private final KeptImages kept;
    private final RolloutRunner rollouts;
    private final Chronicle chronicle;
    private final RolloutQueue queue;
    private final DeploymentsPastUs pastUs;
    private final EcsDeployments deployments;
    private final Ids ids;

    public ServiceWork(
            Store store,
            Stacks stacks,
            ServiceStack stack,
            RolloutParts rollouts,
            RolloutQueue queue,
            Clients clients,
            Ids ids) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.deployments = new EcsDeployments(clients.ecs());
        this.observer = new LiveObserver(clients.elb());
        this.remains = new Remains(clients.ecr(), clients.logs(), clients.ecs());
        this.kept = new KeptImages(store, new Images(clients.ecr()));
        this.rollouts = rollouts.runner();
        this.chronicle = rollouts.chronicle();
        this.queue = queue;
        this.pastUs = new DeploymentsPastUs(store, deployments, ids);
        this.ids = ids;
    }

    /** A service with its environment, as a pass finds them. */
    private record Context(
            Operation operation, ServiceId id, Stored<ServiceRecord> record, Stored<EnvironmentRecord> environment) {
        RouteClaim claim() {
            return java.util.Objects.requireNonNull(
                    environment.value().services().get(id.service()), "a service without a claim");
        }

        Progress progress(Instant now) {
            Progress progress = operation.progress();
            return progress == null ? Progress.start(now) : progress;
        }
    }

    @Override
    public Pass advance(Operation operation, Instant now) {
        ServiceId id = (ServiceId) operation.target();
        if (operation.type() == Operation.Type.PLAN) {
            return plan(operation, id, now);
        }
        Context at = new Context(
                operation,
                id,
                store.get(ServiceRecord.key(id)).orElseThrow(),
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow());
        if (RolloutRunner.isAt(operation)) {
            return rollout(at, now);
        }
        return switch (operation.phase()) {
            case OBSERVE -> observe(at, now);
            case DETACH -> detach(at, now);
            case SYNC -> sync(at, now);
            case STACK -> operation.type() == Operation.Type.DELETE ? delete(at, now) : stack(at, live(at), now);
            case RESTORE -> restore(at, now);
            case COUNT -> count(at, now);
            case CONTAINER -> container(at, now);
            case CLEANUP -> cleanup(at, now);
            case FORGET -> forget(at, now);
            default -> throw new IllegalStateException(operation.phase());
        };
    }

    @Override
    public Turn turn(Waiting waiting, Instant now) {
        return queue.turn(waiting, now);
    }

    @Override
    public List<Write> noticed(Target target, Instant now) {
        return pastUs.record((ServiceId) target, now);
    }

    private Pass observe(Context at, Instant now) {
        LiveTraffic live = live(at);
        Optional<Live> known = stacks.observe(at.id().stackName());
        if (known.isPresent() && hasVanished(at, live, known.get())) {
            return Pass.next(at.operation().in(DETACH, now));
        }
        boolean stale = known.isPresent()
                && known.get().phase().holdsResources()
                && ServiceStack.sync(
                                at.id(),
                                known.get(),
                                kept(live, known.get()),
                                at.operation().id())
                        != null;
        if (stale) {
            return Pass.next(at.operation().in(SYNC, now));
        }
        return stack(new Context(at.operation().in(STACK, now), at.id(), at.record(), at.environment()), live, now);
    }

    /** Whether the stack has an ECS service that ECS no longer has: somebody deleted it past the stack. */
    private static boolean hasVanished(Context at, LiveTraffic live, Live stack) {
        return !at.record().value().outputs().isEmpty()
                && live.taskDefinition() == null
                && stack.phase().holdsResources()
                && !stack.parameters().getOrDefault("TaskDefinition", "").isEmpty();
    }

    /**
     * Takes an ECS service that is gone out of the stack. CloudFormation cannot update it, and does not miss it either: it
     * compares templates. Deleting what is gone already succeeds, and then the service can be made anew.
     */
    private Pass detach(Context at, Instant now) {
        String release = "TaskDefinition";
        StackChange change = new StackChange(
                at.id().stackName(),
                null,
                java.util.Map.of(release, StackChange.Parameter.of("")),
                java.util.Map.of(),
                false,
                Set.of(),
                null,
                "detach-" + at.operation().id());
        Step step = stacks.apply(at.progress(now), change, now);
        return switch (step) {
            case Step.Again again -> Pass.again(at.operation().progressed(again.progress()), again.lookAgain());
            case Step.Done done ->
                Pass.next(at.operation()
                        .in(at.operation().rollout() == null ? OBSERVE : RolloutRunner.LOOK, now)
                        .noting("The ECS service had been deleted past the control plane; it is made anew."));
            case Step.Failed failed -> failedToDetach(at, failed, now);
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private Pass failedToDetach(Context at, Step.Failed failed, Instant now) {
        Operation operation = at.operation().progressed(failed.progress()).failed(failed.cause(), now);
        return new Pass(operation, abandon(operation, failed.cause(), now), Duration.ZERO);
    }

    /** Commits what is live; it is looked at anew in every pass, since a rollback may still be under way. */
    private Pass sync(Context at, Instant now) {
        Optional<Live> known = stacks.observe(at.id().stackName());
        StackChange sync = known.isEmpty()
                ? null
                : ServiceStack.sync(
                        at.id(),
                        known.get(),
                        kept(live(at), known.get()),
                        at.operation().id());
        Progress progress = at.progress(now);
        if (sync == null && progress.step() == Progress.Step.OBSERVE) {
            return Pass.next(at.operation().in(STACK, now));
        }
        StackChange change = sync == null
                ? StackChange.sync(
                        at.id().stackName(),
                        java.util.Map.of(),
                        "sync-" + at.operation().id())
                : sync;
        Step step = stacks.apply(progress, change, now);
        return switch (step) {
            case Step.Again again -> Pass.again(at.operation().progressed(again.progress()), again.lookAgain());
            case Step.Done done -> Pass.next(at.operation().in(STACK, now));
            case Step.Failed failed -> failed(at.operation().progressed(failed.progress()), failed.cause(), now);
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private Pass stack(Context at, LiveTraffic live, Instant now) {
        Optional<Plan> plan = plan(at.operation()).map(Stored::value);
        LiveTraffic handed =
                live.taskDefinition() == null && at.record().value().live() != null
                        ? stacks.observe(at.id().stackName())
                                .map(known -> kept(live, known))
                                .orElse(live)
                        : live;
        StackChange change = stack.change(
                at.id(),
                at.record().value().declared(),
                at.environment().value(),
                at.claim(),
                handed,
                ids.secret(32),
                released(at.record().value()),
                at.operation().allow(),
                plan.map(Plan::stack).map(found -> found.digest()).orElse(null),
                at.operation().id());
        Step step = stacks.apply(at.progress(now), change, () -> remains.retained(at.id()), now);
        return switch (step) {
            case Step.Again again -> Pass.again(at.operation().progressed(again.progress()), again.lookAgain());
            case Step.Done done -> applied(at, done, live, now);
            case Step.Failed failed -> failed(at.operation().progressed(failed.progress()), failed.cause(), now);
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private static Pass applied(Context at, Step.Done done, LiveTraffic live, Instant now) {
        boolean gone = at.record().value().live() != null && live.taskDefinition() == null;
        Operation operation = at.operation().in(gone ? RESTORE : COUNT, now).progressed(done.progress());
        if (!done.changed()) {
            operation = operation.noting("Nothing to change in the stack: it is as the spec says.");
        }
        ServiceRecord record = at.record().value();
        String around = done.current() ? Surroundings.digest(at.environment().value()) : null;
        ServiceRecord applied = record.applied(done.outputs(), around);
        return record.equals(applied)
                ? Pass.next(operation)
                : Pass.next(operation, new Write.Update<>(at.record(), applied));
    }

    /**
     * A service that was deleted by hand leaves no trace of its release; the stack's own value is handed back then, since
     * an empty one would mean that there never was a release.
     */
    private static LiveTraffic kept(LiveTraffic live, Live stack) {
        String known = stack.parameters().getOrDefault("TaskDefinition", "");
        if (live.taskDefinition() != null || known.isEmpty()) {
            return live;
        }
        return new LiveTraffic(
                known,
                Integer.parseInt(stack.parameters().getOrDefault("LiveContainerPort", "" + live.containerPort())),
                live.productionWeightA(),
                live.productionWeightB(),
                live.testWeightA(),
                live.testWeightB());
    }

    private LiveTraffic live(Context at) {
        return observer.observe(
                () -> deployments.active(at.id()),
                at.record().value().outputs(),
                at.record().value().declared().container().port());
    }

    /** Sets the number of tasks when the spec's changed; a number that somebody set by hand stays otherwise. */
    private Pass count(Context at, Instant now) {
        ServiceRecord record = at.record().value();
        int declared = record.declared().count();
        Operation next = at.operation().in(CONTAINER, now);
        if (record.live() == null || (record.count() != null && record.count() == declared)) {
            return Pass.next(next);
        }
        if (deployments.active(at.id()).isEmpty()) {
            return Pass.next(next.noting(
                    "The ECS service was deleted past the control plane; its number of tasks was not set."));
        }
        deployments.scale(at.id(), declared);
        return Pass.next(next, new Write.Update<>(at.record(), record.scaledTo(declared)));
    }

    private Pass container(Context at, Instant now) {
        ServiceRecord record = at.record().value();
        Integer number = record.live();
        if (number == null || record.declared().container().equals(record.attempted())) {
            return Pass.next(at.operation().succeeded(now));
        }
        Release live = store.get(Release.key(at.id(), number)).orElseThrow().value();
        if (live.container().equals(record.declared().container())) {
            return Pass.next(at.operation().succeeded(now));
        }
        return rollOut(at, at.operation(), record, live, now);
    }

    /**
     * The service had a release and has nothing running: it was deleted past us, alone or with its stack. What was live
     * goes out again, with the settings that are declared now and as many tasks.
     */
    private Pass restore(Context at, Instant now) {
        ServiceRecord record = at.record().value();
        int number = java.util.Objects.requireNonNull(record.live());
        Release live = store.get(Release.key(at.id(), number)).orElseThrow().value();
        Operation operation = at.operation()
                .noting("Nothing of the service was running any more; release %d goes out again.".formatted(number));
        return rollOut(at, operation, record.unscaled(), live, now);
    }

    private Pass rollOut(Context at, Operation operation, ServiceRecord record, Release live, Instant now) {
        Rollout rollout = Rollout.asked(
                        ids.next(),
                        at.id(),
                        Rollout.Reason.CONFIGURATION,
                        live.image(),
                        live.tag(),
                        record.declared().container(),
                        live.commit(),
                        null,
                        null,
                        live.number(),
                        record.declared().rollout(),
                        operation.id(),
                        operation.actor(),
                        now)
                .with(draft -> draft.override = operation.override());
        List<Write> writes = new ArrayList<>(Arrays.asList(chronicle.started(rollout, now)));
        writes.add(new Write.Create<>(Rollout.key(at.id(), rollout.id()), rollout));
        writes.add(new Write.Update<>(
                at.record(), record.attempting(record.declared().container())));
        return new Pass(operation.in(RolloutRunner.LOOK, now).ofRollout(rollout.id()), writes, Duration.ZERO);
    }

    private Pass rollout(Context at, Instant now) {
        Stored<Rollout> rollout = rollout(at.operation()).orElseThrow();
        if (at.operation().phase().equals(FIRST) && at.operation().progress() == null && hasVanished(at)) {
            return Pass.next(at.operation().in(DETACH, now));
        }
        ServiceRecord record = at.record().value();
        RolloutStep step = rollouts.advance(
                new Course(
                        at.operation(),
                        rollout,
                        record.outputs(),
                        at.environment().value().outputs(),
                        record.declared().count()),
                now);
        return switch (step) {
            case RolloutStep.Again again -> new Pass(again.operation(), again.writes(), again.lookAgain());
            case RolloutStep.Ended ended -> ended(at, ended, now);
        };
    }

    /**
     * A release goes out through the stack because ECS has no service, and yet the stack has one. ECS is asked again: the
     * stack may have made it since, in a pass that was cut off.
     */
    private boolean hasVanished(Context at) {
        return stacks.observe(at.id().stackName())
                .filter(stack -> hasVanished(at, LiveTraffic.initial(0), stack))
                .filter(stack -> deployments.active(at.id()).isEmpty())
                .isPresent();
    }

    private Pass ended(Context at, RolloutStep.Ended ended, Instant now) {
        Rollout rollout = ended.rollout();
        List<Write> writes = new ArrayList<>(ended.writes());
        Integer release = rollout.release();
        if (rollout.state() == Rollout.State.SUCCEEDED && release != null) {
            ServiceRecord record = at.record().value();
            ServiceRecord live = record.count() == null
                    ? record.scaledTo(record.declared().count()).releasing(release)
                    : record.releasing(release);
            writes.add(new Write.Update<>(at.record(), live));
            Operation operation = ended.operation();
            for (String note : kept.update(record, live, writes)) {
                operation = operation.noting(note);
            }
            return new Pass(operation.succeeded(now), writes, Duration.ZERO);
        }
        Problem why =
                rollout.failure() != null ? rollout.failure() : Problem.user("cancelled", "" + rollout.detail(), null);
        return new Pass(ended.operation().failed(why, now), writes, Duration.ZERO);
    }

    private Pass delete(Context at, Instant now) {
        Step step = stacks.delete(
                at.progress(now), at.id().stackName(), at.operation().id(), false, now);
        return switch (step) {
            case Step.Again again -> Pass.again(at.operation().progressed(again.progress()), again.lookAgain());
            case Step.Deleted deleted -> Pass.next(at.operation().in(CLEANUP, now));
            case Step.Failed failed -> failed(at.operation().progressed(failed.progress()), failed.cause(), now);
            case Step.Done done -> throw new IllegalStateException("not an update");
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
        };
    }

    private Pass cleanup(Context at, Instant now) {
        Set<String> keep = at.operation().keep();
        Operation operation = at.operation().in(FORGET, now);
        if (keep.contains("registry")) {
            operation = operation.noting(
                    "Left, as asked: the registry %s.".formatted(at.id().family()));
        } else {
            remains.deleteRegistry(at.id());
        }
        if (keep.contains("logs")) {
            operation = operation.noting(
                    "Left, as asked: the log group %s.".formatted(at.id().logGroup()));
        } else {
            remains.deleteLogs(at.id());
        }
        return remains.deleteSomeTaskDefinitions(at.id())
                ? Pass.again(at.operation(), Duration.ZERO)
                : Pass.next(operation);
    }

    /** Forgets the releases: their task definitions are gone, and a new service of this name starts at release 1. */
    private Pass forget(Context at, Instant now) {
        Page<Release> some = store.list(Operation.partition(at.id()), Release.SORT, Release.kind(), false, 40, null);
        if (some.items().isEmpty()) {
            List<Write> last =
                    new ArrayList<>(queue.dropAll(at.id(), at.operation().actor(), now));
            last.add(Entry.of(ids.next(), at.id(), Entry.What.DELETED, Entry.SLIPWAY, "The service is gone.", now)
                    .write());
            last.add(new Write.Delete<>(at.record()));
            last.add(new Write.Update<>(
                    at.environment(), at.environment().value().releasing(at.id().service())));
            return new Pass(at.operation().succeeded(now), last, Duration.ZERO);
        }
        List<Write> writes = new ArrayList<>();
        for (Stored<Release> release : some.items()) {
            writes.add(new Write.Delete<>(release));
            store.get(Release.ByContent.key(at.id(), release.value().content()))
                    .ifPresent(found -> writes.add(new Write.Delete<>(found)));
        }
        return new Pass(at.operation(), writes, Duration.ZERO);
    }

    private Pass plan(Operation operation, ServiceId id, Instant now) {
        Stored<Plan> plan = plan(operation).orElseThrow();
        Stored<EnvironmentRecord> environment =
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow();
        ServiceSpec spec = stack.spec(plan.value());
        Optional<ServiceRecord> record = store.get(ServiceRecord.key(id)).map(Stored::value);
        RouteClaim claim = Claims.of(id, spec, environment.value());
        StackChange change = stack.change(
                id,
                spec,
                environment.value(),
                claim,
                LiveTraffic.initial(spec.container().port()),
                ids.secret(32),
                record.map(this::released).orElse(List.of()),
                operation.allow(),
                null,
                operation.id());
        StackChange shown = record.flatMap(found -> stacks.observe(id.stackName()))
                .filter(known -> known.phase().holdsResources())
                .map(known -> ServiceStack.asIfSynced(change, known))
                .orElse(change);
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        Step step = stacks.plan(progress, shown, () -> remains.retained(id), now);
        return switch (step) {
            case Step.Again again -> Pass.again(operation.progressed(again.progress()), again.lookAgain());
            case Step.Planned planned ->
                Pass.next(
                        operation.succeeded(now),
                        new Write.Update<>(plan, plan.value().ready(planned.difference(), planned.risks())));
            case Step.Failed failed ->
                Pass.next(
                        operation.progressed(failed.progress()).failed(failed.cause(), now),
                        new Write.Update<>(plan, plan.value().failed(failed.cause())));
            case Step.Done done -> throw new IllegalStateException("not an update");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    @Override
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        List<Write> writes = new ArrayList<>();
        plan(operation)
                .filter(found -> found.value().state() == Plan.State.COMPUTING)
                .ifPresent(found ->
                        writes.add(new Write.Update<>(found, found.value().failed(why))));
        rollout(operation).filter(found -> found.value().isRunning()).ifPresent(found -> {
            Rollout abandoned = found.value().abandoned(now, why);
            writes.add(new Write.Update<>(found, abandoned));
            writes.addAll(Arrays.asList(
                    chronicle.tell(abandoned, Entry.What.ROLLOUT_ENDED, Entry.SLIPWAY, "" + abandoned.detail(), now)));
        });
        return writes;
    }

    /** The container settings of the releases that are live and were live before. */
    private List<ContainerSettings> released(ServiceRecord record) {
        return Stream.of(Optional.ofNullable(record.live()), Optional.ofNullable(record.previous()))
                .flatMap(Optional::stream)
                .map(number -> store.get(Release.key(record.id(), number)))
                .flatMap(Optional::stream)
                .map(found -> found.value().container())
                .toList();
    }

    private Optional<Stored<Plan>> plan(Operation operation) {
        @Nullable String id = operation.plan();
        return id == null ? Optional.empty() : store.get(Plan.key(operation.target(), id));
    }

    private Optional<Stored<Rollout>> rollout(Operation operation) {
        @Nullable String id = operation.rollout();
        return id == null ? Optional.empty() : store.get(Rollout.key((ServiceId) operation.target(), id));
    }

    private static Pass failed(Operation operation, Problem cause, Instant now) {
        return Pass.next(operation.failed(cause, now));
    }
}
