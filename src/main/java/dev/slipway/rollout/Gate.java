package dev.slipway.rollout;

import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.release.Release;
import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceRevisionSummary;

/**
 * The gate in a deployment: ECS asks it through the lifecycle hook whether to go on. It never waits; it answers that it
 * does not know yet, and is asked again. Asked twice, it answers the same.
 */
public final class Gate {
    private static final Logger LOG = Logger.getLogger(Gate.class);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration LATER = Duration.ofSeconds(30);
    /** ECS takes a moment from our answer to the weights on the listener's rule. */
    private static final Duration MOVES_WITHIN = Duration.ofSeconds(20);
    /** ECS shows within this time what has changed: its API is eventually consistent. */
    private static final Duration SHOWS_WITHIN = Duration.ofMinutes(2);

    /** To write down what was sent while the worker writes, too. */
    private static final int ATTEMPTS = 3;

    private final Store store;
    private final Outbox outbox;
    private final EcsDeployments deployments;
    private final SmokeTests smokeTests;
    private final CheckFunctions functions;
    private final RolloutEventRecorder events;
    private final InstantSource clock;

    Gate(
            Store store,
            Outbox outbox,
            EcsDeployments deployments,
            SmokeTests smokeTests,
            CheckFunctions functions,
            RolloutEventRecorder events,
            InstantSource clock) {
        this.store = store;
        this.outbox = outbox;
        this.deployments = deployments;
        this.smokeTests = smokeTests;
        this.functions = functions;
        this.events = events;
        this.clock = clock;
    }

    /**
     * What ECS asks.
     *
     * @param stage as AWS spells it
     * @param deployment ARN
     * @param rollout {@code prod/web/<id>}, from the hook's details; null when there are none
     * @param step what we answered the time before, when we did
     * @param unseenSince since when ECS shows a step that has passed; null when it does not
     */
    public record HookRequest(
            String stage,
            String deployment,
            @Nullable String rollout,
            @Nullable Integer step,
            @Nullable Instant unseenSince) {}

    /** What we answer. */
    public sealed interface HookResponse {
        /** @param reason for the log */
        record Proceed(String reason) implements HookResponse {}

        record Fail(String reason) implements HookResponse {}

        /** @param step to be handed back at the next question */
        record Hold(
                Duration retryAfter,
                String reason,
                @Nullable Integer step) implements HookResponse {}
    }

    /** Answers. Throws when we cannot know, by our own fault or AWS's: the caller then has ECS ask again. */
    public HookResponse handle(HookRequest question) {
        Instant now = clock.instant();
        Optional<Stored<Rollout>> found = rollout(question);
        Optional<GateStage> stage = stage(question.stage());
        if (found.isEmpty() || stage.isEmpty()) {
            return new HookResponse.Proceed("no rollout of ours is under way");
        }
        Stored<Rollout> rollout = found.get();
        if (!rollout.value().isRunning()) {
            return isOrphaned(rollout.value(), question.deployment())
                    ? new HookResponse.Fail("its rollout has ended without it")
                    : new HookResponse.Proceed("no rollout of ours is under way");
        }
        if (rollout.value().progress().previous() == null) {
            return new HookResponse.Proceed(
                    "a first deployment takes no traffic from anybody, and was approved before it");
        }
        if (!isOfService(question.deployment(), rollout.value().service())) {
            return new HookResponse.Proceed("the deployment is of another service");
        }
        Optional<Stored<GateRecord>> known = store.get(
                GateRecord.key(rollout.value().service(), rollout.value().id()));
        ServiceDeployment described = described(question.deployment());
        if (!isOurs(described, rollout.value(), known)) {
            return new HookResponse.Proceed("the deployment was started outside Slipway");
        }
        int step = step(question, stage.get(), described, rollout.value(), known, now);
        GateRecord record = known.map(Stored::value)
                .orElseGet(() -> new GateRecord(rollout.value().id(), null, List.of()))
                .of(question.deployment());
        GateRecord.Checkpoint checkpoint =
                record.find(stage.get(), step).orElseGet(() -> GateRecord.Checkpoint.entered(stage.get(), step, now));
        return act(new GateContext(rollout, known, record, stage.get(), checkpoint), now);
    }

    /** What the question says is not what ECS shows now. One of the two may be late: ECS asks again. */
    public static sealed class NotInSightException extends RuntimeException {
        NotInSightException(String what) {
            super(what);
        }
    }

