package dev.slipway.verdict;

/**
 * The evidence about one kind of failure.
 *
 * @param beside minutes in which the old revision served beside the new one
 * @param alone minutes in which it did not, against how it did before; counted even if nothing is known of before
 * @param absolute all minutes, and our own probes, against the spec's limit
 * @param harmless made by betting that the rate is harmlessly small
 */
public record Track(Tally beside, Tally alone, Tally absolute, Wealth harmless) {
    static final Track NONE = new Track(Tally.NONE, Tally.NONE, Tally.NONE, Wealth.NONE);

    /** Requests of users on the new revision. */
    long candidate() {
        return beside.candidate() + alone.candidate();
    }

    long candidateBad() {
        return beside.candidateBad() + alone.candidateBad();
    }

    int minutes() {
        return beside.minutes() + alone.minutes();
    }
}
