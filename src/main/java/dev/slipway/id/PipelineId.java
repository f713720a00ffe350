package dev.slipway.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The pipeline of a service, across its environments; it has the service's name. The stack is {@code
 * slipway-pipeline-web}, so no environment may be called {@link EnvironmentId#RESERVED}.
 */
@RegisterForReflection
public record PipelineId(String service) implements Target {
    private static final String KEY = EnvironmentId.RESERVED + "/";
    private static final String STACK = "slipway-" + EnvironmentId.RESERVED + "-";
    private static final Pattern SERVICE = Pattern.compile(ServiceId.PATTERN);

    public PipelineId {
        if (!SERVICE.matcher(service).matches()) {
            throw new IllegalArgumentException("not a service's name: " + service);
        }
    }

    @JsonCreator
    public static PipelineId of(String key) {
        if (!key.startsWith(KEY)) {
            throw new IllegalArgumentException("not a pipeline: " + key);
        }
        return new PipelineId(key.substring(KEY.length()));
    }

    /** The pipeline of which CodePipeline or CloudFormation speaks by its name; empty when it is not one of ours. */
    public static Optional<PipelineId> fromStackName(String name) {
        String service = name.startsWith(STACK) ? name.substring(STACK.length()) : "";
        return SERVICE.matcher(service).matches() ? Optional.of(new PipelineId(service)) : Optional.empty();
    }

    @Override
    @JsonValue
    public String key() {
        return KEY + service;
    }

    /** The name of the stack and of the pipeline in CodePipeline. */
    @Override
    public String stackName() {
        return STACK + service;
    }

    @Override
    public String path() {
        return "/v1/pipelines/" + service;
    }

    /** The log group of its builds. */
    public String logGroup() {
        return "/slipway/" + KEY + service;
    }

    public ServiceId serviceIn(String environment) {
        return new ServiceId(environment, service);
    }
}
