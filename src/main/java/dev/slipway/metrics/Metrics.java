package dev.slipway.metrics;

/** Takes what was measured. */
@FunctionalInterface
public interface Metrics {
    /** Where nobody asks for metrics. */
    Metrics OFF = _ -> {};

    void put(Sample sample);
}
