package dev.slipway.health;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.WorkListener;
import dev.slipway.operation.Worker;
import dev.slipway.store.Store;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Writes down when everything was looked at. */
public final class ResyncClock implements Worker.MessageHandler {
    private static final Logger LOG = Logger.getLogger(ResyncClock.class);

    private final Store store;
    private final Outbox outbox;
    private final WorkListener listener;
    private final InstantSource clock;

    public ResyncClock(Store store, Outbox outbox, WorkListener listener, InstantSource clock) {
        this.store = store;
        this.outbox = outbox;
        this.listener = listener;
        this.clock = clock;
    }

    @Override
    public boolean handle(JsonNode message) {
        return false;
    }

    @Override
    public void resync() {
        ResyncRecord now = new ResyncRecord(clock.instant());
        try {
            Optional<Stored<ResyncRecord>> before = store.get(ResyncRecord.KEY);
            outbox.commit(new Transaction().put(ResyncRecord.KEY, before, now));
            before.ifPresent(last ->
                    listener.onResyncRecorded(Duration.between(last.value().at(), now.at())));
        } catch (WriteConflictException | UnknownOutcomeException e) {
            LOG.info("another resync was written down at the same time");
        }
    }
}
