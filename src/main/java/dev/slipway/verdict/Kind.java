package dev.slipway.verdict;

import org.jspecify.annotations.Nullable;

/** The two things that are counted of requests; a slow one is a failure of another kind. */
enum Kind {
    ERRORS("failed"),
    LATENCY("were slow");

    final String happened;

    Kind(String happened) {
        this.happened = happened;
    }

    long all(Sample sample) {
        return this == ERRORS ? sample.requests() : sample.timed();
    }

    long bad(Sample sample) {
        return this == ERRORS ? sample.failures() : sample.slow();
    }

    /** 0–1; null for none. */
    @Nullable
    Double limit(Criteria criteria) {
        Double percent = this == ERRORS ? criteria.maxErrorPercent() : criteria.maxSlowPercent();
        return percent == null ? null : percent / 100;
    }

    /** 0–1. */
    double harmless(Criteria criteria) {
        return (this == ERRORS ? criteria.harmlessErrorPercent() : criteria.harmlessSlowPercent()) / 100;
    }
}
