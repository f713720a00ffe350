package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.WorkQueue;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Images;
import dev.slipway.release.Images.PushedImage;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.service.Rollouts;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Rolls out images that somebody else has built and pushed, where a pipeline's tag pattern says so. The registry's event is a
 * hint: what counts is what lies in the registry, so an event that never came is made up for by the resync, and one that
 * comes twice finds nothing new. Of several images the newest goes out.
 */
public final class ImagePushes {
    /** Source: Amazon ECR user guide, "Amazon ECR events and EventBridge". */
    private static final String EVENT = "ECR Image Action";

    private static final Pattern REGISTRY =
            Pattern.compile("slipway-(?<environment>%s)-(?<service>[a-z][a-z0-9-]*)".formatted(EnvironmentId.IN_NAMES));
    /** These pass by themselves: the image goes out once they have. */
    private static final Set<String> TRANSIENT_CODES = Set.of(
            "frozen",
            "operation-in-progress",
            "rollback-in-progress",
            "environment-not-ready",
            "service-not-ready",
            "concurrent-change");

    /** Until the registry is asked again for an image that it has listed and does not know yet. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private static final Comparator<PushedImage> BY_AGE =
            Comparator.comparing(image -> PushRecord.Push.of(image, null, null), PushRecord.Push.ORDER);

    /** Rollouts among which one would be that overrode a freeze which still holds. */
    private static final int RECENT_ROLLOUTS = 20;

    private static final Logger LOG = Logger.getLogger(ImagePushes.class);

    private final Store store;
    private final WorkQueue queue;
    private final Grants grants;
    private final Rollouts rollouts;
    private final Images images;
    private final InstantSource clock;

    ImagePushes(Store store, WorkQueue queue, Grants grants, Rollouts rollouts, Images images, InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.grants = grants;
        this.rollouts = rollouts;
        this.images = images;
        this.clock = clock;
    }

    /** The message to the worker that has a service's registry looked at. */
    static String message(ServiceId service) {
        return WorkQueue.message("pushed", service.key());
    }

    /** Takes a message if it is about pushes; false when it is not. */
    boolean handle(JsonNode message) {
        if (message.has("pushed")) {
            reconcile(ServiceId.of(message.path("pushed").asText()));
            return true;
        }
        if (!message.path("detail-type").asText().equals(EVENT)) {
            return false;
        }
        JsonNode detail = message.path("detail");
        Matcher registry = REGISTRY.matcher(detail.path("repository-name").asText());
        if (detail.path("action-type").asText().equals("PUSH")
                && registry.matches()
                && EnvironmentId.isName(registry.group("environment"))
                && !registry.group("environment").equals(EnvironmentId.RESERVED)
                && registry.group("service").matches(ServiceId.PATTERN)) {
            ServiceId service = new ServiceId(registry.group("environment"), registry.group("service"));
            // Asked of the store before the registry is: most pushes are those of a pipeline's own builds.
            if (pipeline(service)
                    .filter(found -> found.deploysTag(
                            service.environment(), detail.path("image-tag").asText()))
                    .isPresent()) {
                reconcile(service);
            }
        }
        return true;
    }

    /** What was pushed last to a service's registry. */
    Optional<PushRecord.Push> last(ServiceId service) {
        return store.get(PushRecord.key(service)).map(found -> found.value().last());
    }

    /** Has every registry looked at in which a push may have been missed. */
    void resync() {
        queue.sendSpread(
                store.stream(PipelineRecord.PARTITION, "", PipelineRecord.ITEM_TYPE, false)
                        .map(Stored::value)
                        .filter(found -> found.pushesSince() != null)
                        .flatMap(found -> found.declared().environments().stream()
                                .map(environment -> message(found.id().serviceIn(environment))))
                        .toList(),
                WorkQueue.RESYNC_SPREAD);
    }

    private void reconcile(ServiceId service) {
        Optional<PipelineRecord> pipeline = pipeline(service);
        Instant declared = pipeline.map(PipelineRecord::pushesSince).orElse(null);
        if (pipeline.isEmpty() || declared == null) {
            return;
        }
        Optional<Stored<PushRecord>> known = store.get(PushRecord.key(service));
        PushRecord.Push handled =
                known.map(found -> found.value().lastHandled()).orElse(null);
        images.unreleased(service).stream()
                .filter(image -> pipeline.get().deploysTag(service.environment(), image.tag()))
                .filter(image -> !image.pushedAt().isBefore(declared))
                .filter(image -> handled == null || handled.isBefore(image))
                .max(BY_AGE)
                .ifPresent(image -> process(service, pipeline.get().id(), image, known));
    }

