package dev.slipway.simulated.ecs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.*;

/** Creating, changing and deleting services. */
final class EcsServices {
    private final EcsState state;
    private final EcsScheduler scheduler;

    EcsServices(EcsState state, EcsScheduler scheduler) {
        this.state = state;
        this.scheduler = scheduler;
    }

    EcsServiceRecord create(CreateServiceRequest request) {
        Cluster cluster = state.cluster(request.cluster());
        String arn = state.serviceArn(cluster, request.serviceName());
        EcsServiceRecord existing = state.services.get(arn);
        if (existing != null && existing.status == EcsServiceRecord.Status.DRAINING) {
            throw EcsErrors.invalid("Unable to Start a service that is still Draining.");
        }
        if (existing != null && existing.status == EcsServiceRecord.Status.ACTIVE) {
            if (request.clientToken() != null && request.clientToken().equals(existing.clientToken)) {
                return existing;
            }
            throw EcsErrors.invalid("Creation of service was not idempotent.");
        }
        EcsDeploymentRules.check(
                EcsDeploymentRules.defaults(), request.deploymentConfiguration(), request.loadBalancers());
        TaskDefinition definition = state.definitions.requireActive(request.taskDefinition());
        checkBalancers(request.loadBalancers(), definition);
        EcsServiceRecord service = new EcsServiceRecord(
                request.serviceName(),
                arn,
                cluster.clusterArn(),
                request.clientToken(),
                state.aws.clock().instant());
        // CreateService: the desired count is required with the REPLICA strategy; CloudFormation sends 1 when it is
        // left out.
        service.desiredCount = or(request.desiredCount(), 1);
        service.graceSeconds = or(request.healthCheckGracePeriodSeconds(), 0);
        service.configuration =
                EcsDeploymentRules.merged(EcsDeploymentRules.defaults(), request.deploymentConfiguration());
        service.enableExecuteCommand = or(request.enableExecuteCommand(), false);
        service.enableManagedTags = or(request.enableECSManagedTags(), false);
        service.propagateTags = or(request.propagateTags(), PropagateTags.NONE);
        state.tags.put(arn, request.tags());
        state.services.put(arn, service);
        scheduler
                .control()
                .begin(
                        service,
                        new EcsRevision(
                                revisionArn(service),
                                definition.taskDefinitionArn(),
                                List.copyOf(request.loadBalancers()),
                                List.copyOf(request.loadBalancers()),
                                request.networkConfiguration(),
                                or(request.platformVersion(), "LATEST"),
                                request.capacityProviderStrategy().isEmpty()
                                        ? cluster.defaultCapacityProviderStrategy()
                                        : request.capacityProviderStrategy(),
                                service.createdAt));
        scheduler.wake(service);
        return service;
    }

    EcsServiceRecord update(UpdateServiceRequest request) {
        EcsServiceRecord service = state.service(request.cluster(), request.service());
        if (service == null) {
            throw EcsErrors.noService();
        }
        if (service.status != EcsServiceRecord.Status.ACTIVE) {
            throw EcsErrors.serviceNotActive();
        }
        EcsRevision wanted = wanted(service, request);
        boolean forced = Boolean.TRUE.equals(request.forceNewDeployment());
        // Reported in kayac/ecspresso 977, pipe-cd/pipecd 6385 and aws/aws-cdk 34631, against the API's page, which
        // only says
        // that capacity providers start no deployment.
        if (!forced && !wanted.runsOnAs(service.primary().revision)) {
            throw EcsErrors.invalid(
                    "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.");
        }
        service.desiredCount = or(request.desiredCount(), service.desiredCount);
        service.graceSeconds = or(request.healthCheckGracePeriodSeconds(), service.graceSeconds);
        service.configuration = EcsDeploymentRules.merged(service.configuration, request.deploymentConfiguration());
        service.enableExecuteCommand = or(request.enableExecuteCommand(), service.enableExecuteCommand);
        service.enableManagedTags = or(request.enableECSManagedTags(), service.enableManagedTags);
        service.propagateTags = or(request.propagateTags(), service.propagateTags);
        // API_UpdateService.html says it of each parameter: the task definition, load balancers, network and platform
        // version start a deployment; the desired count, the deployment configuration and the grace period do not.
        if (forced || !wanted.sameAs(service.primary().revision)) {
            scheduler.control().begin(service, wanted);
        }
        scheduler.wake(service);
        return service;
    }

