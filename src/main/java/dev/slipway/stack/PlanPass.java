package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.CallResult;
import dev.slipway.stack.StackCalls.ChangeSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.cloudformation.model.Change;

/**
 * One pass at a plan. A plan keeps the difference and not the change set: what stays behind would have to be found and
 * cleared away, and a stack in review stands in the way of everything else. Whoever applies the plan has the difference
 * computed anew and runs it only when it is the same.
 */
record PlanPass(StackCalls calls, Progress progress, StackChange change, Supplier<Retained> left, Instant now) {
    private static final Logger LOG = LoggerFactory.getLogger(PlanPass.class);

    /** What to do now. */
    enum Action {
        NOTHING_CHANGES,
        /** What an earlier stack has left would be taken over. */
        TELL_ADOPTION,
        COMPUTE,
        JUDGE,
        WAIT,
        FAIL_BUSY,
        FAIL_NEVER_CREATED,
        FAIL_STUCK,
        FAIL_IMPORT_STUCK
    }

    PlanPass {
        if (change.template() == null) {
            throw new IllegalArgumentException("a plan needs a template");
        }
    }

    static Action decide(StackPhase phase, boolean same, Progress progress, Instant now) {
        Action look = progress.step() == Progress.Step.COMPUTE ? Action.JUDGE : Action.COMPUTE;
        return switch (phase) {
            case MISSING -> Action.COMPUTE;
            case REVIEW, HALF_UPDATED -> look;
            // A change set of an earlier pass would stay behind, so it is looked for even when nothing changes.
            case STABLE, ROLLED_BACK ->
                same && progress.step() != Progress.Step.COMPUTE ? Action.NOTHING_CHANGES : look;
            case BUSY, DELETING ->
                ApplyPolicy.overdue(progress, Progress.Step.WAIT, now) ? Action.FAIL_BUSY : Action.WAIT;
            case NEVER_CREATED, DELETE_FAILED -> Action.FAIL_NEVER_CREATED;
            case STUCK -> Action.FAIL_STUCK;
            case IMPORT_STUCK -> Action.FAIL_IMPORT_STUCK;
        };
    }

    Step run() {
        RequestTokens tokens = RequestTokens.of(change);
        Optional<StackState> live = calls.describe(change.stackName());
        boolean same = live.map(stack -> ApplyPolicy.isSame(stack, change)).orElse(false);
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        Retained retained = phase == StackPhase.MISSING ? left.get() : Retained.NOTHING;
        Action move = retained.isEmpty() ? decide(phase, same, progress, now) : Action.TELL_ADOPTION;
        LOG.info(
                "stack {} plan {}: {} at {}, so {}",
                change.stackName(),
                change.token(),
                live.map(StackState::status).orElse("missing"),
                progress.step(),
                move);
        PassContext watch = new PassContext(progress, live, StackEvents.none(tokens), now);
        return switch (move) {
            case NOTHING_CHANGES -> nothing();
            case TELL_ADOPTION -> planned(Differences.ofAdoption(change, retained));
            case COMPUTE -> compute(watch, tokens);
            case JUDGE -> judge(watch, tokens);
            case WAIT ->
                watch.again(Progress.Step.WAIT, phase == StackPhase.DELETING ? PassContext.SOON : PassContext.WORKING);
            case FAIL_BUSY -> watch.failed(StackProblems.busy(change.stackName()));
            case FAIL_NEVER_CREATED -> watch.failed(StackProblems.neverCreated(change.stackName()));
            case FAIL_STUCK -> watch.failed(StackProblems.stuck(live.orElseThrow(), StackEvents.none(tokens)));
            case FAIL_IMPORT_STUCK -> watch.failed(StackProblems.importStuck(change.stackName()));
        };
    }

    private Step compute(PassContext watch, RequestTokens tokens) {
        return switch (calls.compute(change, watch.live(), tokens.planChangeSet())) {
            case CallResult.Accepted(), CallResult.AlreadyDone() ->
                watch.again(Progress.Step.COMPUTE, PassContext.SOON);
            case CallResult.InProgress(), CallResult.NotFound() -> watch.again(Progress.Step.WAIT, PassContext.SOON);
            case CallResult.NoChanges() -> nothing();
            case CallResult.Rejected(String reason) -> watch.failed(RootCause.ofRejection(change.stackName(), reason));
        };
    }

    private Step judge(PassContext watch, RequestTokens tokens) {
        Optional<ChangeSet> found = calls.changeSet(change.stackName(), tokens.planChangeSet());
        return switch (ChangeSetState.of(found)) {
            case ABSENT -> compute(watch, tokens);
            case COMPUTING -> watch.again(Progress.Step.COMPUTE, PassContext.SOON);
            case READY ->
                discard(
                        watch,
                        tokens,
                        planned(difference(watch, found.orElseThrow().changes())));
            // Nobody executes a plan's change set but by hand; then it is spent and the stack must be seen anew.
            case OBSOLETE, EXECUTED -> discard(watch, tokens, watch.again(Progress.Step.WAIT, PassContext.SOON));
            case EMPTY -> discard(watch, tokens, nothing());
            case FAILED ->
                discard(
                        watch,
                        tokens,
                        watch.failed(RootCause.ofRejection(
                                change.stackName(), found.orElseThrow().reason())));
        };
    }

    private Step discard(PassContext watch, RequestTokens tokens, Step then) {
        return ChangeSetState.discard(calls, watch.live().orElseThrow(), tokens, tokens.planChangeSet())
                ? then
                : watch.again(Progress.Step.COMPUTE, PassContext.SOON);
    }

    private Difference difference(PassContext watch, List<Change> changes) {
        return watch.live().orElseThrow().phase() == StackPhase.REVIEW
                ? Differences.ofNew(changes, change)
                : Differences.of(changes);
    }

    private static Step planned(Difference difference) {
        return new Step.Planned(difference, Risks.of(difference));
    }

    private static Step nothing() {
        return planned(Differences.of(List.of()));
    }
}
