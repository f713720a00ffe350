package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.ApplyPolicy.Action;
import dev.slipway.stack.ApplyPolicy.Desired;
import dev.slipway.stack.ApplyPolicy.Observation;
import dev.slipway.stack.CloudFormationErrors.CallResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.cloudformation.model.Change;

/** One pass at applying a change: look, decide, act once. */
record ApplyPass(StackCalls calls, Progress progress, StackChange change, Supplier<Retained> left, Instant now) {
    private static final Logger LOG = LoggerFactory.getLogger(ApplyPass.class);

    Step run() {
        RequestTokens tokens = RequestTokens.of(change);
        Optional<StackState> live = calls.describe(change.stackName());
        boolean same = live.map(stack -> ApplyPolicy.isSame(stack, change)).orElse(false);
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        StackEvents events = live.isPresent() && ApplyPolicy.needsEvents(phase, same, progress.step())
                ? calls.events(live.get().id(), tokens)
                : StackEvents.none(tokens);
        Desired wish = Desired.of(change);
        Retained retained = ApplyPolicy.asksForRetained(phase, wish, progress.step()) ? left.get() : Retained.NOTHING;
        Action move = ApplyPolicy.decide(Observation.of(live, same, events, !retained.isEmpty()), wish, progress, now);
        LOG.info(
                "stack {} change {}: {} at {}, same {}, so {}",
                change.stackName(),
                change.token(),
                live.map(StackState::status).orElse("missing"),
                progress.step(),
                same,
                move);
        return act(move, new PassContext(progress, live, events, now), tokens, retained);
    }

    private Step act(Action move, PassContext watch, RequestTokens tokens, Retained retained) {
        return switch (move) {
            case CREATE -> create(watch, tokens);
            case ADOPT -> adopt(watch, tokens, retained);
            case JUDGE_ADOPTION -> judgeAdoption(watch, tokens);
            case AWAIT_ADOPTED -> watch.again(Progress.Step.ADOPT, PassContext.SOON);
            case COMPUTE ->
                follow(
                        calls.compute(change, watch.live(), tokens.applyChangeSet()),
                        watch,
                        Progress.Step.COMPUTE,
                        PassContext.SOON);
            case JUDGE -> judge(watch, tokens);
            case SYNC ->
                follow(
                        calls.sync(change, watch.live().orElseThrow(), tokens.update()),
                        watch,
                        Progress.Step.EXECUTE,
                        PassContext.WORKING);
            case FINISH -> finish(watch, hasChanged(watch));
            case CLEAR -> clear(watch, tokens);
            case AWAIT_CLEARED -> watch.again(Progress.Step.CLEAR, sinceClearing());
            case WATCH -> watch.again(Progress.Step.EXECUTE, PassContext.WORKING);
            case WAIT -> watch.again(Progress.Step.WAIT, PassContext.WORKING);
            case RECOVER ->
                follow(
                        calls.continueRollback(change.stackName(), tokens.recover()),
                        watch,
                        Progress.Step.RECOVER,
                        PassContext.WORKING);
            case AWAIT_RECOVERED -> watch.again(Progress.Step.RECOVER, PassContext.WORKING);
            case FAIL_WITH_CAUSE -> watch.failed(RootCause.ofChange(watch.live().orElseThrow(), watch.events()));
            case FAIL_ADOPTION -> watch.failed(RootCause.ofAdoption(watch.live().orElseThrow(), watch.events()));
            case FAIL_BUSY -> watch.failed(StackProblems.busy(change.stackName()));
            case FAIL_STUCK -> watch.failed(StackProblems.stuck(watch.live().orElseThrow(), watch.events()));
            case FAIL_IMPORT_STUCK -> watch.failed(StackProblems.importStuck(change.stackName()));
            case FAIL_NOT_CLEARED ->
                watch.failed(StackProblems.notCleared(watch.live().orElseThrow(), watch.events()));
            case FAIL_VANISHED -> watch.failed(StackProblems.vanished(change.stackName()));
            case FAIL_NOTHING_TO_SYNC -> watch.failed(StackProblems.nothingToSync(change.stackName()));
        };
    }

