package dev.slipway.simulated.traffic;

/**
 * How many requests reach a listener rule.
 *
 * @param requestsPerMinute the mean over a day; 0 is no traffic
 * @param dailySwing 0–1: at 18:00 UTC there are that much more, at 06:00 UTC that much less
 */
public record TrafficPattern(double requestsPerMinute, double dailySwing) {
    private static final double DAY_MILLIS = 86_400_000;

    public TrafficPattern {
        if (!(requestsPerMinute >= 0) || !(dailySwing >= 0 && dailySwing <= 1)) {
            throw new IllegalArgumentException(
                    "no traffic pattern: %s requests a minute, swing %s".formatted(requestsPerMinute, dailySwing));
        }
    }

    public static TrafficPattern steady(double requestsPerMinute) {
        return new TrafficPattern(requestsPerMinute, 0);
    }

    /** Requests a minute at a time of the day. */
    double at(long epochMillis) {
        return requestsPerMinute * (1 - dailySwing * Math.sin(2 * Math.PI * epochMillis / DAY_MILLIS));
    }
}
