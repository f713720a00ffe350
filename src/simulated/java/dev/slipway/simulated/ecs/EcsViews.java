package dev.slipway.simulated.ecs;

import dev.slipway.simulated.ecr.EcrImage;
import java.util.List;
import java.util.Objects;
import software.amazon.awssdk.services.ecs.model.*;

/** How services, deployments and revisions look through the API. */
final class EcsViews {
    private final EcsState state;

    EcsViews(EcsState state) {
        this.state = state;
    }

    Service service(EcsServiceRecord record, boolean withTags) {
        EcsDeployment primary = record.primary();
        EcsRevision revision = primary.revision;
        Service.Builder service = Service.builder()
                .serviceName(record.name)
                .serviceArn(record.arn)
                .clusterArn(record.clusterArn)
                .status(record.status.name())
                .createdAt(record.createdAt)
                .desiredCount(record.desiredCount)
                .runningCount(count(record.tasks, EcsTask.Status.RUNNING))
                .pendingCount(pending(record.tasks))
                .taskDefinition(revision.taskDefinition())
                .loadBalancers(revision.loadBalancers())
                .networkConfiguration(revision.network())
                .platformVersion(revision.platformVersion())
                .platformFamily("Linux")
                .capacityProviderStrategy(revision.capacity())
                .deploymentConfiguration(record.configuration)
                .deploymentController(DeploymentController.builder()
                        .type(DeploymentControllerType.ECS)
                        .build())
                .schedulingStrategy(SchedulingStrategy.REPLICA)
                .healthCheckGracePeriodSeconds(record.graceSeconds)
                .enableExecuteCommand(record.enableExecuteCommand)
                .enableECSManagedTags(record.enableManagedTags)
                .propagateTags(record.propagateTags)
                .deployments(record.shown().stream()
                        .map(entry -> deployment(record, entry))
                        .toList())
                .events(record.events)
                .currentServiceRevisions(record.current().stream()
                        .map(entry -> ServiceCurrentRevisionSummary.builder()
                                .arn(entry.revision.arn())
                                .requestedTaskCount(EcsRequestedState.tasks(record, entry.revision))
                                .runningTaskCount(count(tasksOf(record, entry), EcsTask.Status.RUNNING))
                                .pendingTaskCount(pending(tasksOf(record, entry)))
                                .build())
                        .toList());
        if (withTags) {
            service.tags(state.tags.of(record.arn));
        }
        return service.build();
    }

    private Deployment deployment(EcsServiceRecord record, EcsDeployment entry) {
        List<EcsTask> tasks = tasksOf(record, entry);
        boolean primary = entry == record.primary();
        return Deployment.builder()
                .id(entry.id)
                .status(primary ? "PRIMARY" : "ACTIVE") // until the last task has stopped: API_Deployment.html
                .taskDefinition(entry.revision.taskDefinition())
                .desiredCount(
                        primary ? record.desiredCount : (int) record.kept(entry).count())
                .runningCount(count(tasks, EcsTask.Status.RUNNING))
                .pendingCount(pending(tasks))
                .failedTasks(entry.failedTasks)
                .createdAt(entry.createdAt)
                .updatedAt(entry.updatedAt)
                .networkConfiguration(entry.revision.network())
                .capacityProviderStrategy(entry.revision.capacity())
                .platformVersion("1.4.0")
                .platformFamily("Linux")
                .rolloutState(entry.state)
                .rolloutStateReason(entry.reason)
                .build();
    }

    ServiceDeployment serviceDeployment(EcsServiceDeployment deployment) {
        ServiceDeployment.Builder view = ServiceDeployment.builder()
                .serviceDeploymentArn(deployment.arn)
                .serviceArn(deployment.service.arn)
                .clusterArn(deployment.service.clusterArn)
                .createdAt(deployment.createdAt)
                .startedAt(deployment.startedAt)
                .finishedAt(deployment.finishedAt)
                .stoppedAt(deployment.stoppedAt)
                .updatedAt(deployment.updatedAt)
                .status(deployment.status)
                .statusReason(deployment.statusReason)
                .deploymentConfiguration(deployment.configuration)
                .sourceServiceRevisions(deployment.sources.stream()
                        .map(revision -> summary(deployment, revision))
                        .toList())
                .targetServiceRevision(summary(deployment, deployment.target.revision))
                .deploymentCircuitBreaker(circuitBreaker(deployment))
                .alarms(EcsAlarms.view(deployment));
        if (deployment.staged() && deployment.running() && deployment.startedAt != null) {
            view.lifecycleStage(deployment.progress().stage().name());
        }
        EcsDeployment to = deployment.rollbackTo;
        if (to != null) {
            view.rollback(rollback -> rollback.reason(deployment.statusReason)
                    .startedAt(deployment.rollbackStartedAt)
                    .serviceRevisionArn(to.revision.arn()));
        }
        return view.build();
    }

