package dev.slipway.problem;

import java.util.List;
import java.util.function.UnaryOperator;
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

    /** The same refusal with its fields named otherwise. */
    public ProblemException withFields(UnaryOperator<String> named) {
        List<Problem.FieldError> errors = problem.errors().stream()
                .map(error -> new Problem.FieldError(named.apply(error.field()), error.value(), error.message()))
                .toList();
        ProblemException same = new ProblemException(
                status, new Problem(problem.code(), problem.category(), problem.detail(), problem.action(), errors));
        same.initCause(this);
        return same;
    }

    public int status() {
        return status;
    }

    public Problem problem() {
        return problem;
    }
}
