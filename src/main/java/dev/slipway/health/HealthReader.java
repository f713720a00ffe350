package dev.slipway.health;

import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;

/** Looks how Slipway stands: three reads of the table and two calls to SQS at once, however much there is. */
public final class HealthReader {
    private static final Logger LOG = Logger.getLogger(HealthReader.class);
    /** What does not answer by then counts as not answering; one after the other they end before API Gateway gives up. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Store store;
    private final Operations operations;
    private final DeadLetterQueue queues;
    private final InstantSource clock;

    public HealthReader(Store store, Operations operations, DeadLetterQueue queues, InstantSource clock) {
        this.store = store;
        this.operations = operations;
        this.queues = queues;
        this.clock = clock;
    }

    /**
     * Reads table and queues side by side and tells how Slipway stands; one that answers with an error, or not within 8 seconds, is told
     * as one that does not answer.
     *
     * @param version of Slipway that is running
     */
    public Health read(String version) {
        Instant now = clock.instant();
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Future<TableSnapshot> table = calls.submit(() -> table(now));
            Future<Integer> work = calls.submit(() -> queues.work());
            Future<Integer> dead = calls.submit(() -> queues.dead());
            Optional<TableSnapshot> read = answer("the table", table);
            TableSnapshot seen = read.orElse(TableSnapshot.NOTHING);
            return HealthPolicy.assess(
                    new HealthPolicy.Snapshot(
                            read.isPresent(),
                            answer("the work queue", work).orElse(null),
                            answer("the dead-letter queue", dead).orElse(null),
                            seen.resynced(),
                            seen.locked().size(),
                            seen.oldest(),
                            seen.locked().stream()
                                    .filter(Operations.Locked::stuck)
                                    .map(found -> found.target().key())
                                    .toList(),
                            now),
                    version);
        } finally {
            calls.shutdownNow(); // not close(), which would wait for what does not answer
        }
    }

    /** What the table holds of the worker and its work. */
    private record TableSnapshot(
            @Nullable Instant resynced,
            List<Operations.Locked> locked,
            @Nullable Instant oldest) {
        static final TableSnapshot NOTHING = new TableSnapshot(null, List.of(), null);
    }

    private TableSnapshot table(Instant now) {
        @Nullable
        Instant resynced = store.get(ResyncRecord.KEY)
                .map(Stored::value)
                .map(ResyncRecord::at)
                .orElse(null);
        List<Operations.Locked> locked = operations.locked(now);
        @Nullable
        Instant oldest = locked.stream()
                .min(Comparator.comparing(Operations.Locked::operation)) // ids sort by time
                .flatMap(first -> operations.find(first.target(), first.operation()))
                .map(Operation::acceptedAt)
                .orElse(null);
        return new TableSnapshot(resynced, locked, oldest);
    }

    /** Empty when AWS has answered with an error, or not in time. */
    private static <T> Optional<T> answer(String whose, Future<T> call) {
        try {
            return Optional.of(call.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            LOG.warnf("%s has not answered within %s", whose, PATIENCE);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("interrupted while health was read", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SdkException refused) {
                LOG.warnf(refused, "%s does not answer", whose);
                return Optional.empty();
            }
            throw e.getCause() instanceof RuntimeException fault ? fault : new IllegalStateException(e);
        }
    }
}
