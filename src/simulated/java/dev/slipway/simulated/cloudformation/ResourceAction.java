package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** One action on one resource, from its first event to its last, on the timeline. */
final class ResourceAction {
    /** What is done; a replacement is told as an update. */
    enum Verb {
        CREATE,
        UPDATE,
        REPLACE,
        DELETE;

        String word() {
            return this == REPLACE ? "UPDATE" : name();
        }
    }

    /** The reason of what was under way when another failed. */
    static final String UPDATE_CANCELLED = "Resource update cancelled";

    private static final Duration HANDLER = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofSeconds(10);
    /** How long CloudFormation waits for an ECS service; AWSCloudFormation/latest/UserGuide/troubleshooting.html. */
    private static final Duration TIMEOUT = Duration.ofHours(3);

    private final StackEngine engine;
    private final StackRecord stack;
    private final ResourceRecord resource;
    private final Verb verb;
    /** All declared properties; of a deletion those that were deployed. */
    private final ObjectNode properties;
    /** Gets the reason of a failure, or the empty text. */
    private final Consumer<String> ended;

    private final Instant started;
    private boolean over;

    ResourceAction(
            StackEngine engine,
            StackRecord stack,
            ResourceRecord resource,
            Verb verb,
            ObjectNode properties,
            Consumer<String> ended) {
        this.engine = engine;
        this.stack = stack;
        this.resource = resource;
        this.verb = verb;
        this.properties = properties;
        this.ended = ended;
        this.started = engine.account().clock().instant();
    }

    void start() {
        String reason = verb == Verb.REPLACE
                ? "Requested update requires the creation of a new physical resource; hence creating one."
                : "";
        resource.skipped = false;
        engine.events().resource(stack, resource, verb.word() + "_IN_PROGRESS", reason);
        after(HANDLER, this::call);
    }

    /** Ends with the event that a sibling's failure brings. */
    void cancel() {
        over = true;
        String what = verb == Verb.CREATE ? "Resource creation cancelled" : UPDATE_CANCELLED;
        engine.events().resource(stack, resource, verb.word() + "_FAILED", what);
    }

    void abandon() {
        over = true;
    }

    private void after(Duration delay, Runnable action) {
        engine.account().clock().after(delay, () -> {
            if (!over) {
                action.run();
            }
        });
    }

    private void call() {
        try {
            engine.failIfTold(stack.name, resource.logicalId);
            act();
        } catch (ResourceFailure e) {
            fail(e.reason());
            return;
        } catch (AwsServiceException e) {
            if (verb != Verb.DELETE || !gone(e)) {
                fail(ResourceFailure.handler(
                        String.valueOf(e.getMessage()), engine.account().uuid(), handlerCode(e)));
                return;
            }
        }
        after(duration().minus(HANDLER), this::poll);
    }

    private void act() {
        ResourceProvider provider = engine.provider(resource.type);
        switch (verb) {
            case CREATE, REPLACE -> {
                engine.checkOwner(stack, resource.type, properties);
                ResourceProvider.Created created = provider.create(target());
                resource.physicalId = created.physicalId();
                resource.attributes.putAll(created.attributes());
                resource.properties = properties;
                engine.events().resource(stack, resource, verb.word() + "_IN_PROGRESS", "Resource creation Initiated");
            }
            case UPDATE -> {
                resource.attributes.putAll(
                        provider.update(target(), resource.properties).attributes());
                engine.reverted(resource.physicalId);
                resource.properties = properties;
            }
            case DELETE -> provider.delete(target());
        }
    }

    private ResourceProvider.Target target() {
        return new ResourceProvider.Target(
                resource.logicalId,
                resource.type,
                resource.physicalId,
                properties,
                verb == Verb.CREATE || verb == Verb.REPLACE ? engine.suggestName(stack, resource) : "");
    }

    private Duration duration() {
        ResourceType type = ResourceType.of(resource.type);
        return switch (verb) {
            case CREATE, REPLACE -> type.create();
            case UPDATE -> type.update();
            case DELETE -> type.delete();
        };
    }

    private void poll() {
        ResourceProvider provider = engine.provider(resource.type);
        ResourceProvider.Progress progress =
                verb == Verb.DELETE ? provider.deletion(target()) : provider.progress(target());
        switch (progress) {
            case ResourceProvider.Progress.Done ignored -> {
                over = true;
                engine.events().resource(stack, resource, verb.word() + "_COMPLETE", "");
                ended.accept("");
            }
            case ResourceProvider.Progress.Failed failure -> fail(failure.reason());
            case ResourceProvider.Progress.Waiting ignored -> waitOn();
        }
    }

    private void waitOn() {
        if (started.plus(TIMEOUT).isBefore(engine.account().clock().instant())) {
            fail(ResourceFailure.handler(
                    "Exceeded attempts to wait", engine.account().uuid(), "NotStabilized"));
        } else {
            after(POLL, this::poll);
        }
    }

    private void fail(String reason) {
        over = true;
        engine.events().resource(stack, resource, verb.word() + "_FAILED", reason);
        ended.accept(reason);
    }

    private static String code(AwsServiceException e) {
        return e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
    }

    /** A deletion of what is gone already has succeeded. */
    private static boolean gone(AwsServiceException e) {
        return code(e).contains("NotFound") || code(e).contains("NotActive");
    }

    private static String handlerCode(AwsServiceException e) {
        String code = code(e);
        if (code.contains("NotFound")) {
            return "NotFound";
        }
        if (code.contains("AlreadyExists") || code.contains("Duplicate")) {
            return "AlreadyExists";
        }
        return e.statusCode() >= 500 ? "ServiceInternalError" : "InvalidRequest";
    }
}
