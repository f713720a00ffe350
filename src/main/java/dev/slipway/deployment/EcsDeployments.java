package dev.slipway.deployment;

import dev.slipway.aws.AwsErrors;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.AdvancedConfiguration;
import software.amazon.awssdk.services.ecs.model.Attachment;
import software.amazon.awssdk.services.ecs.model.ClientException;
import software.amazon.awssdk.services.ecs.model.ClusterNotFoundException;
import software.amazon.awssdk.services.ecs.model.ConflictException;
import software.amazon.awssdk.services.ecs.model.CreatedAt;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.DeploymentStrategy;
import software.amazon.awssdk.services.ecs.model.DescribeServiceDeploymentsRequest;
import software.amazon.awssdk.services.ecs.model.DescribeServiceRevisionsRequest;
import software.amazon.awssdk.services.ecs.model.DescribeServicesRequest;
import software.amazon.awssdk.services.ecs.model.DescribeTasksRequest;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.KeyValuePair;
import software.amazon.awssdk.services.ecs.model.ListServiceDeploymentsRequest;
import software.amazon.awssdk.services.ecs.model.ListTasksRequest;
import software.amazon.awssdk.services.ecs.model.ListTasksResponse;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentBrief;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;
import software.amazon.awssdk.services.ecs.model.ServiceRevision;
import software.amazon.awssdk.services.ecs.model.ServiceRevisionSummary;
import software.amazon.awssdk.services.ecs.model.StopServiceDeploymentRequest;
import software.amazon.awssdk.services.ecs.model.StopServiceDeploymentStopType;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;

/** The calls to ECS that rollouts and whoever scales or looks at a service make. */
public final class EcsDeployments {
    /** As many as DescribeTasks takes. */
    private static final int BATCH = 100;

    private final EcsClient ecs;

    public EcsDeployments(EcsClient ecs) {
        this.ecs = ecs;
    }

    /** The service, when it is active. */
    public Optional<Service> findActive(ServiceId id) {
        return named(id).stream()
                .filter(service -> "ACTIVE".equals(service.status()))
                .findFirst();
    }

    /** The service, also when it has been deleted a short while ago. */
    public Optional<Service> find(ServiceId id) {
        return named(id).stream().findFirst();
    }

    private List<Service> named(ServiceId id) {
        try {
            return ecs.describeServices(DescribeServicesRequest.builder()
                            .cluster(id.environmentId().cluster())
                            .services(id.service())
                            .build())
                    .services();
        } catch (ClusterNotFoundException e) {
            return List.of();
        }
    }

    public static List<DeploymentPolicy.DeploymentState> deploymentStates(Service service) {
        return service.deployments().stream()
                .map(found -> new DeploymentPolicy.DeploymentState(
                        found.taskDefinition(),
                        found.createdAt(),
                        "PRIMARY".equals(found.status()),
                        found.rolloutState() == DeploymentRolloutState.COMPLETED))
                .toList();
    }

    /** Steady state, as ECS calls it: the service runs one deployment that is complete; none is under way, and none got stuck. */
    public static boolean isSteady(Service service) {
        return service.deployments().size() == 1
                && service.deployments().getFirst().rolloutState() == DeploymentRolloutState.COMPLETED;
    }

    /**
     * Tasks of the service.
     *
     * @param status that ECS wants them to have
     * @param pages a hundred each, and two calls, at most so many
     */
    public List<Task> tasks(ServiceId id, DesiredStatus status, int pages) {
        return tasks(id.environmentId().cluster(), status, pages, request -> request.serviceName(id.service()));
    }

    /** Likewise those of its task definitions, which are found also when the ECS service is gone. */
    public List<Task> tasksOfFamily(ServiceId id, DesiredStatus status, int pages) {
        return tasks(id.environmentId().cluster(), status, pages, request -> request.family(id.family()));
    }

    /** Those of all services of an environment that have stopped within the hour, in no order; two calls for each hundred. */
    public List<Task> stoppedTasks(EnvironmentId id, int pages) {
        return tasks(id.cluster(), DesiredStatus.STOPPED, pages, request -> {});
    }

    private List<Task> tasks(
            String cluster, DesiredStatus status, int pages, Consumer<ListTasksRequest.Builder> whichOnes) {
        List<Task> all = new ArrayList<>();
        String next = null;
        int read = 0;
        do {
            ListTasksResponse page = ecs.listTasks(ListTasksRequest.builder()
                    .cluster(cluster)
                    .applyMutation(whichOnes)
                    .desiredStatus(status)
                    .maxResults(BATCH)
                    .nextToken(next)
                    .build());
            if (!page.taskArns().isEmpty()) {
                all.addAll(ecs.describeTasks(DescribeTasksRequest.builder()
                                .cluster(cluster)
                                .tasks(page.taskArns())
                                .build())
                        .tasks());
            }
            next = page.nextToken();
            read++;
        } while (next != null && read < pages);
        return all;
    }

