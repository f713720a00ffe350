package dev.slipway.health;

import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/** Looks how Slipway stands: three reads of the table and two calls to SQS, however much there is. */
public final class HealthReader {
    private static final Logger LOG = Logger.getLogger(HealthReader.class);

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

    public Health read(String version) {
        Instant now = clock.instant();
        boolean table = true;
        @Nullable Instant swept = null;
        @Nullable Instant oldest = null;
        List<Operations.Locked> locked = List.of();
        try {
            swept = store.get(SweepRecord.KEY)
                    .map(Stored::value)
                    .map(SweepRecord::at)
                    .orElse(null);
            locked = operations.locked(now);
            oldest = locked.stream()
                    .min(Comparator.comparing(Operations.Locked::operation)) // ids sort by time
                    .flatMap(first -> operations.find(first.target(), first.operation()))
                    .map(Operation::acceptedAt)
                    .orElse(null);
        } catch (SdkException e) {
            LOG.warn("the table does not answer", e);
            table = false;
        }
        return HealthPolicy.assess(
                new HealthPolicy.Snapshot(
                        table,
                        count(queues::work),
                        count(queues::dead),
                        swept,
                        locked.size(),
                        oldest,
                        locked.stream()
                                .filter(Operations.Locked::stuck)
                                .map(found -> found.target().key())
                                .toList(),
                        now),
                version);
    }

    private static @Nullable Integer count(IntSupplier queue) {
        try {
            return queue.getAsInt();
        } catch (SdkException e) {
            LOG.warn("SQS does not answer", e);
            return null;
        }
    }
}