    /** ECS shows a step that was let pass, which may be an answer from before the next one. */
    public static final class StepPassedException extends NotInSightException {
        StepPassedException(int step) {
            super("ECS shows step " + step + ", which has passed");
        }
    }

    private ServiceDeployment described(String deployment) {
        return deployments
                .describe(deployment)
                .orElseThrow(() -> new NotInSightException("ECS does not show " + deployment));
    }

    /**
     * Whether a deployment is the one that the rollout has started. Whoever may call the hook can name any; what is written down here is
     * believed from then on.
     */
    private boolean isOurs(ServiceDeployment found, Rollout rollout, Optional<Stored<GateRecord>> known) {
        String recorded = rollout.progress().deployment() != null
                ? rollout.progress().deployment()
                : known.map(record -> record.value().deployment()).orElse(null);
        if (recorded != null) {
            return recorded.equals(found.serviceDeploymentArn());
        }
        Integer number = rollout.release();
        if (isBefore(found, rollout) || number == null) {
            return false;
        }
        String brings = deployments
                .taskDefinition(found)
                .orElseThrow(() -> new NotInSightException(
                        "ECS does not show what %s brings".formatted(found.serviceDeploymentArn())));
        return store.get(Release.key(rollout.service(), number))
                .filter(release -> release.value().taskDefinition().equals(brings))
                .isPresent();
    }

    /**
     * The step that ECS is at. What was asked and what we have handed back must agree with what ECS shows: a question of another
     * stage or step, early or late, must not leave an answer for the genuine one. Nor may a weight that is shown late have a first
     * question take the answer of the step before: ECS asks anew at each step, and hands nothing of the last one back. If it still shows
     * that step later on, it has asked twice.
     */
    private static int step(
            HookRequest question,
            GateStage stage,
            ServiceDeployment described,
            Rollout rollout,
            Optional<Stored<GateRecord>> known,
            Instant now) {
        boolean tested = known.flatMap(record -> record.value().find(GateStage.POST_TEST_TRAFFIC_SHIFT, 0))
                .filter(checkpoint -> checkpoint.passedAt() != null)
                .isPresent();
        String shown = String.valueOf(described.lifecycleStageAsString());
        if (!stage.isShownAs(shown, tested)) {
            throw new NotInSightException("ECS shows the stage " + shown + ", asked for " + stage);
        }
        int step = stage == GateStage.POST_TEST_TRAFFIC_SHIFT
                ? 0
                : rollout.settings().stepAfter(percent(described));
        if (question.step() != null && question.step() != step) {
            throw new NotInSightException("ECS shows step " + step + ", asked for " + question.step());
        }
        boolean late = question.step() == null
                && stage == GateStage.PRE_PRODUCTION_TRAFFIC_SHIFT
                && known.flatMap(record -> record.value().find(stage, step))
                        .filter(checkpoint -> checkpoint.passedAt() != null)
                        .isPresent();
        Instant since = question.unseenSince() == null ? now : question.unseenSince();
        if (late && since.plus(SHOWS_WITHIN).isAfter(now)) {
            throw new StepPassedException(step);
        }
        return step;
    }

    private static boolean isOfService(String deployment, ServiceId service) {
        String[] parts =
                deployment.split(":", 6); // arn, partition, ecs, region, account, service-deployment/cluster/service/id
        return parts.length == 6
                && parts[2].equals("ecs")
                && parts[5].startsWith("service-deployment/%s/%s/"
                        .formatted(service.environmentId().cluster(), service.service()));
    }

    /** Where we stand: the rollout, what is known of its gate, and the checkpoint that is asked for. */
    private record GateContext(
            Stored<Rollout> rollout,
            Optional<Stored<GateRecord>> stored,
            GateRecord record,
            GateStage stage,
            GateRecord.Checkpoint checkpoint) {}

    private HookResponse act(GateContext at, Instant now) {
        Rollout rollout = at.rollout().value();
        Optional<Stored<AnalysisState>> analysis = store.get(AnalysisState.key(rollout.service(), rollout.id()));
        Verdict verdict = analysis.map(found -> RolloutAnalysis.verdict(
                        found.value(), rollout.settings(), at.checkpoint().step(), now))
                .orElse(null);
        var decision = GatePolicy.decide(new GatePolicy.Snapshot(
                at.stage(), at.checkpoint().step(), at.checkpoint(), rollout.settings(), rollout.stop(), verdict, now));
        LOG.infof(
                "rollout=%s stage=%s step=%d decided=%s",
                DeploymentConfigurations.reference(rollout),
                at.stage(),
                at.checkpoint().step(),
                decision);
        return switch (decision) {
            case GatePolicy.Decision.Proceed _ -> proceed(at, now);
            case GatePolicy.Decision.Fail fail -> fail(at, fail, now);
            case GatePolicy.Decision.Hold hold -> hold(at, at.checkpoint(), hold.message(), LATER);
            case GatePolicy.Decision.Check check -> check(at, now);
            case GatePolicy.Decision.AskFunction ask -> askFunction(at, now);
            case GatePolicy.Decision.Probe _ -> probe(at);
            case GatePolicy.Decision.AskForApproval ask -> askForApproval(at, ask.doubt(), now);
            case GatePolicy.Decision.RecordNoEvidence missed -> recordNoEvidence(at, missed.message(), now);
        };
    }

