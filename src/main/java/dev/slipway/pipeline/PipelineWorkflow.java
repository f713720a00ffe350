package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.pipeline.ImagePushes.PushRecord;
import dev.slipway.pipeline.PipelineModule.Connections;
import dev.slipway.plan.StackWorkflow;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.stack.Parameters;
import dev.slipway.stack.Risk;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.Tags;
import dev.slipway.stack.Template;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of a pipeline do: its one stack is planned, applied or deleted. A pipeline whose images are built
 * elsewhere has none.
 */
public final class PipelineWorkflow extends StackWorkflow<PipelineId, PipelineSpec, PipelineRecord> {
    /** Environments that it has ever deployed to; a transaction has room for a hundred items. */
    private static final int MAX_JOBS = 50;

    private final PipelineStack stack;
    private final Services services;
    private final Connections connections;
    private final IdGenerator ids;

    PipelineWorkflow(
            Store store,
            StackReconciler stacks,
            PipelineStack stack,
            Services services,
            Connections connections,
            IdGenerator ids,
            ObjectMapper json) {
        super(store, stacks, json, PipelineSpec.class);
        this.stack = stack;
        this.services = services;
        this.connections = connections;
        this.ids = ids;
    }

    @Override
    protected Key<PipelineRecord> key(PipelineId id) {
        return PipelineRecord.key(id);
    }

    @Override
    protected Desired desired(PipelineId id, PipelineSpec spec, Operation operation, @Nullable String expected) {
        if (spec.repository() == null) {
            return new Desired.None(risksWithoutStack(id));
        }
        List<ServiceRecord> deployed = deployed(id, spec);
        return deployed.size() < spec.deploy().size()
                ? new Desired.Impossible(onDeleted(id, spec, deployed))
                : new Desired.Stack(stack.change(id, spec, deployed, operation, expected));
    }

    /** Where images are built elsewhere now, the pipeline in CodePipeline is gone, if there ever was one. */
    @Override
    protected ReconcileResult applied(
            Operation operation, Stored<PipelineRecord> record, Map<String, String> outputs, Instant now) {
        Operation ended = record.value().declared().repository() == null
                ? withRetainedNote(operation, record.value())
                : operation;
        String arn = outputs.get("ConnectionArn");
        if (arn != null && connections.isPending(arn)) {
            ended = ended.withNote(
                    "The connection to the repository waits for a person, once: open %s, choose %s and sign in."
                                    .formatted(outputs.get("ConnectionUrl"), arn)
                            + " Until then executions fail at their source.");
        }
        return ReconcileResult.proceed(
                ended.succeeded(now),
                new Transaction()
                        .update(record, record.value().withOutputs(outputs).withoutFallback()));
    }

    @Override
    protected ReconcileResult deleted(Operation operation, Stored<PipelineRecord> record, Instant now) {
        PipelineId id = record.value().id();
        List<Stored<?>> gone = new ArrayList<>(List.of(record));
        store.get(PipelineExecutions.key(id)).ifPresent(gone::add);
        gone.addAll(store.list(
                        DeployJobs.PARTITION,
                        DeployJobs.prefix(id.service()),
                        DeployJobs.ITEM_TYPE,
                        false,
                        MAX_JOBS,
                        null)
                .items());
        record.value()
                .declared()
                .environments()
                .forEach(environment ->
                        store.get(PushRecord.key(id.serviceIn(environment))).ifPresent(gone::add));
        Transaction deleted = new Transaction()
                .entry(LedgerEntry.of(
                        ids.next(),
                        id,
                        LedgerEntry.EventType.DELETED,
                        LedgerEntry.SLIPWAY,
                        "The pipeline is gone.",
                        now));
        for (Stored<?> item : gone) {
            deleted = deleted.delete(item);
        }
        return ReconcileResult.proceed(
                withRetainedNote(operation, record.value()).succeeded(now), deleted);
    }

