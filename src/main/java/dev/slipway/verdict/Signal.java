package dev.slipway.verdict;

import org.jspecify.annotations.Nullable;

/** What is counted of requests; a slow one is a failure of another kind. */
enum Signal {
    ERRORS("failed", 0.5),
    LATENCY("were slow", 0.3),
    /** As many may be slow as before, and those far slower. */
    TAIL("took more than twice as long as is slow", 0.1);

    final String verb;
    /** Its part of the false alarms that are allowed for; what is left has {@link Arrivals}. */
    final double share;

    Signal(String verb, double share) {
        this.verb = verb;
        this.share = share;
    }

    long total(Sample sample) {
        return this == ERRORS ? sample.requests() : sample.timed();
    }

    long failures(Sample sample) {
        return switch (this) {
            case ERRORS -> sample.failures();
            case LATENCY -> sample.slow();
            case TAIL -> sample.verySlow();
        };
    }

    /** 0–1; null for none. */
    @Nullable
    Double limit(Criteria criteria) {
        Double percent = switch (this) {
            case ERRORS -> criteria.maxErrorPercent();
            case LATENCY -> criteria.maxSlowPercent();
            case TAIL -> null;
        };
        return percent == null ? null : percent / 100;
    }

    /** 0–1. */
    double negligible(Criteria criteria) {
        return (this == ERRORS ? criteria.negligibleErrorPercent() : criteria.negligibleSlowPercent()) / 100;
    }
}
