package dev.slipway.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.regex.Pattern;

/**
 * The name of an environment: 2 to 10 lower-case letters and digits, the first a letter. It has no hyphen, so that a
 * stack's name {@code slipway-prod-web} can be split in one way only.
 */
@RegisterForReflection
public record EnvironmentId(String environment) implements Target {
    public static final String PATTERN = "[a-z][a-z0-9]{1,9}";
    /** A name that no environment may have: stacks of pipelines are called {@code slipway-pipeline-web}. */
    public static final String RESERVED = "pipeline";
    /** A name that no environment may have: topics {@code slipway-shared-…} and functions likewise are for all of them. */
    public static final String SHARED = "shared";

    private static final Pattern NAME = Pattern.compile(PATTERN);

    public EnvironmentId {
        if (!NAME.matcher(environment).matches()) {
            throw new IllegalArgumentException("not an environment's name: " + environment);
        }
    }

    @JsonCreator
    public static EnvironmentId of(String key) {
        return new EnvironmentId(key);
    }

    @Override
    @JsonValue
    public String key() {
        return environment;
    }

    @Override
    public String stackName() {
        return "slipway-" + environment;
    }

    @Override
    public String path() {
        return "/v1/environments/" + environment;
    }

    /** The ECS cluster of the environment. */
    public String cluster() {
        return "slipway-" + environment;
    }
}
