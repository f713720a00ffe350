package dev.slipway.pipeline;

import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineParameters.Registry;
import dev.slipway.service.ServiceRecord;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Template;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a pipeline's spec, and the services that it deploys to, mean for its stack. */
final class PipelineStack {
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
     * @param services of the pipeline, in the order of the environments that the spec names; each has its registry
     * @param expected the digest of the only difference that may be executed, or null for any
     */
    StackChange change(
            PipelineId id,
            PipelineSpec spec,
            List<ServiceRecord> services,
            Set<String> allowed,
            @Nullable String expected,
            String token) {
        Map<String, String> tags = new TreeMap<>(spec.tags());
        tags.put("slipway:pipeline", id.service());
        tags.put(StackChange.TEMPLATE_TAG, template.version());
        return new StackChange(
                id.stackName(),
                template.body(),
                PipelineParameters.of(
                        id,
                        spec,
                        services.stream().map(PipelineStack::registry).toList(),
                        services.getFirst().declared().container().architecture(),
                        boundaryArn,
                        deployFunction),
                tags,
                false,
                allowed,
                expected,
                token);
    }

    static boolean hasRegistry(ServiceRecord service) {
        return service.outputs().containsKey("RepositoryUri");
    }

    private static Registry registry(ServiceRecord service) {
        Map<String, String> outputs = service.outputs();
        String uri = outputs.get("RepositoryUri");
        String arn = outputs.get("RepositoryArn");
        if (uri == null || arn == null) {
            throw new IllegalArgumentException(service.id().key() + " has no registry");
        }
        return new Registry(uri, arn);
    }
}
