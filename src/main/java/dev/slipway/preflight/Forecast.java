package dev.slipway.preflight;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout is expected to take, told before it starts.
 *
 * @param seconds in all, without the time that people take to approve
 * @param parts what they are made of, in their order
 * @param savings the two settings that would save most time; fewer where there is less to save
 * @param evidence until the verdict that lets the first step go on; null where nothing is compared
 * @param message all of it in short
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Forecast(
        int seconds,
        List<Part> parts,
        Extra extra,
        List<Saving> savings,
        @Nullable Evidence evidence,
        String message) {
    public Forecast {
        parts = List.copyOf(parts);
        savings = List.copyOf(savings);
    }

    /** @param basis what the number rests on: a setting, past rollouts, or an assumption */
    public record Part(String name, int seconds, String basis) {}

    /**
     * What runs beside the tasks that run anyway.
     *
     * @param tasks at the most
     * @param memoryHours in GB, as Fargate is billed
     * @param dollars about, with the one-off task, with Fargate Spot as the service's tasks have it, and with public addresses where tasks
     *     have them, by {@code prices}; null where there are none
     * @param prices whose they are and on which days they held, or that there are none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Extra(
            int tasks,
            double taskHours,
            double vCpuHours,
            double memoryHours,
            @Nullable Double dollars,
            String prices) {}

    /**
     * A setting that could be shorter.
     *
     * @param setting its path in the spec
     * @param from what it is
     * @param to what it could be
     * @param seconds that this would save
     * @param tradeOff what it would cost
     */
    public record Saving(String setting, String from, String to, int seconds, String tradeOff) {}

    /**
     * How long HEALTHY takes for a release that is as good as the one before.
     *
     * @param requestsPerMinute to the service, in the last hour; null when that is not known
     * @param minutes of traffic since the first shift, with the warm-ups of errors and of latency, without the lag of the metrics; null
     *     when it would never be enough
     * @param enough whether a step waits so long; null when the traffic is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Evidence(
            @Nullable Double requestsPerMinute,
            @Nullable Integer minutes,
            @Nullable Boolean enough,
            String message) {}
}
