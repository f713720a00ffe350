package dev.slipway.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A problem as it goes over the wire: RFC 9457, {@code application/problem+json}.
 *
 * @param type about:blank: the code is what programs read
 * @param title the code in words; the same for every problem of this code
 * @param status HTTP status
 * @param category {@code user}, {@code dependency} or {@code internal}: who can fix it
 * @param requestId of the request, as in the header {@code slipway-request} and the log; null where there was none
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ProblemDocument(
        String type,
        String title,
        int status,
        String detail,
        String code,
        String category,
        @Nullable String action,
        List<Problem.FieldError> errors,
        @Nullable String requestId) {
    public static final String MEDIA_TYPE = "application/problem+json";

    public ProblemDocument {
        errors = List.copyOf(errors);
    }

    public static ProblemDocument of(int status, Problem problem, @Nullable String requestId) {
        String words = problem.code().replace('-', ' ');
        return new ProblemDocument(
                "about:blank",
                Character.toUpperCase(words.charAt(0)) + words.substring(1),
                status,
                problem.detail(),
                problem.code(),
                problem.category().name().toLowerCase(Locale.ROOT),
                problem.action(),
                problem.errors(),
                requestId);
    }
}
