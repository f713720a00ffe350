package dev.slipway.simulated.traffic;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Numbers of requests, drawn so that what is large costs no more than what is small. */
public final class TrafficRandom {
    /** From here on the normal distribution is near enough. */
    private static final double LARGE = 30;

    private final RandomGenerator random;

    TrafficRandom(RandomGenerator random) {
        this.random = random;
    }

    /** The same numbers for the same thing and time, whenever they are asked for. */
    public static TrafficRandom of(String thing, long time) {
        return new TrafficRandom(new SplittableRandom(mixed(hash(thing), time)));
    }

    public static long hash(String thing) {
        long hash = 1125899906842597L;
        for (int i = 0; i < thing.length(); i++) {
            hash = 31 * hash + thing.charAt(i);
        }
        return hash;
    }

    /** 64 well mixed bits of a name's hash and a time. */
    public static long mixed(long hash, long time) {
        // The finishing step of MurmurHash3: a change of one bit changes half of all.
        long mixed = hash ^ (time * 0x9E3779B97F4A7C15L);
        mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }

    double gaussian() {
        return random.nextGaussian();
    }

    public int poisson(double mean) {
        if (mean <= 0) {
            return 0;
        }
        if (mean >= LARGE) {
            return Math.max(0, (int) Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
        }
        double limit = Math.exp(-mean);
        int count = 0;
        for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
            count++;
        }
        return count;
    }

    /** How many of {@code trials} succeed, each with probability {@code chance}. */
    int binomial(int trials, double chance) {
        if (trials <= 0 || chance <= 0) {
            return 0;
        }
        if (chance >= 1) {
            return trials;
        }
        if (chance > 0.5) {
            return trials - binomial(trials, 1 - chance);
        }
        double mean = trials * chance;
        if (mean >= LARGE) {
            double drawn = mean + Math.sqrt(mean * (1 - chance)) * random.nextGaussian();
            return (int) Math.max(0, Math.min(trials, Math.round(drawn)));
        }
        return rare(trials, chance);
    }

    /** Jumps from success to success: the gaps between them are geometric. */
    private int rare(int trials, double chance) {
        double log = Math.log1p(-chance);
        int found = 0;
        for (double at = gap(log); at < trials; at += 1 + gap(log)) {
            found++;
        }
        return found;
    }

    private double gap(double log) {
        return Math.floor(Math.log(1 - random.nextDouble()) / log);
    }
}
