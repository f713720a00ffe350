package dev.slipway.operation;

import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Knows the repetition of a request by its Idempotency-Key. */
record Idempotency(Store store) {
    /** How long a key is remembered. */
    private static final Duration REMEMBERED = Duration.ofHours(24);

    /** What became of a request: the path to watch. */
    @RegisterForReflection
    record Answer(String fingerprint, String location) {
        private static final ItemType<Answer> KIND = new ItemType<>("idempotency", Answer.class, 1);
    }

    private static Key<Answer> key(Request request, String key) {
        return new Key<>("idempotency#" + request.actor(), key, Answer.KIND);
    }

    /**
     * Where the same request was answered before.
     *
     * @throws ProblemException 422 when the key was used for another request
     */
    Optional<String> answered(Request request) {
        String key = request.idempotencyKey();
        if (key == null) {
            return Optional.empty();
        }
        Optional<Answer> answer = store.get(key(request, key)).map(Stored::value);
        if (answer.isPresent() && !answer.get().fingerprint().equals(request.fingerprint())) {
            throw new ProblemException(
                    422,
                    Problem.user(
                            "idempotency-key-reused",
                            "The Idempotency-Key %s was used for another request.".formatted(key),
                            "Use a new key for every request, and the same only to repeat one."));
        }
        return answer.map(Answer::location);
    }

    /** What is written together with an accepted request, so that its repetition is known. */
    Transaction remember(Request request, String location, Instant now) {
        String key = request.idempotencyKey();
        Transaction nothing = new Transaction();
        return key == null
                ? nothing
                : nothing.create(key(request, key), new Answer(request.fingerprint(), location), now.plus(REMEMBERED));
    }
}