    /** Deployments of the service that were created since. */
    List<DeploymentPolicy.ServiceDeploymentState> listSince(ServiceId id, Instant since) {
        return ecs
                .listServiceDeployments(ListServiceDeploymentsRequest.builder()
                        .cluster(id.environmentId().cluster())
                        .service(id.service())
                        .createdAt(CreatedAt.builder()
                                .after(since.minus(DeploymentPolicy.CLOCK_SKEW).minusSeconds(1))
                                .build())
                        .build())
                .serviceDeployments()
                .stream()
                .map(found -> new DeploymentPolicy.ServiceDeploymentState(
                        found.serviceDeploymentArn(), found.createdAt(), found.statusAsString(), found.statusReason()))
                .toList();
    }

    /** The deployment of the service that has not ended. */
    public Optional<ServiceDeployment> underWay(ServiceId id) {
        return ecs
                .listServiceDeployments(ListServiceDeploymentsRequest.builder()
                        .cluster(id.environmentId().cluster())
                        .service(id.service())
                        .status(
                                ServiceDeploymentStatus.PENDING,
                                ServiceDeploymentStatus.IN_PROGRESS,
                                ServiceDeploymentStatus.STOP_REQUESTED,
                                ServiceDeploymentStatus.ROLLBACK_REQUESTED,
                                ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS)
                        .build())
                .serviceDeployments()
                .stream()
                .max(Comparator.comparing(ServiceDeploymentBrief::createdAt))
                .flatMap(found -> describe(found.serviceDeploymentArn()));
    }

    /** A deployment since then whose target runs a task definition: one that we have started, whatever became of it. */
    public Optional<String> findStarted(ServiceId id, String taskDefinition, Instant since) {
        return targeting(taskDefinition, listSince(id, since)).stream()
                .min(Comparator.comparing(DeploymentPolicy.ServiceDeploymentState::createdAt))
                .map(DeploymentPolicy.ServiceDeploymentState::arn);
    }

    /**
     * Those since we meant to call UpdateService that may be ours: of our task definition. Somebody else may have deployed since then, too, and a
     * late list shows that one alone.
     *
     * @param known the ARN of ours; null while it has not been seen, and only then ECS is asked what each of them targets
     */
    public List<DeploymentPolicy.ServiceDeploymentState> listCandidates(
            ServiceId id, String taskDefinition, @Nullable String known, Instant since) {
        List<DeploymentPolicy.ServiceDeploymentState> all = listSince(id, since);
        return known == null ? targeting(taskDefinition, all) : all;
    }

    private List<DeploymentPolicy.ServiceDeploymentState> targeting(
            String taskDefinition, List<DeploymentPolicy.ServiceDeploymentState> deployments) {
        if (deployments.isEmpty()) {
            return List.of();
        }
        Map<String, String> revisions = new HashMap<>(); // of deployments
        ecs
                .describeServiceDeployments(DescribeServiceDeploymentsRequest.builder()
                        .serviceDeploymentArns(deployments.stream()
                                .map(DeploymentPolicy.ServiceDeploymentState::arn)
                                .toList())
                        .build())
                .serviceDeployments()
                .stream()
                .filter(found -> found.targetServiceRevision() != null)
                .forEach(found -> revisions.put(
                        found.serviceDeploymentArn(),
                        found.targetServiceRevision().arn()));
        if (revisions.isEmpty()) {
            return List.of();
        }
        Set<String> wanted = ecs
                .describeServiceRevisions(DescribeServiceRevisionsRequest.builder()
                        .serviceRevisionArns(Set.copyOf(revisions.values()))
                        .build())
                .serviceRevisions()
                .stream()
                .filter(revision -> taskDefinition.equals(revision.taskDefinition()))
                .map(ServiceRevision::serviceRevisionArn)
                .collect(Collectors.toSet());
        return deployments.stream()
                .filter(found -> wanted.contains(revisions.getOrDefault(found.arn(), "")))
                .toList();
    }

    /**
     * Starts a deployment. The configuration is complete: a service that was deployed by another strategy, or outside Slipway, gets
     * every setting anew.
     *
     * @param loadBalancer null when it stays as it is
     * @param force also where the service has this task definition: as after a rollback to it that has failed halfway
     */
    public void deploy(
            ServiceId id,
            String taskDefinition,
            @Nullable LoadBalancer loadBalancer,
            DeploymentConfiguration configuration,
            boolean force) {
        var request = UpdateServiceRequest.builder()
                .cluster(id.environmentId().cluster())
                .service(id.service())
                .taskDefinition(taskDefinition)
                .deploymentConfiguration(configuration);
        if (loadBalancer != null) {
            request.loadBalancers(loadBalancer);
        }
        if (force) {
            request.forceNewDeployment(true);
        }
        ecs.updateService(request.build());
    }

