package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.CallResult;
import dev.slipway.stack.Progress.Step;
import dev.slipway.stack.StackCalls.ChangeSet;
import dev.slipway.stack.StackReconciler.RecentChanges;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * One pass at a plan. A plan keeps the difference and not the change set: what stays behind would have to be found and
 * cleared away, and a stack in review stands in the way of everything else. Whoever applies the plan has the difference
 * computed anew and runs it only when it is the same.
 */
record PlanPass(StackCalls calls, StackChange change, PassContext at) {
    private static final Logger LOG = Logger.getLogger(PlanPass.class);

    /** What to do now. */
    enum Action {
        NO_CHANGES,
        /** What an earlier stack has left would be taken over. */
        REPORT_IMPORT,
        CREATE_CHANGE_SET,
        CHECK_CHANGE_SET,
        WAIT,
        FAIL_IN_PROGRESS,
        FAIL_CREATE_FAILED,
        FAIL_ROLLBACK_FAILED,
        FAIL_IMPORT_ROLLBACK_FAILED
    }

    static Action decide(StackPhase phase, boolean same, Progress progress, Instant now) {
        Action look = progress.step() == Step.CREATE_CHANGE_SET ? Action.CHECK_CHANGE_SET : Action.CREATE_CHANGE_SET;
        return switch (phase) {
            case MISSING -> Action.CREATE_CHANGE_SET;
            case REVIEW, UPDATE_FAILED -> look;
            // A change set of an earlier pass would stay behind, so it is looked for even when nothing changes.
            case STABLE, ROLLED_BACK -> same && progress.step() != Step.CREATE_CHANGE_SET ? Action.NO_CHANGES : look;
            case IN_PROGRESS, DELETING ->
                ApplyPolicy.isOverdue(progress, Step.WAIT, now) ? Action.FAIL_IN_PROGRESS : Action.WAIT;
            case CREATE_FAILED, DELETE_FAILED -> Action.FAIL_CREATE_FAILED;
            case ROLLBACK_FAILED -> Action.FAIL_ROLLBACK_FAILED;
            case IMPORT_ROLLBACK_FAILED -> Action.FAIL_IMPORT_ROLLBACK_FAILED;
        };
    }

    /** @param change has a template */
    static PlanResult run(
            StackCalls calls,
            Progress progress,
            StackChange change,
            Supplier<Retained> findRetained,
            RecentChanges recentChanges,
            Instant now) {
        if (change.template() == null) {
            throw new IllegalArgumentException("a plan needs a template");
        }
        RequestTokens tokens = RequestTokens.of(change);
        Optional<StackState> live = calls.describe(change.stackName());
        boolean same = recentChanges.isSame(live, change, now);
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        Retained retained = phase == StackPhase.MISSING ? findRetained.get() : Retained.NOTHING;
        Action action = retained.isEmpty() ? decide(phase, same, progress, now) : Action.REPORT_IMPORT;
        LOG.infof(
                "stack %s plan %s: %s at %s, so %s",
                change.stackName(),
                change.token(),
                live.map(StackState::status).orElse("missing"),
                progress.step(),
                action);
        StackEvents events = StackEvents.none(tokens);
        return new PlanPass(
                        calls, change, new PassContext(calls, change.stackName(), tokens, progress, live, events, now))
                .perform(action, retained);
    }

    private PlanResult perform(Action action, Retained retained) {
        return switch (action) {
            case NO_CHANGES -> noChanges();
            case REPORT_IMPORT -> planned(Differences.ofImport(change, retained));
            case CREATE_CHANGE_SET -> createChangeSet();
            case CHECK_CHANGE_SET -> checkChangeSet();
            case WAIT ->
                at.requeue(
                        Step.WAIT,
                        at.stack().phase() == StackPhase.DELETING
                                ? PassContext.SHORT_INTERVAL
                                : PassContext.POLL_INTERVAL);
            case FAIL_IN_PROGRESS -> at.failed(StackProblems.operationInProgress(change.stackName()));
            case FAIL_CREATE_FAILED -> at.failed(StackProblems.createFailed(change.stackName()));
            case FAIL_ROLLBACK_FAILED -> at.failed(StackProblems.rollbackFailed(at.stack(), at.events()));
            case FAIL_IMPORT_ROLLBACK_FAILED -> at.failed(StackProblems.importRollbackFailed(change.stackName()));
        };
    }

    private PlanResult createChangeSet() {
        return switch (calls.createChangeSet(change, at.live(), at.tokens().planChangeSet())) {
            case CallResult.Accepted(), CallResult.AlreadyDone() -> at.requeue(Step.CREATE_CHANGE_SET);
            case CallResult.InProgress(), CallResult.NotFound() -> at.requeueSoon(Step.WAIT);
            case CallResult.NoChanges() -> noChanges();
            case CallResult.Rejected(String reason) -> at.rejected(reason);
        };
    }

    private PlanResult checkChangeSet() {
        ChangeSet changeSet =
                calls.describeChangeSet(change.stackName(), at.tokens().planChangeSet());
        return switch (changeSet.state()) {
            case ABSENT -> createChangeSet();
            case COMPUTING -> at.requeue(Step.CREATE_CHANGE_SET);
            case READY -> discardAnd(planned(at.difference(changeSet, change)));
            // Nobody executes a plan's change set but by hand; then it is spent and the stack must be seen anew.
            case OBSOLETE, EXECUTED -> discardAnd(at.requeueSoon(Step.WAIT));
            case EMPTY -> discardAnd(noChanges());
            case FAILED -> discardAnd(at.rejected(changeSet.reason()));
        };
    }

    private PlanResult discardAnd(PlanResult then) {
        return at.discard(at.tokens().planChangeSet()) ? then : at.requeue(Step.CREATE_CHANGE_SET);
    }

    private static PlanResult planned(Difference difference) {
        return new PlanResult.Planned(difference, Risk.of(difference));
    }

    private static PlanResult noChanges() {
        return planned(Differences.of(List.of()));
    }
}