    private static Operation withRetainedNote(Operation operation, PipelineRecord record) {
        String bucket = record.outputs().get("ArtifactBucket");
        return bucket == null
                ? operation
                : operation.withNote(
                        "Left: sources and build results in the bucket %s, which expire by its own rule. To remove"
                                        .formatted(bucket)
                                + " them now, with all their versions: empty and delete it in the console of S3.");
    }

    @Override
    protected PipelineRecord notDeleted(PipelineRecord record) {
        return record.withDeleting(false);
    }

    private List<Risk> risksWithoutStack(PipelineId id) {
        return store.get(PipelineRecord.key(id))
                .filter(found -> !found.value().outputs().isEmpty())
                .map(_ -> List.of(new Risk(
                        "Pipeline",
                        "The pipeline in CodePipeline is deleted with its builds, since the spec names no repository.",
                        false)))
                .orElse(List.of());
    }

    /** The services that it deploys to, in order, without those that are gone. */
    private List<ServiceRecord> deployed(PipelineId id, PipelineSpec spec) {
        return spec.environments().stream()
                .map(environment -> services.find(id.serviceIn(environment)))
                .flatMap(Optional::stream)
                .filter(PipelineStack::hasRegistry)
                .toList();
    }

    /** They were there when the spec was accepted. */
    private static Problem onDeleted(PipelineId id, PipelineSpec spec, List<ServiceRecord> deployed) {
        List<String> there =
                deployed.stream().map(service -> service.id().environment()).toList();
        String missing = spec.environments().stream()
                .filter(environment -> !there.contains(environment))
                .map(environment -> id.serviceIn(environment).key())
                .toList()
                .toString();
        return Problem.user(
                "service-not-ready",
                "What the pipeline deploys to was deleted meanwhile: %s.".formatted(missing),
                "Create the services again, or take their environments out of the pipeline's spec.");
    }

    /** What a pipeline's spec, and the services that it deploys to, mean for its stack, {@code stacks/pipeline.yaml}. */
    public static final class PipelineStack {
        /** The longest value of a CloudFormation parameter, in bytes. */
        public static final int LONGEST_PARAMETER = 4096;

        /** CodeBuild takes about 5,500 characters of variables in all, and our build is among them. */
        public static final int LONGEST_ARGUMENTS = 1000;

        /** A value of an action's configuration may have 1,000 characters; the others are commit and tag. */
        public static final int LONGEST_VARIABLES = 800;

        private static final int MOST_STAGES = 5;
        private static final ObjectMapper JSON = new ObjectMapper();

        private final Template template = Template.named("pipeline");
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
            Map<String, String> tags = Tags.of(
                    Map.of("slipway:pipeline", id.service(), StackChange.TEMPLATE_TAG, template.version()),
                    spec.tags());
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
                    .put("BuildTarget", build.target())
                    .put("BuildArguments", buildArguments(build.arguments()))
                    .put("BuildVariables", buildVariables(build.variables()))
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
                    .forEach(i ->
                            parameters.put("Stage" + (i + 1), i < environments.size() ? environments.get(i) : null));
            return parameters.values();
        }

        /** As a JSON object, which our build reads. At most {@link #LONGEST_ARGUMENTS} characters. */
        public static String buildArguments(Map<String, String> arguments) {
            ObjectNode object = JSON.createObjectNode();
            arguments.forEach(object::put);
            return object.toString();
        }

        /** As they stand in an action's list, behind its own. At most {@link #LONGEST_VARIABLES} characters. */
        public static String buildVariables(Map<String, String> variables) {
            StringBuilder list = new StringBuilder();
            variables.forEach((name, value) -> list.append(',')
                    .append(JSON.createObjectNode().put("name", name).put("value", value)));
            return list.toString();
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
            // CodeBuild goes on to the next phase after a failure, but within one it stops at the first command
            // that fails.
            if (test.commands() != null) {
                test.commands().forEach(commands::add);
            }
            return buildspec.toString();
        }
    }
}
