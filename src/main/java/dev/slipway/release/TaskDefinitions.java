package dev.slipway.release;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.slipway.aws.AwsErrors;
import dev.slipway.digest.Sha256;
import dev.slipway.id.ServiceId;
import dev.slipway.logs.LogStreamName;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.CPUArchitecture;
import software.amazon.awssdk.services.ecs.model.ClientException;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.DescribeTaskDefinitionRequest;
import software.amazon.awssdk.services.ecs.model.DescribeTaskDefinitionResponse;
import software.amazon.awssdk.services.ecs.model.EphemeralStorage;
import software.amazon.awssdk.services.ecs.model.HealthCheck;
import software.amazon.awssdk.services.ecs.model.KeyValuePair;
import software.amazon.awssdk.services.ecs.model.LinuxParameters;
import software.amazon.awssdk.services.ecs.model.LogConfiguration;
import software.amazon.awssdk.services.ecs.model.LogDriver;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.OSFamily;
import software.amazon.awssdk.services.ecs.model.PortMapping;
import software.amazon.awssdk.services.ecs.model.RegisterTaskDefinitionRequest;
import software.amazon.awssdk.services.ecs.model.RuntimePlatform;
import software.amazon.awssdk.services.ecs.model.Secret;
import software.amazon.awssdk.services.ecs.model.Tag;
import software.amazon.awssdk.services.ecs.model.TaskDefinitionField;
import software.amazon.awssdk.services.ecs.model.TaskDefinitionStatus;
import software.amazon.awssdk.services.ecs.model.TransportProtocol;

/** Registers releases as task definition revisions of the service's family. */
public final class TaskDefinitions {
    static final String CONTENT = "slipway:content";
    private static final ObjectMapper CANONICAL =
            new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private final EcsClient ecs;

    public TaskDefinitions(EcsClient ecs) {
        this.ecs = ecs;
    }