    private HookResponse proceed(GateContext at, Instant now) {
        if (at.checkpoint().passedAt() == null) {
            Transaction approved = Approvals.byTimeout(events, at.rollout().value(), at.checkpoint(), now);
            save(
                    at,
                    at.checkpoint().passed(now),
                    at.stage() == GateStage.PRE_PRODUCTION_TRAFFIC_SHIFT // so that the worker sees the traffic move
                            ? approved.wake(at.rollout().value().service(), MOVES_WITHIN)
                            : approved);
        }
        return new HookResponse.Proceed("passed");
    }

    /** Written down before it is said, so that the worker knows why ECS rolls the release back. */
    private HookResponse fail(GateContext at, GatePolicy.Decision.Fail fail, Instant now) {
        Rollout rollout = at.rollout().value();
        if (at.checkpoint().failureReason() == null) {
            Rollout stopping =
                    rollout.stopping(new Rollout.Stop(fail.cause(), LedgerEntry.SLIPWAY, fail.message(), now));
            Transaction stopped = stopping.equals(rollout)
                    ? new Transaction()
                    : events.record(stopping, LedgerEntry.EventType.STOPPED, LedgerEntry.SLIPWAY, fail.message(), now)
                            .update(at.rollout(), stopping);
            save(at, at.checkpoint().failed(fail.message()), stopped.wake(rollout.service()));
        }
        return new HookResponse.Fail(fail.message());
    }

    private HookResponse check(GateContext at, Instant now) {
        Rollout rollout = at.rollout().value();
        List<GateRecord.CheckResult> results =
                smokeTests.run(groups(rollout), rollout.settings().checks());
        GateRecord.Checkpoint checked = at.checkpoint().checked(results, now);
        if (!checked.checksPassed()) {
            return hold(at, checked, "Checks failed in round %d.".formatted(checked.rounds()), SOON);
        }
        Transaction told = events.record(
                rollout,
                LedgerEntry.EventType.CHECKED,
                LedgerEntry.SLIPWAY,
                "All %d checks through the test rule passed.".formatted(results.size()),
                now);
        return act(saved(at, checked, told), now);
    }

    /** The checkpoint with one more thing known; the gate may be asked for it again at once. */
    private GateContext saved(GateContext at, GateRecord.Checkpoint checkpoint, Transaction told) {
        save(at, checkpoint, told);
        Rollout rollout = at.rollout().value();
        Stored<GateRecord> known =
                store.get(GateRecord.key(rollout.service(), rollout.id())).orElseThrow();
        return new GateContext(at.rollout(), Optional.of(known), known.value(), at.stage(), checkpoint);
    }

    private HookResponse askFunction(GateContext at, Instant now) {
        Rollout rollout = at.rollout().value();
        String function = Objects.requireNonNull(rollout.settings().checkFunction());
        return switch (functions.invoke(function, rollout)) {
            case CheckFunctions.Result.Succeeded yes ->
                act(saved(at, at.checkpoint().withFunctionPassed(true), new Transaction()), now);
            case CheckFunctions.Result.Failed no ->
                fail(at, new GatePolicy.Decision.Fail(Rollout.Stop.Cause.CHECKS_FAILED, no.reason()), now);
            case CheckFunctions.Result.InProgress notYet -> hold(at, at.checkpoint(), notYet.reason(), LATER);
        };
    }

    private HookResponse probe(GateContext at) {
        Rollout rollout = at.rollout().value();
        Map<Instant, Sample> sent = smokeTests.probe(groups(rollout), rollout.settings(), clock);
        for (int attempt = 1; !recorded(rollout, sent); attempt++) {
            if (attempt == ATTEMPTS) {
                throw new IllegalStateException("the analysis of %s changes at each look".formatted(rollout.id()));
            }
        }
        return hold(at, at.checkpoint(), "Sends requests of its own, since users send too few.", SOON);
    }

