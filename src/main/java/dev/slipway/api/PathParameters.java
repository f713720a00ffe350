package dev.slipway.api;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import java.util.List;

/** Reads the names in a path. */
public final class PathParameters {
    private static final String SERVICE_RULE =
            "2 to 24 lower-case letters and digits with single hyphens between them, the first a letter";

    private PathParameters() {}

    /** Throws {@link ProblemException} 422 when it cannot be an environment's name. */
    public static EnvironmentId environment(String name) {
        require(name, EnvironmentId.PATTERN, "environment", "an environment", EnvironmentId.RULE);
        return new EnvironmentId(name);
    }

    /** Throws {@link ProblemException} 422 when one of them cannot be a name. */
    public static ServiceId service(String environment, String name) {
        environment(environment);
        require(name, ServiceId.PATTERN, "service", "a service", SERVICE_RULE);
        return new ServiceId(environment, name);
    }

    /** A pipeline has the name of its service. Throws {@link ProblemException} 422 when it cannot be one. */
    public static PipelineId pipeline(String name) {
        require(name, ServiceId.PATTERN, "pipeline", "a pipeline", SERVICE_RULE);
        return new PipelineId(name);
    }

    private static void require(String name, String pattern, String parameter, String what, String rule) {
        if (!name.matches(pattern)) {
            throw new ProblemException(
                    422,
                    Problem.invalid(
                            "invalid-name",
                            "%s is no name for %s: it must have %s.".formatted(name, what, rule),
                            List.of(new Problem.FieldError(
                                    "{" + parameter + "} in the path", "\"" + name + "\"", "must match " + pattern))));
        }
    }
}
