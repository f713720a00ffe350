package dev.slipway.simulated.ecs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.simulated.SimulatedAccount;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecr.model.ImageIdentifier;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.*;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ProtocolEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetTypeEnum;

/** An account with a cluster, a load balancer, a repository and a log group, as an environment would have them. */
public final class SimulatedEcsFixture {
    static final String CLUSTER = "slipway-dev";
    public static final String SERVICE = "web";
    public static final String REPOSITORY = "slipway-dev-web";
    public static final String LOG_GROUP = "/slipway/dev/web";
    public static final Duration LONG_ENOUGH = Duration.ofMinutes(20);

    public final VirtualClock timeline = new VirtualClock(Instant.parse("2026-11-01T00:00:00Z"));
    public final SimulatedAws aws;
    public final SimulatedAccount account;
    public final EcsClient ecs;
    public final ElasticLoadBalancingV2Client elb;
    public final EcrClient ecr;
    public final CloudWatchLogsClient logs;
    final List<JsonNode> events = new ArrayList<>();
    public final String listener;
    public final String groupA;
    public final String groupB;
    public final String productionRule;
    public final String testRule;

    public SimulatedEcsFixture() {
        this(7);
    }

    public SimulatedEcsFixture(long seed) {
        aws = new SimulatedAws("123456789012", "eu-central-1", timeline, new Random(seed));
        account = new SimulatedAccount(aws);
        account.hasUsedEcs();
        ecs = account.ecs();
        elb = account.elb();
        ecr = account.ecr();
        logs = account.logs();
        aws.subscribe(event -> events.add(json(event)));
        ecs.createCluster(cluster -> cluster.clusterName(CLUSTER).capacityProviders("FARGATE", "FARGATE_SPOT"));
        ecr.createRepository(repository -> repository.repositoryName(REPOSITORY));
        logs.createLogGroup(group -> group.logGroupName(LOG_GROUP));
        String balancer = elb.createLoadBalancer(
                        request -> request.name(CLUSTER).subnets("subnet-1", "subnet-2"))
                .loadBalancers()
                .getFirst()
                .loadBalancerArn();
        listener = elb.createListener(request -> request.loadBalancerArn(balancer)
                        .port(80)
                        .protocol(ProtocolEnum.HTTP)
                        .defaultActions(action -> action.type(ActionTypeEnum.FIXED_RESPONSE)
                                .fixedResponseConfig(answer -> answer.statusCode("404"))))
                .listeners()
                .getFirst()
                .listenerArn();
        groupA = group("web-a");
        groupB = group("web-b");
        testRule = rule(99, 0, 1);
        productionRule = rule(100, 1, 0);
    }

    public String group(String name) {
        String arn = elb.createTargetGroup(request -> request.name(name)
                        .port(80)
                        .protocol(ProtocolEnum.HTTP)
                        .vpcId("vpc-1")
                        .targetType(TargetTypeEnum.IP)
                        .healthCheckPath("/health")
                        .healthCheckIntervalSeconds(10)
                        .healthyThresholdCount(2)
                        .unhealthyThresholdCount(3))
                .targetGroups()
                .getFirst()
                .targetGroupArn();
        elb.modifyTargetGroupAttributes(request -> request.targetGroupArn(arn)
                .attributes(attribute ->
                        attribute.key("deregistration_delay.timeout_seconds").value("30")));
        return arn;
    }

    public String rule(int priority, int weightA, int weightB) {
        return elb.createRule(request -> request.listenerArn(listener)
                        .priority(priority)
                        .conditions(RuleCondition.builder()
                                .field("path-pattern")
                                .pathPatternConfig(path -> path.values("/p" + priority))
                                .build())
                        .actions(action -> action.type(ActionTypeEnum.FORWARD)
                                .forwardConfig(forward -> forward.targetGroups(
                                        TargetGroupTuple.builder()
                                                .targetGroupArn(groupA)
                                                .weight(weightA)
                                                .build(),
                                        TargetGroupTuple.builder()
                                                .targetGroupArn(groupB)
                                                .weight(weightB)
                                                .build()))))
                .rules()
                .getFirst()
                .ruleArn();
    }

    /** Registers a task definition whose image is the tag's digest, as releases do. */
    public String definition(String tag) {
        String digest = ecr.batchGetImage(request -> request.repositoryName(REPOSITORY)
                        .imageIds(ImageIdentifier.builder().imageTag(tag).build()))
                .images()
                .getFirst()
                .imageId()
                .imageDigest();
        return definitionOf("123456789012.dkr.ecr.eu-central-1.amazonaws.com/%s@%s".formatted(REPOSITORY, digest));
    }

