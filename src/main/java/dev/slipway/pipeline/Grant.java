package dev.slipway.pipeline;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/**
 * Lets a pipeline deploy to an environment. Given by a caller who may change that environment, which the path of the API says
 * to IAM; so whoever may change dev cannot send its pipeline on to prod.
 *
 * @param grantedBy ARN of the caller who gave it
 */
@RegisterForReflection
public record Grant(EnvironmentId environment, PipelineId pipeline, String grantedBy, Instant grantedAt) {
    static final ItemType<Grant> ITEM_TYPE = new ItemType<>("grant", Grant.class, 1);
    static final String SORT = "grant#";

    static Key<Grant> key(EnvironmentId environment, PipelineId pipeline) {
        return new Key<>(partition(environment), SORT + pipeline.service(), ITEM_TYPE);
    }

    static String partition(EnvironmentId environment) {
        return "environment#" + environment.key();
    }
}
