package dev.slipway.diagnosis;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong, why, and what to do. It is bounded: a rollout's record keeps what was seen when it failed, since ECS forgets.
 *
 * @param at when it was looked at
 * @param summary one sentence: the likeliest cause, that none is known, or that nothing is wrong
 * @param causes the likeliest first; empty when nothing is wrong or no known cause fits
 * @param evidence what was seen, oldest first
 * @param unread what could not be read, and why
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Diagnosis(
        Instant at, String summary, List<RankedCause> causes, List<Line> evidence, List<String> unread) {
    public Diagnosis {
        causes = causes == null ? List.of() : List.copyOf(causes); // absent in JSON when empty
        evidence = evidence == null ? List.of() : List.copyOf(evidence);
        unread = unread == null ? List.of() : List.copyOf(unread);
    }

    /**
     * A known cause that fits.
     *
     * @param code stable and machine readable; docs/diagnosis.md lists all
     * @param cause one sentence, with the values that it is about
     * @param evidence what led to it, newest first
     * @param action the call that mends it
     * @param playbook page of this project to read on
     */
    public record RankedCause(String code, String cause, List<String> evidence, String action, String playbook) {
        public RankedCause {
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * One thing that was seen.
     *
     * @param source who said it, for example {@code event}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Line(@Nullable Instant at, String source, String text) {}

    /** The likeliest cause. */
    public Optional<RankedCause> first() {
        return causes.stream().findFirst();
    }

    /** The likeliest cause, if it says why something failed, rather than what was decided upon it. */
    public Optional<RankedCause> reason() {
        return first().filter(found -> Cause.of(found.code())
                .filter(cause -> cause.tier != Cause.Tier.CONSEQUENCE)
                .isPresent());
    }
}
