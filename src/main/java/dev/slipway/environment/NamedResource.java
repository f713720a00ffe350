package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.problem.Problem.FieldError;
import java.util.Optional;

/**
 * Something of AWS that a spec names by its ARN: one of its environment by its name, or one that all share. The functions that use it
 * are one for all environments, so that IAM cannot tell.
 */
public final class NamedResource {
    private NamedResource() {}

    /**
     * What is wrong with it; empty when it may be named.
     *
     * @param prefix of its name, before that of the environment
     * @param location of the environment
     */
    public static Optional<FieldError> refusal(
            String field, String arn, String prefix, EnvironmentId environment, AwsLocation location) {
        String name = name(arn);
        String own = prefix + environment.key() + "-";
        String shared = prefix + EnvironmentId.SHARED + "-";
        if (!AwsLocation.of(arn).equals(location)) {
            return Optional.of(
                    FieldError.of(field, arn, "is in %s; it has to be in %s".formatted(AwsLocation.of(arn), location)));
        }
        if (name.startsWith(own) || name.startsWith(shared)) {
            return Optional.empty();
        }
        return Optional.of(FieldError.of(
                field,
                arn,
                "is not of the environment %s: its name has to begin with %s, or with %s where all environments may name it"
                        .formatted(environment.key(), own, shared)));
    }

    /** The name in the ARN of a topic or function. */
    static String name(String arn) {
        return arn.split(":", 6)[5].replaceFirst("^function:", "");
    }
}
