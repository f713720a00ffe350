package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.problem.Problem.FieldError;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Something of AWS that a spec names by its ARN: one of its environment by its name, or one that all share. The functions that use it
 * are one for all environments, so that IAM cannot tell.
 */
public final class NamedResource {
    /** What names of ours begin with, at the beginning or behind a slash; those of check functions have a word more. */
    private static final Pattern OURS = Pattern.compile("(?:^|/)slipway-(?:check-)?");

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

    /**
     * What is wrong with the name of an alarm, or with what a metric is of: Slipway gives names that begin with its own and the
     * environment's, behind a slash where a load balancer or target group is meant. Of all else nobody can tell whose it is.
     */
    public static Optional<FieldError> refusal(String field, String name, EnvironmentId environment) {
        boolean foreign = OURS.matcher(name)
                .results()
                .map(found -> name.substring(found.end()))
                .anyMatch(rest -> !rest.equals(environment.key())
                        && Stream.of(environment.key() + "/", environment.key() + "-", EnvironmentId.SHARED + "-")
                                .noneMatch(rest::startsWith));
        return foreign
                ? Optional.of(FieldError.of(
                        field,
                        name,
                        "is not of the environment %s: of what Slipway made it may name only what is called slipway-%s, and what all environments may name, slipway-%s-…"
                                .formatted(environment.key(), environment.key(), EnvironmentId.SHARED)))
                : Optional.empty();
    }

    /** The name in the ARN of a topic or function. */
    static String name(String arn) {
        return arn.split(":", 6)[5].replaceFirst("^function:", "");
    }
}
