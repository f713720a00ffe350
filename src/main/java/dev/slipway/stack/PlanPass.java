package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.CallResult;
import dev.slipway.stack.StackCalls.ChangeSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import software.amazon.awssdk.services.cloudformation.model.Change;

/**
 * One pass at a plan. A plan keeps the difference and not the change set: what stays behind would have to be found and
 * cleared away, and a stack in review stands in the way of everything else. Whoever applies the plan has the difference
 * computed anew and runs it only when it is the same.
 */
record PlanPass(StackCalls calls, Progress progress, StackChange change, Supplier<Retained> findRetained, Instant now) {
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

    PlanPass {
        if (change.template() == null) {
            throw new IllegalArgumentException("a plan needs a template");
        }
    }

    static Action decide(StackPhase phase, boolean same, Progress progress, Instant now) {
        Action look =
                progress.step() == Progress.Step.CREATE_CHANGE_SET ? Action.CHECK_CHANGE_SET : Action.CREATE_CHANGE_SET;
        return switch (phase) {
            case MISSING -> Action.CREATE_CHANGE_SET;
            case REVIEW, UPDATE_FAILED -> look;
            // A change set of an earlier pass would stay behind, so it is looked for even when nothing changes.
            case STABLE, ROLLED_BACK ->
                same && progress.step() != Progress.Step.CREATE_CHANGE_SET ? Action.NO_CHANGES : look;
            case IN_PROGRESS, DELETING ->
                ApplyPolicy.isOverdue(progress, Progress.Step.WAIT, now) ? Action.FAIL_IN_PROGRESS : Action.WAIT;
            case CREATE_FAILED, DELETE_FAILED -> Action.FAIL_CREATE_FAILED;
            case ROLLBACK_FAILED -> Action.FAIL_ROLLBACK_FAILED;
            case IMPORT_ROLLBACK_FAILED -> Action.FAIL_IMPORT_ROLLBACK_FAILED;
        };
    }

    PlanResult run() {
        RequestTokens tokens = RequestTokens.of(change);
        Optional<StackState> live = calls.describe(change.stackName());
        boolean same = live.map(stack -> ApplyPolicy.isSame(stack, change)).orElse(false);
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        Retained retained = phase == StackPhase.MISSING ? findRetained.get() : Retained.NOTHING;
        Action move = retained.isEmpty() ? decide(phase, same, progress, now) : Action.REPORT_IMPORT;
        LOG.infof(
                "stack %s plan %s: %s at %s, so %s",
                change.stackName(),
                change.token(),
                live.map(StackState::status).orElse("missing"),
                progress.step(),
                move);
        PassContext watch = new PassContext(progress, live, StackEvents.none(tokens), now);
        return switch (move) {
            case NO_CHANGES -> noChanges();
            case REPORT_IMPORT -> planned(Differences.ofImport(change, retained));
            case CREATE_CHANGE_SET -> createChangeSet(watch, tokens);
            case CHECK_CHANGE_SET -> checkChangeSet(watch, tokens);
            case WAIT ->
                watch.requeue(
                        Progress.Step.WAIT,
                        phase == StackPhase.DELETING ? PassContext.SHORT_INTERVAL : PassContext.POLL_INTERVAL);
            case FAIL_IN_PROGRESS -> watch.failed(StackProblems.operationInProgress(change.stackName()));
            case FAIL_CREATE_FAILED -> watch.failed(StackProblems.createFailed(change.stackName()));
            case FAIL_ROLLBACK_FAILED ->
                watch.failed(StackProblems.rollbackFailed(live.orElseThrow(), StackEvents.none(tokens)));
            case FAIL_IMPORT_ROLLBACK_FAILED -> watch.failed(StackProblems.importRollbackFailed(change.stackName()));
        };
    }

    private PlanResult createChangeSet(PassContext watch, RequestTokens tokens) {
        return switch (calls.createChangeSet(change, watch.live(), tokens.planChangeSet())) {
            case CallResult.Accepted(), CallResult.AlreadyDone() ->
                watch.requeue(Progress.Step.CREATE_CHANGE_SET, PassContext.SHORT_INTERVAL);
            case CallResult.InProgress(), CallResult.NotFound() ->
                watch.requeue(Progress.Step.WAIT, PassContext.SHORT_INTERVAL);
            case CallResult.NoChanges() -> noChanges();
            case CallResult.Rejected(String reason) -> watch.failed(RootCause.ofRejection(change.stackName(), reason));
        };
    }

    private PlanResult checkChangeSet(PassContext watch, RequestTokens tokens) {
        Optional<ChangeSet> found = calls.describeChangeSet(change.stackName(), tokens.planChangeSet());
        return switch (ChangeSetState.of(found)) {
            case ABSENT -> createChangeSet(watch, tokens);
            case COMPUTING -> watch.requeue(Progress.Step.CREATE_CHANGE_SET, PassContext.SHORT_INTERVAL);
            case READY ->
                discard(
                        watch,
                        tokens,
                        planned(difference(watch, found.orElseThrow().changes())));
            // Nobody executes a plan's change set but by hand; then it is spent and the stack must be seen anew.
            case OBSOLETE, EXECUTED ->
                discard(watch, tokens, watch.requeue(Progress.Step.WAIT, PassContext.SHORT_INTERVAL));
            case EMPTY -> discard(watch, tokens, noChanges());
            case FAILED ->
                discard(
                        watch,
                        tokens,
                        watch.failed(RootCause.ofRejection(
                                change.stackName(), found.orElseThrow().reason())));
        };
    }

    private PlanResult discard(PassContext watch, RequestTokens tokens, PlanResult then) {
        return ChangeSetState.discard(calls, watch.live().orElseThrow(), tokens, tokens.planChangeSet())
                ? then
                : watch.requeue(Progress.Step.CREATE_CHANGE_SET, PassContext.SHORT_INTERVAL);
    }

    private Difference difference(PassContext watch, List<Change> changes) {
        return watch.live().orElseThrow().phase() == StackPhase.REVIEW
                ? Differences.ofNewStack(changes, change)
                : Differences.of(changes);
    }

    private static PlanResult planned(Difference difference) {
        return new PlanResult.Planned(difference, Risks.of(difference));
    }

    private static PlanResult noChanges() {
        return planned(Differences.of(List.of()));
    }
}
