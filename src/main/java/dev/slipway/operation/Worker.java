package dev.slipway.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.notification.Notifications;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes messages from the queue: one that names a target has it reconciled, a resync every locked target that is overdue. */
public final class Worker {
    /** The message that has all looked at that may have been missed; a schedule in template.yaml sends it. */
    public static final String RESYNC = "{\"resync\":true}";

    /** The message of a younger notification has probably not been handled yet. */
    private static final Duration DELIVERY_GRACE = Duration.ofMinutes(2);

    private final Store store;
    private final WorkQueue queue;
    private final Reconciler reconciler;
    private final WorkListener listener;
    private final InstantSource clock;
    private final EventTargets eventTargets;
    private final Notifications notifications;
    private final List<MessageHandler> handlers;

    public Worker(
            Store store,
            WorkQueue queue,
            Reconciler reconciler,
            WorkListener listener,
            Notifications notifications,
            List<MessageHandler> handlers,
            InstantSource clock,
            ObjectMapper json) {
        this.listener = listener;
        this.notifications = notifications;
        this.handlers = List.copyOf(handlers);
        this.clock = clock;
        this.store = store;
        this.queue = queue;
        this.reconciler = reconciler;
        this.eventTargets = new EventTargets(json);
    }

    /** Handles one message. Throws when it cannot be handled; the queue delivers it again, in the end to the dead-letter queue. */
    public void receive(String body) {
        try {
            handle(body);
        } catch (RuntimeException e) {
            listener.onMessageReturned(WorkListener.Return.FAILED);
            throw e;
        }
    }

    private void handle(String body) {
        JsonNode message = eventTargets.parse(body);
        if (message.path("resync").asBoolean()) {
            resync();
            return;
        }
        if (message.has("notification")) {
            notifications.send(message.path("notification").asText());
            return;
        }
        if (handlers.stream().anyMatch(handler -> handler.handle(message))) {
            return;
        }
        for (Target target : eventTargets.targets(message)) {
            boolean underWay = reconciler.reconcile(target, EventTargets.since(message));
            if (!underWay && EventTargets.isDeploymentStateChange(message)) {
                reconciler.onDeploymentEvent(target);
            }
            handlers.forEach(handler -> handler.onReconciled(target));
            if (!underWay) {
                handlers.forEach(handler -> handler.onIdle(target));
            }
        }
    }

    /** Has one message come again at once, as a new one: nothing was done for it yet. */
    public void putBack(String body) {
        queue.send(body, Duration.ZERO);
        listener.onMessageReturned(WorkListener.Return.NO_TIME);
    }

    /**
     * Sends a look at every locked target whose own look is overdue (its pass crashed, or its message was lost), and at
     * every other one where something waits; and sends the notifications that nobody has sent. Then comes what the others have to
     * look at: should one of them fail, all operations go on.
     */
    private void resync() {
        Instant now = clock.instant();
        Set<Target> locked = new HashSet<>();
        List<Target> waiting = new ArrayList<>();
        Set<Target> stuck = new HashSet<>();
        store.stream(OperationLock.PARTITION, "", OperationLock.ITEM_TYPE, false)
                .map(Stored::value)
                .forEach(found -> {
                    locked.add(found.target());
                    if (found.isStuck(now)) {
                        stuck.add(found.target());
                    }
                    if (found.isOverdue(now)) {
                        queue.send(Operations.reconcileMessage(found.target()), Duration.ZERO);
                    }
                });
        store.stream(QueuedOperation.PARTITION, "", QueuedOperation.ITEM_TYPE, false)
                .map(found -> found.value().target())
                .forEach(target -> {
                    waiting.add(target);
                    if (!locked.contains(target)) {
                        queue.send(Operations.reconcileMessage(target), Duration.ZERO);
                    }
                });
        store.stream(UnsettledOperation.PARTITION, "", UnsettledOperation.ITEM_TYPE, false)
                .map(found -> found.value().target())
                .filter(target -> !locked.contains(target))
                .forEach(target -> queue.send(Operations.reconcileMessage(target), Duration.ZERO));
        notifications
                .unsent(now.minus(DELIVERY_GRACE))
                .forEach(id -> queue.send(Notifications.message(id), Duration.ZERO));
        listener.onResync(locked.size() + waiting.size(), stuck.size());
        handlers.forEach(MessageHandler::resync);
    }

