package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.ServiceId;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The pipeline of a service, across its environments; it has the service's name. The stack is {@code
 * slipway-pipeline-web}, so no environment may be called {@link EnvironmentId#RESERVED}.
 */
public record PipelineId(String service) {
    private static final String PREFIX = "slipway-" + EnvironmentId.RESERVED + "-";
    private static final Pattern SERVICE = Pattern.compile(ServiceId.PATTERN);

    @JsonCreator
    public PipelineId {
        if (!SERVICE.matcher(service).matches()) {
            throw new IllegalArgumentException("not a service's name: " + service);
        }
    }

    /** The pipeline of which CodePipeline or CloudFormation speaks by its name; empty when it is not one of ours. */
    public static Optional<PipelineId> named(String name) {
        String service = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : "";
        return SERVICE.matcher(service).matches() ? Optional.of(new PipelineId(service)) : Optional.empty();
    }

    @JsonValue
    public String key() {
        return service;
    }

    /** The name of the stack and of the pipeline in CodePipeline. */
    public String stackName() {
        return PREFIX + service;
    }

    /** The log group of its builds. */
    public String logGroup() {
        return "/slipway/" + EnvironmentId.RESERVED + "/" + service;
    }

    public ServiceId in(String environment) {
        return new ServiceId(environment, service);
    }
}
