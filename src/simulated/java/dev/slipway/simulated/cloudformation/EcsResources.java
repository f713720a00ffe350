package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.CreateClusterRequest;
import software.amazon.awssdk.services.ecs.model.CreateServiceRequest;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.Tag;
import software.amazon.awssdk.services.ecs.model.UpdateClusterRequest;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;

/** AWS::ECS::Cluster and AWS::ECS::Service, on the account's own ECS. */
final class EcsResources implements ResourceProvider {
    private static final String NONCE = "ForceNewDeploymentNonce";
    private static final String FORCE = "ForceNewDeployment";
    private static final Set<String> NOT_IN_UPDATE =
            Set.of("Cluster", "ServiceName", "LaunchType", "Role", "SchedulingStrategy", "Tags", FORCE);
    /** Lists that an update has to send empty to take away. */
    private static final Set<String> LISTS = Set.of("LoadBalancers", "ServiceRegistries");

    private final EcsClient ecs;
    private final SimulatedAws account;
    /** The deployment that our last create or update of a service started or found. */
    private final Map<String, String> watched = new LinkedHashMap<>();

    /** Whether every update forces a deployment that has it enabled; else those alone whose nonce is another than before. */
    boolean forcesWheneverEnabled;

    EcsResources(SimulatedAws account, EcsClient ecs) {
        this.account = account;
        this.ecs = ecs;
    }

    private static boolean cluster(Target target) {
        return target.type().equals("AWS::ECS::Cluster");
    }

    @Override
    public Created create(Target target) {
        if (cluster(target)) {
            return createCluster(target);
        }
        // DesiredCount: "If not specified, the default is 1 for the REPLICA strategy" of a new service;
        // AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
        CreateServiceRequest.Builder request = CreateServiceRequest.builder().desiredCount(1);
        if (!target.properties().has("ServiceName")) {
            request.serviceName(target.suggestedName());
        }
        Service service = ecs.createService(SdkRequests.fill(request, target.properties(), Set.of(FORCE))
                        .build())
                .service();
        watch(service);
        return new Created(service.serviceArn(), attributes(service));
    }

