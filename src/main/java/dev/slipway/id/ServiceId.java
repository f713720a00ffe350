package dev.slipway.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A service in an environment. Its name has 2 to 24 lower-case letters, digits and single hyphens between them, so that
 * the longest role name made of it still fits IAM's 64 characters.
 */
@RegisterForReflection
public record ServiceId(String environment, String service) implements Target {
    public static final String PATTERN = "(?=.{2,24}$)[a-z][a-z0-9]*(-[a-z0-9]+)*";
    private static final Pattern NAME = Pattern.compile(PATTERN);
    private static final String TASK_GROUP = "service:";

    public ServiceId {
        if (!NAME.matcher(service).matches()) {
            throw new IllegalArgumentException("not a service's name: " + service);
        }
    }

    @JsonCreator
    public static ServiceId of(String key) {
        int slash = key.indexOf('/');
        return new ServiceId(key.substring(0, Math.max(slash, 0)), key.substring(slash + 1));
    }

    /** The service's name in the group of its tasks, as ECS names it: {@code service:web}; empty if they are no service's. */
    public static Optional<String> nameInTaskGroup(@Nullable String group) {
        return group != null && group.startsWith(TASK_GROUP)
                ? Optional.of(group.substring(TASK_GROUP.length()))
                : Optional.empty();
    }

    public EnvironmentId environmentId() {
        return new EnvironmentId(environment);
    }

    @Override
    @JsonValue
    public String key() {
        return environment + "/" + service;
    }

    @Override
    public String stackName() {
        return "slipway-" + environment + "-" + service;
    }

    @Override
    public String path() {
        return "/v1/environments/" + environment + "/services/" + service;
    }

    /** Where orders to override its controls go: not below its own path, so that no policy that allows that reaches here. */
    public String overridePath() {
        return "/v1/environments/" + environment + "/override/services/" + service;
    }

    /** The task definition family and the name of the ECR repository. */
    public String family() {
        return stackName();
    }

    public String logGroup() {
        return "/slipway/" + environment + "/" + service;
    }
}
