package dev.slipway.rollout;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Optional;
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
     * What an answer changes. The same answer of the same caller again changes nothing.
     *
     * @throws ProblemException 409 when nobody is asked
     */
    public Transaction answer(
            Stored<Rollout> rollout, boolean approved, String by, @Nullable String reason, Instant now) {
        Rollout value = rollout.value();
        Optional<Stored<GateRecord>> gate = store.get(GateRecord.key(value.service(), value.id()));
        Optional<Stored<GateRecord>> asking =
                gate.filter(found -> found.value().awaitingApproval().isPresent());
        if (!value.isRunning() || asking.isEmpty()) {
            boolean repeated = gate.stream()
                    .flatMap(found -> found.value().checkpoints().stream())
                    .map(GateRecord.Checkpoint::approval)
                    .anyMatch(answer -> answer != null
                            && answer.approved() == approved
                            && answer.by().equals(by));
            if (repeated) {
                return new Transaction();
            }
            throw new ProblemException(
                    409,
                    "no-approval-wanted",
                    "The rollout %s waits for no approval.".formatted(value.id()),
                    "See what it waits for: GET %s/rollouts/%s"
                            .formatted(value.service().path(), value.id()));
        }
        GateRecord.Approval answer = new GateRecord.Approval(approved, by, now, reason);
        GateRecord answered = asking.get().value().answering(checkpoint -> checkpoint.withApproval(answer));
        String because = reason == null ? "." : ": " + reason;
        String sentence = by + (approved ? " approved it" : " rejected it") + because;
        LedgerEntry.EventType what = approved ? LedgerEntry.EventType.APPROVED : LedgerEntry.EventType.REJECTED;
        Transaction said = events.record(value, what, by, sentence, now).update(asking.get(), answered);
        Rollout.Stop stop = new Rollout.Stop(Rollout.Stop.Cause.REJECTED, by, sentence, now);
        return approved ? said.check(rollout) : said.update(rollout, value.stopping(stop));
    }
}
