package dev.slipway.operation;

import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Store.WriteConflictException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
     * @throws ProblemException by the attempt, or 422 when the Idempotency-Key was used for another request
     * @throws WriteConflictException when others were faster again and again
     */
    public Accepted accept(Request request, Supplier<Attempt<Accepted>> attempt) {
        return retry(request.idempotencyKey() != null, () -> {
            Optional<String> before = idempotency.answered(request);
            if (before.isPresent()) {
                return new Attempt<>(new Transaction(), new Accepted(before.get(), List.of()));
            }
            Attempt<Accepted> next = attempt.get();
            return next.transaction().writes().isEmpty()
                    ? next
                    : new Attempt<>(
                            idempotency
                                    .remember(request, next.result().location(), clock.instant())
                                    .and(next.transaction()),
                            next.result());
        });
    }

    /** Likewise, where a repetition finds what it wants done already. */
    public <T> T accept(Supplier<Attempt<T>> attempt) {
        return retry(false, attempt);
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
}
