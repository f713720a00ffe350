package dev.slipway.simulated.traffic;

import java.time.Duration;

/**
 * Response times: log-normal with a median of 80 ms and a 95th percentile of about 215 ms, times a factor for slow
 * images. A minute's are kept as counts in bins 5 % wide, since CloudWatch too keeps counts per value and no order.
 */
public final class TrafficLatency {
    private static final double MEDIAN_SECONDS = 0.08;
    private static final double SPREAD = 0.6;
    private static final double WIDTH = 0.05;
    /** Bins on either side of the median of a good image: ± 5 standard deviations. */
    private static final int REACH = (int) Math.ceil(5 * SPREAD / WIDTH);
    /** Room for a factor of up to a thousand. */
    private static final int ROOM = (int) Math.ceil(Math.log(1000) / WIDTH);

    static final int BINS = 2 * REACH + 1 + ROOM;
    private static final double[] OF_THE_REST = ofTheRest();
    /** Up to here each response time is drawn by itself, which is quicker. */
    private static final int FEW = 500;

    private static final double[] SECONDS = seconds();

    private TrafficLatency() {}

    /** Adds {@code count} response times to {@code bins}. */
    static void add(int[] bins, int count, double factor, TrafficRandom random) {
        int shift = shift(factor);
        if (count < FEW) {
            for (int i = 0; i < count; i++) {
                int offset = (int) Math.round(random.gaussian() * SPREAD / WIDTH);
                bins[Math.max(-REACH, Math.min(REACH, offset)) + REACH + shift]++;
            }
            return;
        }
        int left = count;
        for (int i = 0; i < OF_THE_REST.length && left > 0; i++) {
            int here = random.binomial(left, OF_THE_REST[i]);
            bins[i + shift] += here;
            left -= here;
        }
    }

    /** Adds one response time. */
    static void add(int[] bins, Duration latency) {
        double seconds = Math.max(1e-4, latency.toNanos() / 1e9);
        int bin = (int) Math.round(Math.log(seconds / MEDIAN_SECONDS) / WIDTH) + REACH;
        bins[Math.max(0, Math.min(BINS - 1, bin))]++;
    }

    static Duration one(double factor, double gaussian) {
        return Duration.ofNanos((long) (MEDIAN_SECONDS * factor * Math.exp(SPREAD * gaussian) * 1e9));
    }

    /** The middle of a bin, in seconds. */
    public static double seconds(int bin) {
        return SECONDS[bin];
    }

    private static double[] seconds() {
        double[] seconds = new double[BINS];
        for (int bin = 0; bin < BINS; bin++) {
            seconds[bin] = MEDIAN_SECONDS * Math.exp(WIDTH * (bin - REACH));
        }
        return seconds;
    }

    private static int shift(double factor) {
        return (int) Math.max(0, Math.min(ROOM, Math.round(Math.log(Math.max(1, factor)) / WIDTH)));
    }

    /** For each bin the chance of a response time to fall into it, when it falls into none before. */
    private static double[] ofTheRest() {
        double[] chances = new double[2 * REACH + 1];
        double sum = 0;
        for (int i = 0; i < chances.length; i++) {
            double z = (i - REACH) * WIDTH / SPREAD;
            chances[i] = Math.exp(-z * z / 2);
            sum += chances[i];
        }
        double left = sum;
        for (int i = 0; i < chances.length; i++) {
            double chance = chances[i];
            chances[i] = i == chances.length - 1 ? 1 : chance / left;
            left -= chance;
        }
        return chances;
    }
}
