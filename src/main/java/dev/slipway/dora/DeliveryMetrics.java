package dev.slipway.dora;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The four figures of a period. https://dora.dev/guides/dora-metrics-four-keys/
 *
 * @param service absent where they are an environment's
 * @param from the beginning of the period: later than asked for where {@code cut}
 * @param cut whether there are more rollouts than are read for an answer, so that the figures are of a shorter time
 * @param deploymentFrequency how often releases went live
 * @param leadTime from a commit to its release being live; absent where no commit's time is known
 * @param changeFailureRate how many of those that were rolled out failed
 * @param timeToRestore from a failure to the release before being live again; absent where nothing failed, or nothing tells since when
 * @param definitions what is counted, in a sentence each
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeliveryMetrics(
        @Nullable String service,
        String environment,
        Instant from,
        Instant to,
        boolean cut,
        Frequency deploymentFrequency,
        @Nullable Durations leadTime,
        FailureRate changeFailureRate,
        @Nullable Durations timeToRestore,
        Map<String, String> definitions) {
    public DeliveryMetrics {
        definitions = Map.copyOf(definitions);
    }

    /** @param perDay on average */
    @RegisterForReflection
    public record Frequency(int deployments, double perDay) {}

    /** @param known of how many */
    @RegisterForReflection
    public record Durations(long medianSeconds, long p90Seconds, int known) {}

    /** @param percent 0 to 100; absent where nothing was rolled out */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FailureRate(int failed, int all, @Nullable Double percent) {}
}
