package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Release;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A release as the API shows it.
 *
 * @param image by digest
 * @param rolledBack why it was rolled back, when it was
 * @param imageKept false when its image may expire, or has expired, as an old release's
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record ReleaseView(
        int number,
        String image,
        @Nullable String tag,
        @Nullable String commit,
        String taskDefinition,
        ContainerSettings container,
        Instant createdAt,
        String createdBy,
        @Nullable String rolledBack,
        boolean imageKept) {
    static ReleaseView of(Release release) {
        return new ReleaseView(
                release.number(),
                release.image(),
                release.tag(),
                release.commit(),
                release.taskDefinition(),
                release.container(),
                release.createdAt(),
                release.createdBy(),
                release.rolledBack(),
                !release.imageMayExpire());
    }
}