    private EcsRevision wanted(EcsServiceRecord service, UpdateServiceRequest request) {
        EcsRevision now = service.primary().revision;
        String arn = request.taskDefinition() == null
                ? now.taskDefinition()
                : state.definitions.requireActive(request.taskDefinition()).taskDefinitionArn();
        List<LoadBalancer> balancers =
                request.hasLoadBalancers() ? List.copyOf(request.loadBalancers()) : now.loadBalancers();
        checkBalancers(balancers, state.definitions.require(arn));
        EcsDeploymentRules.check(service.configuration, request.deploymentConfiguration(), balancers);
        boolean shifted = EcsDeploymentRules.merged(service.configuration, request.deploymentConfiguration())
                        .strategy()
                != DeploymentStrategy.ROLLING;
        // update-bluegreen-to-rolling.html: "You can't migrate a service with an ongoing deployment".
        if (!shifted && service.configuration.strategy() != DeploymentStrategy.ROLLING && service.ongoing() != null) {
            throw EcsErrors.invalid(
                    "The deployment strategy cannot be changed to ROLLING while a deployment is in progress.");
        }
        return new EcsRevision(
                revisionArn(service),
                arn,
                balancers,
                EcsRevision.place(balancers, shifted, live(service), !balancers.equals(now.loadBalancers())),
                request.networkConfiguration() == null ? now.network() : request.networkConfiguration(),
                or(request.platformVersion(), now.platformVersion()),
                request.capacityProviderStrategy().isEmpty() ? now.capacity() : request.capacityProviderStrategy(),
                state.aws.clock().instant());
    }

    /** The revision that a new one takes the traffic from. */
    private static @Nullable EcsRevision live(EcsServiceRecord service) {
        EcsDeployment live = service.live();
        return live == null ? null : live.revision;
    }

    /** DeleteService: only at a desired count of 0 without running tasks, unless forced. */
    EcsServiceRecord delete(DeleteServiceRequest request) {
        EcsServiceRecord service = state.service(request.cluster(), request.service());
        if (service == null) {
            throw EcsErrors.noService();
        }
        if (service.status != EcsServiceRecord.Status.ACTIVE) {
            return service;
        }
        if (service.desiredCount > 0 && !Boolean.TRUE.equals(request.force())) {
            throw EcsErrors.invalid("The service cannot be stopped while it is scaled above 0.");
        }
        service.status = EcsServiceRecord.Status.DRAINING;
        service.desiredCount = 0;
        scheduler.control().abandon(service);
        scheduler.wake(service);
        return service;
    }

    private String revisionArn(EcsServiceRecord service) {
        String number = "%019d".formatted(Math.floorMod(state.aws.random().nextLong(), 9_000_000_000_000_000_000L));
        return service.arn.replace(":service/", ":service-revision/") + "/" + number;
    }

    private void checkBalancers(List<LoadBalancer> balancers, TaskDefinition definition) {
        for (LoadBalancer balancer : balancers) {
            ContainerDefinition container = definition.containerDefinitions().stream()
                    .filter(candidate -> candidate.name().equals(balancer.containerName()))
                    .findFirst()
                    .orElseThrow(() -> EcsErrors.invalid("The container %s does not exist in the task definition."
                            .formatted(balancer.containerName())));
            if (container.portMappings().stream()
                    .noneMatch(port -> port.containerPort().equals(balancer.containerPort()))) {
                throw EcsErrors.invalid("The container %s did not have a container port %d defined."
                        .formatted(balancer.containerName(), balancer.containerPort()));
            }
            if (state.elb.targetGroups().find(balancer.targetGroupArn()) == null) {
                throw EcsErrors.invalid("The target group %s does not exist.".formatted(balancer.targetGroupArn()));
            }
            if (state.elb.rules().loadBalancersOf(balancer.targetGroupArn()).isEmpty()) {
                throw EcsErrors.invalid(
                        "The target group with targetGroupArn %s does not have an associated load balancer."
                                .formatted(balancer.targetGroupArn()));
            }
        }
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
