package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** What a verdict rests on, the strongest first. */
@RegisterForReflection
public enum Basis {
    /** The revision that served beside it in the same minutes. */
    COMPARISON,
    /** How the old revision did before. Weaker: what else changed meanwhile counts against the new one. */
    BEFORE_AFTER,
    /** A limit of the spec. Weaker: it says nothing of the old revision. */
    ABSOLUTE,
    NONE
}
