package dev.slipway.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.notice.Notices;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.target.Target;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Takes messages from the queue: a hint is looked at, a sweep has every busy target looked at. */
public final class Worker {
    private final Store store;
    private final WorkQueue queue;
    private final Reconciler reconciler;
    private final InstantSource clock;
    private final Hints hints;
    private final Notices notices;
    private final Errands errands;

    public Worker(
            Store store,
            WorkQueue queue,
            Reconciler reconciler,
            Notices notices,
            Errands errands,
            InstantSource clock,
            ObjectMapper json) {
        this.notices = notices;
        this.errands = errands;
        this.clock = clock;
        this.store = store;
        this.queue = queue;
        this.reconciler = reconciler;
        this.hints = new Hints(json);
    }

    /** Handles one message. Throws when it cannot be handled; the queue delivers it again, in the end to the dead. */
    public void receive(String body) {
        JsonNode message = hints.read(body);
        if (message.path("sweep").asBoolean()) {
            sweep();
            return;
        }
        if (message.has("notice")) {
            notices.send(message.path("notice").asText());
            return;
        }
        if (errands.take(message)) {
            return;
        }
        for (Target target : hints.targets(message)) {
            reconciler.reconcile(target);
            errands.look(target);
        }
    }

    /** Sends a look at every busy target whose own look is overdue: its pass crashed, or its message was lost. */
    private void sweep() {
        errands.sweep();
        @Nullable String next = null;
        do {
            Page<Busy> page = store.list(Busy.PARTITION, "", Busy.KIND, false, 100, next);
            page.items()
                    .forEach(busy -> queue.send(Operations.message(busy.value().target()), Duration.ZERO));
            next = page.next();
        } while (next != null);
    }
}