    /** Sets the number of tasks, which starts no deployment (AmazonECS/latest/APIReference/API_UpdateService.html). */
    public void scale(ServiceId id, int count) {
        ecs.updateService(UpdateServiceRequest.builder()
                .cluster(id.environmentId().cluster())
                .service(id.service())
                .desiredCount(count)
                .build());
    }

    /** Has ECS stop a deployment and go back to what was live before. */
    public void stop(String deployment) {
        try {
            ecs.stopServiceDeployment(StopServiceDeploymentRequest.builder()
                    .serviceDeploymentArn(deployment)
                    .stopType(StopServiceDeploymentStopType.ROLLBACK)
                    .build());
        } catch (ClientException | ConflictException e) {
            // It ended, or a stop was asked for, between our look and our call: the next look tells.
            if (AwsErrors.denied(e).isPresent() || AwsErrors.isTransient(e)) {
                throw e;
            }
        }
    }

    /** A deployment with all that ECS tells of it. */
    public Optional<ServiceDeployment> describe(String deployment) {
        return ecs
                .describeServiceDeployments(DescribeServiceDeploymentsRequest.builder()
                        .serviceDeploymentArns(deployment)
                        .build())
                .serviceDeployments()
                .stream()
                .findFirst();
    }

    /** The task definition that a deployment is to bring, when ECS shows it. */
    public Optional<String> taskDefinition(ServiceDeployment deployment) {
        ServiceRevisionSummary target = deployment.targetServiceRevision();
        return target == null
                ? Optional.empty()
                : ecs
                        .describeServiceRevisions(DescribeServiceRevisionsRequest.builder()
                                .serviceRevisionArns(target.arn())
                                .build())
                        .serviceRevisions()
                        .stream()
                        .map(ServiceRevision::taskDefinition)
                        .findFirst();
    }

    /**
     * The service's connection to its load balancer, from the outputs of its stack.
     *
     * @param live ARN of the target group that has the traffic: it is named first, since what is named may be taken for where the
     *     service is, whatever the deployments before have made of it
     */
    public static LoadBalancer loadBalancer(
            ServiceId id, int port, @Nullable String live, Map<String, String> outputs) {
        boolean second = live != null && live.equals(outputs.get("TargetGroupB"));
        return LoadBalancer.builder()
                .containerName(id.service())
                .containerPort(port)
                .targetGroupArn(outputs.get(second ? "TargetGroupB" : "TargetGroupA"))
                .advancedConfiguration(AdvancedConfiguration.builder()
                        .alternateTargetGroupArn(outputs.get(second ? "TargetGroupA" : "TargetGroupB"))
                        .productionListenerRule(outputs.get("ProductionRule"))
                        .testListenerRule(outputs.get("TestRule"))
                        .roleArn(outputs.get("InfrastructureRoleArn"))
                        .build())
                .build();
    }

    /** How many tasks of a task definition have failed since they are deployed, as ECS counts them. */
    public static int failedTasks(Service service, String taskDefinition) {
        return service.deployments().stream()
                .filter(found -> taskDefinition.equals(found.taskDefinition()) && found.failedTasks() != null)
                .mapToInt(Deployment::failedTasks)
                .max()
                .orElse(0);
    }

    /** Whether the deployment that the service is to run has fewer tasks than it is to have. */
    public static boolean lacksTasks(Service service) {
        return service.deployments().stream()
                .filter(found -> "PRIMARY".equals(found.status()))
                .anyMatch(found -> found.runningCount() < found.desiredCount());
    }

    /** Whether the service's deployments replace its tasks, and shift no traffic. */
    public static boolean isRolling(Service service) {
        DeploymentConfiguration configuration = service.deploymentConfiguration();
        return configuration == null
                || configuration.strategy() == null
                || configuration.strategy() == DeploymentStrategy.ROLLING;
    }

    /** The address at which a task is registered with target groups; empty before it has one. */
    public static Optional<String> address(Task task) {
        return task.attachments().stream()
                .map(Attachment::details)
                .flatMap(List::stream)
                .filter(detail -> "privateIPv4Address".equals(detail.name()))
                .map(KeyValuePair::value)
                .findFirst();
    }

    /** The port that the service's tasks get their requests on. */
    public static int port(Service service) {
        return service.loadBalancers().isEmpty()
                ? 0
                : service.loadBalancers().getFirst().containerPort();
    }
}