    /**
     * Which targets a message is about: one of our own ({@code {"target": "prod/web"}}) or an EventBridge event of
     * CloudFormation or ECS. Beside them only the detail-type is read, to see a deployment outside Slipway.
     */
    static final class EventTargets {
        private static final Pattern STACK =
                Pattern.compile(":stack/slipway-(?<environment>%s)(-(?<service>[a-z][a-z0-9-]*))?(/|$)"
                        .formatted(EnvironmentId.IN_NAMES));
        private static final Pattern SERVICE =
                Pattern.compile(":service(-deployment)?/slipway-(?<environment>%s)/(?<service>[a-z0-9-]+)"
                        .formatted(EnvironmentId.IN_NAMES));
        private static final Pattern CLUSTER =
                Pattern.compile(":cluster/slipway-(?<environment>%s)$".formatted(EnvironmentId.IN_NAMES));

        private final ObjectMapper json;

        EventTargets(ObjectMapper json) {
            this.json = json;
        }

        /** Throws IllegalArgumentException when the text is no JSON object. */
        JsonNode parse(String body) {
            try {
                JsonNode message = json.readTree(body);
                if (!message.isObject()) {
                    throw new IllegalArgumentException("not a JSON object: " + body);
                }
                return message;
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException("not JSON: " + body, e);
            }
        }

        /** The targets, none when the message is about something that is not ours. */
        List<Target> targets(JsonNode message) {
            if (message.has("target")) {
                return List.of(Target.of(message.path("target").asText()));
            }
            JsonNode detail = message.path("detail");
            List<String> candidates = new ArrayList<>();
            message.path("resources").forEach(arn -> candidates.add(arn.asText()));
            candidates.add(detail.path("stack-id").asText());
            candidates.add(detail.path("serviceArn").asText());
            List<Target> targets = new ArrayList<>();
            candidates.forEach(arn -> target(arn).ifPresent(targets::add));
            task(detail).ifPresent(targets::add);
            return targets.stream().distinct().toList();
        }

        /** When a message of ours came for the first time, which came again since; null of every other. */
        static @Nullable Instant since(JsonNode message) {
            return message.has("since") ? Instant.parse(message.path("since").asText()) : null;
        }

        /** Whether a message is ECS's word on a service's deployment. */
        static boolean isDeploymentStateChange(JsonNode message) {
            return message.path("detail-type").asText().equals("ECS Deployment State Change");
        }

        /** Whose stack has this name. */
        static Optional<Target> ofStack(String name) {
            return target(":stack/" + name);
        }

        private static Optional<Target> target(String arn) {
            Matcher stack = STACK.matcher(arn);
            if (stack.find()) {
                String environment = stack.group("environment");
                String service = stack.group("service");
                if (environment.equals(EnvironmentId.RESERVED)) {
                    return PipelineId.fromStackName("slipway-%s-%s".formatted(environment, service))
                            .map(Target.class::cast);
                }
                if (service == null) {
                    return Optional.of(environment)
                            .filter(EnvironmentId::isName)
                            .map(EnvironmentId::new);
                }
                return service(environment, service);
            }
            Matcher service = SERVICE.matcher(arn);
            return service.find() ? service(service.group("environment"), service.group("service")) : Optional.empty();
        }

        /** A task's event names its service in {@code group}. */
        private static Optional<Target> task(JsonNode detail) {
            Matcher cluster = CLUSTER.matcher(detail.path("clusterArn").asText());
            return cluster.find()
                    ? ServiceId.nameInTaskGroup(detail.path("group").asText())
                            .flatMap(name -> service(cluster.group("environment"), name))
                    : Optional.empty();
        }

        private static Optional<Target> service(String environment, String name) {
            return EnvironmentId.isName(environment) && name.matches(ServiceId.PATTERN)
                    ? Optional.of(new ServiceId(environment, name))
                    : Optional.empty();
        }
    }

    /** What the worker does beside operations. Each call can come twice, late, or not at all. */
    public interface MessageHandler {
        /** Takes a message if it is one of its own; false when it is not. */
        boolean handle(JsonNode message);

        /** A target was looked at: perhaps an operation has just ended there. */
        default void onReconciled(Target target) {}

        /**
         * A target was looked at, and nothing is under way there. Ten seconds after the end of an operation comes such a look, unless the
         * next has begun by then.
         */
        default void onIdle(Target target) {}

        /** Has everything looked at that may have been missed. */
        void resync();
    }
}