    /**
     * What a task definition is made of.
     *
     * @param image by digest
     * @param region of the log group
     * @param restart id of the rollout that starts the same anew; null for all others
     */
    @RegisterForReflection
    public record Content(
            ServiceId service,
            String image,
            ContainerSettings container,
            String executionRole,
            String taskRole,
            String region,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String restart) {
        /** That of a release, as it is registered now. */
        public static Content of(ServiceId service, Release release, Map<String, String> outputs, String region) {
            return new Content(
                    service,
                    release.image(),
                    release.container(),
                    Objects.requireNonNull(outputs.get("ExecutionRoleArn"), "ExecutionRoleArn"),
                    Objects.requireNonNull(outputs.get("TaskRoleArn"), "TaskRoleArn"),
                    region,
                    release.restart());
        }

        /** The first 32 hexadecimal digits of the SHA-256 over all of it. */
        public String hash() {
            try {
                return Sha256.hex(CANONICAL.writeValueAsString(this), 32);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * The ARN of a revision with this content. RegisterTaskDefinition has no token, so we look first whether the newest
     * revision already is the one: an attempt before this one may have registered it.
     */
    public String register(Content content) {
        String hash = content.hash();
        return newest(content.service())
                .filter(found -> found.tags().stream()
                        .anyMatch(
                                tag -> tag.key().equals(CONTENT) && tag.value().equals(hash)))
                .map(found -> found.taskDefinition().taskDefinitionArn())
                .orElseGet(() -> ecs.registerTaskDefinition(request(content, hash))
                        .taskDefinition()
                        .taskDefinitionArn());
    }

    /**
     * Whether a revision can be started. One that somebody deregistered, or deleted, cannot, and no service can be updated to it.
     * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
     */
    public boolean isActive(String arn) {
        return describe(arn)
                .map(found -> found.taskDefinition().status() == TaskDefinitionStatus.ACTIVE)
                .orElse(false);
    }

    /**
     * What the names of its log streams begin with, as it was registered: its own, or {@link LogStreamName#SHARED}. Empty when it
     * was deleted, or does not write to CloudWatch.
     */
    public Optional<String> logPrefix(String arn) {
        return describe(arn).stream()
                .flatMap(found -> found.taskDefinition().containerDefinitions().stream())
                .filter(container -> container.logConfiguration() != null)
                .flatMap(container ->
                        Stream.ofNullable(container.logConfiguration().options().get("awslogs-stream-prefix")))
                .findFirst();
    }

    private Optional<DescribeTaskDefinitionResponse> newest(ServiceId service) {
        return describe(service.family());
    }

    private Optional<DescribeTaskDefinitionResponse> describe(String reference) {
        try {
            return Optional.of(ecs.describeTaskDefinition(DescribeTaskDefinitionRequest.builder()
                    .taskDefinition(reference)
                    .include(TaskDefinitionField.TAGS)
                    .build()));
        } catch (ClientException e) {
            // "Unable to describe task definition.": the family has no active revision yet, or the revision was deleted
            if (AwsErrors.denied(e).isPresent() || AwsErrors.isTransient(e)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static RegisterTaskDefinitionRequest request(Content content, String hash) {
        ContainerSettings container = content.container();
        var request = RegisterTaskDefinitionRequest.builder()
                .family(content.service().family())
                .networkMode(NetworkMode.AWSVPC)
                .requiresCompatibilities(Compatibility.FARGATE)
                .cpu(Integer.toString(container.cpu()))
                .memory(Integer.toString(container.memory()))
                .runtimePlatform(RuntimePlatform.builder()
                        .operatingSystemFamily(OSFamily.LINUX)
                        .cpuArchitecture(
                                switch (container.architecture()) {
                                    case X86_64 -> CPUArchitecture.X86_64;
                                    case ARM64 -> CPUArchitecture.ARM64;
                                })
                        .build())
                .executionRoleArn(content.executionRole())
                .taskRoleArn(content.taskRole())
                .containerDefinitions(definition(content))
                .tags(
                        tag(CONTENT, hash),
                        tag("slipway:environment", content.service().environment()),
                        tag("slipway:service", content.service().service()));
        if (container.ephemeralStorageGiB() != null) {
            request.ephemeralStorage(EphemeralStorage.builder()
                    .sizeInGiB(container.ephemeralStorageGiB())
                    .build());
        }
        return request.build();
    }

    private static ContainerDefinition definition(Content content) {
        ContainerSettings container = content.container();
        var definition = ContainerDefinition.builder()
                .name(content.service().service())
                .image(content.image())
                .essential(true)
                .portMappings(PortMapping.builder()
                        .containerPort(container.port())
                        .protocol(TransportProtocol.TCP)
                        .build())
                .environment(pairs(container.environment()))
                .secrets(container.secrets().entrySet().stream()
                        .map(entry -> Secret.builder()
                                .name(entry.getKey())
                                .valueFrom(entry.getValue())
                                .build())
                        .toList())
                .readonlyRootFilesystem(container.readOnlyRootFilesystem())
                .user(container.user())
                .workingDirectory(container.workingDirectory())
                .stopTimeout(container.stopTimeoutSeconds())
                .logConfiguration(LogConfiguration.builder()
                        .logDriver(LogDriver.AWSLOGS)
                        .options(Map.of(
                                "awslogs-group",
                                content.service().logGroup(),
                                "awslogs-region",
                                content.region(),
                                "awslogs-stream-prefix",
                                LogStreamName.prefix(content.hash()),
                                // a log group that does not take the lines in time must not stop the application
                                "mode",
                                "non-blocking"))
                        .build());
        if (container.initProcess()) {
            definition.linuxParameters(
                    LinuxParameters.builder().initProcessEnabled(true).build());
        }
        if (!container.entryPoint().isEmpty()) {
            definition.entryPoint(container.entryPoint());
        }
        if (!container.command().isEmpty()) {
            definition.command(container.command());
        }
        ContainerSettings.HealthCheck check = container.healthCheck();
        if (check != null) {
            definition.healthCheck(HealthCheck.builder()
                    .command(check.command())
                    .interval(check.intervalSeconds())
                    .timeout(check.timeoutSeconds())
                    .retries(check.retries())
                    .startPeriod(check.startPeriodSeconds())
                    .build());
        }
        return definition.build();
    }

    private static List<KeyValuePair> pairs(Map<String, String> environment) {
        return environment.entrySet().stream()
                .map(entry -> KeyValuePair.builder()
                        .name(entry.getKey())
                        .value(entry.getValue())
                        .build())
                .toList();
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }
}
