package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.plan.Plan;
import dev.slipway.problem.Problem;
import dev.slipway.stack.Difference;
import dev.slipway.stack.Risk;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A plan as the API shows it.
 *
 * @param apply path to POST to, once it is ready
 * @param changes what would change in the stack; absent while it is being computed
 * @param release what would change in the container, by setting; a change here means a rollout
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PlanView(
        String id,
        String self,
        Plan.State state,
        @Nullable String apply,
        @Nullable List<Difference.Resource> changes,
        Map<String, Plan.Change> release,
        List<Risk> risks,
        JsonNode spec,
        long revision,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        @Nullable Problem failure) {
    static PlanView of(Plan plan) {
        String self = plan.target().path() + "/plans/" + plan.id();
        Difference stack = plan.stack();
        return new PlanView(
                plan.id(),
                self,
                plan.state(),
                plan.state() == Plan.State.READY ? self + "/apply" : null,
                stack == null ? null : stack.resources(),
                new TreeMap<>(plan.release()),
                plan.risks(),
                plan.spec(),
                plan.revision(),
                plan.createdBy(),
                plan.createdAt(),
                plan.expiresAt(),
                plan.failure());
    }
}
