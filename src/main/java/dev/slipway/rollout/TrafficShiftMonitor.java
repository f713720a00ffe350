package dev.slipway.rollout;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Transaction;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.verdict.Outcome;
import dev.slipway.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceRevisionSummary;

/**
 * Watches a deployment that shifts traffic: how far ECS is, how the new release does in production, and whether it has
 * to be rolled back. Our gate ({@link Gate}) holds it at the steps; in a bake, where ECS asks nobody, this does.
 */
final class TrafficShiftMonitor {
    /** Before the new release gets production traffic; failed tasks wake us earlier. */
    static final Duration BEFORE_PRODUCTION = Duration.ofMinutes(2);
    /** While it has some. */
    static final Duration IN_PRODUCTION = Duration.ofMinutes(1);

    private final Store store;
    private final EcsDeployments deployments;
    private final RolloutAnalysis analysis;
    private final RolloutEventRecorder events;
    private final RolloutCompletion completion;

    TrafficShiftMonitor(
            Store store,
            EcsDeployments deployments,
            RolloutAnalysis judging,
            RolloutEventRecorder chronicle,
            RolloutCompletion endings) {
        this.store = store;
        this.deployments = deployments;
        this.analysis = judging;
        this.events = chronicle;
        this.completion = endings;
    }

    RolloutReconcileResult monitor(RolloutContext course, Instant now) {
        Rollout rollout = course.rollout().value();
        String arn = rollout.deployment();
        if (arn == null) {
            return find(course, now);
        }
        Optional<Stored<AnalysisState>> stored = store.get(AnalysisState.key(rollout.service(), rollout.id()));
        AnalysisState judgement = stored.map(Stored::value).orElseGet(() -> AnalysisState.none(rollout.id()));
        Optional<GateRecord> gate =
                store.get(GateRecord.key(rollout.service(), rollout.id())).map(Stored::value);
        boolean held = gate.filter(GateRecord::isHolding).isPresent();
        Instant passed = gate.map(GateRecord::passedAt).orElse(null);
        if (!TrafficShiftPolicy.mustPoll(rollout, judgement.polledAt(), held, passed, now)) {
            return analyze(course, rollout, stored, judgement, 0, now);
        }
        Optional<ServiceDeployment> described = deployments.describe(arn);
        if (described.isEmpty()) {
            return completion.stopped(course, arn, "ECS has no trace of it any more.", now);
        }
        ServiceDeployment found = described.get();
        return switch (found.statusAsString()) {
            case "SUCCESSFUL" -> completion.succeeded(course, rollout, now);
            case "ROLLBACK_SUCCESSFUL" -> completion.rolledBack(course, arn, found.statusReason(), now);
            case "STOPPED" -> completion.stopped(course, arn, found.statusReason(), now);
            case "ROLLBACK_FAILED" -> completion.rollbackFailed(course, arn, found.statusReason(), now);
            case "PENDING", "IN_PROGRESS" -> inProgress(course, found, stored, judgement.polledAt(now), now);
            // a stop or a rollback is requested or under way, or a status that we do not know yet
            default -> course.requeue(rollout, IN_PRODUCTION);
        };
    }

    /** The deployment that our call to UpdateService made: the first of our release since we meant to. */
    private RolloutReconcileResult find(RolloutContext course, Instant now) {
        Rollout rollout = course.rollout().value();
        Instant intended = course.operation().phaseSince();
        String taskDefinition = completion.release(course).taskDefinition();
        var decision = DeploymentPolicy.monitor(
                deployments.listCandidates(rollout.service(), taskDefinition, intended), null, false, intended, now);
        String arn = switch (decision) {
            case DeploymentPolicy.MonitorDecision.InProgress going -> going.arn();
            case DeploymentPolicy.MonitorDecision.Live live -> live.arn();
            case DeploymentPolicy.MonitorDecision.RolledBack back -> back.arn();
            case DeploymentPolicy.MonitorDecision.Stopped stopped -> stopped.arn();
            case DeploymentPolicy.MonitorDecision.RollbackFailed stuck -> stuck.arn();
            case DeploymentPolicy.MonitorDecision.Stop stop -> stop.arn();
            case DeploymentPolicy.MonitorDecision.NotVisibleYet notYet -> null;
            case DeploymentPolicy.MonitorDecision.Missing never -> null;
        };
        if (arn != null) {
            return course.requeue(rollout.with(draft -> draft.deployment = arn), Duration.ZERO);
        }
        return decision instanceof DeploymentPolicy.MonitorDecision.Missing
                ? completion.deploymentMissing(course, now)
                : course.requeue(rollout, BEFORE_PRODUCTION);
    }