    private static ServiceDeploymentCircuitBreaker circuitBreaker(EcsServiceDeployment deployment) {
        DeploymentCircuitBreaker breaker = deployment.configuration.deploymentCircuitBreaker();
        boolean enabled = !deployment.staged() && breaker != null && Boolean.TRUE.equals(breaker.enable());
        ServiceDeploymentRollbackMonitorsStatus status = !enabled
                ? ServiceDeploymentRollbackMonitorsStatus.DISABLED
                : deployment.circuitBroken
                        ? ServiceDeploymentRollbackMonitorsStatus.TRIGGERED
                        : deployment.running()
                                ? ServiceDeploymentRollbackMonitorsStatus.MONITORING
                                : ServiceDeploymentRollbackMonitorsStatus.MONITORING_COMPLETE;
        return ServiceDeploymentCircuitBreaker.builder()
                .status(status)
                .failureCount(deployment.failures)
                .threshold(EcsDeploymentControl.threshold(deployment.service))
                .build();
    }

    private static ServiceRevisionSummary summary(EcsServiceDeployment deployment, EcsRevision revision) {
        EcsServiceRecord service = deployment.service;
        List<EcsTask> tasks = service.tasks.stream()
                .filter(task -> task.entry != null && task.entry.revision == revision)
                .toList();
        ServiceRevisionSummary.Builder summary = ServiceRevisionSummary.builder()
                .arn(revision.arn())
                .requestedTaskCount(EcsRequestedState.tasks(service, revision))
                .runningTaskCount(count(tasks, EcsTask.Status.RUNNING))
                .pendingTaskCount(pending(tasks));
        if (deployment.staged()) {
            summary.requestedTestTrafficWeight(EcsRequestedState.testPercent(deployment, revision))
                    .requestedProductionTrafficWeight(EcsRequestedState.productionPercent(deployment, revision));
        }
        return summary.build();
    }

    ServiceDeploymentBrief brief(EcsServiceDeployment deployment) {
        return ServiceDeploymentBrief.builder()
                .serviceDeploymentArn(deployment.arn)
                .serviceArn(deployment.service.arn)
                .clusterArn(deployment.service.clusterArn)
                .createdAt(deployment.createdAt)
                .startedAt(deployment.startedAt)
                .finishedAt(deployment.finishedAt)
                .targetServiceRevisionArn(deployment.target.revision.arn())
                .status(deployment.status)
                .statusReason(deployment.statusReason)
                .build();
    }

    ServiceRevision revision(EcsServiceRecord service, EcsRevision revision) {
        return ServiceRevision.builder()
                .serviceRevisionArn(revision.arn())
                .serviceArn(service.arn)
                .clusterArn(service.clusterArn)
                .taskDefinition(revision.taskDefinition())
                .capacityProviderStrategy(revision.capacity())
                .platformVersion("1.4.0")
                .platformFamily("Linux")
                .loadBalancers(revision.loadBalancers())
                .networkConfiguration(revision.network())
                .createdAt(revision.createdAt())
                .containerImages(state.definitions.require(revision.taskDefinition()).containerDefinitions().stream()
                        .map(container -> ContainerImage.builder()
                                .containerName(container.name())
                                .image(container.image())
                                .imageDigest(state.ecr
                                        .pull(container.image())
                                        .map(EcrImage::digest)
                                        .orElse(null))
                                .build())
                        .toList())
                .resolvedConfiguration(ResolvedConfiguration.builder()
                        .loadBalancers(revision.placed().stream()
                                .map(balancer -> ServiceRevisionLoadBalancer.builder()
                                        .targetGroupArn(balancer.targetGroupArn())
                                        .productionListenerRule(
                                                balancer.advancedConfiguration() == null
                                                        ? null
                                                        : balancer.advancedConfiguration()
                                                                .productionListenerRule())
                                        .build())
                                .toList())
                        .build())
                .build();
    }

    private static List<EcsTask> tasksOf(EcsServiceRecord record, EcsDeployment entry) {
        return record.tasks.stream()
                .filter(task -> Objects.equals(task.entry, entry))
                .toList();
    }

    private static int count(List<EcsTask> tasks, EcsTask.Status status) {
        return (int) tasks.stream().filter(task -> task.status == status).count();
    }

    private static int pending(List<EcsTask> tasks) {
        return count(tasks, EcsTask.Status.PROVISIONING) + count(tasks, EcsTask.Status.PENDING);
    }
}
