package dev.slipway.operation;

import dev.slipway.operation.Acceptance.Request;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Accepts requests: all that change something come through here.
 *
 * <p>An attempt reads everything anew, refuses by {@link ProblemException}, and says what is to be written. When somebody else
 * writes between its reading and its writing, nothing of it has happened, and there is another attempt. Callers who want
 * different things meet too: all services of an environment claim their routes in its one record, where overlaps,
 * priorities and the number of services are checked together. One item a route would let them pass each other, but neither
 * the number nor the free priority could be told from single items, and both would be contended just the same. So they take
 * turns: whoever loses has lost to somebody who got through, hence of n callers at the same moment none needs more than n
 * attempts, and one attempt takes some ten reads and a write. Fifty services fill an environment.
 */
public final class Acceptance {
    /** More than can meet at one environment. */
    private static final int MOST_ATTEMPTS = 60;
    /** API Gateway gives up after 29 s; so late no further attempt begins. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Outbox outbox;
    private final Idempotency idempotency;
    private final InstantSource clock;
    private final Pause pause;

    /** Waits a little before another attempt, by chance, so that those who have met do not meet again. */
    public interface Pause {
        Pause NONE = attempt -> {};

        /** @param attempt that has failed, from 1 on */
        void after(int attempt);
    }

    /**
     * One attempt.
     *
     * @param transaction what to write; without writes, the request changes nothing
     * @param result to be given back once it is written
     */
    public record Attempt<T>(Transaction transaction, T result) {}

    public Acceptance(Store store, Outbox outbox, InstantSource clock, Pause pause) {
        this.outbox = outbox;
        this.idempotency = new Idempotency(store);
        this.clock = clock;
        this.pause = pause;
    }

    /**
     * Accepts a request whose repetition is answered as the first time.
     *
     * @throws ProblemException by the attempt, or 409 when the Idempotency-Key was used for another request
     * @throws WriteConflictException when others were faster again and again
     */
    public Accepted accept(Request request, Supplier<Attempt<Accepted>> attempt) {
        return accept(request, Accepted::location, location -> new Accepted(location, List.of()), attempt);
    }

    /**
     * Likewise.
     *
     * @param write the result as a text that is kept for repetitions
     * @param read that text
     */
    public <T> T accept(
            Request request, Function<T, String> write, Function<String, T> read, Supplier<Attempt<T>> attempt) {
        return retry(request.idempotencyKey() != null, () -> {
            Optional<String> before = idempotency.answered(request);
            if (before.isPresent()) {
                return new Attempt<>(new Transaction(), read.apply(before.get()));
            }
            Attempt<T> next = attempt.get();
            // Also of what changes nothing: the same key must not do something else later.
            return new Attempt<>(
                    idempotency
                            .remember(request, write.apply(next.result()), clock.instant())
                            .and(next.transaction()),
                    next.result());
        });
    }

    /** @param known whether another attempt would find that the one before had been written after all */
    private <T> T retry(boolean known, Supplier<Attempt<T>> attempt) {
        Instant begun = clock.instant();
        for (int attempts = 1; ; attempts++) {
            try {
                Attempt<T> next = attempt.get();
                outbox.commit(next.transaction());
                return next.result();
            } catch (WriteConflictException | UnknownOutcomeException e) {
                boolean safe = known || e instanceof WriteConflictException;
                if (!safe || attempts == MOST_ATTEMPTS || clock.instant().isAfter(begun.plus(PATIENCE))) {
                    throw e;
                }
                pause.after(attempts);
            }
        }
    }

    /**
     * Who asks, and how a repetition of the same request is known.
     *
     * @param actor ARN of the caller
     * @param idempotencyKey the Idempotency-Key, if the caller sent one; it is known in all sessions of the caller's role
     * @param fingerprint of path and body: the same key with another request is a mistake
     */
    public record Request(String actor, @Nullable String idempotencyKey, String fingerprint) {
        /** @param line method, path and query */
        public static String fingerprint(String line, String bodyDigest) {
            return line + " " + bodyDigest;
        }
    }

    /**
     * A request that was accepted.
     *
     * @param location the path to watch
     * @param warnings what the caller should know though it is not wrong
     */
    @RegisterForReflection
    public record Accepted(String location, List<String> warnings) {
        public Accepted {
            warnings = List.copyOf(warnings);
        }

        /** The id of what is to be watched: the last part of the path. */
        public String id() {
            return location.substring(location.lastIndexOf('/') + 1);
        }
    }

    /** Knows the repetition of a request by its Idempotency-Key. */
    private record Idempotency(Store store) {
        /** How long a key is remembered. */
        private static final Duration REMEMBERED = Duration.ofHours(24);

        /** What became of a request: the path to watch. */
        @RegisterForReflection
        record Answer(String fingerprint, String location) {
            private static final ItemType<Answer> KIND = new ItemType<>("idempotency", Answer.class, 1);
        }

        private static Key<Answer> key(Request request, String key) {
            return new Key<>("idempotency#" + Principal.of(request.actor()), key, Answer.KIND);
        }

        /**
         * Where the same request was answered before.
         *
         * @throws ProblemException 409 when the key was used for another request
         */
        Optional<String> answered(Request request) {
            String key = request.idempotencyKey();
            if (key == null) {
                return Optional.empty();
            }
            Optional<Answer> answer = store.get(key(request, key)).map(Stored::value);
            if (answer.isPresent() && !answer.get().fingerprint().equals(request.fingerprint())) {
                throw new ProblemException(
                        409,
                        "idempotency-key-reused",
                        "The Idempotency-Key %s was used for another request: %s"
                                .formatted(key, difference(answer.get().fingerprint(), request.fingerprint())),
                        "Use a new key for every request, and the same only to repeat one.");
            }
            return answer.map(Answer::location);
        }

        private static String difference(String before, String now) {
            String line = line(before);
            return line.equals(line(now)) ? line + " with another body." : line + ", and not " + line(now) + ".";
        }

        private static String line(String fingerprint) {
            return fingerprint.substring(0, Math.max(0, fingerprint.lastIndexOf(' ')));
        }

        /** What is written together with an accepted request, so that its repetition is known. */
        Transaction remember(Request request, String location, Instant now) {
            String key = request.idempotencyKey();
            Transaction nothing = new Transaction();
            return key == null
                    ? nothing
                    : nothing.create(
                            key(request, key), new Answer(request.fingerprint(), location), now.plus(REMEMBERED));
        }
    }
}
