package dev.slipway.simulated.scaling;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.applicationautoscaling.model.PutScalingPolicyRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.PutScheduledActionRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.ScalingActivity;

/** A scalable target: an ECS service, its limits, and what may change its number of tasks. */
final class ScaledService {
    private static final int MOST_ACTIVITIES = 50;

    final String resourceId;
    final Instant createdAt;
    final Map<String, PutScalingPolicyRequest> policies = new LinkedHashMap<>();
    final Map<String, PutScheduledActionRequest> schedules = new LinkedHashMap<>();
    /** The newest first. */
    final Deque<ScalingActivity> activities = new ArrayDeque<>();

    int min;
    int max;

    @Nullable
    Instant scaledOut;

    /** How many tasks there were before. */
    int scaledOutFrom;

    @Nullable
    Instant scaledIn;

    ScaledService(String resourceId, int min, int max, Instant createdAt) {
        this.resourceId = resourceId;
        this.min = min;
        this.max = max;
        this.createdAt = createdAt;
    }

    /** Of {@code service/cluster/name}. */
    String cluster() {
        return resourceId.split("/")[1];
    }

    String service() {
        return resourceId.split("/")[2];
    }

    void remember(ScalingActivity activity) {
        activities.addFirst(activity);
        if (activities.size() > MOST_ACTIVITIES) {
            activities.removeLast();
        }
    }
}
