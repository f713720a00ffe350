package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;

@RegisterForReflection
public enum Outcome {
    /** There is evidence that the new revision is about as good as the old one. */
    HEALTHY,
    /** There is evidence that the new revision is worse, or over a limit. */
    UNHEALTHY,
    /** Neither can be said. Silence is never healthy. */
    NOT_ENOUGH_EVIDENCE
}
