package dev.slipway.cli.api;

import com.fasterxml.jackson.databind.JsonNode;

/** An answer that is a refusal or a failure, with its problem document. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient JsonNode problem;

    ApiException(int status, JsonNode problem) {
        super(problem.path("detail").asText(problem.path("message").asText("The answer was " + status + ".")));
        this.status = status;
        this.problem = problem;
    }

    public int status() {
        return status;
    }

    /** RFC 9457; what API Gateway itself refuses has only {@code message}. */
    public JsonNode problem() {
        return problem;
    }

    /** The problem's code, such as {@code operation-in-progress}; empty when API Gateway refused it. */
    public String code() {
        return problem.path("code").asText("");
    }

    /** Whether the credentials are not, or not any more, accepted. */
    public boolean isDenied() {
        return status == 401 || (status == 403 && code().isEmpty());
    }

    /** Whether API Gateway says that the credentials have ended or are none of AWS's; else only that it refuses. */
    public boolean isForCredentials() {
        return status == 401
                || isDenied()
                        && String.valueOf(getMessage())
                                .matches(
                                        "(?is).*(expired|token included in the request|signature|authentication token).*");
    }

    /** Whether the same may succeed a little later. */
    public boolean isPassing() {
        return status == 429 || status >= 500;
    }
}
