package dev.slipway.rollout;

import dev.slipway.aws.AwsErrors;
import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.StoppedTasks;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceRevisionSummary;

/**
 * Watches a deployment that shifts traffic: how far ECS is, how the new release does in production, and whether it has
 * to be rolled back. Our gate ({@link Gate}) holds it at the steps; in a bake, where ECS asks nobody, this does.
 */
record TrafficShiftMonitor(
        Store store,
        EcsDeployments deployments,
        StoppedTasks stoppedTasks,
        RolloutAnalysis analysis,
        VerdictRecorder verdicts,
        LastMinutes lastMinutes,
        RolloutCompletion completion) {
    /** Before the new release gets production traffic; failed tasks wake us earlier. */
    static final Duration BEFORE_PRODUCTION = Duration.ofMinutes(2);
    /** While it has some. */
    static final Duration IN_PRODUCTION = Duration.ofMinutes(1);

    /** So far back tasks of the old release that have ended by themselves are counted; ECS may forget them after it. */
    private static final Duration CRASHES_WITHIN = Duration.ofHours(1);

    private static final Logger LOG = Logger.getLogger(TrafficShiftMonitor.class);

    RolloutReconcileResult monitor(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        String arn = rollout.progress().deployment();
        if (arn == null) {
            return find(context, now);
        }
        Optional<Stored<AnalysisState>> stored = store.get(AnalysisState.key(rollout.service(), rollout.id()));
        AnalysisState state = stored.map(Stored::value).orElseGet(() -> AnalysisState.none(rollout.id()));
        Optional<GateRecord> gate =
                store.get(GateRecord.key(rollout.service(), rollout.id())).map(Stored::value);
        boolean held = gate.filter(GateRecord::isHolding).isPresent();
        Instant passed = gate.map(GateRecord::passedAt).orElse(null);
        if (!TrafficShiftPolicy.mustPoll(rollout, state.polledAt(), held, passed, now)) {
            return analyze(context, rollout, stored, state, context.desiredCount(), Failures.NONE, new Refusals(), now);
        }
        Optional<ServiceDeployment> described = describe(rollout, arn);
        if (described.isEmpty()) {
            Instant shows = context.calledAt().plus(DeploymentPolicy.VISIBLE_WITHIN);
            if (now.isBefore(shows)) { // listed already, and described by a part of ECS that does not know it yet
                return context.requeue(rollout, IN_PRODUCTION);
            }
            return completion.stopped(context, arn, "ECS has no trace of it any more.", now);
        }
        ServiceDeployment found = described.get();
        return switch (found.statusAsString()) {
            case "SUCCESSFUL" -> lastMinutes.deployed(context, stored, state, gate, now);
            case "ROLLBACK_SUCCESSFUL" -> completion.rolledBack(context, arn, found.statusReason(), now);
            case "STOPPED" -> completion.stopped(context, arn, found.statusReason(), now);
            case "ROLLBACK_FAILED" -> completion.rollbackFailed(context, arn, found.statusReason(), now);
            case "PENDING", "IN_PROGRESS" -> inProgress(context, found, stored, state.withPolledAt(now), now);
            default ->
                DeploymentPolicy.isRollingBack(found.statusAsString())
                        ? completion.rollingBack(context, arn, described, IN_PRODUCTION, now)
                        : context.requeue(rollout, IN_PRODUCTION); // a status that we do not know yet
        };
    }

    /** The deployment that our call to UpdateService made: the first of our release since we meant to. */
    private RolloutReconcileResult find(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        Instant intended = context.operation().phaseSince();
        String taskDefinition = completion.release(context).taskDefinition();
        var decision = DeploymentPolicy.monitor(
                deployments.listCandidates(rollout.service(), taskDefinition, null, intended),
                null,
                false,
                intended,
                context.calledAt(),
                now);
        String arn = switch (decision) {
            case DeploymentPolicy.MonitorDecision.InProgress going -> going.arn();
            case DeploymentPolicy.MonitorDecision.RollingBack back -> back.arn();
            case DeploymentPolicy.MonitorDecision.Live live -> live.arn();
            case DeploymentPolicy.MonitorDecision.RolledBack back -> back.arn();
            case DeploymentPolicy.MonitorDecision.Stopped stopped -> stopped.arn();
            case DeploymentPolicy.MonitorDecision.RollbackFailed stuck -> stuck.arn();
            case DeploymentPolicy.MonitorDecision.Stop stop -> stop.arn();
            case DeploymentPolicy.MonitorDecision.NotVisibleYet notYet -> null;
            case DeploymentPolicy.MonitorDecision.Missing never -> null;
        };
        if (arn != null) {
            return context.requeue(rollout.progressed(progress -> progress.deployment(arn)), Duration.ZERO);
        }
        return decision instanceof DeploymentPolicy.MonitorDecision.Missing
                ? completion.deploymentMissing(context, now)
                : context.requeue(rollout, BEFORE_PRODUCTION);
    }

    /** A stop that is recorded does not wait until ECS can be asked. */
    private Optional<ServiceDeployment> describe(Rollout rollout, String arn) {
        try {
            return deployments.describe(arn);
        } catch (SdkException e) {
            if (mustStop(rollout, rollout.progress().stage(), true)) { // where it stands now is not known
                try {
                    deployments.stop(arn);
                } catch (SdkException also) {
                    e.addSuppressed(also);
                }
            }
            throw e;
        }
    }

    /** Whether a stop is recorded and holds; it may have been recorded before the release had traffic. */
    private static boolean mustStop(Rollout rollout, Rollout.@Nullable Stage stage, boolean served) {
        Rollout.Stop stop = rollout.stop();
        return stop != null
                && !(RolloutCompletion.staysAsRollback(rollout, stop.cause())
                        && TrafficShiftPolicy.stays(TrafficShiftPolicy.Direction.of(rollout), stage, served));
    }

    private RolloutReconcileResult inProgress(
            RolloutContext context,
            ServiceDeployment found,
            Optional<Stored<AnalysisState>> stored,
            AnalysisState state,
            Instant now) {
        Rollout rollout = context.rollout().value();
        String name = found.lifecycleStageAsString() == null ? "" : found.lifecycleStageAsString();
        double percent = percent(found.targetServiceRevision());
        double known =
                state.lastShift().map(AnalysisState.TrafficShift::percent).orElse(0.0);
        AnalysisState shifted = percent > 0 && percent != known ? state.shifted(now, percent) : state;
        Rollout.Stage stage = new Rollout.Stage(name, percent, now);
        if (mustStop(rollout, stage, !shifted.shifts().isEmpty())) {
            // Before anything else is asked, which AWS may refuse to tell.
            deployments.stop(found.serviceDeploymentArn());
            completion.signal().send(rollout.service(), now);
            return context.requeue(rollout, IN_PRODUCTION);
        }
        Rollout.Stage before = rollout.progress().stage();
        boolean same = before != null && before.name().equals(name) && before.percent() == percent;
        Rollout seen = same ? rollout : rollout.progressed(progress -> progress.stage(stage));
        Refusals refusals = new Refusals();
        Failures failures = new Failures(
                refusals.read(0, () -> failedTasks(context, found)),
                TrafficShiftPolicy.mayCrash(rollout.progress().verdict(), shifted, now)
                        ? refusals.read(TrafficShiftPolicy.Crashes.NONE, () -> crashes(context, now))
                        : TrafficShiftPolicy.Crashes.NONE);
        return analyze(context, seen, stored, shifted, tasks(context, found), failures, refusals, now);
    }

    private static double percent(@Nullable ServiceRevisionSummary revision) {
        return revision == null || revision.requestedProductionTrafficWeight() == null
                ? 0
                : revision.requestedProductionTrafficWeight();
    }

    /** As many as the deployment is to have now: a service that scales may have become larger since it began. */
    private static int tasks(RolloutContext context, ServiceDeployment found) {
        ServiceRevisionSummary target = found.targetServiceRevision();
        return target == null || target.requestedTaskCount() == null
                ? context.desiredCount()
                : Math.max(context.desiredCount(), target.requestedTaskCount());
    }

    /** ECS counts them by service; it is asked for as long as not all tasks run. */
    private int failedTasks(RolloutContext context, ServiceDeployment found) {
        ServiceRevisionSummary target = found.targetServiceRevision();
        boolean complete = target != null
                && target.requestedTaskCount() != null
                && target.runningTaskCount() != null
                && target.requestedTaskCount() > 0
                && target.runningTaskCount() >= target.requestedTaskCount();
        if (complete) {
            return 0;
        }
        Optional<Service> service =
                deployments.findActive(context.rollout().value().service());
        String taskDefinition = completion.release(context).taskDefinition();
        return service.map(active -> EcsDeployments.failedTasks(active, taskDefinition))
                .orElse(0);
    }

    /** While they serve, since tasks that end now and then may fail too few requests for a verdict. */
    private TrafficShiftPolicy.Crashes crashes(RolloutContext context, Instant now) {
        Rollout rollout = context.rollout().value();
        int candidate = stoppedTasks
                .failures(rollout.service(), completion.release(context)::isTaskDefinition, context.calledAt())
                .size();
        int live = candidate == 0
                ? 0
                : stoppedTasks
                        .failures(rollout.service(), completion.isLive(rollout), now.minus(CRASHES_WITHIN))
                        .size();
        return new TrafficShiftPolicy.Crashes(candidate, live);
    }

    /** Of the new release's tasks. */
    private record Failures(int starts, TrafficShiftPolicy.Crashes crashes) {
        static final Failures NONE = new Failures(0, TrafficShiftPolicy.Crashes.NONE);
    }

    /** What AWS did not tell in a pass. What else is known decides before the pass fails for it. */
    private static final class Refusals {
        private @Nullable SdkException first;

        <T> T read(T otherwise, Supplier<T> read) {
            try {
                return read.get();
            } catch (SdkException e) {
                first = first == null ? e : first;
                return otherwise;
            }
        }
    }

    private RolloutReconcileResult analyze(
            RolloutContext context,
            Rollout seen,
            Optional<Stored<AnalysisState>> stored,
            AnalysisState state,
            int tasks,
            Failures failures,
            Refusals refusals,
            Instant now) {
        AnalysisState judged = refusals.read(state, () -> analysis.update(state, seen, now));
        VerdictRecorder.Judgement judgement = verdicts.judge(seen, stored, judged, now);
        Rollout next = judgement.rollout();
        Rollout.Stage stage = seen.progress().stage() == null
                ? new Rollout.Stage("", 0, now)
                : seen.progress().stage();
        var decision = TrafficShiftPolicy.decide(new TrafficShiftPolicy.Snapshot(
                seen.settings(),
                TrafficShiftPolicy.Direction.of(seen),
                !judged.shifts().isEmpty(),
                stage,
                context.calledAt(),
                failures.starts(),
                failures.crashes(),
                Math.max(tasks, 1),
                context.drainingSeconds(),
                judgement.verdict(),
                now));
        return switch (decision) {
            case TrafficShiftPolicy.Decision.Continue go -> {
                if (refusals.first != null) {
                    if (judgement.changed() || !seen.equals(context.rollout().value())) {
                        yield context.requeue(next, Duration.ZERO, judgement.recorded());
                    }
                    if (AwsErrors.isTransient(refusals.first)
                            || AwsErrors.denied(refusals.first).isPresent()) {
                        throw refusals.first;
                    }
                    // A fault of the call itself would end the rollout soon, and nobody watched the release any more.
                    LOG.warnf(
                            refusals.first,
                            "target=%s a call is refused",
                            next.service().key());
                    yield context.withNoteOnce("The rollout goes on without what a call was to tell: "
                                    + AwsErrors.failure(refusals.first)
                                            .map(failure -> failure.problem().detail())
                                            .orElse(""))
                            .requeue(next, IN_PRODUCTION, judgement.recorded());
                }
                if (RolloutSignal.isJudging(judged, judgement.verdict(), now)) {
                    completion.signal().send(next.service(), now);
                }
                yield context.requeue(
                        next, stage.percent() > 0 ? IN_PRODUCTION : BEFORE_PRODUCTION, judgement.recorded());
            }
            case TrafficShiftPolicy.Decision.RecordStop back ->
                verdicts.recordStop(context, judgement, back.cause(), back.message(), now);
        };
    }
}