    /** How much there is to do is known from the template; a change set would tell it for three calls more. */
    private Step create(PassContext watch, RequestTokens tokens) {
        int total = TemplateResources.of(String.valueOf(change.template()), change.values())
                .size();
        return follow(
                calls.create(change, tokens.create()), watch.of(total), Progress.Step.EXECUTE, PassContext.WORKING);
    }

    private Step adopt(PassContext watch, RequestTokens tokens, Retained retained) {
        if (change.expected() != null
                && !change.expected()
                        .equals(Differences.ofAdoption(change, retained).digest())) {
            return watch.failed(StackProblems.overtaken(change.stackName()));
        }
        return follow(
                calls.adopt(change, retained, tokens.adoptChangeSet()), watch, Progress.Step.ADOPT, PassContext.SOON);
    }

    private Step judgeAdoption(PassContext watch, RequestTokens tokens) {
        String name = tokens.adoptChangeSet();
        Optional<StackCalls.ChangeSet> found = calls.changeSet(change.stackName(), name);
        return switch (ChangeSetState.of(found)) {
            case ABSENT -> clear(watch, tokens);
            case COMPUTING, EXECUTED, OBSOLETE -> watch.again(Progress.Step.ADOPT, PassContext.SOON);
            case READY ->
                follow(
                        calls.execute(change.stackName(), name, tokens.adopt()),
                        watch,
                        Progress.Step.ADOPT,
                        PassContext.SOON);
            case EMPTY, FAILED ->
                discard(
                        watch,
                        tokens,
                        watch.failed(RootCause.ofRejection(
                                change.stackName(), found.orElseThrow().reason())));
        };
    }

    /** Goes on after an act that may have been accepted now or earlier. */
    private Step follow(CallResult answer, PassContext watch, Progress.Step next, Duration lookAgain) {
        return switch (answer) {
            case CallResult.Accepted() -> watch.again(next, lookAgain);
            case CallResult.AlreadyDone() -> watch.again(next, lookAgain);
            case CallResult.InProgress() -> watch.again(waiting(), PassContext.SOON);
            case CallResult.NotFound() -> watch.again(Progress.Step.OBSERVE, PassContext.SOON);
            case CallResult.NoChanges() -> finish(watch, hasChanged(watch));
            case CallResult.Rejected(String reason) -> watch.failed(RootCause.ofRejection(change.stackName(), reason));
        };
    }

    /** What a plan has left goes in seconds, a real stack in minutes. */
    private Duration sinceClearing() {
        boolean fresh = progress.step() != Progress.Step.CLEAR
                || now.isBefore(progress.since().plus(PassContext.WORKING));
        return fresh ? PassContext.SOON : PassContext.WORKING;
    }

    /** A wait of ours keeps its beginning; what has begun computing or executing goes on from there. */
    private Progress.Step waiting() {
        return progress.step() == Progress.Step.OBSERVE ? Progress.Step.WAIT : progress.step();
    }

    private Step judge(PassContext watch, RequestTokens tokens) {
        String name = tokens.applyChangeSet();
        Optional<StackCalls.ChangeSet> found = calls.changeSet(change.stackName(), name);
        return switch (ChangeSetState.of(found)) {
            case ABSENT ->
                follow(calls.compute(change, watch.live(), name), watch, Progress.Step.COMPUTE, PassContext.SOON);
            case COMPUTING -> watch.again(Progress.Step.COMPUTE, PassContext.SOON);
            case READY -> guard(watch, tokens, found.orElseThrow().changes());
            case EXECUTED -> watch.again(Progress.Step.EXECUTE, PassContext.WORKING);
            case OBSOLETE -> discard(watch, tokens, watch.again(Progress.Step.OBSERVE, PassContext.SOON));
            case EMPTY -> discard(watch, tokens, null);
            case FAILED ->
                discard(
                        watch,
                        tokens,
                        watch.failed(RootCause.ofRejection(
                                change.stackName(), found.orElseThrow().reason())));
        };
    }