    /** False if the worker has written meanwhile. What was sent must not be lost: it would count as users'. */
    private boolean recorded(Rollout rollout, Map<Instant, Sample> sent) {
        Stored<AnalysisState> analysis =
                store.get(AnalysisState.key(rollout.service(), rollout.id())).orElseThrow();
        AnalysisState next = analysis.value();
        for (Map.Entry<Instant, Sample> minute : sent.entrySet()) {
            next = next.probed(minute.getKey(), minute.getValue());
        }
        try {
            outbox.commit(new Transaction().update(analysis, next));
            return true;
        } catch (WriteConflictException e) {
            return false;
        }
    }

    private HookResponse recordNoEvidence(GateContext at, String sentence, Instant now) {
        Transaction told = events.record(
                at.rollout().value(),
                LedgerEntry.EventType.VERDICT,
                LedgerEntry.SLIPWAY,
                Verdict.Outcome.NOT_ENOUGH_EVIDENCE + ": " + sentence,
                now);
        return act(saved(at, at.checkpoint().withEvidenceMissedAt(now), told), now);
    }

    private HookResponse askForApproval(GateContext at, @Nullable String doubt, Instant now) {
        Rollout rollout = at.rollout().value();
        Approvals.Question question = Approvals.question(rollout, at.checkpoint(), doubt, now);
        GateRecord.Checkpoint asking = question.checkpoint();
        String sentence = question.sentence();
        save(
                at,
                asking,
                events.record(rollout, LedgerEntry.EventType.APPROVAL_REQUESTED, LedgerEntry.SLIPWAY, sentence, now));
        return new HookResponse.Hold(LATER, sentence, asking.step());
    }

    private HookResponse hold(GateContext at, GateRecord.Checkpoint checkpoint, String sentence, Duration again) {
        GateRecord.Checkpoint holding = checkpoint.holding(sentence);
        if (!at.record().find(at.stage(), checkpoint.step()).equals(Optional.of(holding))) {
            save(at, holding, new Transaction());
        }
        return new HookResponse.Hold(again, sentence, checkpoint.step());
    }

    private void save(GateContext at, GateRecord.Checkpoint checkpoint, Transaction also) {
        Rollout rollout = at.rollout().value();
        outbox.commit(also.put(
                GateRecord.key(rollout.service(), rollout.id()),
                at.stored(),
                at.record().with(checkpoint)));
    }

    private static TargetGroups groups(Rollout rollout) {
        return Objects.requireNonNull(
                rollout.progress().targetGroups(), "a rollout with a gate knows its target groups");
    }

    private Optional<Stored<Rollout>> rollout(HookRequest question) {
        String reference = question.rollout();
        String[] parts = reference == null ? new String[0] : reference.split("/");
        return parts.length == 3
                ? store.get(Rollout.key(new ServiceId(parts[0], parts[1]), parts[2]))
                : Optional.empty();
    }

    private static Optional<GateStage> stage(String name) {
        return Arrays.stream(GateStage.values())
                .filter(stage -> stage.name().equals(name))
                .findFirst();
    }

    /**
     * A deployment of a rollout that has ended otherwise than well: nobody watches it any more, so it must not get any
     * further. One that somebody starts afterwards names the same rollout, but is a later one.
     */
    private boolean isOrphaned(Rollout rollout, String deployment) {
        Rollout.Outcome outcome = rollout.outcome();
        if (outcome == null || rollout.state() == Rollout.State.SUCCEEDED) {
            return false;
        }
        if (rollout.progress().deployment() != null) {
            return rollout.progress().deployment().equals(deployment);
        }
        ServiceDeployment found = described(deployment);
        return !isBefore(found, rollout)
                && found.createdAt() != null
                && !found.createdAt().isAfter(outcome.endedAt());
    }

    /** A service keeps its hooks, so that a later deployment outside Slipway names the rollout that was the last of ours. */
    private static boolean isBefore(ServiceDeployment deployment, Rollout rollout) {
        return deployment.createdAt() != null
                && deployment
                        .createdAt()
                        .isBefore(rollout.progress().startedAt().minus(DeploymentPolicy.CLOCK_SKEW));
    }

    private static double percent(ServiceDeployment deployment) {
        ServiceRevisionSummary target = deployment.targetServiceRevision();
        return target == null || target.requestedProductionTrafficWeight() == null
                ? 0
                : target.requestedProductionTrafficWeight();
    }
}
