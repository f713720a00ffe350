package dev.slipway.operation;

import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, and how a repetition of the same request is known.
 *
 * @param actor ARN of the caller
 * @param idempotencyKey the Idempotency-Key, if the caller sent one
 * @param fingerprint of path and body: the same key with another request is a mistake
 */
public record Request(String actor, @Nullable String idempotencyKey, String fingerprint) {
    /** How long a key is remembered. */
    public static final Duration IDEMPOTENCY_TTL = Duration.ofHours(24);

    /** What became of a request: the path to watch. */
    public record IdempotencyRecord(String fingerprint, String location) {
        private static final ItemType<IdempotencyRecord> ITEM_TYPE =
                new ItemType<>("idempotency", IdempotencyRecord.class, 1);
    }

    private Key<IdempotencyRecord> recordKey(String key) {
        return new Key<>("idempotency#" + actor, key, IdempotencyRecord.ITEM_TYPE);
    }

    /**
     * Where the same request was answered before.
     *
     * @throws ProblemException 422 when the key was used for another request
     */
    public Optional<String> previousLocation(Store store) {
        if (idempotencyKey == null) {
            return Optional.empty();
        }
        Optional<IdempotencyRecord> answer =
                store.get(recordKey(idempotencyKey)).map(found -> found.value());
        if (answer.isPresent() && !answer.get().fingerprint().equals(fingerprint)) {
            throw new ProblemException(
                    422,
                    Problem.user(
                            "idempotency-key-reused",
                            "The Idempotency-Key %s was used for another request.".formatted(idempotencyKey),
                            "Use a new key for every request, and the same only to repeat one."));
        }
        return answer.map(IdempotencyRecord::location);
    }

    /** What to write together with the accepted request, so that its repetition is known. */
    public List<Write> recordIdempotency(String location, Instant now) {
        return idempotencyKey == null
                ? List.of()
                : List.of(new Write.Create<>(
                        recordKey(idempotencyKey),
                        new IdempotencyRecord(fingerprint, location),
                        now.plus(IDEMPOTENCY_TTL)));
    }
}
