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
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.Change;

/** One pass at applying a change: look, decide, act once. */
record ApplyPass(
        StackCalls calls, Progress progress, StackChange change, Supplier<Retained> findRetained, Instant now) {
    private static final Logger LOG = Logger.getLogger(ApplyPass.class);

    ApplyResult run() {
        RequestTokens tokens = RequestTokens.of(change);
        Optional<StackState> live = calls.describe(change.stackName());
        boolean same = live.map(stack -> ApplyPolicy.isSame(stack, change)).orElse(false);
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        StackEvents events = live.isPresent() && ApplyPolicy.needsEvents(phase, same, progress.step())
                ? calls.events(live.get().id(), tokens)
                : StackEvents.none(tokens);
        Desired wish = Desired.of(change);
        Retained retained =
                ApplyPolicy.needsRetained(phase, wish, progress.step()) ? findRetained.get() : Retained.NOTHING;
        Action move = ApplyPolicy.decide(Observation.of(live, same, events, !retained.isEmpty()), wish, progress, now);
        LOG.infof(
                "stack %s change %s: %s at %s, same %s, so %s",
                change.stackName(),
                change.token(),
                live.map(StackState::status).orElse("missing"),
                progress.step(),
                same,
                move);
        return perform(move, new PassContext(progress, live, events, now), tokens, retained);
    }

    private ApplyResult perform(Action move, PassContext watch, RequestTokens tokens, Retained retained) {
        return switch (move) {
            case CREATE -> create(watch, tokens);
            case IMPORT -> importRetained(watch, tokens, retained);
            case CHECK_IMPORT -> checkImport(watch, tokens);
            case AWAIT_IMPORT -> watch.requeue(Progress.Step.IMPORT, PassContext.SHORT_INTERVAL);
            case CREATE_CHANGE_SET ->
                handle(
                        calls.createChangeSet(change, watch.live(), tokens.applyChangeSet()),
                        watch,
                        Progress.Step.CREATE_CHANGE_SET,
                        PassContext.SHORT_INTERVAL);
            case CHECK_CHANGE_SET -> checkChangeSet(watch, tokens);
            case SYNC ->
                handle(
                        calls.sync(change, watch.live().orElseThrow(), tokens.update()),
                        watch,
                        Progress.Step.EXECUTE,
                        PassContext.POLL_INTERVAL);
            case FINISH -> finish(watch, hasChanged(watch));
            case CLEAN_UP -> cleanUp(watch, tokens);
            case AWAIT_CLEAN_UP -> watch.requeue(Progress.Step.CLEAN_UP, cleanUpPollInterval());
            case AWAIT_CHANGE -> watch.requeue(Progress.Step.EXECUTE, PassContext.POLL_INTERVAL);
            case WAIT -> watch.requeue(Progress.Step.WAIT, PassContext.POLL_INTERVAL);
            case CONTINUE_ROLLBACK ->
                handle(
                        calls.continueRollback(change.stackName(), tokens.continueRollback()),
                        watch,
                        Progress.Step.CONTINUE_ROLLBACK,
                        PassContext.POLL_INTERVAL);
            case AWAIT_ROLLBACK -> watch.requeue(Progress.Step.CONTINUE_ROLLBACK, PassContext.POLL_INTERVAL);
            case FAIL_WITH_CAUSE -> watch.failed(RootCause.ofChange(watch.live().orElseThrow(), watch.events()));
            case FAIL_IMPORT -> watch.failed(RootCause.ofImport(watch.live().orElseThrow(), watch.events()));
            case FAIL_IN_PROGRESS -> watch.failed(StackProblems.operationInProgress(change.stackName()));
            case FAIL_ROLLBACK_FAILED ->
                watch.failed(StackProblems.rollbackFailed(watch.live().orElseThrow(), watch.events()));
            case FAIL_IMPORT_ROLLBACK_FAILED -> watch.failed(StackProblems.importRollbackFailed(change.stackName()));
            case FAIL_CLEAN_UP ->
                watch.failed(StackProblems.cleanUpFailed(watch.live().orElseThrow(), watch.events()));
            case FAIL_MISSING -> watch.failed(StackProblems.stackMissing(change.stackName()));
            case FAIL_NOTHING_TO_SYNC -> watch.failed(StackProblems.nothingToSync(change.stackName()));
        };
    }

    /** How much there is to do is known from the template; a change set would tell it for three calls more. */
    private ApplyResult create(PassContext watch, RequestTokens tokens) {
        int total = TemplateResources.of(change.ownTemplate(), change.values())
                .size();
        return handle(
                calls.create(change, tokens.create()),
                watch.withTotal(total),
                Progress.Step.EXECUTE,
                PassContext.POLL_INTERVAL);
    }

    private ApplyResult importRetained(PassContext watch, RequestTokens tokens, Retained retained) {
        if (change.expectedDigest() != null
                && !change.expectedDigest()
                        .equals(Differences.ofImport(change, retained).digest())) {
            return watch.failed(StackProblems.planStale(change.stackName()));
        }
        return handle(
                calls.createImportChangeSet(change, retained, tokens.importChangeSet()),
                watch,
                Progress.Step.IMPORT,
                PassContext.SHORT_INTERVAL);
    }

    private ApplyResult checkImport(PassContext watch, RequestTokens tokens) {
        String name = tokens.importChangeSet();
        Optional<StackCalls.ChangeSet> found = calls.describeChangeSet(change.stackName(), name);
        return switch (ChangeSetState.of(found)) {
            case ABSENT -> cleanUp(watch, tokens);
            case COMPUTING, EXECUTED, OBSOLETE -> watch.requeue(Progress.Step.IMPORT, PassContext.SHORT_INTERVAL);
            case READY ->
                handle(
                        calls.executeChangeSet(change.stackName(), name, tokens.importRetained()),
                        watch,
                        Progress.Step.IMPORT,
                        PassContext.SHORT_INTERVAL);
            case EMPTY, FAILED ->
                discard(
                        watch,
                        tokens,
                        watch.failed(RootCause.ofRejection(
                                change.stackName(), found.orElseThrow().reason())));
        };
    }

    /** Goes on after an act that may have been accepted now or earlier. */
    private ApplyResult handle(CallResult answer, PassContext watch, Progress.Step next, Duration lookAgain) {
        return switch (answer) {
            case CallResult.Accepted() -> watch.requeue(next, lookAgain);
            case CallResult.AlreadyDone() -> watch.requeue(next, lookAgain);
            case CallResult.InProgress() -> watch.requeue(waitStep(), PassContext.SHORT_INTERVAL);
            case CallResult.NotFound() -> watch.requeue(Progress.Step.OBSERVE, PassContext.SHORT_INTERVAL);
            case CallResult.NoChanges() -> finish(watch, hasChanged(watch));
            case CallResult.Rejected(String reason) -> watch.failed(RootCause.ofRejection(change.stackName(), reason));
        };
    }

    /** What a plan has left goes in seconds, a real stack in minutes. */
    private Duration cleanUpPollInterval() {
        boolean fresh = progress.step() != Progress.Step.CLEAN_UP
                || now.isBefore(progress.since().plus(PassContext.POLL_INTERVAL));
        return fresh ? PassContext.SHORT_INTERVAL : PassContext.POLL_INTERVAL;
    }

    /** A wait of ours keeps its beginning; what has begun computing or executing goes on from there. */
    private Progress.Step waitStep() {
        return progress.step() == Progress.Step.OBSERVE ? Progress.Step.WAIT : progress.step();
    }

    private ApplyResult checkChangeSet(PassContext watch, RequestTokens tokens) {
        String name = tokens.applyChangeSet();
        Optional<StackCalls.ChangeSet> found = calls.describeChangeSet(change.stackName(), name);
        return switch (ChangeSetState.of(found)) {
            case ABSENT ->
                handle(
                        calls.createChangeSet(change, watch.live(), name),
                        watch,
                        Progress.Step.CREATE_CHANGE_SET,
                        PassContext.SHORT_INTERVAL);
            case COMPUTING -> watch.requeue(Progress.Step.CREATE_CHANGE_SET, PassContext.SHORT_INTERVAL);
            case READY -> executeChangeSet(watch, tokens, found.orElseThrow().changes());
            case EXECUTED -> watch.requeue(Progress.Step.EXECUTE, PassContext.POLL_INTERVAL);
            case OBSOLETE -> discard(watch, tokens, watch.requeue(Progress.Step.OBSERVE, PassContext.SHORT_INTERVAL));
            case EMPTY -> discard(watch, tokens, null);
            case FAILED ->
                discard(
                        watch,
                        tokens,
                        watch.failed(RootCause.ofRejection(
                                change.stackName(), found.orElseThrow().reason())));
        };
    }

    private ApplyResult executeChangeSet(PassContext watch, RequestTokens tokens, List<Change> changes) {
        boolean fresh = watch.live().orElseThrow().phase() == StackPhase.REVIEW;
        Difference difference = fresh ? Differences.ofNewStack(changes, change) : Differences.of(changes);
        Optional<Problem> refusal = Risks.blockingProblem(difference, change.allowed());
        if (refusal.isPresent()) {
            return discard(watch, tokens, watch.failed(refusal.get()));
        }
        if (change.expectedDigest() != null && !isPlanned(watch.live().orElseThrow(), difference)) {
            return discard(watch, tokens, watch.failed(StackProblems.planStale(change.stackName())));
        }
        CallResult answer = calls.executeChangeSet(change.stackName(), tokens.applyChangeSet(), tokens.execute());
        return switch (answer) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.InProgress() ->
                watch.requeue(Progress.Step.EXECUTE, difference.resources().size(), PassContext.POLL_INTERVAL);
            case CallResult.NotFound(), CallResult.NoChanges() ->
                watch.requeue(Progress.Step.OBSERVE, PassContext.SHORT_INTERVAL);
            case CallResult.Rejected(String reason) ->
                discard(watch, tokens, watch.failed(RootCause.ofRejection(change.stackName(), reason)));
        };
    }

    /** What was planned as one, the adoption and what follows it, comes in two parts, and this is the second. */
    private boolean isPlanned(StackState live, Difference difference) {
        return difference.digest().equals(change.expectedDigest())
                || (live.isImportOnly()
                        && Differences.ofImport(change, findRetained.get())
                                .digest()
                                .equals(change.expectedDigest()));
    }

    /** Throws the change set away, with the stack that exists for it alone, and only then takes the step. */
    private ApplyResult discard(PassContext watch, RequestTokens tokens, @Nullable ApplyResult then) {
        if (!ChangeSetState.discard(calls, watch.live().orElseThrow(), tokens, tokens.applyChangeSet())) {
            return watch.requeue(Progress.Step.CREATE_CHANGE_SET, PassContext.SHORT_INTERVAL);
        }
        return then == null ? finish(watch, false) : then;
    }

    private ApplyResult cleanUp(PassContext watch, RequestTokens tokens) {
        StackState live = watch.live().orElseThrow();
        if (live.terminationProtection()
                && calls.setTerminationProtection(live.name(), false) instanceof CallResult.Rejected(String r)) {
            return watch.failed(RootCause.ofRejection(live.name(), r));
        }
        Duration look = live.phase() == StackPhase.REVIEW ? PassContext.SHORT_INTERVAL : PassContext.POLL_INTERVAL;
        return handle(calls.delete(live.name(), tokens.cleanUp(live.id())), watch, Progress.Step.CLEAN_UP, look);
    }

    private ApplyResult finish(PassContext watch, boolean changed) {
        StackState live = watch.live().orElseThrow();
        boolean current = ApplyPolicy.isSame(live, change);
        if (change.template() == null || live.terminationProtection() == change.terminationProtection()) {
            return watch.done(changed, current);
        }
        CallResult answer = calls.setTerminationProtection(live.name(), change.terminationProtection());
        return switch (answer) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.NoChanges() -> watch.done(true, current);
            case CallResult.InProgress(), CallResult.NotFound() ->
                watch.requeue(progress.step(), PassContext.SHORT_INTERVAL);
            case CallResult.Rejected(String reason) -> watch.failed(RootCause.ofRejection(live.name(), reason));
        };
    }

    /**
     * Whether this change is what made the stack as it is. After a crash the pass may find at its first look what it
     * has done itself: then the stack was updated after the change began.
     */
    private boolean hasChanged(PassContext watch) {
        return switch (progress.step()) {
            case EXECUTE, CREATE_CHANGE_SET -> true;
            case OBSERVE, WAIT, CLEAN_UP, IMPORT, CONTINUE_ROLLBACK, DELETE ->
                watch.live()
                        .map(live -> !live.lastUpdated().isBefore(progress.since()))
                        .orElse(false);
        };
    }
}