    private static Map<String, JsonNode> attributes(Service service) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return Map.of(
                "ServiceArn", nodes.textNode(service.serviceArn()), "Name", nodes.textNode(service.serviceName()));
    }

    private void watch(Service service) {
        service.deployments().stream()
                .filter(deployment -> deployment.status().equals("PRIMARY"))
                .findFirst()
                .ifPresent(deployment -> watched.put(service.serviceArn(), deployment.id()));
    }

    private Created createCluster(Target target) {
        CreateClusterRequest.Builder request = CreateClusterRequest.builder();
        ObjectNode properties = target.properties().deepCopy();
        renameSettings(properties);
        if (!properties.has("ClusterName")) {
            request.clusterName(target.suggestedName());
        }
        // CreateCluster quietly returns a cluster that exists; the handler looks first (assumed).
        String name = properties.path("ClusterName").asText(target.suggestedName());
        boolean exists = ecs.describeClusters(d -> d.clusters(name)).clusters().stream()
                .anyMatch(cluster -> cluster.status().equals("ACTIVE"));
        if (exists) {
            throw new ResourceFailure(ResourceFailure.handler(
                    "Resource of type 'AWS::ECS::Cluster' with identifier '" + name + "' already exists.",
                    account.uuid(),
                    "AlreadyExists"));
        }
        String arn = ecs.createCluster(
                        SdkRequests.fill(request, properties, Set.of()).build())
                .cluster()
                .clusterArn();
        return new Created(name, Map.of("Arn", JsonNodeFactory.instance.textNode(arn)));
    }

    /** The one property whose name differs from the API's. */
    private static void renameSettings(ObjectNode properties) {
        JsonNode settings = properties.remove("ClusterSettings");
        if (settings != null) {
            properties.set("Settings", settings);
        }
    }

    @Override
    public Created update(Target target, ObjectNode before) {
        if (cluster(target)) {
            updateCluster(target);
            tag(before, target, account.arn("ecs", "cluster/" + target.physicalId()));
            return new Created(target.physicalId(), Map.of());
        }
        UpdateServiceRequest.Builder request =
                UpdateServiceRequest.builder().cluster(clusterOf(target)).service(target.physicalId());
        ObjectNode sent = target.properties().deepCopy();
        LISTS.stream().filter(list -> before.has(list) && !sent.has(list)).forEach(sent::putArray);
        request.forceNewDeployment(isForced(before, sent));
        Service service = ecs.updateService(
                        SdkRequests.fill(request, sent, NOT_IN_UPDATE).build())
                .service();
        watch(service);
        tag(before, target, target.physicalId());
        return new Created(target.physicalId(), Map.of());
    }

    /** The handler is not public: which of the two it does is open. */
    private boolean isForced(ObjectNode before, ObjectNode after) {
        JsonNode force = after.path(FORCE);
        return force.path("EnableForceNewDeployment").asText().equals("true")
                && (forcesWheneverEnabled
                        || !force.path(NONCE).equals(before.path(FORCE).path(NONCE)));
    }

    private void updateCluster(Target target) {
        ObjectNode properties = target.properties().deepCopy();
        renameSettings(properties);
        ecs.updateCluster(SdkRequests.fill(
                        UpdateClusterRequest.builder().cluster(target.physicalId()),
                        properties,
                        Set.of("ClusterName", "Tags", "CapacityProviders", "DefaultCapacityProviderStrategy"))
                .build());
    }

    private void tag(ObjectNode before, Target target, String arn) {
        if (!before.path("Tags").equals(target.properties().path("Tags"))) {
            ecs.tagResource(request -> request.resourceArn(arn)
                    .tags(ResourceTags.of(target.properties()).entrySet().stream()
                            .map(tag -> Tag.builder()
                                    .key(tag.getKey())
                                    .value(tag.getValue())
                                    .build())
                            .toList()));
            List<String> gone = ResourceTags.removed(before, target.properties());
            if (!gone.isEmpty()) {
                ecs.untagResource(request -> request.resourceArn(arn).tagKeys(gone));
            }
        }
    }

    private static String clusterOf(Target target) {
        return target.properties().path("Cluster").asText("default");
    }

    @Override
    public void delete(Target target) {
        if (cluster(target)) {
            ecs.deleteCluster(request -> request.cluster(target.physicalId()));
            return;
        }
        // The handler forces the deletion: tasks are stopped whatever the desired count (assumed).
        ecs.deleteService(request ->
                request.cluster(clusterOf(target)).service(target.physicalId()).force(true));
    }

    /**
     * A create or update is done when its deployment is. One that the circuit breaker stopped fails;
     * AmazonECS/latest/developerguide/deployment-circuit-breaker.html.
     */
    @Override
    public Progress progress(Target target) {
        if (cluster(target)) {
            return new Progress.Done();
        }
        List<Service> services = ecs.describeServices(
                        request -> request.cluster(clusterOf(target)).services(target.physicalId()))
                .services();
        if (services.isEmpty()) {
            return new Progress.Failed(ResourceFailure.handler("Service not found", account.uuid(), "NotFound"));
        }
        Service service = services.getFirst();
        String ours = watched.getOrDefault(target.physicalId(), "");
        for (Deployment deployment : service.deployments()) {
            if (deployment.id().equals(ours)) {
                return progress(deployment);
            }
        }
        return superseded(target, service);
    }

    private Progress progress(Deployment deployment) {
        if (deployment.rolloutState() == DeploymentRolloutState.FAILED) {
            return circuitBreaker();
        }
        return deployment.rolloutState() == DeploymentRolloutState.COMPLETED
                ? new Progress.Done()
                : new Progress.Waiting();
    }

    /** Our deployment is no longer listed: rolled back, or overtaken by another UpdateService (assumed). */
    private Progress superseded(Target target, Service service) {
        boolean completed = service.deployments().stream()
                .anyMatch(deployment -> deployment.status().equals("PRIMARY")
                        && deployment.rolloutState() == DeploymentRolloutState.COMPLETED);
        if (!completed) {
            return new Progress.Waiting();
        }
        return service.taskDefinition().endsWith(target.text("TaskDefinition"))
                ? new Progress.Done()
                : circuitBreaker();
    }

    private Progress circuitBreaker() {
        return new Progress.Failed(ResourceFailure.handler(
                "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.",
                account.uuid(),
                "GeneralServiceException"));
    }

    @Override
    public Optional<JsonNode> actual(Target target) {
        if (cluster(target)) {
            return ecs.describeClusters(request -> request.clusters(target.physicalId())).clusters().stream()
                    .filter(cluster -> cluster.status().equals("ACTIVE"))
                    .findFirst()
                    .map(SdkRequests::json);
        }
        return ecs
                .describeServices(request -> request.cluster(clusterOf(target)).services(target.physicalId()))
                .services()
                .stream()
                .filter(service -> !service.status().equals("INACTIVE"))
                .findFirst()
                .map(SdkRequests::json);
    }

    @Override
    public Progress deletion(Target target) {
        if (cluster(target)) {
            return new Progress.Done();
        }
        boolean gone = ecs
                .describeServices(request -> request.cluster(clusterOf(target)).services(target.physicalId()))
                .services()
                .stream()
                .allMatch(service -> service.status().equals("INACTIVE"));
        return gone ? new Progress.Done() : new Progress.Waiting();
    }
}
