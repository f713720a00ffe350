package dev.slipway.operation;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Makes ids that sort by the time they were made: 9 characters of milliseconds, 10 random ones. */
public final class Ids {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base 32

    private final InstantSource clock;
    private final RandomGenerator random;

    public Ids(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** The next id, 19 lower-case letters and digits. */
    public String next() {
        long millis = clock.millis();
        StringBuilder id = new StringBuilder(19);
        for (int shift = 40; shift >= 0; shift -= 5) {
            id.append(ALPHABET.charAt((int) (millis >>> shift) & 31));
        }
        return id.append(secret(10)).toString();
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
