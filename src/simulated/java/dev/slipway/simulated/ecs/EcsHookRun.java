package dev.slipway.simulated.ecs;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentLifecycleHook;

/**
 * One hook in one stage.
 *
 * @param id of the hook's execution: the same at every invocation of it (assumed)
 * @param due when it is invoked next
 * @param handedBack the hookDetails of its last answer
 */
record EcsHookRun(
        String id,
        DeploymentLifecycleHook hook,
        Status status,
        Instant due,
        @Nullable JsonNode handedBack) {
    /** Of {@code lifecycleHookDetails}; AWAITING_ACTION and TIMED_OUT are for PAUSE hooks only. */
    enum Status {
        WAITING,
        IN_PROGRESS,
        SUCCEEDED,
        FAILED
    }

    boolean open() {
        return status == Status.WAITING || status == Status.IN_PROGRESS;
    }

    EcsHookRun ended(Status result) {
        return new EcsHookRun(id, hook, result, due, handedBack);
    }

    EcsHookRun again(Instant next, @Nullable JsonNode details) {
        return new EcsHookRun(id, hook, Status.IN_PROGRESS, next, details);
    }
}
