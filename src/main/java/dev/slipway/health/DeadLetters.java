package dev.slipway.health;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.health.DeadLetterQueue.Message;
import dev.slipway.operation.WorkQueue;
import dev.slipway.problem.ProblemException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

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
    private final WorkQueue work;
    private final ObjectMapper json;

    public DeadLetters(DeadLetterQueue dead, WorkQueue work, ObjectMapper json) {
        this.dead = dead;
        this.work = work;
        this.json = json;
    }

    /**
     * What was sent again.
     *
     * @param redriven ids of the messages
     * @param left how many of those seen were not: they are no messages of Slipway's
     */
    @RegisterForReflection
    public record Redriven(List<String> redriven, int left) {}

    /** Up to fifty. */
    public List<DeadLetter> list() {
        List<Message> taken = take();
        taken.forEach(dead::release);
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

    private Redriven send(@Nullable String id, String actor) {
        List<String> redriven = new ArrayList<>();
        int left = 0;
        for (Message message : take()) {
            boolean asked = id == null || message.id().equals(id);
            if (asked && isReadable(message)) {
                work.send(message.body(), Duration.ZERO);
                dead.delete(message);
                redriven.add(message.id());
                LOG.infof("dead letter %s sent again by %s", message.id(), actor);
            } else {
                left += asked ? 1 : 0;
                dead.release(message);
            }
        }
        return new Redriven(redriven, left);
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
        String target = parse(message).path("target").asText("");
        return new DeadLetter(
                message.id(),
                target.isEmpty() ? null : Masking.mask(target),
                Masking.mask(message.body()),
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
