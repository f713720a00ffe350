package dev.slipway.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.freeze.Freeze;
import dev.slipway.release.ContainerSettings;
import dev.slipway.scaling.ScalingSettings;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants of a service, with every default filled in. Names, ranges and defaults are those of {@code
 * schemas/service.json}; durations are whole seconds and say so in their names.
 *
 * @param container what a release is made of, together with an image
 * @param gracePeriodSeconds how long after its start a task is not replaced for failing the load balancer's health check
 * @param count of tasks; null when {@code scaling} says how many there are
 * @param scaling how their number follows the load; null when it is {@code count}
 * @param capacity which of Fargate's capacity they run on
 * @param alarms what CloudWatch tells people of
 * @param exec whether people may open a shell in the running containers (ECS Exec)
 * @param freezes windows in which the service is not rolled out, beside those of its environment
 * @param tags of every resource of the service's stack, in order of their names
 */
@RecordBuilder
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServiceSpec(
        ContainerSettings container,
        int gracePeriodSeconds,
        Routing routing,
        @Nullable Integer count,
        @Nullable ScalingSettings scaling,
        Capacity capacity,
        Logs logs,
        Alarms alarms,
        Registry registry,
        boolean exec,
        RolloutSettings rollout,
        List<Freeze> freezes,
        Map<String, String> tags)
        implements ServiceSpecBuilder.With {
    public ServiceSpec {
        capacity = capacity == null ? Capacity.ON_DEMAND : capacity; // specs from before there was a choice
        alarms = alarms == null ? Alarms.OFF : alarms; // specs from before there were any: nobody has asked for them
        freezes = freezes == null ? List.of() : List.copyOf(freezes); // specs from before there were any
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** How many tasks a service begins with. */
    public int startCount(Instant now) {
        return scaling == null
                ? Objects.requireNonNull(count)
                : scaling.limits(now).min();
    }

    /** Whether it may be without a task, by its count or by a schedule. */
    public boolean mayBeEmpty() {
        return scaling == null
                ? Objects.requireNonNull(count) == 0
                : scaling.stopping().isPresent();
    }

    /** The most tasks that it may have by itself: what limits of time are made for. */
    public int mostTasks() {
        return scaling == null ? Objects.requireNonNull(count) : scaling.mostTasks();
    }

    /**
     * Which of Fargate's capacity tasks run on.
     *
     * @param spotPercent share of the tasks beyond the base that run on Fargate Spot
     * @param onDemandBase tasks that run on demand before the share begins to count
     */
    public record Capacity(int spotPercent, int onDemandBase) {
        static final Capacity ON_DEMAND = new Capacity(0, 1);

        /** Whether tasks are shared out likewise; without Spot a base says nothing. */
        boolean sharesLike(Capacity other) {
            return spotPercent == other.spotPercent && (spotPercent == 0 || onDemandBase == other.onDemandBase);
        }
    }

    /**
     * Which requests reach the service: those that match one of the paths and, if there are any, one of the hosts.
     *
     * @param paths at least one; {@code *} and {@code ?} are wildcards
     * @param hosts may be empty, which means any host
     * @param drainingSeconds how long a task that leaves may finish its requests
     */
    public record Routing(List<String> paths, List<String> hosts, HealthCheck healthCheck, int drainingSeconds) {
        public Routing {
            paths = List.copyOf(paths);
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * The load balancer's health check of each task.
     *
     * @param codes the HTTP statuses that are healthy, for example {@code 200-399} or {@code 200,204}
     */
    public record HealthCheck(
            String path,
            int intervalSeconds,
            int timeoutSeconds,
            int healthyThreshold,
            int unhealthyThreshold,
            String codes) {}

    /**
     * The alarms of the service.
     *
     * @param dashboard whether there is one to look at beside them
     * @param failedPercent of the requests of a minute of which too many fail
     * @param slowSeconds within which 95 % of the requests are to be answered
     * @param cpuPercent of the CPU that tasks use on average, and which is too much
     * @param memoryPercent likewise of the memory of any task
     */
    public record Alarms(
            boolean enabled,
            boolean dashboard,
            double failedPercent,
            double slowSeconds,
            int cpuPercent,
            int memoryPercent) {
        static final Alarms OFF = new Alarms(false, false, 2, 2, 90, 90);
    }

    /** The service's CloudWatch log group. */
    public record Logs(int retentionDays) {}

    /**
     * The service's ECR repository.
     *
     * @param keepImages how many of the newest images stay although no release uses them
     * @param keepReleases of how many of the newest releases the images stay; 0, in a spec from before there was the key:
     *     of all
     * @param pushFrom ARNs of IAM roles, of other accounts as a rule, that may push to it and pull from it
     */
    public record Registry(int keepImages, int keepReleases, List<String> pushFrom) {
        public Registry {
            pushFrom = pushFrom == null ? List.of() : List.copyOf(pushFrom); // specs from before there were any
        }
    }
}
