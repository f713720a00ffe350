package dev.slipway.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.Target;
import dev.slipway.notification.Notifications;
import dev.slipway.store.ItemType;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes messages from the queue: a hint is looked at, a resync has every busy target looked at. */
public final class Worker {
    /** The message of a younger notice has probably not been handled yet. */
    private static final Duration DELIVERY_GRACE = Duration.ofMinutes(2);

    private final Store store;
    private final WorkQueue queue;
    private final Reconciler reconciler;
    private final InstantSource clock;
    private final EventTargets eventTargets;
    private final Notifications notifications;
    private final MessageHandler messageHandler;

    public Worker(
            Store store,
            WorkQueue queue,
            Reconciler reconciler,
            Notifications notices,
            MessageHandler errands,
            InstantSource clock,
            ObjectMapper json) {
        this.notifications = notices;
        this.messageHandler = errands;
        this.clock = clock;
        this.store = store;
        this.queue = queue;
        this.reconciler = reconciler;
        this.eventTargets = new EventTargets(json);
    }

    /** Handles one message. Throws when it cannot be handled; the queue delivers it again, in the end to the dead. */
    public void receive(String body) {
        JsonNode message = eventTargets.parse(body);
        if (message.path("resync").asBoolean()) {
            resync();
            return;
        }
        if (message.has("notification")) {
            notifications.send(message.path("notification").asText());
            return;
        }
        if (messageHandler.handle(message)) {
            return;
        }
        for (Target target : eventTargets.targets(message)) {
            if (!reconciler.reconcile(target) && EventTargets.isDeploymentStateChange(message)) {
                reconciler.onDeploymentEvent(target);
            }
            messageHandler.onReconciled(target);
        }
    }

    /**
     * Sends a look at every busy target whose own look is overdue (its pass crashed, or its message was lost), and at
     * every other one where something waits; and sends the notices that nobody has sent.
     */
    private void resync() {
        messageHandler.resync();
        Instant now = clock.instant();
        Set<Target> busy = new HashSet<>();
        forEach(OperationLock.PARTITION, OperationLock.ITEM_TYPE, found -> {
            busy.add(found.target());
            if (found.isOverdue(now)) {
                queue.send(Operations.reconcileMessage(found.target()), Duration.ZERO);
            }
        });
        forEach(QueuedOperation.PARTITION, QueuedOperation.ITEM_TYPE, found -> {
            if (!busy.contains(found.target())) {
                queue.send(Operations.reconcileMessage(found.target()), Duration.ZERO);
            }
        });
        notifications
                .unsent(now.minus(DELIVERY_GRACE))
                .forEach(id -> queue.send(Notifications.message(id), Duration.ZERO));
    }

    private <T> void forEach(String partition, ItemType<T> kind, Consumer<T> consumer) {
        @Nullable String next = null;
        do {
            Page<T> page = store.list(partition, "", kind, false, 100, next);
            page.items().forEach(found -> consumer.accept(found.value()));
            next = page.next();
        } while (next != null);
    }
}
