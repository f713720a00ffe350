package dev.slipway.simulated.cloudwatch;

import org.jspecify.annotations.Nullable;

/** Where data points come from. */
interface MetricSource {
    /**
     * What is known now of a metric's minute.
     *
     * @param start epoch milliseconds of a whole minute
     * @return null when there is no data point: none was published, or not yet
     */
    @Nullable
    MetricSamples minute(MetricName metric, long start);
}
