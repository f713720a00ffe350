package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.ServiceId;
import dev.slipway.release.Images.PushedImage;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

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
