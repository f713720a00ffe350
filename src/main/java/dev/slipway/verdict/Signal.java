package dev.slipway.verdict;

import org.jspecify.annotations.Nullable;

/** The two things that are counted of requests; a slow one is a failure of another kind. */
enum Signal {
    ERRORS("failed"),
    LATENCY("were slow");

    final String verb;

    Signal(String verb) {
        this.verb = verb;
    }

    long total(Sample sample) {
        return this == ERRORS ? sample.requests() : sample.timed();
    }

    long failures(Sample sample) {
        return this == ERRORS ? sample.failures() : sample.slow();
    }

    /** 0–1; null for none. */
    @Nullable
    Double limit(Criteria criteria) {
        Double percent = this == ERRORS ? criteria.maxErrorPercent() : criteria.maxSlowPercent();
        return percent == null ? null : percent / 100;
    }

    /** 0–1. */
    double negligible(Criteria criteria) {
        return (this == ERRORS ? criteria.negligibleErrorPercent() : criteria.negligibleSlowPercent()) / 100;
    }
}
