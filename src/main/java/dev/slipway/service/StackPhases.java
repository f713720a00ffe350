package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.plan.Mends;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.routing.RouteClaim;
import dev.slipway.scaling.ScalableTargets;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.StackResult;
import dev.slipway.stack.StackState;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The phases of an apply that are about the stack, and the one phase of a plan. They change nothing in AWS but the stack, by
 * CloudFormation. What is live is observed in ECS and the load balancer in every pass anew, and committed to the stack before
 * anything else changes.
 */
final class StackPhases {
    /** A rule that is not found for so long is missing: what has just been made, or changed, may not show yet. */
    private static final Duration RULE_MISSING_FOR = Duration.ofSeconds(30);
    /** After so long the load balancer shows a rule that was made. */
    private static final Duration RULE_SHOWN_WITHIN = Duration.ofMinutes(2);

    private final Store store;
    private final StackReconciler stacks;
    private final ServiceStack stack;
    private final EcsDeployments deployments;
    private final TaskDefinitions taskDefinitions;
    private final LiveObserver observer;
    private final ScalableTargets scaling;
    private final RetainedResources retained;
    private final IdGenerator ids;

    StackPhases(
            Store store,
            StackReconciler stacks,
            ServiceStack stack,
            Clients clients,
            RetainedResources retained,
            IdGenerator ids) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.deployments = new EcsDeployments(clients.ecs());
        this.taskDefinitions = new TaskDefinitions(clients.ecs());
        this.observer = new LiveObserver(clients.elb());
        this.scaling = new ScalableTargets(clients.scaling());
        this.retained = retained;
        this.ids = ids;
    }

    /** Looks at what is live and at the stack, and says where to begin. */
    ReconcileResult observe(ServiceContext at) {
        if (!at.service().outputs().isEmpty()) {
            ServiceSpec spec = at.service().declared();
            Optional<String> restored = retained.restoreLogs(
                    at.id(),
                    spec.logs().retentionDays(),
                    stack.tags(at.id(), spec, at.environment().value()));
            if (restored.isPresent()) {
                return ReconcileResult.proceed(at.operation().withNote(restored.get()));
            }
        }
        LiveTraffic live = live(at);
        if (isInactive(live)) {
            return registerAnew(at, Objects.requireNonNull(live.taskDefinition()));
        }
        Optional<StackState> known = stacks.observe(at.id().stackName());
        if (known.isPresent() && live.taskDefinition() == null && expectsService(at, known.get())) {
            return at.next(Phase.REPAIR);
        }
        boolean stale = known.isPresent()
                && known.get().phase().holdsResources()
                && sync(at, live, known.get()).isPresent();
        if (stale) {
            return at.next(Phase.SYNC);
        }
        return live.missingRules().isEmpty() ? stack(at.in(Phase.STACK), live) : at.next(Phase.STACK);
    }

    /**
     * Somebody deregistered what is live. It goes on running, and no update of the service that names it would succeed, so its
     * release is registered anew; from then on that is what is handed to the stack.
     */
    private ReconcileResult registerAnew(ServiceContext at, String inactive) {
        Optional<Stored<Release>> release = releaseOf(at, inactive);
        if (release.isEmpty()) {
            return ReconcileResult.proceed(at.operation()
                    .failed(
                            Problem.user(
                                    "task-definition-inactive",
                                    "ECS runs %s, which is none of this service's releases and has been deregistered: the service cannot be updated with it."
                                            .formatted(inactive),
                                    "Roll out a release first: POST " + at.id().path() + "/rollouts"),
                            at.now()));
        }
        String arn = taskDefinitions.register(TaskDefinitions.Content.of(
                at.id(),
                release.get().value(),
                at.service().outputs(),
                at.environment().value().declared().region()));
        return ReconcileResult.proceed(
                at.operation()
                        .withNote(
                                "Release %d had been deregistered outside Slipway; it was registered anew as %s, and its tasks are replaced one by one."
                                        .formatted(release.get().value().number(), arn)),
                new Transaction().update(release.get(), release.get().value().registeredAs(arn)));
    }

    private boolean isInactive(LiveTraffic live) {
        return live.taskDefinition() != null && !taskDefinitions.isActive(live.taskDefinition());
    }

    private Optional<Stored<Release>> releaseOf(ServiceContext at, String taskDefinition) {
        Optional<Stored<Release>> last = Optional.ofNullable(at.service().live())
                .flatMap(number -> store.get(Release.key(at.id(), number)))
                .filter(release -> release.value().isTaskDefinition(taskDefinition));
        return last.isPresent() ? last : search(at, taskDefinition);
    }

    private Optional<Stored<Release>> search(ServiceContext at, String taskDefinition) {
        return store.stream(at.id().partition(), Release.SORT, Release.ITEM_TYPE, true)
                .filter(release -> release.value().isTaskDefinition(taskDefinition))
                .findFirst();
    }

    /**
     * Whether a release is about to go out through the stack, because ECS has no service, and yet the stack has one: somebody
     * deleted it outside the stack. ECS is asked again: the stack may have made it since, in a pass that was cut off.
     */
    boolean needsRepair(ServiceContext at) {
        return stacks.observe(at.id().stackName())
                .filter(known -> expectsService(at, known))
                .filter(_ -> deployments.findActive(at.id()).isEmpty())
                .isPresent();
    }

    private static boolean expectsService(ServiceContext at, StackState known) {
        return !at.service().outputs().isEmpty()
                && known.phase().holdsResources()
                && !known.parameters().getOrDefault("TaskDefinition", "").isEmpty();
    }

    /**
     * Takes an ECS service that is gone out of the stack. CloudFormation cannot update it, and does not miss it either: it
     * compares templates. Deleting what is gone already succeeds, and then the service can be made anew.
     */
    ReconcileResult repair(ServiceContext at) {
        StackChange change = StackChange.update(
                at.id().stackName(),
                Map.of("TaskDefinition", ""),
                "detach-" + at.operation().id());
        return switch (stacks.apply(at.progress(), change, at.now())) {
            case ApplyResult.InProgress again -> at.requeue(again);
            case ApplyResult.Succeeded done ->
                ReconcileResult.proceed(at.operation()
                        .leaving(done.leftovers())
                        .enterPhase(at.operation().rollout() == null ? Phase.OBSERVE : Phase.PREFLIGHT, at.now())
                        .withNote("The ECS service had been deleted outside Slipway; it is made anew."));
            case ApplyResult.Failed failed ->
                at.operation().rollout() == null ? refused(at, failed) : at.failed(failed);
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

    /** Commits what is live; it is looked at anew in every pass, since a rollback may still be under way. */
    ReconcileResult sync(ServiceContext at) {
        Progress progress = at.progress();
        LiveTraffic live = live(at);
        // An apply has looked before.
        if (at.operation().rollout() != null && progress.step() == Progress.Step.OBSERVE && isInactive(live)) {
            return registerAnew(at, Objects.requireNonNull(live.taskDefinition()));
        }
        Instant confirmed = at.operation().phaseSince().plus(RULE_MISSING_FOR);
        if (!live.missingRules().isEmpty()
                && progress.step() == Progress.Step.OBSERVE
                && at.now().isBefore(confirmed)) {
            // The load balancer's answers are eventually consistent: it is asked twice before a rule is made anew.
            return ReconcileResult.requeue(at.operation(), Duration.between(at.now(), confirmed));
        }
        Optional<StackChange> change = stacks.observe(at.id().stackName()).flatMap(known -> sync(at, live, known));
        Phase next = at.operation().rollout() == null ? Phase.STACK : Phase.GRANT_ACCESS;
        if (change.isEmpty() && progress.step() == Progress.Step.OBSERVE) {
            return at.next(next);
        }
        ApplyResult result = stacks.apply(
                progress,
                change.orElseGet(() -> StackChange.sync(
                        at.id().stackName(), Map.of(), "sync-" + at.operation().id())),
                at.now());
        return switch (result) {
            case ApplyResult.InProgress again -> at.requeue(again);
            case ApplyResult.Succeeded done -> {
                Operation operation = at.operation().leaving(done.leftovers()).enterPhase(next, at.now());
                ServiceRecord synced = at.service().withOutputs(done.outputs());
                yield ReconcileResult.proceed(
                        ruleNote(at.service().outputs(), done.outputs())
                                .map(operation::withNote)
                                .orElse(operation),
                        new Transaction().updateIfChanged(at.record(), synced));
            }
            case ApplyResult.Failed failed -> refused(at, failed);
        };
    }

    /** What is to be said of rules that are others than before. */
    private static Optional<String> ruleNote(Map<String, String> before, Map<String, String> after) {
        return Stream.of(LiveObserver.PRODUCTION, LiveObserver.TEST)
                .filter(rule -> before.get(rule) != null && !before.get(rule).equals(after.get(rule)))
                .findFirst()
                .map(
                        rule -> listenerOf(before.get(rule)).equals(listenerOf(after.get(rule)))
                                ? "A listener rule had been deleted outside Slipway; it was made anew, and the tasks are replaced one by one."
                                : "The listener rules have moved to the listener that the environment has for its services now, and the tasks were replaced one by one.");
    }

    /** A rule's ARN is its listener's with an id behind it. */
    private static String listenerOf(@Nullable String rule) {
        return rule == null ? "" : rule.substring(0, rule.lastIndexOf('/') + 1);
    }

    /** A rollout moves nothing but its own release, and a mend nothing. */
    private static boolean isMoving(ServiceContext at) {
        return at.operation().type() == Operation.Type.APPLY && at.operation().rollout() == null;
    }

    /** What an apply moves the service to. */
    private static @Nullable String listener(ServiceContext at) {
        return isMoving(at) ? at.environment().value().outputs().get("ListenerArn") : null;
    }

    private Optional<StackChange> sync(ServiceContext at, LiveTraffic live, StackState known) {
        return Optional.ofNullable(ServiceStack.sync(
                at.id(),
                known,
                withStackValues(live, known),
                listener(at),
                isMoving(at) ? at.service().declared().capacity() : null,
                live.missingRules().isEmpty()
                        ? Map.of()
                        : stacks.resources(at.id().stackName()),
                at.operation().id()));
    }

    /**
     * Where a mend begins. What an apply would make anew is left to one: it knows the release and the number of tasks, which the stack
     * does not.
     */
    ReconcileResult observeForMend(ServiceContext at) {
        LiveTraffic live = live(at);
        Optional<StackState> known = stacks.observe(at.id().stackName());
        boolean gone = live.taskDefinition() == null && known.isPresent() && expectsService(at, known.get());
        if (gone || !live.missingRules().isEmpty() || isInactive(live)) {
            String what = gone
                    ? "The ECS service is"
                    : live.missingRules().isEmpty() ? "The task definition of what is live is" : "A listener rule is";
            return ReconcileResult.proceed(at.operation()
                    .failed(
                            Problem.user(
                                    "mend-refused",
                                    "%s gone, and is made anew with what is live by an apply alone. Nothing has been changed."
                                            .formatted(what),
                                    "Apply the spec first: PUT %s. Then compare again."
                                            .formatted(at.id().path())),
                            at.now()));
        }
        boolean stale = known.isPresent() && sync(at, live, known.get()).isPresent();
        return at.next(stale ? Phase.SYNC : Phase.STACK);
    }

    /** Has CloudFormation put back what differs from the stack, which has what is live by now. */
    ReconcileResult mend(ServiceContext at) {
        return Mends.reconcile(stacks, at.operation(), at.now());
    }

    /** Makes the stack what the spec says, with what is live handed through. */
    ReconcileResult stack(ServiceContext at) {
        LiveTraffic live = live(at);
        return live.missingRules().isEmpty()
                        || at.progress().step() != Progress.Step.OBSERVE
                        || stacks.observe(at.id().stackName())
                                .filter(ServiceStack::makesRules)
                                .isEmpty()
                ? stack(at, live)
                : withoutRule(at, live.missingRules());
    }

    /** A rule is not there although it was just made anew; what is handed to the stack would rest on a guess. */
    private static ReconcileResult withoutRule(ServiceContext at, Map<String, String> missing) {
        Instant until = at.operation().phaseSince().plus(RULE_SHOWN_WITHIN);
        return at.now().isBefore(until)
                ? ReconcileResult.requeue(at.operation(), RULE_MISSING_FOR)
                : refused(
                        at,
                        new StackResult.Failed(
                                at.progress(),
                                Problem.user(
                                        "listener-rule-missing",
                                        "The load balancer does not have %s, although the stack has made it anew: somebody deletes it."
                                                .formatted(String.join(" and ", missing.values())),
                                        "Find out who does (CloudTrail: DeleteRule), then apply the spec again.")));
    }

    private ReconcileResult stack(ServiceContext at, LiveTraffic live) {
        boolean gone = live.taskDefinition() == null && at.service().live() != null;
        LiveTraffic handed = gone
                ? stacks.observe(at.id().stackName())
                        .map(known -> withStackValues(live, known))
                        .orElse(live)
                : live;
        StackChange change = stack.change(
                at.id(),
                at.service().declared(),
                at.environment().value(),
                at.claim(),
                handed,
                ids.secret(32),
                at.operation(),
                Plans.digest(store, at.operation()),
                at.now());
        return switch (stacks.apply(at.progress(), change, () -> retained.find(at.id()), at.now())) {
            case ApplyResult.InProgress again -> at.requeue(again);
            case ApplyResult.Succeeded done -> applied(at, done, gone ? Phase.RESTORE : Phase.COUNT);
            case ApplyResult.Failed failed -> refused(at, failed);
        };
    }

    private ReconcileResult applied(ServiceContext at, ApplyResult.Succeeded done, Phase next) {
        Operation operation = new Operations(store)
                .withLeftovers(at.operation(), done, stacks)
                .enterPhase(next, at.now())
                .withProgress(done.progress());
        if (!done.changed()) {
            operation = operation.withNote("Nothing to change in the stack: it is as the spec says.");
        }
        ServiceRecord record = at.service();
        ServiceRecord applied = record.withOutputs(done.outputs()).withoutFallback();
        if (done.upToDate()) {
            applied = applied.withEnvironmentDigest(
                    EnvironmentDigest.digest(at.environment().value()));
        }
        return ReconcileResult.proceed(operation, new Transaction().updateIfChanged(at.record(), applied));
    }

    /**
     * What was refused, or has been rolled back, is not what is declared; its freezes and controls do not hold, and its routes
     * are free again. Where another service has taken those of the spec before meanwhile, the refused one stays declared.
     */
    private static ReconcileResult refused(ServiceContext at, StackResult.Failed failed) {
        ReconcileResult result = at.failed(failed);
        if (at.operation().type() != Operation.Type.APPLY || at.operation().rollout() != null) {
            return result;
        }
        return at.service()
                .reverted(at.now())
                .flatMap(before -> routes(at, before)
                        .map(routes -> ReconcileResult.proceed(
                                result.operation(),
                                routes.and(at.service().reversion(result.operation(), before))
                                        .update(at.record(), before))))
                .orElse(result);
    }

    private static Optional<Transaction> routes(ServiceContext at, ServiceRecord before) {
        try {
            RouteClaim claim = RouteAllocation.of(
                    at.id(), before.declared(), at.environment().value());
            return Optional.of(
                    claim.equals(at.environment().value().services().get(at.id().service()))
                            ? new Transaction()
                            : new Transaction()
                                    .update(
                                            at.environment(),
                                            at.environment()
                                                    .value()
                                                    .withRoute(at.id().service(), claim)));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    /**
     * Computes a plan. There may be no such service yet; that there is an environment, and room in it, was so when the plan was
     * asked for.
     */
    ReconcileResult plan(Operation operation, ServiceId id, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        Optional<EnvironmentRecord> environment =
                store.get(EnvironmentRecord.key(id.environmentId())).map(Stored::value);
        if (environment.isEmpty()) {
            return notPlanned(
                    operation,
                    plan,
                    Problem.user(
                            "environment-not-found",
                            "The environment %s was deleted meanwhile.".formatted(id.environment()),
                            null),
                    now);
        }
        ServiceSpec spec = stack.spec(plan.value());
        RouteClaim claim;
        try {
            claim = RouteAllocation.of(id, spec, environment.get());
        } catch (ProblemException e) { // another service has been applied since
            return notPlanned(operation, plan, e.problem(), now);
        }
        Optional<ServiceRecord> record = store.get(ServiceRecord.key(id)).map(Stored::value);
        StackChange change = stack.change(
                id,
                spec,
                environment.get(),
                claim,
                LiveTraffic.initial(spec.container().port()),
                ids.secret(32),
                operation,
                null,
                now);
        StackChange shown = record.flatMap(_ -> stacks.observe(id.stackName()))
                .filter(known -> known.phase().holdsResources())
                .map(known -> ServiceStack.asIfSynced(change, known))
                .orElse(change);
        return Plans.toReconcileResult(
                operation, plan, stacks.plan(operation.progressAt(now), shown, () -> retained.find(id), now), now);
    }

    private static ReconcileResult notPlanned(Operation operation, Stored<Plan> plan, Problem why, Instant now) {
        return ReconcileResult.proceed(
                operation.failed(why, now),
                new Transaction().update(plan, plan.value().failed(why)));
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
        return live.with(stacked -> stacked.taskDefinition(known)
                .containerPort(Integer.parseInt(
                        stack.parameters().getOrDefault("LiveContainerPort", Integer.toString(live.containerPort())))));
    }

    private LiveTraffic live(ServiceContext at) {
        LiveTraffic live = live(at, at.service().outputs());
        if (!live.missingRules().isEmpty()) {
            // The stack may have them anew, by a change whose end was not recorded.
            live = stacks.observe(at.id().stackName())
                    .map(known -> live(at, known.outputs()))
                    .orElse(live);
        }
        return withRelease(at, withLimits(at, live));
    }

    /** The limits of a service that scales, which schedules and the phase {@code count} change without the stack. */
    private LiveTraffic withLimits(ServiceContext at, LiveTraffic live) {
        return at.service().outputs().containsKey(ServiceStack.SCALABLE_TARGET)
                ? live.withLimits(scaling.limits(at.id()).orElse(null))
                : live;
    }

    private LiveTraffic live(ServiceContext at, Map<String, String> outputs) {
        return observer.observe(
                () -> deployments.findActive(at.id()),
                outputs,
                at.service().declared().container().port());
    }

    private LiveTraffic withRelease(ServiceContext at, LiveTraffic live) {
        return live.taskDefinition() == null
                ? live
                : releaseOf(at, live.taskDefinition())
                        .map(release -> live.with(release.value().taskDefinition()))
                        .orElse(live);
    }
}