    private RolloutReconcileResult inProgress(
            RolloutContext course,
            ServiceDeployment found,
            Optional<Stored<AnalysisState>> stored,
            AnalysisState judgement,
            Instant now) {
        Rollout rollout = course.rollout().value();
        String stage = found.lifecycleStageAsString() == null ? "" : found.lifecycleStageAsString();
        double percent = percent(found.targetServiceRevision());
        Rollout.Stage before = rollout.stage();
        boolean same = before != null && before.name().equals(stage) && before.percent() == percent;
        Rollout seen = same ? rollout : rollout.with(draft -> draft.stage = new Rollout.Stage(stage, percent, now));
        double known =
                judgement.lastShift().map(AnalysisState.TrafficShift::percent).orElse(0.0);
        AnalysisState shifted = percent > 0 && percent != known ? judgement.shifted(now, percent) : judgement;
        return analyze(course, seen, stored, shifted, failedTasks(course, found), now);
    }

    private static double percent(@Nullable ServiceRevisionSummary revision) {
        return revision == null || revision.requestedProductionTrafficWeight() == null
                ? 0
                : revision.requestedProductionTrafficWeight();
    }

    /** ECS counts them by service; it is asked for as long as not all tasks run. */
    private int failedTasks(RolloutContext course, ServiceDeployment found) {
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
                deployments.findActive(course.rollout().value().service());
        String taskDefinition = completion.release(course).taskDefinition();
        return service.map(active -> EcsDeployments.failedTasks(active, taskDefinition))
                .orElse(0);
    }

    private RolloutReconcileResult analyze(
            RolloutContext course,
            Rollout seen,
            Optional<Stored<AnalysisState>> stored,
            AnalysisState judgement,
            int failedTasks,
            Instant now) {
        AnalysisState judged = analysis.update(judgement, seen, now);
        Verdict verdict = RolloutAnalysis.verdict(judged, seen.settings(), now);
        Rollout next =
                java.util.Objects.equals(verdict, seen.verdict()) ? seen : seen.with(draft -> draft.verdict = verdict);
        Transaction told = verdictEvents(seen.verdict(), next, now);
        Transaction recorded = stored.map(read -> told.updateIfChanged(read, judged))
                .orElseGet(() -> told.create(AnalysisState.key(seen.service(), seen.id()), judged));
        Rollout.Stage stage = seen.stage() == null ? new Rollout.Stage("", 0, now) : seen.stage();
        var decision = TrafficShiftPolicy.decide(new TrafficShiftPolicy.Snapshot(
                seen.settings(),
                stage,
                course.operation().phaseSince(),
                failedTasks,
                Math.max(course.desiredCount(), 1),
                verdict,
                seen.stop(),
                now));
        return switch (decision) {
            case TrafficShiftPolicy.Decision.Continue go ->
                course.requeue(next, stage.percent() > 0 ? IN_PRODUCTION : BEFORE_PRODUCTION, recorded);
            case TrafficShiftPolicy.Decision.RollBack back -> {
                Rollout stopping =
                        next.stopping(new Rollout.Stop(back.cause(), LedgerEntry.SLIPWAY, back.message(), now));
                yield course.requeue(
                        stopping,
                        Duration.ZERO,
                        recorded.and(events.record(
                                stopping, LedgerEntry.EventType.STOPPED, LedgerEntry.SLIPWAY, back.message(), now)));
            }
            case TrafficShiftPolicy.Decision.Stop stop -> {
                deployments.stop(java.util.Objects.requireNonNull(next.deployment()));
                yield course.requeue(next, IN_PRODUCTION, recorded);
            }
        };
    }

    /** A verdict is news when it says something else than the one before; that nothing can be said at first is none. */
    private Transaction verdictEvents(@Nullable Verdict before, Rollout next, Instant now) {
        Verdict verdict = next.verdict();
        Outcome known = before == null ? Outcome.NOT_ENOUGH_EVIDENCE : before.outcome();
        return verdict == null || verdict.outcome() == known
                ? new Transaction()
                : events.record(
                        next,
                        LedgerEntry.EventType.VERDICT,
                        LedgerEntry.SLIPWAY,
                        verdict.outcome() + ": " + verdict.message(),
                        now);
    }
}
