package dev.slipway.simulated.ecs;

import dev.slipway.simulated.ecr.ImageBehaviour;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Attachment;
import software.amazon.awssdk.services.ecs.model.Connectivity;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.HealthStatus;
import software.amazon.awssdk.services.ecs.model.KeyValuePair;
import software.amazon.awssdk.services.ecs.model.LaunchType;
import software.amazon.awssdk.services.ecs.model.NetworkInterface;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskDefinition;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/** One task: where it is in its life and why it ended. */
public final class EcsTask {
    /** "Amazon ECS task lifecycle". ACTIVATING and STOPPING are too short to be seen here. */
    enum Status {
        PROVISIONING,
        PENDING,
        RUNNING,
        DEACTIVATING,
        DEPROVISIONING,
        STOPPED
    }

    public final String id;
    final String arn;
    final String clusterArn;
    final String ip;
    public final String zone;
    final String group;
    final String startedBy;
    public final String capacityProvider;
    final String platformVersion;
    public final TaskDefinition definition;
    public final Instant createdAt;
    /** Null for a task of RunTask. */
    final @Nullable EcsServiceRecord service;

    final @Nullable EcsDeployment entry;
    final Map<String, String> digests = new LinkedHashMap<>();
    /** Target groups that find the task healthy. */
    final Set<String> healthyIn = new HashSet<>();

    public ImageBehaviour behaviour = ImageBehaviour.GOOD;
    Status status = Status.PROVISIONING;
    boolean stopping;
    /** Has been in service once: what happens to it later is no failure of its deployment. */
    boolean everHealthy;

    int version = 1;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant stoppingAt;

    @Nullable
    public Instant stoppedAt;

    @Nullable
    public TaskStopCode stopCode;

    @Nullable
    String stoppedReason;

    @Nullable
    Integer exitCode;

    @Nullable
    String containerReason;

    EcsTask(
            String id,
            String clusterArn,
            String address,
            String zone,
            String group,
            String startedBy,
            String capacityProvider,
            String platformVersion,
            TaskDefinition definition,
            Instant createdAt,
            @Nullable EcsServiceRecord service,
            @Nullable EcsDeployment entry) {
        this.id = id;
        this.arn = clusterArn.replace(":cluster/", ":task/") + "/" + id;
        this.clusterArn = clusterArn;
        this.ip = address;
        this.zone = zone;
        this.group = group;
        this.startedBy = startedBy;
        this.capacityProvider = capacityProvider;
        this.platformVersion = platformVersion;
        this.definition = definition;
        this.createdAt = createdAt;
        this.service = service;
        this.entry = entry;
    }

    boolean wanted() {
        return !stopping;
    }

    /** Counts for the minimum healthy percent: running, and healthy for every target group it is registered with. */
    boolean healthy() {
        return status == Status.RUNNING
                && !stopping
                && (entry == null || healthyIn.containsAll(entry.revision.targetGroups()));
    }

    /** The container whose image tells how the task behaves: the first essential one. */
    public ContainerDefinition main() {
        return definition.containerDefinitions().stream()
                .filter(container -> !Boolean.FALSE.equals(container.essential()))
                .findFirst()
                .orElse(definition.containerDefinitions().getFirst());
    }

    void become(Status next) {
        status = next;
        version++;
    }

    Task describe(EcsTags tags, boolean withTags) {
        Task.Builder task = Task.builder()
                .taskArn(arn)
                .clusterArn(clusterArn)
                .taskDefinitionArn(definition.taskDefinitionArn())
                .group(group)
                .startedBy(startedBy)
                .availabilityZone(zone)
                .capacityProviderName(capacityProvider)
                .launchType(LaunchType.FARGATE)
                .platformVersion(platformVersion)
                .platformFamily("Linux")
                .cpu(definition.cpu())
                .memory(definition.memory())
                .createdAt(createdAt)
                .startedAt(startedAt)
                .stoppingAt(stoppingAt)
                .stoppedAt(stoppedAt)
                .stopCode(stopCode)
                .stoppedReason(stoppedReason)
                .lastStatus(status.name())
                .desiredStatus(stopping ? "STOPPED" : "RUNNING")
                .healthStatus(HealthStatus.UNKNOWN)
                .connectivity(Connectivity.CONNECTED)
                .version((long) version)
                .attachments(attachment())
                .containers(containers());
        return withTags ? task.tags(tags.of(arn)).build() : task.build();
    }

    private Attachment attachment() {
        return Attachment.builder()
                .id(id)
                .type("ElasticNetworkInterface")
                .status(status == Status.STOPPED ? "DELETED" : "ATTACHED")
                .details(KeyValuePair.builder()
                        .name("privateIPv4Address")
                        .value(ip)
                        .build())
                .build();
    }

    private List<Container> containers() {
        return definition.containerDefinitions().stream()
                .map(container -> Container.builder()
                        .containerArn(arn.replace(":task/", ":container/") + "/" + container.name())
                        .taskArn(arn)
                        .name(container.name())
                        .image(container.image())
                        .imageDigest(digests.get(container.name()))
                        .runtimeId(startedAt == null ? null : id + "-" + container.name())
                        .lastStatus(containerStatus())
                        .healthStatus(HealthStatus.UNKNOWN)
                        .exitCode(exitCode == null || container.equals(main()) ? exitCode : Integer.valueOf(0))
                        .reason(container.equals(main()) ? containerReason : null)
                        .networkInterfaces(NetworkInterface.builder()
                                .attachmentId(id)
                                .privateIpv4Address(ip)
                                .build())
                        .build())
                .toList();
    }

    private String containerStatus() {
        return switch (status) {
            case PROVISIONING, PENDING -> "PENDING";
            case RUNNING, DEACTIVATING -> "RUNNING";
            case DEPROVISIONING, STOPPED -> "STOPPED";
        };
    }
}