    String definitionOf(String image) {
        return ecs.registerTaskDefinition(request -> request.family(REPOSITORY)
                        .cpu("256")
                        .memory("512")
                        .networkMode(NetworkMode.AWSVPC)
                        .requiresCompatibilities(Compatibility.FARGATE)
                        .containerDefinitions(container -> container
                                .name(SERVICE)
                                .image(image)
                                .portMappings(port -> port.containerPort(8080))
                                .logConfiguration(log -> log.logDriver(LogDriver.AWSLOGS)
                                        .options(Map.of(
                                                "awslogs-group", LOG_GROUP,
                                                "awslogs-region", "eu-central-1",
                                                "awslogs-stream-prefix", SERVICE)))))
                .taskDefinition()
                .taskDefinitionArn();
    }

    public CreateServiceRequest.Builder service(String definition, int count) {
        return CreateServiceRequest.builder()
                .cluster(CLUSTER)
                .serviceName(SERVICE)
                .taskDefinition(definition)
                .desiredCount(count)
                .capacityProviderStrategy(
                        item -> item.capacityProvider("FARGATE").weight(1))
                .networkConfiguration(network -> network.awsvpcConfiguration(
                        vpc -> vpc.subnets("subnet-1").assignPublicIp(AssignPublicIp.DISABLED)))
                .loadBalancers(LoadBalancer.builder()
                        .targetGroupArn(groupA)
                        .containerName(SERVICE)
                        .containerPort(8080)
                        .advancedConfiguration(advanced -> advanced.alternateTargetGroupArn(groupB)
                                .productionListenerRule(productionRule)
                                .testListenerRule(testRule)
                                .roleArn("arn:aws:iam::123456789012:role/ecs"))
                        .build())
                .deploymentConfiguration(configuration -> configuration
                        .strategy(DeploymentStrategy.ROLLING)
                        .minimumHealthyPercent(100)
                        .maximumPercent(200)
                        .deploymentCircuitBreaker(
                                breaker -> breaker.enable(true).rollback(true)));
    }

    /** A service that runs {@code count} healthy tasks of the image with {@code tag}. */
    public String running(String tag, int count) {
        String definition = definition(tag);
        ecs.createService(service(definition, count).build());
        timeline.advance(LONG_ENOUGH);
        return definition;
    }

    public Service update(Consumer<UpdateServiceRequest.Builder> change) {
        return ecs.updateService(request -> {
                    request.cluster(CLUSTER).service(SERVICE);
                    change.accept(request);
                })
                .service();
    }

    public void advance(Duration by) {
        timeline.advance(by);
    }

    public void seconds(long seconds) {
        timeline.advance(Duration.ofSeconds(seconds));
    }

    /** Advances second by second until {@code reached}, for an hour at most. */
    public void until(BooleanSupplier reached) {
        for (int second = 0; second < 3600; second++) {
            if (reached.getAsBoolean()) {
                return;
            }
            seconds(1);
        }
        throw new AssertionError("not reached within an hour");
    }

    Service service() {
        return ecs.describeServices(request -> request.cluster(CLUSTER).services(SERVICE))
                .services()
                .getFirst();
    }

    /** The newest service deployment. */
    public ServiceDeployment deployment() {
        String arn = ecs.listServiceDeployments(
                        request -> request.cluster(CLUSTER).service(SERVICE))
                .serviceDeployments()
                .getFirst()
                .serviceDeploymentArn();
        return deployment(arn);
    }

    ServiceDeployment deployment(String arn) {
        return ecs.describeServiceDeployments(request -> request.serviceDeploymentArns(arn))
                .serviceDeployments()
                .getFirst();
    }

    List<Task> tasks(DesiredStatus status) {
        List<String> arns = ecs.listTasks(
                        request -> request.cluster(CLUSTER).serviceName(SERVICE).desiredStatus(status))
                .taskArns();
        return arns.isEmpty()
                ? List.of()
                : ecs.describeTasks(request -> request.cluster(CLUSTER).tasks(arns))
                        .tasks();
    }

    public EcsTraffic traffic() {
        return account.traffic(productionRule);
    }

    List<String> messages() {
        return service().events().stream().map(ServiceEvent::message).toList();
    }

    public List<JsonNode> events(String detailType) {
        return events.stream()
                .filter(event -> event.path("detail-type").asText().equals(detailType))
                .toList();
    }

    /** The event names of "ECS Deployment State Change" so far. */
    List<String> deploymentEvents() {
        return events("ECS Deployment State Change").stream()
                .map(event -> event.path("detail").path("eventName").asText())
                .toList();
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
