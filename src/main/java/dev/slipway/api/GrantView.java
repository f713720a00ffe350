package dev.slipway.api;

import dev.slipway.pipeline.Grant;
import java.time.Instant;

/**
 * A grant as the API shows it.
 *
 * @param grantedBy ARN of the caller who gave it
 */
record GrantView(String environment, String pipeline, String self, String grantedBy, Instant grantedAt) {
    static GrantView of(Grant grant) {
        return new GrantView(
                grant.environment().key(),
                grant.pipeline().service(),
                grant.environment().path() + "/grants/" + grant.pipeline().service(),
                grant.grantedBy(),
                grant.grantedAt());
    }
}
