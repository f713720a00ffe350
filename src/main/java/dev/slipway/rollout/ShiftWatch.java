package dev.slipway.rollout;

import dev.slipway.ledger.Entry;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.verdict.Outcome;
import dev.slipway.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceRevisionSummary;

/**
 * Watches a deployment that shifts traffic: how far ECS is, how the new release does in production, and whether it has
 * to be taken back. Our gate ({@link Gate}) holds it at the steps; in a bake, where ECS asks nobody, this does.
 */
final class ShiftWatch {
    /** Before the new release gets production traffic; failed tasks wake us earlier. */
    static final Duration BEFORE_PRODUCTION = Duration.ofMinutes(2);
    /** While it has some. */
    static final Duration IN_PRODUCTION = Duration.ofMinutes(1);

    private final Store store;
    private final EcsDeployments deployments;
    private final Judging judging;
    private final Chronicle chronicle;
    private final Endings endings;

    ShiftWatch(Store store, EcsDeployments deployments, Judging judging, Chronicle chronicle, Endings endings) {
        this.store = store;
        this.deployments = deployments;
        this.judging = judging;
        this.chronicle = chronicle;
        this.endings = endings;
    }

    RolloutStep watch(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        String arn = rollout.deployment();
        if (arn == null) {
            return find(course, now);
        }
        Optional<Stored<Judgement>> stored = store.get(Judgement.key(rollout.service(), rollout.id()));
        Judgement judgement = stored.map(Stored::value).orElseGet(() -> Judgement.none(rollout.id()));
        Optional<GateRecord> gate =
                store.get(GateRecord.key(rollout.service(), rollout.id())).map(Stored::value);
        boolean held = gate.filter(GateRecord::holds).isPresent();
        Instant passed = gate.map(GateRecord::passedAt).orElse(null);
        if (!ShiftPolicy.asks(rollout, judgement.asked(), held, passed, now)) {
            return judge(course, rollout, stored, judgement, 0, now);
        }
        Optional<ServiceDeployment> described = deployments.describe(arn);
        if (described.isEmpty()) {
            return endings.stopped(course, arn, "ECS has no trace of it any more.", now);
        }
        ServiceDeployment found = described.get();
        return switch (found.statusAsString()) {
            case "SUCCESSFUL" -> endings.live(course, rollout, now);
            case "ROLLBACK_SUCCESSFUL" -> endings.takenBack(course, arn, found.statusReason(), now);
            case "STOPPED" -> endings.stopped(course, arn, found.statusReason(), now);
            case "ROLLBACK_FAILED" -> endings.stuck(course, arn, found.statusReason(), now);
            case "PENDING", "IN_PROGRESS" -> goesOn(course, found, stored, judgement.asked(now), now);
            // a stop or a rollback is requested or under way, or a status that we do not know yet
            default -> course.again(rollout, IN_PRODUCTION);
        };
    }

    /** The deployment that our call to UpdateService made: the first of our release since we meant to. */
    private RolloutStep find(Course course, Instant now) {
        Rollout rollout = course.rollout().value();
        Instant intended = course.operation().phaseSince();
        String taskDefinition = endings.release(course).taskDefinition();
        var decision = DeploymentPolicy.watch(
                deployments.ours(rollout.service(), taskDefinition, intended), null, false, intended, now);
        String arn = switch (decision) {
            case DeploymentPolicy.Watch.Going going -> going.arn();
            case DeploymentPolicy.Watch.Live live -> live.arn();
            case DeploymentPolicy.Watch.TakenBack back -> back.arn();
            case DeploymentPolicy.Watch.Stopped stopped -> stopped.arn();
            case DeploymentPolicy.Watch.Stuck stuck -> stuck.arn();
            case DeploymentPolicy.Watch.Stop stop -> stop.arn();
            case DeploymentPolicy.Watch.NotYet notYet -> null;
            case DeploymentPolicy.Watch.Never never -> null;
        };
        if (arn != null) {
            return course.again(rollout.with(draft -> draft.deployment = arn), Duration.ZERO);
        }
        return decision instanceof DeploymentPolicy.Watch.Never
                ? endings.never(course, now)
                : course.again(rollout, BEFORE_PRODUCTION);
    }

