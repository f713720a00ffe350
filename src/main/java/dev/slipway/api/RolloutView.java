package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutSettings;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A rollout as the API shows it.
 *
 * @param release number of the release that it makes live, once it is known
 * @param previous number of the release that was live before
 * @param operation path of the operation that it is or belongs to
 * @param deployment ARN of the ECS service deployment
 * @param detail how it ended, in a sentence
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RolloutView(
        String id,
        String self,
        Rollout.Reason reason,
        Rollout.State state,
        @Nullable String detail,
        String image,
        @Nullable String tag,
        @Nullable String commit,
        @Nullable Integer release,
        @Nullable Integer previous,
        ContainerSettings container,
        RolloutSettings strategy,
        String operation,
        @Nullable String deployment,
        String startedBy,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String cancelledBy,
        @Nullable Problem failure) {
    static RolloutView of(Rollout rollout) {
        String service = rollout.service().path();
        return new RolloutView(
                rollout.id(),
                service + "/rollouts/" + rollout.id(),
                rollout.reason(),
                rollout.state(),
                rollout.detail(),
                rollout.image(),
                rollout.tag(),
                rollout.commit(),
                rollout.release(),
                rollout.previous(),
                rollout.container(),
                rollout.settings(),
                service + "/operations/" + rollout.operation(),
                rollout.deployment(),
                rollout.startedBy(),
                rollout.startedAt(),
                rollout.endedAt(),
                rollout.cancelledBy(),
                rollout.failure());
    }
}
