package dev.slipway.rollout;

import org.jspecify.annotations.Nullable;

/** How long it takes to tell that a release is healthy. */
final class ForecastEvidence {
    private ForecastEvidence() {}

    /** Minutes of traffic until HEALTHY at the first step; infinite when it is never enough. */
    static double minutes(ForecastPolicy.Input basis, ForecastPolicy.Traffic traffic) {
        return dev.slipway.verdict.SampleSizeEstimate.forHealthy(
                        traffic.requestsPerMinute(),
                        basis.settings().steps().getFirst() / 100,
                        traffic.errorRate(),
                        traffic.slowRate(),
                        RolloutAnalysis.criteria(basis.settings()))
                .minutes();
    }

    static int firstBakeMinutes(RolloutSettings settings) {
        return switch (settings.strategy()) {
            case ROLLING -> 0;
            case BLUE_GREEN -> settings.bakeMinutes();
            case CANARY -> settings.canary().bakeMinutes();
            case LINEAR -> settings.linear().bakeMinutes();
        };
    }

    static Forecast.@Nullable Evidence of(ForecastPolicy.Input basis) {
        RolloutSettings settings = basis.settings();
        if (settings.steps().size() < 2) {
            return null;
        }
        ForecastPolicy.Traffic traffic = basis.traffic();
        if (traffic == null) {
            return new Forecast.Evidence(null, null, "The traffic of the last hour is not known.");
        }
        double perMinute = Math.round(traffic.requestsPerMinute() * 10) / 10.0;
        double minutes = minutes(basis, traffic);
        String at = "With %s requests a minute, of which the first step gets %s %%,"
                .formatted(
                        ForecastSummary.number(perMinute),
                        ForecastSummary.number(settings.steps().getFirst()));
        if (Double.isInfinite(minutes)) {
            return new Forecast.Evidence(
                    perMinute, null, at + " there is never enough to tell a good release: " + otherwise(settings));
        }
        int whole = (int) Math.min(Math.ceil(minutes), Integer.MAX_VALUE);
        int most = firstBakeMinutes(settings) + settings.verdict().holdMinutes();
        boolean enough = whole + RolloutAnalysis.METRICS_LAG.toMinutes() <= most;
        return new Forecast.Evidence(
                perMinute,
                whole,
                "%s a good release is known to be one after %d min of traffic%s"
                        .formatted(
                                at,
                                whole,
                                enough ? "." : ", and the step waits %d min: ".formatted(most) + otherwise(settings)));
    }

    private static String otherwise(RolloutSettings settings) {
        return switch (settings.verdict().lowTraffic()) {
            case HOLD -> "it will be rolled back for want of evidence (verdict.lowTraffic is hold).";
            case PROBE -> "requests of our own will be sent (verdict.lowTraffic is probe).";
            case ABSOLUTE -> "the absolute limits will decide (verdict.lowTraffic is absolute).";
        };
    }
}
