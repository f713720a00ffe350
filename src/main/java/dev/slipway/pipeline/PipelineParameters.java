package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineSpec.Build;
import dev.slipway.pipeline.PipelineSpec.Repository;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.stack.StackChange.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a pipeline's spec to the parameters of {@code stacks/pipeline.yaml}: all of them, none besides. */
public final class PipelineParameters {
    /** The longest value of a CloudFormation parameter, in bytes. */
    public static final int MAX_VALUE_LENGTH = 4096;

    private static final int MAX_STAGES = 5;
    private static final ObjectMapper JSON = new ObjectMapper();

    private PipelineParameters() {}

    /**
     * A service's image registry in one environment, from the outputs of its stack.
     *
     * @param uri without tag
     */
    public record Registry(String uri, String arn) {}

    /**
     * @param spec with a repository
     * @param registries of the service in the environments of the spec, in their order
     * @param architecture of the service, the same in all of them
     */
    public static Map<String, Parameter> of(
            PipelineId id,
            PipelineSpec spec,
            List<Registry> registries,
            Architecture architecture,
            String permissionsBoundary,
            String deployFunction) {
        Repository repository = spec.repository();
        if (repository == null || registries.size() != spec.deploy().size()) {
            throw new IllegalArgumentException("a stack needs a repository and a registry for each stage: " + spec);
        }
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        put(parameters, "Service", id.service());
        put(parameters, "PermissionsBoundary", permissionsBoundary);
        put(parameters, "DeployFunction", deployFunction);
        addSource(parameters, repository);
        addBuild(parameters, spec.build(), architecture);
        List<Registry> copies = registries.subList(1, registries.size());
        put(parameters, "RepositoryUri", registries.getFirst().uri());
        put(parameters, "RepositoryArn", registries.getFirst().arn());
        put(
                parameters,
                "CopyUris",
                String.join(",", copies.stream().map(Registry::uri).toList()));
        put(
                parameters,
                "CopyArns",
                String.join(",", copies.stream().map(Registry::arn).toList()));
        List<String> environments = spec.environments();
        for (int i = 0; i < MAX_STAGES; i++) {
            put(parameters, "Stage" + (i + 1), i < environments.size() ? environments.get(i) : "");
        }
        put(parameters, "ArtifactDays", spec.artifactDays());
        put(parameters, "LogRetentionDays", spec.logs().retentionDays());
        return parameters;
    }

    private static void addSource(Map<String, Parameter> parameters, Repository repository) {
        String connection = repository.connectionArn();
        put(parameters, "ConnectionArn", connection == null ? "" : connection);
        put(parameters, "Provider", repository.provider());
        put(parameters, "RepositoryId", repository.id());
        put(parameters, "Branch", repository.branch());
        put(parameters, "Paths", String.join(",", repository.paths()));
    }

    private static void addBuild(Map<String, Parameter> parameters, Build build, Architecture architecture) {
        put(parameters, "Buildspec", build.buildspec().value());
        put(parameters, "BuildspecPath", build.path());
        put(parameters, "TestBuildspec", testBuildspec(build.test()));
        put(parameters, "Dockerfile", build.dockerfile());
        put(parameters, "BuildContext", build.context());
        put(
                parameters,
                "Architecture",
                switch (architecture) {
                    case X86_64 -> "x86_64";
                    case ARM64 -> "arm64";
                });
        put(parameters, "ComputeType", "BUILD_GENERAL1_" + build.size());
        put(parameters, "Privileged", build.privileged());
        put(parameters, "BuildMinutes", build.timeoutMinutes());
    }

    /**
     * The buildspec of the test stage as CodeBuild takes it: a path, or a whole one in JSON (which is YAML). Empty without
     * tests. At most {@link #MAX_VALUE_LENGTH} bytes fit the parameter.
     */
    public static String testBuildspec(PipelineSpec.@Nullable Test test) {
        if (test == null) {
            return "";
        }
        if (test.buildspec() != null) {
            return test.buildspec();
        }
        ObjectNode buildspec = JSON.createObjectNode().put("version", 0.2);
        buildspec.putObject("env").put("shell", "bash");
        var commands = buildspec.putObject("phases").putObject("build").putArray("commands");
        // CodeBuild goes on to the next phase after a failure, but within one it stops at the first command that fails.
        if (test.commands() != null) {
            test.commands().forEach(commands::add);
        }
        return buildspec.toString();
    }

    private static void put(Map<String, Parameter> parameters, String name, Object value) {
        parameters.put(name, Parameter.of(String.valueOf(value)));
    }
}
