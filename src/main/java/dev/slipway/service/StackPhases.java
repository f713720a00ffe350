package dev.slipway.service;

import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.plan.Plans;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.StackState;
import dev.slipway.stack.Step;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The phases of an apply that are about the stack. What is live is observed in every pass anew, and committed to the stack
 * before anything else changes.
 */
final class StackPhases {
    private final StackReconciler stacks;
    private final ServiceStack stack;
    private final RelatedRecords related;
    private final MissingServiceRepair repair;
    private final EcsDeployments deployments;
    private final LiveObserver observer;
    private final RetainedResources retained;
    private final IdGenerator ids;

    StackPhases(
            StackReconciler stacks,
            ServiceStack stack,
            RelatedRecords belongings,
            MissingServiceRepair detachment,
            Clients clients,
            RetainedResources remains,
            IdGenerator ids) {
        this.stacks = stacks;
        this.stack = stack;
        this.related = belongings;
        this.repair = detachment;
        this.deployments = new EcsDeployments(clients.ecs());
        this.observer = new LiveObserver(clients.elb());
        this.retained = remains;
        this.ids = ids;
    }

    /** Looks at what is live and at the stack, and says where to begin. */
    ReconcileResult observe(ServiceContext at, Instant now) {
        LiveTraffic live = live(at);
        Optional<StackState> known = stacks.observe(at.id().stackName());
        if (known.isPresent() && repair.isNeeded(at, live, known.get())) {
            return ReconcileResult.proceed(at.operation().enterPhase(Phase.REPAIR, now));
        }
        boolean stale = known.isPresent()
                && known.get().phase().holdsResources()
                && ServiceStack.sync(
                                at.id(),
                                known.get(),
                                withStackValues(live, known.get()),
                                at.operation().id())
                        != null;
        if (stale) {
            return ReconcileResult.proceed(at.operation().enterPhase(Phase.SYNC, now));
        }
        return stack(at.in(Phase.STACK, now), live, now);
    }

    /** Commits what is live; it is looked at anew in every pass, since a rollback may still be under way. */
    ReconcileResult sync(ServiceContext at, Instant now) {
        Optional<StackState> known = stacks.observe(at.id().stackName());
        StackChange sync = known.isEmpty()
                ? null
                : ServiceStack.sync(
                        at.id(),
                        known.get(),
                        withStackValues(live(at), known.get()),
                        at.operation().id());
        Progress progress = at.progress(now);
        Phase next = at.operation().rollout() == null ? Phase.STACK : Phase.GRANT_ACCESS;
        if (sync == null && progress.step() == Progress.Step.OBSERVE) {
            return ReconcileResult.proceed(at.operation().enterPhase(next, now));
        }
        StackChange change = sync == null
                ? StackChange.sync(
                        at.id().stackName(),
                        java.util.Map.of(),
                        "sync-" + at.operation().id())
                : sync;
        Step step = stacks.apply(progress, change, now);
        return switch (step) {
            case Step.Requeue again ->
                ReconcileResult.requeue(at.operation().withProgress(again.progress()), again.requeueAfter());
            case Step.Done done -> ReconcileResult.proceed(at.operation().enterPhase(next, now));
            case Step.Failed failed -> {
                Operation operation =
                        at.operation().withProgress(failed.progress()).failed(failed.cause(), now);
                yield new ReconcileResult(operation, related.abandon(operation, failed.cause(), now), Duration.ZERO);
            }
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    /**
     * Whether opening a port for the next release would close the one that tasks listen on. The firewall lets two through:
     * that of the live release as the stack knows it, and the next one's. After a change of port the stack still knows the
     * live release as the next one, until what is live has been committed.
     */
    boolean closesTheLivePort(ServiceContext at, int next) {
        String live = Integer.toString(live(at).containerPort());
        return stacks.observe(at.id().stackName())
                .map(StackState::parameters)
                .filter(known -> !live.equals(known.get("LiveContainerPort")))
                .filter(known -> !Integer.toString(next).equals(known.get("LiveContainerPort")))
                .isPresent();
    }

    /** Makes the stack what the spec says, with what is live handed through. */
    ReconcileResult stack(ServiceContext at, Instant now) {
        return stack(at, live(at), now);
    }

    private ReconcileResult stack(ServiceContext at, LiveTraffic live, Instant now) {
        LiveTraffic handed =
                live.taskDefinition() == null && at.record().value().live() != null
                        ? stacks.observe(at.id().stackName())
                                .map(known -> withStackValues(live, known))
                                .orElse(live)
                        : live;
        StackChange change = stack.change(
                at.id(),
                at.record().value().declared(),
                at.environment().value(),
                at.claim(),
                handed,
                ids.secret(32),
                related.liveContainers(at.record().value()),
                at.operation().allow(),
                Plans.digest(related.store(), at.operation()),
                at.operation().id());
        Step step = stacks.apply(at.progress(now), change, () -> retained.find(at.id()), now);
        return switch (step) {
            case Step.Requeue again ->
                ReconcileResult.requeue(at.operation().withProgress(again.progress()), again.requeueAfter());
            case Step.Done done -> applied(at, done, live, now);
            case Step.Failed failed ->
                ReconcileResult.proceed(
                        at.operation().withProgress(failed.progress()).failed(failed.cause(), now));
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private static ReconcileResult applied(ServiceContext at, Step.Done done, LiveTraffic live, Instant now) {
        boolean gone = at.record().value().live() != null && live.taskDefinition() == null;
        Operation operation = at.operation()
                .enterPhase(gone ? Phase.RESTORE : Phase.COUNT, now)
                .withProgress(done.progress());
        if (!done.changed()) {
            operation = operation.withNote("Nothing to change in the stack: it is as the spec says.");
        }
        ServiceRecord record = at.record().value();
        String around =
                done.upToDate() ? EnvironmentDigest.digest(at.environment().value()) : null;
        ServiceRecord applied = record.applied(done.outputs(), around);
        return record.equals(applied)
                ? ReconcileResult.proceed(operation)
                : ReconcileResult.proceed(operation, new Write.Update<>(at.record(), applied));
    }

    /**
     * A service that was deleted by hand leaves no trace of its release; the stack's own value is handed back then, since
     * an empty one would mean that there never was a release.
     */
    private static LiveTraffic withStackValues(LiveTraffic live, StackState stack) {
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

    private LiveTraffic live(ServiceContext at) {
        return observer.observe(
                () -> deployments.findActive(at.id()),
                at.record().value().outputs(),
                at.record().value().declared().container().port());
    }
}
