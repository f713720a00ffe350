package dev.slipway.rollout;

import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.diagnosis.Diagnosis.RankedCause;
import dev.slipway.diagnosis.Evidence.HealthCheck;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.UnsettledOperation;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.stack.StackResult;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Rollback;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentAlarms;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentRollbackMonitorsStatus;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;

/** How rollouts end: what is recorded and what is said. */
record RolloutCompletion(
        Store store,
        EcsDeployments deployments,
        RolloutEventRecorder events,
        RolloutSignal signal,
        RolloutDiagnosis diagnoses) {
    /** Code of the problem when ECS could not go back. */
    static final String ROLLBACK_FAILED = "rollback-failed";

    /** Code of the problem when what was deployed is to go, since it does not stay up or was found to be bad, and nothing could take its place. */
    static final String UNSTABLE = "unstable-release";

    static final String TASKS =
            "Look at the stopped tasks and their logs, fix the image or the configuration, and roll out anew.";

    private static final Duration SHOWS_SOON = Duration.ofSeconds(15);

    /** ECS has deployed it: it has succeeded once its tasks have stayed up. */
    RolloutReconcileResult succeeded(RolloutContext context, Rollout rollout, Instant now) {
        if (rollout.stop() != null) {
            return mustGo(rollout, rollout.stop().cause())
                    ? stabilize(context, rollout, Duration.ZERO, now)
                    : succeededDespiteStop(context, rollout, rollout.stop(), now);
        }
        Duration stable = Duration.ofMinutes(rollout.settings().stableMinutes());
        boolean stopped = rollout.preflight() != null && rollout.preflight().isStopped();
        if (!stable.isZero() && !stopped) {
            String waitsFor = stabilizing(context.release(), now.plus(stable));
            return stabilize(
                    context,
                    rollout.progressed(progress -> progress.waitsFor(waitsFor)),
                    StabilityMonitor.nextLook(now, now.plus(stable)),
                    now);
        }
        return stable(context, rollout, () -> deployments.findActive(rollout.service()), now);
    }

    /** ECS has deployed it, and what is to be known of it before it has succeeded is looked at from now on. */
    RolloutReconcileResult stabilize(RolloutContext context, Rollout rollout, Duration lookAgain, Instant now) {
        Rollout deployed = rollout.progressed(progress -> progress.deployedAt(now));
        return new RolloutReconcileResult.Requeue(new ReconcileResult(
                context.operation().enterPhase(Phase.STABILIZE, now),
                new Transaction().updateIfChanged(context.rollout(), deployed),
                lookAgain));
    }

    /**
     * Whether a release that was to be rolled back goes although ECS was done before it was told. One that somebody did not want any
     * more stays, and so does one that was gone back to.
     */
    private static boolean mustGo(Rollout rollout, Rollout.Stop.Cause cause) {
        return switch (cause) {
            case CANCELLED, REPLACED -> false;
            case FAILED_TASKS, TIME_LIMIT, REJECTED, CHECKS_FAILED, UNHEALTHY, NO_EVIDENCE, UNSTABLE ->
                !staysAsRollback(rollout, cause);
        };
    }

    /** A rollback is gone back from by a person's order alone: the release that it would bring up is the bad one. */
    static boolean staysAsRollback(Rollout rollout, Rollout.Stop.Cause cause) {
        return rollout.request().reason() == Rollout.Reason.ROLLBACK
                && switch (cause) {
                    case CANCELLED, REPLACED, REJECTED -> false;
                    case CHECKS_FAILED, UNHEALTHY, NO_EVIDENCE, FAILED_TASKS, TIME_LIMIT, UNSTABLE -> true;
                };
    }

    /** What a rollout waits for whose release is live. */
    static String stabilizing(int release, Instant until) {
        return "Release %d is live, and its tasks must stay up until %s.".formatted(release, until);
    }

    /** Its tasks have stayed up, or nobody had to look. */
    RolloutReconcileResult stable(RolloutContext context, Optional<Service> service, Instant now) {
        return stable(context, context.rollout().value(), () -> service, now);
    }

    private RolloutReconcileResult stable(
            RolloutContext context, Rollout rollout, Supplier<Optional<Service>> look, Instant now) {
        if (rollout.progress().previous() == null) {
            Optional<Service> service = look.get();
            int desired = service.map(Service::desiredCount).orElse(0);
            int running = service.map(Service::runningCount).orElse(0);
            return end(
                    context,
                    rollout,
                    Rollout.State.SUCCEEDED,
                    now,
                    desired == 0
                            ? "Release %d is live, the service's first; the service has no tasks (count is 0)."
                                    .formatted(context.release())
                            : "Release %d is live, the service's first, with %d of %d tasks."
                                    .formatted(context.release(), Math.min(running, desired), desired),
                    null);
        }
        String verdict = rollout.progress().verdict() == null
                ? ""
                : " " + rollout.progress().verdict().message();
        if (rollout.preflight() != null && rollout.preflight().isStopped()) {
            verdict = " The service has no tasks: it was neither checked nor judged.";
        }
        return end(
                context,
                rollout,
                Rollout.State.SUCCEEDED,
                now,
                "Release %d is live.%s".formatted(context.release(), verdict),
                null);
    }

    /** The release is live and is to go. Where there is none before it, or it was gone back to, it stays, and the rollout says so. */
    RolloutReconcileResult rollBack(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        Rollout.Stop stop = Objects.requireNonNull(rollout.stop());
        boolean stays = staysAsRollback(rollout, stop.cause());
        Integer previous = rollout.progress().previous();
        if (!stays
                && previous != null
                && !previous.equals(rollout.release())
                && store.get(Release.key(rollout.service(), previous)).isPresent()) {
            return new RolloutReconcileResult.RollBack(context.operation(), context.rollout());
        }
        if (rollout.isCancelled()) {
            return succeededDespiteStop(context, rollout, stop, now);
        }
        String sentence = "Release %d is live and %s, and %s: %s"
                .formatted(
                        context.release(),
                        stop.cause() == Rollout.Stop.Cause.UNSTABLE ? "does not stay up" : "is to go",
                        stays ? "a rollback is not gone back from by itself" : "there is none before it to go back to",
                        stop.message());
        return end(
                context,
                rollout,
                Rollout.State.FAILED,
                now,
                sentence,
                Problem.user(UNSTABLE, sentence, advice(stop.cause())));
    }

    /** It was to be rolled back, but ECS was done before it was told, and it stays. */
    private RolloutReconcileResult succeededDespiteStop(
            RolloutContext context, Rollout rollout, Rollout.Stop stop, Instant now) {
        return end(
                context,
                rollout,
                Rollout.State.SUCCEEDED,
                now,
                "Release %d is live, although it was to be rolled back: ECS had finished by then. %s To go back: POST %s/rollback"
                        .formatted(
                                context.release(),
                                stop.message(),
                                rollout.service().path()),
                null);
    }

    /** Cancelled before ECS was told anything. */
    RolloutReconcileResult cancelledBeforeStart(RolloutContext context, Rollout.Stop stop, Instant now) {
        return cancelledBeforeStart(context, context.rollout().value().stopping(stop), now);
    }

    RolloutReconcileResult.Ended cancelledBeforeStart(RolloutContext context, Rollout stopped, Instant now) {
        String why = Objects.requireNonNull(stopped.stop()).message();
        return end(context, stopped, Rollout.State.CANCELLED, now, why + " Nothing had been deployed.", null);
    }

    /** ECS was told again and again, without an answer; what it may still do, the record follows. */
    RolloutReconcileResult startUnknown(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        RolloutReconcileResult.Ended ended = end(
                context,
                Rollout.State.FAILED,
                now,
                "AWS has not answered for an hour whether the deployment of release %d began, and shows none."
                        .formatted(context.release()),
                Problem.dependency(
                        "deployment-unknown",
                        "The answers to UpdateService were lost for an hour, and ECS shows no deployment of release %d."
                                .formatted(context.release()),
                        "Look at what the service runs (GET %s), then roll out again once AWS has recovered."
                                .formatted(rollout.service().path())));
        return new RolloutReconcileResult.Ended(
                ended.operation(),
                ended.also().and(UnsettledOperation.leave(store, context.operation(), now)),
                ended.rollout());
    }

    /** ECS has gone back to the release before. */
    RolloutReconcileResult rolledBack(RolloutContext context, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = context.rollout().value().progressed(progress -> progress.deployment(arn));
        signal.send(rollout.service(), now); // its bad minutes are still to be seen
        Rollout.Stop stop = rollout.stop();
        if (stop != null && rollout.isCancelled()) {
            String sentence = stop.message() + " The release before is live again.";
            return end(context, rollout, Rollout.State.CANCELLED, now, sentence, null);
        }
        if (stop != null) {
            return rolledBack(
                    context, rollout, "Release %d was rolled back: ", stop.message(), advice(stop.cause()), now);
        }
        Optional<ServiceDeployment> found = deployments.describe(arn);
        if (found.filter(described -> described.status() != ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL)
                .isPresent()) {
            return context.requeue(rollout, SHOWS_SOON); // an answer from before its end need not show the cause yet
        }
        Rollout back = withRollback(rollout, found);
        DeploymentPolicy.RollbackState seen = rollbackState(found, reason);
        String why = seen.reason() == null ? "ECS gives no reason." : seen.reason();
        DeploymentPolicy.RollbackCause cause = DeploymentPolicy.cause(seen);
        return cause == DeploymentPolicy.RollbackCause.ORDER
                ? end(
                        context,
                        back,
                        Rollout.State.CANCELLED,
                        now,
                        "Somebody had ECS roll release %d back outside Slipway, and the release before is live again. ECS says: %s"
                                .formatted(context.release(), why),
                        Problem.user(
                                "deployment-stopped",
                                "The deployment was rolled back by an order outside Slipway, not for a fault of release %d."
                                        .formatted(context.release()),
                                "Find out who did it and why (CloudTrail: StopServiceDeployment), then roll out anew."))
                : rolledBack(context, back, "ECS rolled release %d back: ", why, advice(cause, alarms(found)), now);
    }

    /** When ECS began to go back by itself: then the release was found to be bad. */
    private static Rollout withRollback(Rollout rollout, Optional<ServiceDeployment> found) {
        return found.map(ServiceDeployment::rollback)
                .map(Rollback::startedAt)
                .map(at -> rollout.progressed(progress -> progress.rollbackAt(at)))
                .orElse(rollout);
    }

    private RolloutReconcileResult rolledBack(
            RolloutContext context, Rollout rollout, String problem, String why, String advice, Instant now) {
        return end(
                context,
                rollout,
                Rollout.State.ROLLED_BACK,
                now,
                "Release %d was rolled back: %s".formatted(context.release(), why),
                Problem.user("rolled-back", problem.formatted(context.release()) + why, advice));
    }

    /** What to do about it. */
    static String advice(Rollout.Stop.Cause cause) {
        return switch (cause) {
            case REJECTED -> "Settle with those who approve what speaks against it, then roll out anew.";
            case CHECKS_FAILED ->
                "Look at what the checks were answered (gate, in the rollout), fix it, and roll out anew.";
            case UNHEALTHY ->
                "Look at the verdict's numbers and at the logs of the release's tasks, fix it, and roll out anew.";
            case NO_EVIDENCE ->
                "Roll out when there is more traffic, or change rollout.verdict: probes, holdMinutes or onNoEvidence.";
            case FAILED_TASKS, TIME_LIMIT, UNSTABLE -> TASKS;
            case CANCELLED, REPLACED -> throw new IllegalStateException(cause + " is no fault of the release");
        };
    }

    /** Likewise, where ECS decided. */
    private static String advice(DeploymentPolicy.RollbackCause cause, List<String> alarms) {
        return switch (cause) {
            case CIRCUIT_BREAKER, UNKNOWN, ORDER -> TASKS;
            case ALARM ->
                "Look in CloudWatch at the alarm%s that rollout.alarms names, fix what it tells of, and roll out anew."
                        .formatted(alarms.isEmpty() ? "" : " " + String.join(", ", alarms));
            case HOOK ->
                "The hook failed without a decision: look whether the check function is there and answers, at the rollout's gate, and at the log of Slipway's hook function; then roll out anew.";
            case TIME_LIMIT ->
                "ECS gave a stage up: see in the rollout's gate what it waited for, shorten that (approval, bakes, verdict.holdMinutes), and roll out anew.";
            case TRAFFIC ->
                "ECS could not move the traffic: somebody may have changed the service's listener rules. Apply its spec again, which puts them right, and roll out anew.";
        };
    }

    private static List<String> alarms(Optional<ServiceDeployment> found) {
        return found.map(ServiceDeployment::alarms)
                .map(ServiceDeploymentAlarms::triggeredAlarmNames)
                .orElse(List.of());
    }

    private static DeploymentPolicy.RollbackState rollbackState(
            Optional<ServiceDeployment> found, @Nullable String reason) {
        return new DeploymentPolicy.RollbackState(
                found.map(ServiceDeployment::deploymentCircuitBreaker)
                        .filter(breaker -> breaker.status() == ServiceDeploymentRollbackMonitorsStatus.TRIGGERED)
                        .isPresent(),
                found.map(ServiceDeployment::alarms)
                        .filter(alarms -> alarms.status() == ServiceDeploymentRollbackMonitorsStatus.TRIGGERED)
                        .isPresent(),
                found.map(ServiceDeployment::rollback)
                        .map(Rollback::reason)
                        .filter(text -> !text.isBlank())
                        .orElse(reason));
    }

    /** What ECS runs is somebody else's by now. */
    RolloutReconcileResult replaced(RolloutContext context, Instant now) {
        String arn = context.rollout().value().progress().deployment();
        return stopped(context, arn, "Another deployment took its place.", now);
    }

    /** Somebody stopped the deployment outside Slipway, or another one took its place. */
    RolloutReconcileResult stopped(RolloutContext context, @Nullable String arn, @Nullable String reason, Instant now) {
        Rollout rollout = context.rollout().value().progressed(progress -> progress.deployment(arn));
        String live = deployments
                .findActive(rollout.service())
                .map(service -> "The service now runs %s.".formatted(service.taskDefinition()))
                .orElse("The service is gone.");
        return end(
                context,
                rollout,
                Rollout.State.CANCELLED,
                now,
                "The deployment was stopped: %s %s".formatted(reason == null ? "ECS gives no reason." : reason, live),
                Problem.user(
                        "deployment-stopped",
                        "The deployment was stopped outside Slipway, or another one took its place. " + live,
                        "Find out who did it (CloudTrail: StopServiceDeployment, UpdateService) and roll out anew."));
    }

    /**
     * ECS is going back. Where the release before fails, too, that never ends: after the time that tasks may take it is given up, so
     * that a release which mends it can go out.
     */
    RolloutReconcileResult rollingBack(
            RolloutContext context, String arn, Optional<ServiceDeployment> found, Duration lookAgain, Instant now) {
        Rollout rollout = context.rollout().value().progressed(progress -> progress.deployment(arn));
        Instant since = found.map(ServiceDeployment::rollback)
                .map(Rollback::startedAt)
                .orElseGet(() -> rollout.stop() == null ? null : rollout.stop().at());
        Duration limit = context.tasksLimit();
        if (since == null || now.isBefore(since.plus(limit))) {
            signal.send(rollout.service(), now);
            return context.requeue(rollout, lookAgain);
        }
        return rollbackFailed(
                context,
                arn,
                "the rollback has not ended within %d s, perhaps because the release before fails, too."
                        .formatted(limit.toSeconds()),
                now);
    }

    /** The rollback itself failed. */
    RolloutReconcileResult rollbackFailed(RolloutContext context, String arn, @Nullable String reason, Instant now) {
        Rollout rollout = context.rollout().value().progressed(progress -> progress.deployment(arn));
        return end(
                context,
                rollout,
                Rollout.State.FAILED,
                now,
                "Release %d failed, and so did its rollback.".formatted(context.release()),
                Problem.dependency(
                        ROLLBACK_FAILED,
                        "ECS could not roll back: "
                                + Objects.requireNonNullElse(
                                        rollbackState(deployments.describe(arn), reason)
                                                .reason(),
                                        "it gives no reason."),
                        "The service may be without healthy tasks. Roll out a release that you know to be good: POST "
                                + rollout.service().path() + "/rollback"));
    }

    /** ECS shows no deployment, long after it was told to make one. */
    RolloutReconcileResult deploymentMissing(RolloutContext context, Instant now) {
        Release release = release(context);
        Rollout rollout = context.rollout().value();
        Optional<Service> service = deployments.findActive(rollout.service());
        if (service.filter(found -> !EcsDeployments.isSteady(found)).isPresent()) {
            return context.requeue(rollout, SHOWS_SOON); // it is under way, and shown by another answer
        }
        return service.filter(found -> release.isTaskDefinition(found.taskDefinition()))
                        .isPresent()
                ? succeeded(context, rollout, now)
                : end(
                        context,
                        Rollout.State.FAILED,
                        now,
                        "ECS shows no deployment of release %d.".formatted(release.number()),
                        Problem.dependency(
                                "deployment-missing",
                                "ECS accepted the update but shows no deployment of it.",
                                "Roll out again; if it recurs, ask AWS support with the service's ARN."));
    }

    /** A change of the stack failed. */
    RolloutReconcileResult stackFailed(RolloutContext context, StackResult.Failed failed, Instant now) {
        RolloutContext at = new RolloutContext(
                context.operation().withProgress(failed.progress()),
                context.rollout(),
                context.outputs(),
                context.environmentOutputs(),
                context.desiredCount(),
                context.mostTasks(),
                context.drainingSeconds(),
                context.healthCheck());
        Problem cause = failed.cause();
        return end(
                at,
                at.rollout().value(),
                Rollout.State.FAILED,
                now,
                cause.detail(),
                cause,
                diagnoses.ofStack(at, findRelease(at.rollout().value()), cause, now));
    }

    RolloutReconcileResult.Ended end(
            RolloutContext context, Rollout.State state, Instant now, String sentence, @Nullable Problem failure) {
        return end(context, context.rollout().value(), state, now, sentence, failure);
    }

    RolloutReconcileResult.Ended end(
            RolloutContext context,
            Rollout rollout,
            Rollout.State state,
            Instant now,
            String sentence,
            @Nullable Problem failure) {
        Diagnosis diagnosis = state == Rollout.State.FAILED || state == Rollout.State.ROLLED_BACK
                ? diagnose(rollout, context.outputs(), context.healthCheck(), now)
                : null;
        return end(context, rollout, state, now, sentence, failure, diagnosis);
    }

    /** What failed says why, as far as it is known: in its sentence, so in the ledger and in notifications, too. */
    private RolloutReconcileResult.Ended end(
            RolloutContext context,
            Rollout rollout,
            Rollout.State state,
            Instant now,
            String what,
            @Nullable Problem problem,
            @Nullable Diagnosis diagnosis) {
        String sentence = explained(what, diagnosis);
        Problem failure = problem == null ? null : explained(problem, diagnosis);
        Rollout ended = rollout.ended(state, now, sentence, failure, diagnosis);
        return new RolloutReconcileResult.Ended(
                context.operation(),
                events.record(ended, LedgerEntry.EventType.ROLLOUT_ENDED, actor(ended), sentence, now)
                        .updateIfChanged(context.rollout(), ended)
                        .and(markRelease(ended, sentence, now)),
                ended);
    }

    /** Why a rollout fails, as far as it can be seen; null where nothing was started or somebody decided. */
    @Nullable
    Diagnosis diagnose(Rollout rollout, Map<String, String> outputs, HealthCheck healthCheck, Instant now) {
        return diagnoses
                .of(rollout, findRelease(rollout), outputs, healthCheck, now)
                .orElse(null);
    }

    static String explained(String sentence, @Nullable Diagnosis diagnosis) {
        return Optional.ofNullable(diagnosis)
                .flatMap(Diagnosis::reason)
                .map(reason -> sentence + " Likely cause: " + reason.cause())
                .orElse(sentence);
    }

    static Problem explained(Problem problem, @Nullable Diagnosis diagnosis) {
        Optional<RankedCause> reason = Optional.ofNullable(diagnosis).flatMap(Diagnosis::reason);
        return reason.isEmpty()
                ? problem
                : new Problem(
                        problem.code(),
                        problem.category(),
                        explained(problem.detail(), diagnosis),
                        TASKS.equals(problem.action()) ? reason.get().action() : problem.action(),
                        problem.errors());
    }

    private static String actor(Rollout ended) {
        if (ended.stop() != null) {
            return ended.stop().by();
        }
        return ended.state() == Rollout.State.ROLLED_BACK ? LedgerEntry.ECS : LedgerEntry.SLIPWAY;
    }

    /**
     * A release that was rolled back is marked; one that went live after all is good again. One that went live although it was
     * to be stopped has passed no control.
     */
    Transaction markRelease(Rollout ended, String sentence, Instant now) {
        if (ended.release() == null || ended.state() == Rollout.State.CANCELLED) {
            return new Transaction();
        }
        Stored<Release> release =
                store.get(Release.key(ended.service(), ended.release())).orElseThrow();
        boolean live = ended.state() == Rollout.State.SUCCEEDED;
        Release marked = release.value().withRolledBack(live ? null : sentence);
        return new Transaction()
                .updateIfChanged(
                        release,
                        live && ended.stop() == null && marked.liveAt() == null ? marked.withLiveAt(now) : marked);
    }

    /** Whether a task definition is the release that is live as the rollout begins: one read, however many are asked about. */
    Predicate<String> isLive(Rollout rollout) {
        Integer previous = rollout.progress().previous();
        Optional<Release> live = previous == null
                ? Optional.empty()
                : store.get(Release.key(rollout.service(), previous)).map(Stored::value);
        return taskDefinition ->
                live.filter(release -> release.isTaskDefinition(taskDefinition)).isPresent();
    }

    private Optional<Release> findRelease(Rollout rollout) {
        Integer number = rollout.release();
        return number == null
                ? Optional.empty()
                : store.get(Release.key(rollout.service(), number)).map(Stored::value);
    }

    Release release(RolloutContext context) {
        return store.get(Release.key(context.rollout().value().service(), context.release()))
                .orElseThrow()
                .value();
    }
}
