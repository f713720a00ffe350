package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.PipelineId;
import dev.slipway.operation.Operation;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.service.ServiceRecord;
import dev.slipway.stack.Parameters;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.Template;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a pipeline's spec, and the services that it deploys to, mean for its stack, {@code stacks/pipeline.yaml}. */
public final class PipelineStack {
    /** The longest value of a CloudFormation parameter, in bytes. */
    public static final int LONGEST_PARAMETER = 4096;

    private static final int MOST_STAGES = 5;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Template template = Template.load("pipeline");
    private final String boundaryArn;
    private final String deployFunction;

    /**
     * @param boundaryArn of the permission boundary that every role in the stacks gets
     * @param deployFunction name of the function that deploy actions call
     */
    PipelineStack(String boundaryArn, String deployFunction) {
        this.boundaryArn = boundaryArn;
        this.deployFunction = deployFunction;
    }

    /**
     * A service's image registry in one environment, from the outputs of its stack.
     *
     * @param uri without tag
     */
    record Registry(String uri, String arn) {
        static Registry of(ServiceRecord service) {
            String uri = service.outputs().get("RepositoryUri");
            String arn = service.outputs().get("RepositoryArn");
            if (uri == null || arn == null) {
                throw new IllegalArgumentException(service.id().key() + " has no registry");
            }
            return new Registry(uri, arn);
        }
    }

    static boolean hasRegistry(ServiceRecord service) {
        return service.outputs().containsKey("RepositoryUri");
    }

    /**
     * @param services of the pipeline, in the order of the environments that the spec names; each has its registry
     * @param expected the digest of the only difference that may be executed, or null for any
     */
    StackChange change(
            PipelineId id,
            PipelineSpec spec,
            List<ServiceRecord> services,
            Operation operation,
            @Nullable String expected) {
        Map<String, String> tags = new TreeMap<>(spec.tags());
        tags.put("slipway:pipeline", id.service());
        tags.put(StackChange.TEMPLATE_TAG, template.version());
        return new StackChange(
                id.stackName(),
                template.body(),
                parameters(
                        id,
                        spec,
                        services.stream().map(Registry::of).toList(),
                        services.getFirst().declared().container().architecture(),
                        boundaryArn,
                        deployFunction),
                tags,
                false,
                operation.allow(),
                expected,
                operation.id());
    }

    /**
     * All parameters of the template, none besides.
     *
     * @param spec with a repository
     * @param registries of the service in the environments of the spec, in their order
     * @param architecture of the service, the same in all of them
     */
    static Map<String, Parameter> parameters(
            PipelineId id,
            PipelineSpec spec,
            List<Registry> registries,
            Architecture architecture,
            String boundaryArn,
            String deployFunction) {
        PipelineSpec.Repository repository = spec.repository();
        if (repository == null || registries.size() != spec.deploy().size()) {
            throw new IllegalArgumentException("a stack needs a repository and a registry for each stage: " + spec);
        }
        PipelineSpec.Build build = spec.build();
        List<Registry> copies = registries.subList(1, registries.size());
        List<String> environments = spec.environments();
        Parameters parameters = new Parameters()
                .put("Service", id.service())
                .put("PermissionsBoundary", boundaryArn)
                .put("DeployFunction", deployFunction)
                .put("ConnectionArn", repository.connectionArn())
                .put("Provider", repository.provider())
                .put("RepositoryId", repository.id())
                .put("Branch", repository.branch())
                .put("Paths", repository.paths())
                .put("Buildspec", build.buildspec().value())
                .put("BuildspecPath", build.path())
                .put("TestBuildspec", testBuildspec(build.test()))
                .put("Dockerfile", build.dockerfile())
                .put("BuildContext", build.context())
                .put(
                        "Architecture",
                        switch (architecture) {
                            case X86_64 -> "x86_64";
                            case ARM64 -> "arm64";
                        })
                .put("ComputeType", "BUILD_GENERAL1_" + build.size())
                .put("Privileged", build.privileged())
                .put("BuildMinutes", build.timeoutMinutes())
                .put("RepositoryUri", registries.getFirst().uri())
                .put("RepositoryArn", registries.getFirst().arn())
                .put("CopyUris", copies.stream().map(Registry::uri).toList())
                .put("CopyArns", copies.stream().map(Registry::arn).toList())
                .put("ArtifactDays", spec.artifactDays())
                .put("LogRetentionDays", spec.logs().retentionDays());
        IntStream.range(0, MOST_STAGES)
                .forEach(i -> parameters.put("Stage" + (i + 1), i < environments.size() ? environments.get(i) : null));
        return parameters.values();
    }

    /**
     * The buildspec of the test stage as CodeBuild takes it: a path, or a whole one in JSON (which is YAML). Empty without
     * tests. At most {@link #LONGEST_PARAMETER} bytes fit the parameter.
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
}
