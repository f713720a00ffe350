package dev.slipway.rollout;

import dev.slipway.aws.AwsErrors;
import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.preflight.Preflight;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.StackState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceRevisionSummary;

/** Has ECS start a deployment, or CloudFormation the service when the release is its first. */
record DeploymentStarter(
        EcsDeployments deployments,
        StackReconciler stacks,
        Preflight preflight,
        Registrations registrations,
        RolloutCompletion completion,
        CallIntents intents,
        String hookFunction) {
    private static final Duration SOON = Duration.ofSeconds(30);
    /** An UpdateService shows after so long at the latest, counted from when it was written down. */
    private static final Duration SHOWN_WITHIN = Duration.ofMinutes(2);
    /** So long a call is tried whose answer is lost every time; for as long as it takes where a bad release is to be taken away. */
    private static final Duration MAX_UNSURE = Duration.ofHours(1);

    RolloutReconcileResult start(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        Release release = completion.release(context);
        Optional<Service> service = deployments.findActive(rollout.service());
        var decision = DeploymentPolicy.start(
                service.isPresent(),
                service.map(EcsDeployments::deploymentStates).orElse(List.of()),
                release.taskDefinition(),
                context.operation().phaseSince());
        if (decision instanceof DeploymentPolicy.StartDecision.AlreadyStarted) {
            return startMonitoring(context, rollout, now);
        }
        boolean lost = !intents.isUnmade(rollout);
        boolean mayHaveHappened = lost
                && (decision instanceof DeploymentPolicy.StartDecision.Wait
                        || decision instanceof DeploymentPolicy.StartDecision.Deploy);
        Optional<String> made = mayHaveHappened
                ? deployments.findStarted(
                        rollout.service(),
                        release.taskDefinition(),
                        context.operation().phaseSince())
                : Optional.empty();
        if (made.isPresent()) {
            // An attempt before this one called UpdateService and was cut off; ECS has rolled the release back
            // since, or does so now, so that the service alone looks as if nothing had happened.
            return startMonitoring(context, rollout.progressed(progress -> progress.deployment(made.get())), now);
        }
        Instant unsure = rollout.progress().unsureSince();
        if (lost && unsure != null && now.isBefore(unsure.plus(SHOWN_WITHIN))) {
            // ECS's answers are eventually consistent: that it shows nothing does not yet tell that nothing
            // has begun.
            return context.requeue(rollout, Duration.between(now, unsure.plus(SHOWN_WITHIN)));
        }
        if (rollout.stop() != null) {
            // Not before it is known that nothing was started: nobody would watch it, and the gate would let it pass.
            intents.forget(rollout);
            return completion.cancelledBeforeStart(context, rollout.stop(), now);
        }
        if (lost
                && !rollout.isAutomaticRollback()
                && now.isAfter(context.operation().phaseSince().plus(MAX_UNSURE))) {
            return completion.startUnknown(context, now);
        }
        if (needsApproval(rollout, decision)) {
            return context.transitionTo(Phase.APPROVAL, now, rollout);
        }
        return switch (decision) {
            case DeploymentPolicy.StartDecision.CreateService first ->
                context.transitionTo(Phase.CREATE_SERVICE, now, rollout);
            case DeploymentPolicy.StartDecision.AlreadyLive live ->
                completion.end(
                        context,
                        Rollout.State.SUCCEEDED,
                        now,
                        "Release %d was live already.".formatted(release.number()),
                        null);
            case DeploymentPolicy.StartDecision.AlreadyStarted happened -> startMonitoring(context, rollout, now);
            // One that could neither go on nor back has ended, though the service shows two for good: a release that is
            // to fix it must not wait for that.
            case DeploymentPolicy.StartDecision.Wait wait ->
                deployments
                        .underWay(rollout.service())
                        .map(other -> displace(context, release, service.orElseThrow(), other, now))
                        .orElseGet(() -> deploy(context, release, service.orElseThrow(), now));
            case DeploymentPolicy.StartDecision.Deploy deploy ->
                hasGone(rollout, service.orElseThrow())
                        ? completion.replaced(context, now)
                        : deploy(context, release, service.orElseThrow(), now);
        };
    }

    /** Whether somebody has deployed something else since it was decided to go back: then the bad release is not there any more. */
    private boolean hasGone(Rollout rollout, Service service) {
        return rollout.isAutomaticRollback()
                && service.deployments()
                        .getFirst()
                        .createdAt()
                        .isAfter(rollout.progress().startedAt())
                && !completion.isLive(rollout).test(service.taskDefinition());
    }

    /**
     * Whether people have to be asked here, once: the gate lets a release pass before which none was live, and is not asked where the
     * stack makes the service. What was live and is made again serves as before.
     */
    private boolean needsApproval(Rollout rollout, DeploymentPolicy.StartDecision decision) {
        Integer previous = rollout.progress().previous();
        boolean ungated = previous == null && !(decision instanceof DeploymentPolicy.StartDecision.AlreadyLive)
                || decision instanceof DeploymentPolicy.StartDecision.CreateService
                        && !Objects.equals(previous, rollout.release());
        return ungated
                && rollout.settings().isApproved()
                && completion
                        .store()
                        .get(GateRecord.key(rollout.service(), rollout.id()))
                        .flatMap(gate -> gate.value().find(GateRecord.BEFORE_FIRST_RELEASE, 0))
                        .filter(checkpoint -> checkpoint.passedAt() != null)
                        .isEmpty();
    }

    private RolloutReconcileResult deploy(RolloutContext context, Release release, Service service, Instant now) {
        Rollout rollout = context.rollout().value();
        int port = release.container().port();
        boolean sameport = EcsDeployments.port(service) == port;
        if (!sameport && !isPortOpen(rollout, port)) {
            return context.transitionTo(Phase.GRANT_ACCESS, now, rollout);
        }
        Rollout placed = isStale(rollout, service) ? refreshTargetGroups(context) : rollout;
        Rollout current = service.desiredCount() == 0 && !placed.settings().isRolling() ? placed.forStopped() : placed;
        if (!current.equals(rollout) || !intents.make(rollout, now)) {
            // Written down before anything is started: a pass that is cut off after that could not look any more, since
            // the deployment moves the traffic itself.
            intents.plan(rollout, now);
            return context.requeue(current.progressed(progress -> progress.unsureSince(now)), Duration.ZERO);
        }
        return registrations.start(context, () -> {
            try {
                deployments.deploy(
                        rollout.service(),
                        release.taskDefinition(),
                        sameport ? null : loadBalancer(context, rollout, port),
                        DeploymentConfigurations.of(
                                rollout, hookFunction, context.outputs().get("InfrastructureRoleArn")),
                        release.taskDefinition().equals(service.taskDefinition()));
            } catch (RuntimeException e) {
                if (AwsErrors.isOutcomeUnknown(e)) {
                    return context.requeue(rollout.progressed(progress -> progress.unsureSince(now)), SOON);
                }
                intents.refused(rollout);
                throw e;
            }
            return startMonitoring(context, rollout, now);
        });
    }

    private static LoadBalancer loadBalancer(RolloutContext context, Rollout rollout, int port) {
        TargetGroups groups = rollout.progress().targetGroups();
        return EcsDeployments.loadBalancer(
                rollout.service(), port, groups == null ? null : groups.live(), context.outputs());
    }

    /**
     * A deployment outside Slipway may have moved the traffic to the other target group since we looked: one that began since, or
     * one that was under way then and has ended.
     */
    private static boolean isStale(Rollout rollout, Service service) {
        Instant looked = rollout.progress().startedAt().minus(DeploymentPolicy.CLOCK_SKEW);
        return rollout.progress().waitsFor() != null
                || service.deployments().stream()
                        .anyMatch(found -> found.createdAt().isAfter(looked)
                                || found.updatedAt() != null
                                        && found.updatedAt().isAfter(looked));
    }

    private Rollout refreshTargetGroups(RolloutContext context) {
        TargetGroups groups = preflight.groups(context.preflightInput());
        Rollout rollout = context.rollout().value();
        return groups == null ? rollout : rollout.progressed(progress -> progress.targetGroups(groups));
    }

    /**
     * What is ours is searched from the moment that we meant to deploy, which is when the phase {@code start} was recorded. Limits count
     * from now: that phase may have lasted long.
     */
    private static RolloutReconcileResult startMonitoring(RolloutContext context, Rollout current, Instant now) {
        var operation = context.operation()
                .enterPhase(Phase.MONITOR, context.operation().phaseSince());
        Duration look = current.settings().isRolling()
                ? RollingDeploymentMonitor.POLL_INTERVAL
                : TrafficShiftMonitor.BEFORE_PRODUCTION;
        Rollout rollout = current.progressed(progress -> progress.waitsFor(null).calledAt(now));
        return new RolloutReconcileResult.Requeue(
                new ReconcileResult(operation, new Transaction().updateIfChanged(context.rollout(), rollout), look));
    }

    /** Somebody else's deployment is under way. */
    private RolloutReconcileResult displace(
            RolloutContext context, Release release, Service service, ServiceDeployment other, Instant now) {
        Rollout rollout = context.rollout().value();
        Instant asked = context.operation().phaseSince(); // people and a task may have been waited for before it
        Duration limit = context.tasksLimit();
        ServiceRevisionSummary target = other.targetServiceRevision();
        boolean traffic = target != null
                && target.requestedProductionTrafficWeight() != null
                && target.requestedProductionTrafficWeight() > 0;
        var seen = new DeploymentPolicy.OtherDeployment(
                other.rollback() == null || other.rollback().startedAt() == null
                        ? other.createdAt()
                        : other.rollback().startedAt(),
                EcsDeployments.isRolling(service),
                completion.isLive(rollout).test(service.taskDefinition()),
                !traffic && EcsDeployments.lacksTasks(service),
                DeploymentPolicy.isRollingBack(other.statusAsString()));
        return switch (DeploymentPolicy.displace(seen, asked, rollout.settings().isRolling(), limit, now)) {
            case WAIT -> waitForDeployment(context, asked.plus(limit), RollingDeploymentMonitor.POLL_INTERVAL);
            case SUPERSEDE ->
                deploy(
                        context.withNoteOnce("The deployment of %s from %s did not end; this rollout takes its place."
                                .formatted(service.taskDefinition(), other.createdAt())),
                        release,
                        service,
                        now);
            case STOP -> {
                deployments.stop(other.serviceDeploymentArn());
                yield waitForDeployment(
                        context.withNoteOnce("The deployment of %s from %s did not end, and was stopped."
                                .formatted(service.taskDefinition(), other.createdAt())),
                        asked.plus(limit.multipliedBy(2)),
                        SOON);
            }
            case GIVE_UP ->
                completion.end(
                        context,
                        Rollout.State.FAILED,
                        now,
                        "Another deployment of the service did not end in time.",
                        Problem.user(
                                "deployment-in-progress",
                                "A deployment that was started outside Slipway is still under way; nothing was changed.",
                                "Stop it or let it end, then roll out anew."
                                        + (seen.rollingBack()
                                                ? " Or roll out with the strategy blue-green, which takes the place of a rollback that does not end."
                                                : "")));
        };
    }

    private static RolloutReconcileResult waitForDeployment(RolloutContext context, Instant until, Duration lookAgain) {
        String waitsFor = "A deployment that was started outside Slipway is under way; waits for its end until %s."
                .formatted(until);
        return context.requeue(
                context.rollout().value().progressed(progress -> progress.waitsFor(waitsFor)), lookAgain);
    }

    private boolean isPortOpen(Rollout rollout, int port) {
        String wanted = Integer.toString(port);
        Map<String, String> stack = parameters(rollout);
        return wanted.equals(stack.get("ContainerPort")) || wanted.equals(stack.get("LiveContainerPort"));
    }

    private Map<String, String> parameters(Rollout rollout) {
        return stacks.observe(rollout.service().stackName())
                .map(StackState::parameters)
                .orElse(Map.of());
    }

    /**
     * Has the stack open the release's port in the firewall. The change is the same in every pass, also when the stack has
     * taken it over already.
     */
    RolloutReconcileResult grantAccess(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        Release release = completion.release(context);
        String port = Integer.toString(release.container().port());
        Map<String, String> values =
                port.equals(parameters(rollout).get("LiveContainerPort")) ? Map.of() : Map.of("ContainerPort", port);
        ApplyResult result = stacks.apply(context.operation().progressAt(now), change(context, "open", values), now);
        return changed(context, result, Phase.START, now);
    }

    RolloutReconcileResult createService(RolloutContext context, Instant now) {
        // The stack makes the alarms as well, which know nothing yet of tasks that have just begun.
        completion.signal().send(context.rollout().value().service(), now);
        Release release = completion.release(context);
        String port = Integer.toString(release.container().port());
        Map<String, String> values =
                Map.of("TaskDefinition", release.taskDefinition(), "LiveContainerPort", port, "ContainerPort", port);
        // A release that was registered anew is another change.
        String what = "first"
                + (release.formerTaskDefinitions().isEmpty()
                        ? ""
                        : release.formerTaskDefinitions().size());
        ApplyResult result = stacks.apply(context.operation().progressAt(now), change(context, what, values), now);
        if (result instanceof ApplyResult.Failed) {
            Optional<Registrations.Anew> anew = registrations.anew(context.beginningAnew(), context.release());
            if (anew.isPresent()) {
                return anew.get().again();
            }
        }
        return changed(context, result, Phase.SCALE, now);
    }

    private RolloutReconcileResult changed(RolloutContext context, ApplyResult result, Phase next, Instant now) {
        return switch (result) {
            case ApplyResult.InProgress again -> context.requeue(again);
            case ApplyResult.Succeeded done ->
                context.leaving(done.leftovers())
                        .transitionTo(next, now, context.rollout().value());
            case ApplyResult.Failed failed -> completion.stackFailed(context, failed, now);
        };
    }

    /** An update of the stack's parameters on the template that it has; what is not named stays as it is. */
    private static StackChange change(RolloutContext context, String what, Map<String, String> values) {
        return StackChange.update(
                context.rollout().value().service().stackName(),
                values,
                what + "-" + context.operation().id());
    }

    RolloutReconcileResult scale(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        if (context.desiredCount() != 1) { // CloudFormation starts a service without a count with one task
            deployments.scale(rollout.service(), context.desiredCount());
        }
        return context.transitionTo(Phase.WAIT_FOR_TASKS, now, rollout);
    }

    /** The first task serves already; the rollout is over when the others run, too, or have had their time. */
    RolloutReconcileResult waitForTasks(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        Optional<Service> service = deployments.findActive(rollout.service());
        int running = service.map(Service::runningCount).orElse(0);
        int desired = service.map(Service::desiredCount).orElse(0);
        Instant limit = context.operation().phaseSince().plus(rollout.settings().startLimit(desired));
        completion.signal().send(rollout.service(), now);
        if (running < desired && now.isBefore(limit)) {
            return context.requeue(rollout, SOON);
        }
        return completion.succeeded(context, rollout, now);
    }
}
