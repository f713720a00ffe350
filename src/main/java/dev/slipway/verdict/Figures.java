package dev.slipway.verdict;

/**
 * The numbers behind a verdict, for one kind of failure.
 *
 * @param minutes of users' traffic that were used
 * @param minutesBeside those of them in which the old revision served too
 * @param candidate requests on the new revision
 * @param candidateBad how many of them failed, or were slow
 * @param baseline requests on the old one in the same minutes
 * @param worse the e-value for "worse than the old one": by chance it gets so large less than once in that many times
 * @param sound the e-value for "within tolerance"
 */
public record Figures(
        int minutes,
        int minutesBeside,
        long candidate,
        long candidateBad,
        long baseline,
        long baselineBad,
        double worse,
        double sound) {}
