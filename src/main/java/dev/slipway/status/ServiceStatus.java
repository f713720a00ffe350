package dev.slipway.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.alarm.AlarmState;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a service stands.
 *
 * @param state the most serious of what the reasons lead to
 * @param since when it was first seen so by the sweep every five minutes; absent before the first
 * @param checkedAt when AWS was asked, a few seconds ago at most
 * @param release that most production requests reach, or are sent to while a rollout divides them; absent when none is, or none of
 *     the service's
 * @param reasons the most serious first
 * @param tasks those that run or start, the oldest first; 100 at most, and 70 beside many that have stopped
 * @param stops tasks that stopped though nobody wanted it, of the last hour, the newest first; 10 at most. Not looked at while
 *     something is being deployed, and with the tasks in another target group than Slipway left them in
 * @param targets what the load balancer finds, by availability zone
 * @param alarms absent when nothing watches the service
 * @param unread what AWS did not tell, and why
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ServiceStatus(
        String service,
        String environment,
        HealthState state,
        @Nullable Instant since,
        Instant checkedAt,
        @Nullable Integer release,
        List<HealthReason> reasons,
        @Nullable TaskCounts counts,
        List<RunningTask> tasks,
        List<StoppedTask> stops,
        Map<String, TargetCounts> targets,
        @Nullable AlarmState alarms,
        List<String> unread) {
    public ServiceStatus {
        reasons = List.copyOf(reasons);
        tasks = List.copyOf(tasks);
        stops = List.copyOf(stops);
        unread = List.copyOf(unread);
    }

    /** How many tasks ECS wants to run, runs and starts. */
    @RegisterForReflection
    public record TaskCounts(int desired, int running, int pending) {}

    /**
     * A task.
     *
     * @param release absent when it is none of the service's
     * @param status as ECS spells it
     * @param startedAt absent until its containers run
     * @param target what the load balancer says of it; absent where it does not know it
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RunningTask(
            String id,
            @Nullable Integer release,
            @Nullable String zone,
            String status,
            @Nullable Instant startedAt,
            @Nullable String target) {}

    /** A task that stopped, and why in ECS's words. */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StoppedTask(
            Instant at, @Nullable Integer release, @Nullable String zone, String reason) {}

    /** @param other those that start, leave, or are not looked at */
    @RegisterForReflection
    public record TargetCounts(int healthy, int unhealthy, int other) {}
}
