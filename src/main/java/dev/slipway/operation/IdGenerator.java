package dev.slipway.operation;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * Makes ids that sort by the time they were made: 9 characters of milliseconds, 10 random ones. Those of one process sort
 * in the order in which they were made, also within a millisecond: the random part of the next is the one before, plus 1.
 */
public final class IdGenerator {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base 32

    /** One less than there is room for, so that adding 1 again and again does not overflow. */
    private static final int RANDOM_BITS = 49;

    private final InstantSource clock;
    private final RandomGenerator random;
    private long lastMillis;
    private long lastRandom;

    public IdGenerator(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** The next id, 19 lower-case letters and digits. */
    public String next() {
        return next(clock.millis()); // before the lock: nothing foreign is called with it held
    }

    private synchronized String next(long millis) {
        boolean later = millis > lastMillis;
        lastMillis = Math.max(millis, lastMillis);
        lastRandom = later ? random.nextLong() >>> (Long.SIZE - RANDOM_BITS) : lastRandom + 1;
        StringBuilder id = new StringBuilder(19);
        for (int shift = 40; shift >= 0; shift -= 5) {
            id.append(ALPHABET.charAt((int) (lastMillis >>> shift) & 31));
        }
        for (int shift = 45; shift >= 0; shift -= 5) {
            id.append(ALPHABET.charAt((int) (lastRandom >>> shift) & 31));
        }
        return id.toString();
    }

    /** {@code length} random letters and digits: five bits each. */
    public String secret(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(32)));
        }
        return text.toString();
    }
}
