package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.ApplyPolicy.Action;
import dev.slipway.stack.ApplyPolicy.Desired;
import dev.slipway.stack.ApplyPolicy.Observation;
import dev.slipway.stack.CloudFormationErrors.CallResult;
import dev.slipway.stack.Progress.Step;
import dev.slipway.stack.StackCalls.ChangeSet;
import dev.slipway.stack.StackReconciler.RecentChanges;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** One pass at applying a change: look, decide, act once. */
record ApplyPass(
        StackCalls calls,
        StackChange change,
        Supplier<Retained> findRetained,
        RecentChanges recentChanges,
        PassContext at) {
    private static final Logger LOG = Logger.getLogger(ApplyPass.class);

    static ApplyResult run(
            StackCalls calls,
            Progress progress,
            StackChange change,
            Supplier<Retained> findRetained,
            RecentChanges recentChanges,
            Instant now) {
        RequestTokens tokens = RequestTokens.of(change);
        Optional<StackState> live = calls.describe(change.stackName());
        boolean same = recentChanges.isSame(live, change, now);
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        StackEvents events = live.isPresent() && ApplyPolicy.needsEvents(phase, same, progress.step())
                ? calls.events(live.get().id(), tokens)
                : StackEvents.none(tokens);
        Desired desired = Desired.of(change);
        Retained retained =
                ApplyPolicy.needsRetained(phase, desired, progress.step()) ? findRetained.get() : Retained.NOTHING;
        Action action = ApplyPolicy.decide(
                Observation.of(live, same, events, !retained.isEmpty(), now), desired, progress, now);
        LOG.infof(
                "stack %s change %s: %s at %s, same %s, so %s",
                change.stackName(),
                change.token(),
                live.map(StackState::status).orElse("missing"),
                progress.step(),
                same,
                action);
        PassContext at = new PassContext(calls, change.stackName(), tokens, progress, live, events, now);
        return new ApplyPass(calls, change, findRetained, recentChanges, at).perform(action, retained);
    }

    private ApplyResult perform(Action action, Retained retained) {
        return switch (action) {
            case CREATE -> create();
            case IMPORT -> importRetained(retained);
            case CHECK_IMPORT -> checkImport();
            case AWAIT_IMPORT -> at.requeue(Step.IMPORT);
            case CREATE_CHANGE_SET -> createChangeSet();
            case CHECK_CHANGE_SET -> checkChangeSet();
            case SYNC -> handle(calls.sync(change, at.stack(), at.tokens().update()), Step.EXECUTE);
            case FINISH -> finish(hasChanged());
            case CLEAN_UP -> cleanUp();
            case AWAIT_CLEAN_UP -> at.requeue(Step.CLEAN_UP, cleanUpPollInterval());
            case AWAIT_CHANGE -> at.requeue(Step.EXECUTE);
            case WAIT -> at.requeue(Step.WAIT);
            case CONTINUE_ROLLBACK ->
                handle(
                        calls.continueRollback(
                                change.stackName(), at.events(), at.tokens().continueRollback()),
                        Step.CONTINUE_ROLLBACK);
            case AWAIT_ROLLBACK -> at.requeue(Step.CONTINUE_ROLLBACK);
            case FAIL_WITH_CAUSE -> at.failed(withLeftovers(RootCause.ofChange(at.stack(), at.events())));
            case FAIL_IMPORT -> at.failed(RootCause.ofImport(at.stack(), at.events()));
            case FAIL_IN_PROGRESS -> at.failed(StackProblems.operationInProgress(change.stackName()));
            case FAIL_ROLLBACK_FAILED -> at.failed(StackProblems.rollbackFailed(at.stack(), at.events()));
            case FAIL_IMPORT_ROLLBACK_FAILED -> at.failed(StackProblems.importRollbackFailed(change.stackName()));
            case FAIL_CLEAN_UP -> at.failed(StackProblems.cleanUpFailed(at.stack(), at.events()));
            case FAIL_MISSING -> at.failed(StackProblems.stackMissing(change.stackName()));
            case FAIL_NOTHING_TO_SYNC -> at.failed(StackProblems.nothingToSync(change.stackName()));
        };
    }

    /** How much there is to do is known from the template; a change set would tell it for three calls more. */
    private ApplyResult create() {
        int total = TemplateResources.of(change.ownTemplate(), change.values()).size();
        return new ApplyPass(calls, change, findRetained, recentChanges, at.withTotal(total))
                .handle(calls.create(change, at.tokens().create()), Step.EXECUTE);
    }

    private ApplyResult importRetained(Retained retained) {
        if (change.expectedDigest() != null
                && !Differences.ofImport(change, retained).digest().equals(change.expectedDigest())) {
            return at.failed(StackProblems.planStale(change.stackName()));
        }
        return handle(calls.createImportChangeSet(change, retained, at.tokens().importChangeSet()), Step.IMPORT);
    }

    private ApplyResult checkImport() {
        String name = at.tokens().importChangeSet();
        ChangeSet changeSet = calls.describeChangeSet(change.stackName(), name);
        return switch (changeSet.state()) {
            case ABSENT -> cleanUp();
            case COMPUTING, EXECUTED, OBSOLETE -> at.requeue(Step.IMPORT);
            case READY ->
                handle(
                        calls.executeChangeSet(
                                change.stackName(), name, at.tokens().importRetained()),
                        Step.IMPORT);
            case EMPTY, FAILED -> discardAnd(() -> at.rejected(changeSet.reason()));
        };
    }

    private ApplyResult handle(CallResult result, Step next) {
        return handle(result, next, PassContext.interval(next));
    }

    /** Goes on after an act that may have been accepted now or earlier. */
    private ApplyResult handle(CallResult result, Step next, Duration requeueAfter) {
        return switch (result) {
            case CallResult.Accepted(), CallResult.AlreadyDone() -> at.requeue(next, requeueAfter);
            case CallResult.InProgress() -> at.requeueSoon(waitStep());
            case CallResult.NotFound() -> at.requeue(Step.OBSERVE);
            case CallResult.NoChanges() -> finishUnchanged(hasChanged());
            case CallResult.Rejected(String reason) -> at.rejected(reason);
        };
    }

    /** What a plan has left goes in seconds, a real stack in minutes. */
    private Duration cleanUpPollInterval() {
        boolean fresh = at.previous().step() != Step.CLEAN_UP
                || at.now().isBefore(at.previous().since().plus(PassContext.POLL_INTERVAL));
        return fresh ? PassContext.SHORT_INTERVAL : PassContext.POLL_INTERVAL;
    }

    /** A wait of ours keeps its beginning; what has begun computing or executing goes on from there. */
    private Step waitStep() {
        Step step = at.previous().step();
        return step == Step.OBSERVE ? Step.WAIT : step;
    }

    private ApplyResult createChangeSet() {
        return handle(calls.createChangeSet(change, at.live(), at.tokens().applyChangeSet()), Step.CREATE_CHANGE_SET);
    }

    private ApplyResult checkChangeSet() {
        ChangeSet changeSet =
                calls.describeChangeSet(change.stackName(), at.tokens().applyChangeSet());
        return switch (changeSet.state()) {
            case ABSENT -> createChangeSet();
            case COMPUTING -> at.requeue(Step.CREATE_CHANGE_SET);
            case READY -> executeChangeSet(changeSet);
            case EXECUTED -> at.requeue(Step.EXECUTE);
            case OBSOLETE -> discardAnd(() -> at.requeue(Step.OBSERVE));
            case EMPTY -> discardAnd(() -> finishUnchanged(false));
            case FAILED -> discardAnd(() -> at.rejected(changeSet.reason()));
        };
    }

    private ApplyResult executeChangeSet(ChangeSet changeSet) {
        Difference difference = at.difference(changeSet, change);
        Optional<Problem> refusal = change.mended() == null
                ? Risk.blockingProblem(difference, change.allowed())
                : MendPolicy.refusal(change.stackName(), difference, change.mended());
        if (refusal.isPresent()) {
            return discardAnd(() -> at.failed(refusal.get()));
        }
        if (change.expectedDigest() != null && !isPlanned(difference)) {
            return discardAnd(() -> at.failed(StackProblems.planStale(change.stackName())));
        }
        CallResult result = calls.executeChangeSet(
                change.stackName(), at.tokens().applyChangeSet(), at.tokens().execute());
        return switch (result) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.InProgress() ->
                at.requeue(Step.EXECUTE, difference.resources().size(), PassContext.POLL_INTERVAL);
            case CallResult.NotFound(), CallResult.NoChanges() -> at.requeue(Step.OBSERVE);
            case CallResult.Rejected(String reason) -> discardAnd(() -> at.rejected(reason));
        };
    }

    /** What was planned as one, the import and what follows it, comes in two parts, and this is the second. */
    private boolean isPlanned(Difference difference) {
        return difference.digest().equals(change.expectedDigest())
                || (at.stack().isImportOnly()
                        && Differences.ofImport(change, findRetained.get())
                                .digest()
                                .equals(change.expectedDigest()));
    }

    /** Throws the change set away, with the stack that exists for it alone, and only then goes on. */
    private ApplyResult discardAnd(Supplier<ApplyResult> then) {
        return at.discard(at.tokens().applyChangeSet()) ? then.get() : at.requeue(Step.CREATE_CHANGE_SET);
    }

    private ApplyResult cleanUp() {
        StackState live = at.stack();
        if (live.terminationProtection()
                && calls.setTerminationProtection(live.name(), false) instanceof CallResult.Rejected(String reason)) {
            return at.rejected(reason);
        }
        return handle(
                calls.delete(live.name(), at.tokens().cleanUp(live.id())),
                Step.CLEAN_UP,
                at.isNew() ? PassContext.SHORT_INTERVAL : PassContext.POLL_INTERVAL);
    }

    /** CloudFormation knows the stack when it finds nothing to change; where it shows another, that is how it was before. */
    private ApplyResult finishUnchanged(boolean changed) {
        boolean late = !change.isMend()
                && !ApplyPolicy.isSame(at.stack(), change)
                && recentChanges.mayHide(change.stackName(), at.now());
        return late ? at.requeue(Step.OBSERVE, PassContext.POLL_INTERVAL) : finish(changed);
    }

    private ApplyResult finish(boolean changed) {
        StackState live = at.stack();
        boolean upToDate = ApplyPolicy.isSame(live, change);
        if (change.template() == null || live.terminationProtection() == change.terminationProtection()) {
            return at.succeeded(changed, upToDate, leftovers());
        }
        return switch (calls.setTerminationProtection(live.name(), change.terminationProtection())) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.NoChanges() ->
                at.succeeded(true, upToDate, leftovers());
            case CallResult.InProgress(), CallResult.NotFound() ->
                at.requeueSoon(at.previous().step());
            case CallResult.Rejected(String reason) -> at.rejected(reason);
        };
    }

    /**
     * What our change could not delete. A stack says in a sentence that there is something, and the events what; where it says
     * nothing, the call is spared.
     */
    private List<Leftover> leftovers() {
        String reason = at.stack().statusReason();
        if (reason == null || reason.isBlank()) {
            return List.of();
        }
        StackEvents events =
                at.events().events().isEmpty() ? calls.events(at.stack().id(), at.tokens()) : at.events();
        return events.leftovers();
    }

    /** What the rollback could not delete is as little part of the stack as what a change leaves. */
    private Problem withLeftovers(Problem cause) {
        return at.events().leftovers().isEmpty()
                ? cause
                : new Problem(
                        cause.code(),
                        cause.category(),
                        cause.detail()
                                + at.events().leftovers().stream()
                                        .map(left -> " " + left.sentence())
                                        .collect(Collectors.joining()),
                        cause.action(),
                        cause.errors());
    }

    /**
     * Whether this change is what made the stack as it is. After a crash the pass may find at its first look what it
     * has done itself: then the stack was updated after the change began.
     */
    private boolean hasChanged() {
        return switch (at.previous().step()) {
            case EXECUTE, CREATE_CHANGE_SET -> true;
            case OBSERVE, WAIT, CLEAN_UP, IMPORT, CONTINUE_ROLLBACK, DELETE ->
                at.live()
                        .map(live -> !live.lastUpdated().isBefore(at.previous().since()))
                        .orElse(false);
        };
    }
}
