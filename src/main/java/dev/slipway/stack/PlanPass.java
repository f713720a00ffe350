package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.Answer;
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
    enum Move {
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

    static Move decide(Phase phase, boolean same, Progress progress, Instant now) {
        Move look = progress.step() == Progress.Step.COMPUTE ? Move.JUDGE : Move.COMPUTE;
        return switch (phase) {
            case MISSING -> Move.COMPUTE;
            case REVIEW, HALF_UPDATED -> look;
            // A change set of an earlier pass would stay behind, so it is looked for even when nothing changes.
            case STABLE, ROLLED_BACK -> same && progress.step() != Progress.Step.COMPUTE ? Move.NOTHING_CHANGES : look;
            case BUSY, DELETING -> ApplyPolicy.overdue(progress, Progress.Step.WAIT, now) ? Move.FAIL_BUSY : Move.WAIT;
            case NEVER_CREATED, DELETE_FAILED -> Move.FAIL_NEVER_CREATED;
            case STUCK -> Move.FAIL_STUCK;
            case IMPORT_STUCK -> Move.FAIL_IMPORT_STUCK;
        };
    }

    Step run() {
        Tokens tokens = Tokens.of(change);
        Optional<Live> live = calls.describe(change.stackName());
        boolean same = live.map(stack -> ApplyPolicy.isSame(stack, change)).orElse(false);
        Phase phase = live.map(Live::phase).orElse(Phase.MISSING);
        Retained retained = phase == Phase.MISSING ? left.get() : Retained.NOTHING;
        Move move = retained.isEmpty() ? decide(phase, same, progress, now) : Move.TELL_ADOPTION;
        LOG.info(
                "stack {} plan {}: {} at {}, so {}",
                change.stackName(),
                change.token(),
                live.map(Live::status).orElse("missing"),
                progress.step(),
                move);
        Watch watch = new Watch(progress, live, StackEvents.none(tokens), now);
        return switch (move) {
            case NOTHING_CHANGES -> nothing();
            case TELL_ADOPTION -> planned(Differences.ofAdoption(change, retained));
            case COMPUTE -> compute(watch, tokens);
            case JUDGE -> judge(watch, tokens);
            case WAIT -> watch.again(Progress.Step.WAIT, phase == Phase.DELETING ? Watch.SOON : Watch.WORKING);
            case FAIL_BUSY -> watch.failed(StackProblems.busy(change.stackName()));
            case FAIL_NEVER_CREATED -> watch.failed(StackProblems.neverCreated(change.stackName()));
            case FAIL_STUCK -> watch.failed(StackProblems.stuck(live.orElseThrow(), StackEvents.none(tokens)));
            case FAIL_IMPORT_STUCK -> watch.failed(StackProblems.importStuck(change.stackName()));
        };
    }

    private Step compute(Watch watch, Tokens tokens) {
        return switch (calls.compute(change, watch.live(), tokens.planChangeSet())) {
            case Answer.Accepted(), Answer.AlreadyDone() -> watch.again(Progress.Step.COMPUTE, Watch.SOON);
            case Answer.Busy(), Answer.Gone() -> watch.again(Progress.Step.WAIT, Watch.SOON);
            case Answer.NothingToDo() -> nothing();
            case Answer.Rejected(String reason) -> watch.failed(RootCause.ofRejection(change.stackName(), reason));
        };
    }

    private Step judge(Watch watch, Tokens tokens) {
        Optional<ChangeSet> found = calls.changeSet(change.stackName(), tokens.planChangeSet());
        return switch (ChangeSetState.of(found)) {
            case ABSENT -> compute(watch, tokens);
            case COMPUTING -> watch.again(Progress.Step.COMPUTE, Watch.SOON);
            case READY ->
                discard(
                        watch,
                        tokens,
                        planned(difference(watch, found.orElseThrow().changes())));
            // Nobody executes a plan's change set but by hand; then it is spent and the stack must be seen anew.
            case OBSOLETE, EXECUTED -> discard(watch, tokens, watch.again(Progress.Step.WAIT, Watch.SOON));
            case EMPTY -> discard(watch, tokens, nothing());
            case FAILED ->
                discard(
                        watch,
                        tokens,
                        watch.failed(RootCause.ofRejection(
                                change.stackName(), found.orElseThrow().reason())));
        };
    }

    private Step discard(Watch watch, Tokens tokens, Step then) {
        return ChangeSetState.discard(calls, watch.live().orElseThrow(), tokens, tokens.planChangeSet())
                ? then
                : watch.again(Progress.Step.COMPUTE, Watch.SOON);
    }

    private Difference difference(Watch watch, List<Change> changes) {
        return watch.live().orElseThrow().phase() == Phase.REVIEW
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