    private RolloutStep goesOn(
            Course course,
            ServiceDeployment found,
            Optional<Stored<Judgement>> stored,
            Judgement judgement,
            Instant now) {
        Rollout rollout = course.rollout().value();
        String stage = found.lifecycleStageAsString() == null ? "" : found.lifecycleStageAsString();
        double percent = percent(found.targetServiceRevision());
        Rollout.Stage before = rollout.stage();
        boolean same = before != null && before.name().equals(stage) && before.percent() == percent;
        Rollout seen = same ? rollout : rollout.with(draft -> draft.stage = new Rollout.Stage(stage, percent, now));
        double known = judgement.lastShift().map(Judgement.Shift::percent).orElse(0.0);
        Judgement shifted = percent > 0 && percent != known ? judgement.shifted(now, percent) : judgement;
        return judge(course, seen, stored, shifted, failedTasks(course, found), now);
    }

    private static double percent(@Nullable ServiceRevisionSummary revision) {
        return revision == null || revision.requestedProductionTrafficWeight() == null
                ? 0
                : revision.requestedProductionTrafficWeight();
    }

    /** ECS counts them by service; it is asked for as long as not all tasks run. */
    private int failedTasks(Course course, ServiceDeployment found) {
        ServiceRevisionSummary target = found.targetServiceRevision();
        boolean complete = target != null
                && target.requestedTaskCount() != null
                && target.runningTaskCount() != null
                && target.requestedTaskCount() > 0
                && target.runningTaskCount() >= target.requestedTaskCount();
        if (complete) {
            return 0;
        }
        Optional<Service> service = deployments.active(course.rollout().value().service());
        String taskDefinition = endings.release(course).taskDefinition();
        return service.map(active -> EcsDeployments.failedTasks(active, taskDefinition))
                .orElse(0);
    }

    private RolloutStep judge(
            Course course,
            Rollout seen,
            Optional<Stored<Judgement>> stored,
            Judgement judgement,
            int failedTasks,
            Instant now) {
        Judgement judged = judging.look(judgement, seen, now);
        Verdict verdict = Judging.verdict(judged, seen.settings(), now);
        Rollout next =
                java.util.Objects.equals(verdict, seen.verdict()) ? seen : seen.with(draft -> draft.verdict = verdict);
        List<Write> writes = new ArrayList<>(news(seen.verdict(), next, now));
        if (stored.isEmpty()) {
            writes.add(new Write.Create<>(Judgement.key(seen.service(), seen.id()), judged));
        } else if (!judged.equals(stored.get().value())) {
            writes.add(new Write.Update<>(stored.get(), judged));
        }
        Rollout.Stage stage = seen.stage() == null ? new Rollout.Stage("", 0, now) : seen.stage();
        var decision = ShiftPolicy.decide(new ShiftPolicy.Seen(
                seen.settings(),
                stage,
                course.operation().phaseSince(),
                failedTasks,
                Math.max(course.count(), 1),
                verdict,
                seen.stop(),
                now));
        return switch (decision) {
            case ShiftPolicy.Decision.Go go ->
                course.again(
                        next, stage.percent() > 0 ? IN_PRODUCTION : BEFORE_PRODUCTION, writes.toArray(Write[]::new));
            case ShiftPolicy.Decision.TakeBack back -> {
                Rollout stopping = next.stopping(new Rollout.Stop(back.cause(), Entry.SLIPWAY, back.sentence(), now));
                writes.addAll(Arrays.asList(
                        chronicle.tell(stopping, Entry.What.STOPPED, Entry.SLIPWAY, back.sentence(), now)));
                yield course.again(stopping, Duration.ZERO, writes.toArray(Write[]::new));
            }
            case ShiftPolicy.Decision.Stop stop -> {
                deployments.stop(java.util.Objects.requireNonNull(next.deployment()));
                yield course.again(next, IN_PRODUCTION, writes.toArray(Write[]::new));
            }
        };
    }

    /** A verdict is news when it says something else than the one before; that nothing can be said at first is none. */
    private List<Write> news(@Nullable Verdict before, Rollout next, Instant now) {
        Verdict verdict = next.verdict();
        Outcome known = before == null ? Outcome.NOT_ENOUGH_EVIDENCE : before.outcome();
        return verdict == null || verdict.outcome() == known
                ? List.of()
                : Arrays.asList(chronicle.tell(
                        next, Entry.What.VERDICT, Entry.SLIPWAY, verdict.outcome() + ": " + verdict.sentence(), now));
    }
}
