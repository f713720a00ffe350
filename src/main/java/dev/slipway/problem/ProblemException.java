package dev.slipway.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that is refused at once; the API answers with {@code status} and the problem, and nothing has changed. */
public final class ProblemException extends RuntimeException {
    private final transient Problem problem;
    private final int status;

    /** @param status the HTTP status: 400, 404, 409, 412, 422, … */
    public ProblemException(int status, Problem problem) {
        super(problem.code() + ": " + problem.detail());
        this.status = status;
        this.problem = problem;
    }

    /** The caller can change that, see {@link Problem#user}. */
    public ProblemException(int status, String code, String detail, @Nullable String action) {
        this(status, Problem.user(code, detail, action));
    }

    /** Throws one with 422 that names all that is wrong with a document, if anything is. */
    public static void throwIfAny(String code, String detail, List<Problem.FieldError> errors) {
        if (!errors.isEmpty()) {
            throw new ProblemException(422, Problem.invalid(code, detail, errors));
        }
    }

    public int status() {
        return status;
    }

    public Problem problem() {
        return problem;
    }
}
