package dev.slipway.pipeline;

import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.PipelineId;
import java.time.Instant;

/**
 * Lets a pipeline deploy to an environment. Given by a caller who may change that environment, which the path of the API says
 * to IAM; so whoever may change dev cannot send its pipeline on to prod.
 *
 * @param by ARN of the caller who gave it
 */
public record Grant(EnvironmentId environment, PipelineId pipeline, String by, Instant at) {
    static final Kind<Grant> KIND = new Kind<>("grant", Grant.class, 1);
    static final String SORT = "grant#";

    static Key<Grant> key(EnvironmentId environment, PipelineId pipeline) {
        return new Key<>(partition(environment), SORT + pipeline.service(), KIND);
    }

    static String partition(EnvironmentId environment) {
        return "environment#" + environment.key();
    }
}