    private void process(
            ServiceId service, PipelineId pipeline, PushedImage image, Optional<Stored<PushRecord>> known) {
        PushRecord.Push push;
        boolean forNow = false;
        if (!grants.allow(service.environmentId(), pipeline)) {
            push = PushRecord.Push.of(
                    image, null, "The pipeline has no grant to deploy to %s.".formatted(service.environment()));
        } else {
            try {
                push = known.map(found -> found.value().last())
                        .filter(last -> last.isHeld(image))
                        .flatMap(_ -> supersededBy(service, image))
                        .map(why -> PushRecord.Push.of(image, null, why))
                        .orElseGet(() -> PushRecord.Push.of(image, rollOut(service, pipeline, image), null));
            } catch (ProblemException e) {
                boolean late = e.problem().code().equals(Images.NOT_FOUND)
                        && clock.instant().isBefore(image.pushedAt().plus(Images.SHOWN_WITHIN));
                if (late) {
                    queue.send(message(service), LOOK_AGAIN);
                }
                forNow = late || TRANSIENT_CODES.contains(e.problem().code());
                push = PushRecord.Push.of(image, null, e.problem().detail());
            }
        }
        LOG.infof(
                "pipeline=%s service=%s pushed=%s digest=%s decided=%s",
                pipeline.service(), service.key(), image.tag(), image.digest(), describe(push, forNow));
        PushRecord.Push handled =
                forNow ? known.map(found -> found.value().lastHandled()).orElse(null) : push;
        PushRecord next = new PushRecord(service, handled, push);
        if (known.isEmpty()) {
            store.write(new Write.Create<>(PushRecord.key(service), next));
        } else if (!known.get().value().equals(next)) {
            store.write(new Write.Update<>(known.get(), next));
        }
    }

    /**
     * Why an image that was held by a freeze is not to go out after it: somebody has let another past the freeze since, such as
     * a hotfix, and this one would bring older code back.
     */
    private Optional<String> supersededBy(ServiceId service, PushedImage image) {
        return rollouts.rollouts(service, RECENT_ROLLOUTS, null).items().stream()
                .map(Stored::value)
                .filter(rollout -> rollout.request().reason() == Rollout.Reason.DEPLOY
                        && rollout.request().override() != null)
                .filter(rollout -> rollout.isOpen() || rollout.state() == Rollout.State.SUCCEEDED)
                .filter(rollout -> rollout.progress().startedAt().isAfter(image.pushedAt()))
                .findFirst()
                .map(rollout ->
                        "The rollout %s of %s overrode the freeze after this was pushed. Roll it out yourself if it is the newer."
                                .formatted(rollout.id(), rollout.request().actor()));
    }

    /**
     * Once for a push: whoever looks again before it is recorded gets the same rollout. The digest says which image, since what the
     * registry gives for the tag may still be that of the push before.
     */
    private String rollOut(ServiceId service, PipelineId pipeline, PushedImage image) {
        Request request = new Request(
                "pipeline/" + pipeline.service(),
                service.key() + " " + image.tag() + " " + image.pushedAt(),
                image.digest());
        return rollouts.rollOut(
                        service,
                        new RolloutRequest(
                                image.tag() + "@" + image.digest(),
                                null,
                                null,
                                ConcurrencyPolicy.QUEUE,
                                null,
                                null,
                                Rollout.Grant.ofPipeline(pipeline.service()),
                                null),
                        request)
                .id();
    }

    private Optional<PipelineRecord> pipeline(ServiceId service) {
        return store.get(PipelineRecord.key(new PipelineId(service.service()))).map(Stored::value);
    }

    private static String describe(PushRecord.Push push, boolean forNow) {
        if (push.rollout() != null) {
            return "Start rollout=" + push.rollout();
        }
        return (forNow ? "Wait why=" : "Refuse why=") + push.problem();
    }

    /**
     * How far the pushes into a service's registry have been dealt with.
     *
     * @param lastHandled the newest push that has been dealt with; null when none has been yet
     * @param last the newest push that was looked at
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PushRecord(ServiceId service, @Nullable Push lastHandled, Push last) {
        static final ItemType<PushRecord> ITEM_TYPE = new ItemType<>("push", PushRecord.class, 1);
        private static final String PARTITION = "pushes";

        /**
         * A push, and what became of it.
         *
         * @param rollout id of the one that it started
         * @param problem why it started none, or none yet
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        public record Push(
                String tag,
                String digest,
                Instant pushedAt,
                @Nullable String rollout,
                @Nullable String problem) {
            /** ECR tells the time of a push to the second: of two in the same, the order of their tags decides. */
            static final Comparator<Push> ORDER =
                    Comparator.comparing(Push::pushedAt).thenComparing(Push::tag);

            static Push of(PushedImage image, @Nullable String rollout, @Nullable String problem) {
                return new Push(image.tag(), image.digest(), image.pushedAt(), rollout, problem);
            }

            /** Whether it is this image, and was not rolled out when it was looked at last. */
            boolean isHeld(PushedImage image) {
                return problem != null && ORDER.compare(this, of(image, null, null)) == 0;
            }

            boolean isBefore(PushedImage image) {
                return ORDER.compare(this, of(image, null, null)) < 0;
            }
        }

        static Key<PushRecord> key(ServiceId service) {
            return new Key<>(PARTITION, service.key(), ITEM_TYPE);
        }
    }
}
