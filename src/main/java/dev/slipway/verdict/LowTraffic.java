package dev.slipway.verdict;

/** What to do when there is too little traffic to compare. */
public enum LowTraffic {
    /** Wait for as long as it takes. */
    HOLD,
    /** Send requests of our own through the test rule, and take them against the absolute limits. */
    PROBE,
    /** Be content with the absolute limits. */
    ABSOLUTE
}
