package dev.slipway.release;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable pair of image and container configuration: one task definition revision.
 *
 * @param number 1 for a service's first, then one more each
 * @param image by digest
 * @param tag by which the image was asked for
 * @param contentHash hash of what makes it; equal content is the same release
 * @param taskDefinition ARN
 * @param formerTaskDefinitions ARNs of revisions of the same content that somebody deregistered; tasks may still run them
 * @param commit that the image was built from, when the caller said so
 * @param committedAt when that commit was pushed, as far as a pipeline's executions tell; null: not known
 * @param rolledBack why it was rolled back, when it was; a later apply does not bring it up again
 * @param liveAt when a rollout made it the live one for the first time; null when none has
 * @param imageMayExpire whether its image may expire: it is no longer among the releases whose images are kept
 * @param restart id of the rollout that made it to start anew what was live; null for all others
 */
@RegisterForReflection
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Release(
        int number,
        String image,
        @Nullable String tag,
        ContainerSettings container,
        String contentHash,
        String taskDefinition,
        Instant createdAt,
        String createdBy,
        @Nullable String commit,
        @Nullable Instant committedAt,
        @Nullable String rolledBack,
        @Nullable Instant liveAt,
        boolean imageMayExpire,
        List<String> formerTaskDefinitions,
        @Nullable String restart)
        implements ReleaseBuilder.With {
    public static final ItemType<Release> ITEM_TYPE = new ItemType<>("release", Release.class, 1);
    /** The prefix of the sort keys of releases. */
    public static final String SORT = "release#";

    public Release {
        // releases from before there were any
        formerTaskDefinitions = formerTaskDefinitions == null ? List.of() : List.copyOf(formerTaskDefinitions);
    }

    /** Whether a task definition, registered by us at any time, is this release. */
    public boolean isTaskDefinition(String arn) {
        return taskDefinition.equals(arn) || formerTaskDefinitions.contains(arn);
    }

    /** It has been registered anew. */
    public Release registeredAs(String arn) {
        if (arn.equals(taskDefinition)) {
            return this;
        }
        List<String> former = new ArrayList<>(formerTaskDefinitions);
        former.add(taskDefinition);
        return with(next -> next.taskDefinition(arn).formerTaskDefinitions(former));
    }

    public static Key<Release> key(ServiceId service, int number) {
        return new Key<>(service.partition(), SORT + "%08d".formatted(number), ITEM_TYPE);
    }

    /** The digest of its image. */
    public String digest() {
        return image.substring(image.indexOf('@') + 1);
    }

    /** Finds a release by its content. */
    public record ContentIndex(int number) {
        private static final ItemType<ContentIndex> ITEM_TYPE =
                new ItemType<>("release-by-content", ContentIndex.class, 1);

        public static Key<ContentIndex> key(ServiceId service, String content) {
            return new Key<>(service.partition(), "content#" + content, ITEM_TYPE);
        }
    }
}
