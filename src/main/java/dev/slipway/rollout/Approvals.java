package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Principal;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What people say when they are asked whether a rollout may go on. */
public final class Approvals {
    private final Store store;
    private final RolloutEventRecorder events;

    public Approvals(Store store, RolloutEventRecorder events) {
        this.store = store;
        this.events = events;
    }

    /**
     * What somebody says, and about what: only the question that has both is answered by it.
     *
     * @param release number of the release that was seen
     * @param percent of the production traffic that it is to get next; 0 for its one-off task
     */
    public record Answer(
            boolean approved,
            int release,
            double percent,
            @Nullable String reason) {}

    /** What a rollout asks: the checkpoint that asks it, and the sentence that says so. */
    record Question(GateRecord.Checkpoint checkpoint, String sentence) {}

    /**
     * The question to people at a checkpoint.
     *
     * @param doubt why they are asked where the spec asks nobody; null for none
     */
    static Question question(Rollout rollout, GateRecord.Checkpoint at, @Nullable String doubt, Instant now) {
        double percent = at.approves(rollout.settings());
        String what = percent == 0
                ? "before its one-off task runs"
                : "before it gets %s %% of the traffic".formatted(RolloutSettings.plain(percent));
        String sentence =
                "%sRelease %s waits for an approval %s, until %s: POST %s/rollouts/%s/approve or /reject with {\"release\": %s, \"percent\": %s}."
                        .formatted(
                                doubt == null ? "" : doubt + " ",
                                rollout.release(),
                                what,
                                until(rollout.settings(), at, now).truncatedTo(ChronoUnit.SECONDS),
                                rollout.service().path(),
                                rollout.id(),
                                rollout.release(),
                                RolloutSettings.plain(percent));
        return new Question(at.withApprovalRequestedAt(now).holding(sentence), sentence);
    }

    /** When silence decides: while ECS still waits for us. */
    static Instant until(RolloutSettings settings, GateRecord.Checkpoint at, Instant asked) {
        Instant wanted = asked.plus(Duration.ofMinutes(settings.approval().timeoutMinutes()));
        Instant latest = at.since().plus(RolloutSettings.STEP_LIMIT);
        return wanted.isBefore(latest) ? wanted : latest;
    }

    /** Records that nobody answered in time, where the spec takes that for a yes. */
    static Transaction byTimeout(RolloutEventRecorder events, Rollout rollout, GateRecord.Checkpoint at, Instant now) {
        boolean asked = at.approvalRequestedAt() != null && at.approval() == null;
        return asked && rollout.settings().approval().required(at.step()) // else evidence has come meanwhile
                ? events.record(
                        rollout,
                        LedgerEntry.EventType.APPROVED,
                        LedgerEntry.SLIPWAY,
                        "Nobody answered in time, which the spec takes for an approval.",
                        now)
                : new Transaction();
    }

    /**
     * What an answer changes. A question is answered once.
     *
     * @throws ProblemException 409 when nobody is asked, or something else; 403 when others than who started it have to approve
     */
    public Transaction answer(Stored<Rollout> rollout, Answer said, String by, Instant now) {
        Rollout value = rollout.value();
        Optional<Stored<GateRecord>> gate = store.get(GateRecord.key(value.service(), value.id()));
        Optional<GateRecord.Checkpoint> asking = gate.flatMap(
                        found -> found.value().awaitingApproval())
                .filter(_ -> value.isRunning() && value.stop() == null)
                .filter(checkpoint -> isInTime(value, checkpoint, now));
        if (asking.isEmpty()) {
            throw notWanted(value, gate.map(Stored::value), said);
        }
        double percent = asking.get().approves(value.settings());
        if (!Integer.valueOf(said.release()).equals(value.release()) || Double.compare(said.percent(), percent) != 0) {
            throw new ProblemException(
                    409,
                    Problem.invalid(
                            "approval-mismatch",
                            "You answer for release %d with %s %% of the traffic; it is asked for release %s with %s %%."
                                    .formatted(
                                            said.release(),
                                            RolloutSettings.plain(said.percent()),
                                            value.release(),
                                            RolloutSettings.plain(percent)),
                            List.of()));
        }
        if (said.approved()
                && value.settings().approval().by() == RolloutSettings.Approval.By.OTHERS
                && value.request().starters().anyMatch(starter -> FourEyesPolicy.mayBeTheSame(starter, by))) {
            throw ownRollout(value.request(), by);
        }
        GateRecord.Approval answer = new GateRecord.Approval(said.approved(), by, now, said.reason());
        GateRecord answered = gate.get().value().answering(checkpoint -> checkpoint.withApproval(answer));
        String what = percent == 0
                ? "the one-off task of release " + value.release()
                : "release %d for %s %% of the traffic".formatted(value.release(), RolloutSettings.plain(percent));
        String sentence = "%s %s %s%s"
                .formatted(
                        by,
                        said.approved() ? "approved" : "rejected",
                        what,
                        said.reason() == null ? "." : ": " + said.reason());
        LedgerEntry.EventType type = said.approved() ? LedgerEntry.EventType.APPROVED : LedgerEntry.EventType.REJECTED;
        Transaction told = events.record(value, type, by, sentence, now).update(gate.get(), answered);
        Rollout.Stop stop = new Rollout.Stop(Rollout.Stop.Cause.REJECTED, by, sentence, now);
        return said.approved() ? told.check(rollout) : told.update(rollout, value.stopping(stop));
    }

    private static ProblemException ownRollout(Rollout.Request request, String by) {
        String behind = request.onBehalfOf();
        boolean unknown = Principal.UNKNOWN.equals(behind);
        return new ProblemException(
                403,
                "own-rollout",
                "%s may be who started the rollout (%s), and somebody else has to approve it (approval.by: others)."
                        .formatted(
                                by,
                                behind == null
                                        ? request.actor()
                                        : request.actor() + (unknown ? ", by whom is not known" : " for " + behind)),
                unknown
                        ? "CodePipeline did not tell who started the execution: let the pipeline function read it"
                                + " (codepipeline:GetPipelineExecution, see its log), and start it anew. You may reject this one."
                        : "Have it approved by somebody who calls as another user or by another role. You may reject it.");
    }

    /** Late answers find that silence has decided, whether or not somebody has acted on it yet. */
    private static boolean isInTime(Rollout rollout, GateRecord.Checkpoint checkpoint, Instant now) {
        Instant asked = checkpoint.approvalRequestedAt();
        return asked != null && until(rollout.settings(), checkpoint, asked).isAfter(now);
    }

    private static ProblemException notWanted(Rollout rollout, Optional<GateRecord> gate, Answer said) {
        String before = gate.stream()
                .flatMap(found -> found.checkpoints().stream())
                .filter(checkpoint -> checkpoint.approval() != null)
                .filter(checkpoint -> Double.compare(checkpoint.approves(rollout.settings()), said.percent()) == 0)
                .map(GateRecord.Checkpoint::approval)
                .flatMap(Stream::ofNullable)
                .map(answer -> " %s %s this at %s."
                        .formatted(answer.by(), answer.approved() ? "approved" : "rejected", answer.at()))
                .findFirst()
                .orElse("");
        return new ProblemException(
                409,
                "no-approval-wanted",
                "The rollout %s waits for no approval.%s".formatted(rollout.id(), before),
                "See what it waits for: GET %s/rollouts/%s"
                        .formatted(rollout.service().path(), rollout.id()));
    }
}