    private Step guard(PassContext watch, RequestTokens tokens, List<Change> changes) {
        boolean fresh = watch.live().orElseThrow().phase() == StackPhase.REVIEW;
        Difference difference = fresh ? Differences.ofNew(changes, change) : Differences.of(changes);
        Optional<Problem> refusal = Risks.refusal(difference, change.allowed());
        if (refusal.isPresent()) {
            return discard(watch, tokens, watch.failed(refusal.get()));
        }
        if (change.expected() != null && !isPlanned(watch.live().orElseThrow(), difference)) {
            return discard(watch, tokens, watch.failed(StackProblems.overtaken(change.stackName())));
        }
        CallResult answer = calls.execute(change.stackName(), tokens.applyChangeSet(), tokens.execute());
        return switch (answer) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.InProgress() ->
                watch.again(Progress.Step.EXECUTE, difference.resources().size(), PassContext.WORKING);
            case CallResult.NotFound(), CallResult.NoChanges() -> watch.again(Progress.Step.OBSERVE, PassContext.SOON);
            case CallResult.Rejected(String reason) ->
                discard(watch, tokens, watch.failed(RootCause.ofRejection(change.stackName(), reason)));
        };
    }

    /** What was planned as one, the adoption and what follows it, comes in two parts, and this is the second. */
    private boolean isPlanned(StackState live, Difference difference) {
        return difference.digest().equals(change.expected())
                || (live.isShell()
                        && Differences.ofAdoption(change, left.get()).digest().equals(change.expected()));
    }

    /** Throws the change set away, with the stack that exists for it alone, and only then takes the step. */
    private Step discard(PassContext watch, RequestTokens tokens, @Nullable Step then) {
        if (!ChangeSetState.discard(calls, watch.live().orElseThrow(), tokens, tokens.applyChangeSet())) {
            return watch.again(Progress.Step.COMPUTE, PassContext.SOON);
        }
        return then == null ? finish(watch, false) : then;
    }

    private Step clear(PassContext watch, RequestTokens tokens) {
        StackState live = watch.live().orElseThrow();
        if (live.terminationProtection()
                && calls.protect(live.name(), false) instanceof CallResult.Rejected(String r)) {
            return watch.failed(RootCause.ofRejection(live.name(), r));
        }
        Duration look = live.phase() == StackPhase.REVIEW ? PassContext.SOON : PassContext.WORKING;
        return follow(calls.delete(live.name(), tokens.clear(live.id())), watch, Progress.Step.CLEAR, look);
    }

    private Step finish(PassContext watch, boolean changed) {
        StackState live = watch.live().orElseThrow();
        boolean current = ApplyPolicy.isSame(live, change);
        if (change.template() == null || live.terminationProtection() == change.terminationProtection()) {
            return watch.done(changed, current);
        }
        CallResult answer = calls.protect(live.name(), change.terminationProtection());
        return switch (answer) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.NoChanges() -> watch.done(true, current);
            case CallResult.InProgress(), CallResult.NotFound() -> watch.again(progress.step(), PassContext.SOON);
            case CallResult.Rejected(String reason) -> watch.failed(RootCause.ofRejection(live.name(), reason));
        };
    }

    /**
     * Whether this change is what made the stack as it is. After a crash the pass may find at its first look what it
     * has done itself: then the stack was updated after the change began.
     */
    private boolean hasChanged(PassContext watch) {
        return switch (progress.step()) {
            case EXECUTE, COMPUTE -> true;
            case OBSERVE, WAIT, CLEAR, ADOPT, RECOVER, DELETE ->
                watch.live()
                        .map(live -> !live.lastUpdated().isBefore(progress.since()))
                        .orElse(false);
        };
    }
}
