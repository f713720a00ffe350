package dev.slipway.health;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.health.DeadLetterQueue.Message;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerQueries;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store.UnknownOutcomeException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Lists what was given up and sends it again. SQS shows messages only to who receives them, so a look takes them and lets them
 * go at its end; one that dies in between hides them for half a minute. A message is sent before it is deleted: whoever dies in
 * between leaves it twice, and a target that is looked at twice is looked at once more than needed.
 */
public final class DeadLetters {
    /** Ten each; what is beyond them is come to when these are gone. */
    private static final int LOOKS = 5;

    private static final Logger LOG = Logger.getLogger(DeadLetters.class);

    private final DeadLetterQueue dead;
    private final Outbox outbox;
    private final LedgerQueries ledger;
    private final IdGenerator ids;
    private final InstantSource clock;
    private final ObjectMapper json;

    public DeadLetters(
            DeadLetterQueue dead,
            Outbox outbox,
            LedgerQueries ledger,
            IdGenerator ids,
            InstantSource clock,
            ObjectMapper json) {
        this.dead = dead;
        this.outbox = outbox;
        this.ledger = ledger;
        this.ids = ids;
        this.clock = clock;
        this.json = json;
    }

    /**
     * What was sent again.
     *
     * @param redriven ids of the messages
     * @param left how many of those seen were not: they are no messages of Slipway's, or SQS or the table failed in between
     */
    @RegisterForReflection
    public record Redriven(List<String> redriven, int left) {}

    /** Up to fifty. */
    public List<DeadLetter> list() {
        List<Message> taken = take();
        taken.forEach(this::release);
        return taken.stream().map(this::view).toList();
    }

    /** Up to fifty of them; who asks at the same time gets others, or none. */
    public Redriven redriveAll(String actor) {
        return send(null, actor);
    }

    /** Throws {@link ProblemException} with 404 when there is none of this id, and with 409 when it cannot be sent again. */
    public Redriven redrive(String id, String actor) {
        Redriven done = send(id, actor);
        if (done.redriven().isEmpty()) {
            throw done.left() > 0
                    ? new ProblemException(
                            409,
                            "dead-letter-unreadable",
                            "The message " + id + " is no JSON object, which the worker would give up again.",
                            "Delete it from the dead-letter queue by SQS.")
                    : new ProblemException(
                            404,
                            "no-such-dead-letter",
                            "There is no dead letter " + id + " among those that can be seen now.",
                            "GET /v1/dead-letters. Somebody else may have sent it again, or look at it: then try again in"
                                    + " half a minute.");
        }
        return done;
    }

    /** What fails on the way is thrown only where nothing was sent: else who asks would not learn what was. */
    private Redriven send(@Nullable String id, String actor) {
        List<String> redriven = new ArrayList<>();
        int left = 0;
        @Nullable RuntimeException failure = null;
        for (Message message : take()) {
            boolean asked = id == null || message.id().equals(id);
            if (asked && failure == null && isReadable(message)) {
                try {
                    outbox.commit(resent(message, actor));
                    redriven.add(message.id());
                    LOG.infof("dead letter %s sent again by %s", message.id(), actor);
                    dead.delete(message);
                } catch (SdkException | UnknownOutcomeException e) {
                    LOG.warnf(e, "dead letter %s", message.id());
                    failure = e;
                    left += redriven.contains(message.id()) ? 0 : 1;
                }
            } else {
                left += asked ? 1 : 0;
                release(message);
            }
        }
        if (failure != null && redriven.isEmpty()) {
            throw failure;
        }
        return new Redriven(redriven, left);
    }

    /** It is seen again in half a minute anyhow. */
    private void release(Message message) {
        try {
            dead.release(message);
        } catch (SdkException e) {
            LOG.warnf(e, "dead letter %s is not released", message.id());
        }
    }

    /** With an entry in the ledger of its target, where there is one: a message may name what never was. */
    private Transaction resent(Message message, String actor) {
        Transaction send = new Transaction(List.of(), List.of(new Transaction.Message(message.body(), Duration.ZERO)));
        return target(message)
                .filter(target -> !ledger.page(target, LedgerQueries.Filter.ALL, 1, null)
                        .items()
                        .isEmpty())
                .map(target -> send.entry(LedgerEntry.of(
                        ids.next(),
                        target,
                        LedgerEntry.EventType.REDRIVEN,
                        actor,
                        "The message %s, given up at its receipt %d or before, was sent to the worker again."
                                .formatted(message.id(), message.receives()),
                        clock.instant())))
                .orElse(send);
    }

    private Optional<Target> target(Message message) {
        try {
            return Optional.of(Target.of(parse(message).path("target").asText("")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private List<Message> take() {
        Map<String, Message> taken = new LinkedHashMap<>();
        for (int look = 0; look < LOOKS; look++) {
            List<Message> more = dead.receive();
            more.forEach(message -> taken.put(message.id(), message)); // the last receipt is the one that counts
            if (more.isEmpty()) {
                break;
            }
        }
        return List.copyOf(taken.values());
    }

    private boolean isReadable(Message message) {
        return parse(message).isObject();
    }

    private DeadLetter view(Message message) {
        JsonNode parsed = parse(message);
        String target = parsed.path("target").asText("");
        return new DeadLetter(
                message.id(),
                target.isEmpty() ? null : Masking.mask(target),
                Masking.mask(parsed.isContainerNode() ? Masking.mask(parsed).toString() : message.body()),
                message.sentAt(),
                message.receives(),
                isReadable(message));
    }

    private JsonNode parse(Message message) {
        try {
            return json.readTree(message.body());
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
