package dev.slipway.rollout;

import dev.slipway.ledger.Entry;
import dev.slipway.notice.Notices;
import dev.slipway.operation.Operations;
import dev.slipway.operation.WorkQueue;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.ServiceId;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Judge;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    private final Store store;
    private final WorkQueue queue;
    private final EcsDeployments deployments;
    private final Checks checks;
    private final CheckFunctions functions;
    private final Chronicle chronicle;
    private final InstantSource clock;

    Gate(
            Store store,
            WorkQueue queue,
            EcsDeployments deployments,
            Checks checks,
            CheckFunctions functions,
            Chronicle chronicle,
            InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.deployments = deployments;
        this.checks = checks;
        this.functions = functions;
        this.chronicle = chronicle;
        this.clock = clock;
    }

    /**
     * What ECS asks.
     *
     * @param stage as AWS spells it
     * @param deployment ARN
     * @param rollout {@code prod/web/<id>}, from the hook's details; null when there are none
     * @param step what we answered the time before, when we did
     */
    public record Question(
            String stage,
            String deployment,
            @Nullable String rollout,
            @Nullable Integer step) {}

    /** What we answer. */
    public sealed interface Answer {
        /** @param why for the log */
        record Pass(String why) implements Answer {}

        record Fail(String why) implements Answer {}

        /** @param step to be handed back at the next question */
        record Hold(Duration again, String why, @Nullable Integer step) implements Answer {}
    }

    /** Answers. Throws when we cannot know, by our own fault or AWS's: the caller then has ECS ask again. */
    public Answer ask(Question question) {
        Instant now = clock.instant();
        Optional<Stored<Rollout>> found = rollout(question);
        Optional<GateStage> stage = stage(question.stage());
        if (found.isEmpty() || stage.isEmpty()) {
            return new Answer.Pass("no rollout of ours is under way");
        }
        Stored<Rollout> rollout = found.get();
        if (!rollout.value().isRunning()) {
            return isLeftBehind(rollout.value(), question.deployment())
                    ? new Answer.Fail("its rollout has ended without it")
                    : new Answer.Pass("no rollout of ours is under way");
        }
        if (rollout.value().previous() == null) {
            return new Answer.Pass("a first deployment takes no traffic from anybody");
        }
        Optional<Stored<GateRecord>> known = store.get(
                GateRecord.key(rollout.value().service(), rollout.value().id()));
        String ours = known.map(record -> record.value().deployment())
                .orElse(rollout.value().deployment());
        if (ours != null && !ours.equals(question.deployment())) {
            return new Answer.Pass("the deployment was started past us");
        }
        Integer step = question.step();
        if (ours == null || step == null) {
            Optional<ServiceDeployment> described = deployments.describe(question.deployment());
            if (described.isEmpty() || isBefore(described.get(), rollout.value())) {
                return new Answer.Pass("the deployment was started past us");
            }
            step = stage.get() == GateStage.POST_TEST_TRAFFIC_SHIFT
                    ? 0
                    : rollout.value().settings().stepAfter(percent(described.get()));
        }
        GateRecord record = known.map(Stored::value)
                .orElseGet(() -> new GateRecord(rollout.value().id(), question.deployment(), List.of()));
        int at = step;
        GateRecord.Passage passage =
                record.at(stage.get(), at).orElseGet(() -> GateRecord.Passage.entered(stage.get(), at, now));
        return act(new At(rollout, known, record, stage.get(), passage), now);
    }

    /** Where we stand: the rollout, what is known of its gate, and the passage that is asked for. */
    private record At(
            Stored<Rollout> rollout,
            Optional<Stored<GateRecord>> known,
            GateRecord record,
            GateStage stage,
            GateRecord.Passage passage) {}

    private Answer act(At at, Instant now) {
        Rollout rollout = at.rollout().value();
        Optional<Stored<Judgement>> judgement = store.get(Judgement.key(rollout.service(), rollout.id()));
        Verdict verdict = judgement
                .map(found -> Judging.verdict(found.value(), rollout.settings(), now))
                .orElse(null);
        var decision = GatePolicy.decide(new GatePolicy.Seen(
                at.stage(), at.passage().step(), at.passage(), rollout.settings(), rollout.stop(), verdict, now));
        LOG.infof(
                "rollout=%s stage=%s step=%d decided=%s",
                DeploymentConfigurations.reference(rollout),
                at.stage(),
                at.passage().step(),
                decision);
        return switch (decision) {
            case GatePolicy.Decision.Pass pass -> pass(at, now);
            case GatePolicy.Decision.Fail fail -> fail(at, fail, now);
            case GatePolicy.Decision.Hold hold -> hold(at, at.passage(), hold.sentence(), LATER);
            case GatePolicy.Decision.Check check -> check(at, now);
            case GatePolicy.Decision.AskFunction ask -> askFunction(at, now);
            case GatePolicy.Decision.Probe probe -> probe(at, judgement.orElseThrow(), now);
            case GatePolicy.Decision.AskForApproval ask -> askForApproval(at, now);
        };
    }

    private Answer pass(At at, Instant now) {
        if (at.passage().passedAt() == null) {
            save(at, at.passage().passed(now), approvedBySilence(at, now));
            if (at.stage() == GateStage.PRE_PRODUCTION_TRAFFIC_SHIFT) { // so that the worker sees the traffic move
                queue.send(Operations.message(at.rollout().value().service()), MOVES_WITHIN);
            }
        }
        return new Answer.Pass("passed");
    }

    /** Nobody answered in time, and the spec takes that for a yes. */
    private Write[] approvedBySilence(At at, Instant now) {
        boolean silent = at.passage().approvalAskedAt() != null && at.passage().approval() == null;
        return silent
                ? chronicle.tell(
                        at.rollout().value(),
                        Entry.What.APPROVED,
                        Entry.SLIPWAY,
                        "Nobody answered in time, which the spec takes for an approval.",
                        now)
                : new Write[0];
    }

    /** Written down before it is said, so that the worker knows why ECS takes the release back. */
    private Answer fail(At at, GatePolicy.Decision.Fail fail, Instant now) {
        Rollout rollout = at.rollout().value();
        if (at.passage().failed() == null) {
            Rollout stopping = rollout.stopping(new Rollout.Stop(fail.cause(), Entry.SLIPWAY, fail.sentence(), now));
            List<Write> writes = new ArrayList<>();
            if (!stopping.equals(rollout)) {
                writes.add(new Write.Update<>(at.rollout(), stopping));
                writes.addAll(Arrays.asList(
                        chronicle.tell(stopping, Entry.What.STOPPED, Entry.SLIPWAY, fail.sentence(), now)));
            }
            save(at, at.passage().failed(fail.sentence()), writes.toArray(Write[]::new));
            queue.send(Operations.message(rollout.service()), Duration.ZERO);
        }
        return new Answer.Fail(fail.sentence());
    }

    private Answer check(At at, Instant now) {
        Rollout rollout = at.rollout().value();
        List<GateRecord.CheckResult> results =
                checks.run(groups(rollout), rollout.settings().checks());
        GateRecord.Passage checked = at.passage().checked(results);
        if (!checked.checksPassed()) {
            return hold(at, checked, "Checks failed in round %d.".formatted(checked.rounds()), SOON);
        }
        Write[] told = chronicle.tell(
                rollout,
                Entry.What.CHECKED,
                Entry.SLIPWAY,
                "All %d checks through the test rule passed.".formatted(results.size()),
                now);
        return act(saved(at, checked, now, told), now);
    }

    /** The passage with one more thing known; the gate may be asked for it again at once. */
    private At saved(At at, GateRecord.Passage passage, Instant now, Write... more) {
        save(at, passage, more);
        Rollout rollout = at.rollout().value();
        Stored<GateRecord> known =
                store.get(GateRecord.key(rollout.service(), rollout.id())).orElseThrow();
        return new At(at.rollout(), Optional.of(known), known.value(), at.stage(), passage);
    }

    private Answer askFunction(At at, Instant now) {
        Rollout rollout = at.rollout().value();
        String function = java.util.Objects.requireNonNull(rollout.settings().checkFunction());
        return switch (functions.ask(function, rollout)) {
            case CheckFunctions.Said.Yes yes -> act(saved(at, at.passage().withFunctionPassed(), now), now);
            case CheckFunctions.Said.No no ->
                fail(at, new GatePolicy.Decision.Fail(Rollout.Stop.Cause.CHECKS_FAILED, no.reason()), now);
            case CheckFunctions.Said.NotYet notYet -> hold(at, at.passage(), notYet.reason(), LATER);
        };
    }

    private Answer probe(At at, Stored<Judgement> judgement, Instant now) {
        Rollout rollout = at.rollout().value();
        Evidence evidence = judgement.value().evidence();
        if (evidence != null) {
            Sample sent = checks.probe(groups(rollout), rollout.settings());
            Evidence more = Judge.weighProbes(evidence, now, sent, Judging.criteria(rollout.settings()));
            Instant minute = now.truncatedTo(ChronoUnit.MINUTES);
            store.write(new Write.Update<>(judgement, judgement.value().probed(more, minute, sent)));
        }
        return hold(at, at.passage(), "Sends requests of its own, since users send too few.", SOON);
    }

    private Answer askForApproval(At at, Instant now) {
        Rollout rollout = at.rollout().value();
        Instant until =
                now.plus(Duration.ofMinutes(rollout.settings().approval().timeoutMinutes()));
        String sentence = "Release %s waits for an approval until %s: POST %s/rollouts/%s/approve or /reject."
                .formatted(
                        rollout.release(),
                        until.truncatedTo(ChronoUnit.SECONDS),
                        rollout.service().path(),
                        rollout.id());
        GateRecord.Passage asking = at.passage().asking(now).holding(sentence);
        save(at, asking, chronicle.tell(rollout, Entry.What.APPROVAL_WANTED, Entry.SLIPWAY, sentence, now));
        return new Answer.Hold(LATER, sentence, asking.step());
    }

    private Answer hold(At at, GateRecord.Passage passage, String sentence, Duration again) {
        GateRecord.Passage holding = passage.holding(sentence);
        if (!at.record().at(at.stage(), passage.step()).equals(Optional.of(holding))) {
            save(at, holding);
        }
        return new Answer.Hold(again, sentence, passage.step());
    }

    private void save(At at, GateRecord.Passage passage, Write... more) {
        Rollout rollout = at.rollout().value();
        GateRecord next = at.record().with(passage);
        List<Write> writes = new ArrayList<>(Arrays.asList(more));
        writes.add(at.known()
                .<Write>map(known -> new Write.Update<>(known, next))
                .orElseGet(() -> new Write.Create<>(GateRecord.key(rollout.service(), rollout.id()), next)));
        store.write(writes);
        Notices.messages(writes).forEach(message -> queue.send(message, Duration.ZERO));
    }

    private static Rollout.Groups groups(Rollout rollout) {
        return java.util.Objects.requireNonNull(rollout.groups(), "a rollout with a gate knows its target groups");
    }

    private Optional<Stored<Rollout>> rollout(Question question) {
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
    private boolean isLeftBehind(Rollout rollout, String deployment) {
        Instant ended = rollout.endedAt();
        if (ended == null || rollout.state() == Rollout.State.SUCCEEDED) {
            return false;
        }
        if (rollout.deployment() != null) {
            return rollout.deployment().equals(deployment);
        }
        return deployments
                .describe(deployment)
                .filter(found -> !isBefore(found, rollout))
                .map(ServiceDeployment::createdAt)
                .filter(createdAt -> !createdAt.isAfter(ended))
                .isPresent();
    }

    /** A service keeps its hooks, so that a later deployment past us names the rollout that was the last of ours. */
    private static boolean isBefore(ServiceDeployment deployment, Rollout rollout) {
        return deployment.createdAt() != null
                && deployment.createdAt().isBefore(rollout.startedAt().minus(DeploymentPolicy.SKEW));
    }

    private static double percent(ServiceDeployment deployment) {
        ServiceRevisionSummary target = deployment.targetServiceRevision();
        return target == null || target.requestedProductionTrafficWeight() == null
                ? 0
                : target.requestedProductionTrafficWeight();
    }
}
