package dev.slipway.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.LocalServer;
import dev.slipway.MotoServer;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import dev.slipway.stack.Template;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/**
 * An account that both sides of the contract offer alike, account 123456789012 in eu-west-1.
 *
 * @param elapse what lets a stack that was begun come to its end
 */
record ContractAccount(
        CloudFormationClient stacks, EcsClient ecs, ElasticLoadBalancingV2Client elb, Consumer<Duration> elapse) {
    /** What AWS makes up, by the look it has; what looks different stays and so is a difference. */
    private static final Map<Pattern, String> RANDOM = Map.of(
            Pattern.compile("\\b(vpc|subnet|sg)-[0-9a-f]{17}\\b"), "$1-*",
            Pattern.compile("/[0-9a-f]{16}\\b"), "/*",
            Pattern.compile("\\b(targetgroup/slipway-dev-)[0-9a-f]{8}(-[ab])"), "$1*$2",
            Pattern.compile("\\b(slipway-dev-)\\d+(\\.eu-west-1\\.elb\\.amazonaws\\.com)"), "$1*$2",
            Pattern.compile("\\b(slipway-dev-accesslogbucket-)[0-9a-z]{12}\\b"), "$1*");

    /**
     * What a stack came to.
     *
     * @param resources type by logical id
     */
    record Outcome(Map<String, String> resources, Map<String, String> outputs) {
        /** The outputs with the random parts of their values starred out. */
        Map<String, String> comparableOutputs() {
            Map<String, String> comparable = new TreeMap<>();
            outputs.forEach((key, value) -> comparable.put(key, starred(value)));
            return comparable;
        }
    }

    /**
     * What a listener rule does.
     *
     * @param conditions each as its field and the values
     * @param weights of the target groups in the order in which the rule names them
     */
    record ListenerRule(String priority, Set<String> conditions, List<Integer> weights) {}

    static ContractAccount simulated() {
        VirtualClock timeline = new VirtualClock(Instant.parse("2026-03-01T00:00:00Z"));
        SimulatedAccount account =
                new SimulatedAccount(new SimulatedAws("123456789012", "eu-west-1", timeline, new Random(7)));
        account.hasUsedEcs();
        return new ContractAccount(account.cloudFormation(), account.ecs(), account.elb(), timeline::advance);
    }

    static ContractAccount moto() {
        LocalServer server = MotoServer.get();
        return new ContractAccount(
                // A second try of a creation that broke inside moto would only hear that the stack exists.
                server.client(CloudFormationClient.builder()
                        .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))),
                server.client(EcsClient.builder()),
                server.client(ElasticLoadBalancingV2Client.builder()),
                nothing -> {});
    }

    /** As it is sent. */
    static String shipped(String name) {
        return Template.named(name).body();
    }

    static String starred(String value) {
        UnaryOperator<String> stars = UnaryOperator.identity();
        for (Map.Entry<Pattern, String> random : RANDOM.entrySet()) {
            stars = stars.andThen(text -> random.getKey().matcher(text).replaceAll(random.getValue()))::apply;
        }
        return stars.apply(value);
    }

    /** Creates a stack, sees that it is complete, and tells what it came to. */
    Outcome create(String stackName, String template, Map<String, String> parameters) {
        List<Parameter> sent = parameters.entrySet().stream()
                .map(entry -> Parameter.builder()
                        .parameterKey(entry.getKey())
                        .parameterValue(entry.getValue())
                        .build())
                .toList();
        stacks.createStack(request -> request.stackName(stackName)
                .templateBody(template)
                .parameters(sent)
                .capabilitiesWithStrings("CAPABILITY_NAMED_IAM"));
        elapse.accept(Duration.ofHours(4));
        Stack stack = stacks.describeStacks(request -> request.stackName(stackName))
                .stacks()
                .getFirst();
        assertThat(stack.stackStatusAsString()).as(stack.stackStatusReason()).isEqualTo("CREATE_COMPLETE");
        Map<String, String> resources = new TreeMap<>();
        // Moto lists an empty resource for each one that it left out.
        stacks.describeStackResources(request -> request.stackName(stackName)).stackResources().stream()
                .filter(resource -> resource.logicalResourceId() != null)
                .forEach(resource -> resources.put(resource.logicalResourceId(), resource.resourceType()));
        Map<String, String> outputs = new TreeMap<>();
        stack.outputs().forEach(output -> outputs.put(output.outputKey(), output.outputValue()));
        return new Outcome(resources, outputs);
    }

    ListenerRule rule(String arn) {
        Rule rule = elb.describeRules(request -> request.ruleArns(arn)).rules().getFirst();
        Set<String> conditions =
                rule.conditions().stream().map(ContractAccount::told).collect(Collectors.toCollection(TreeSet::new));
        List<Integer> weights = rule.actions().getFirst().forwardConfig().targetGroups().stream()
                .map(TargetGroupTuple::weight)
                .toList();
        return new ListenerRule(rule.priority(), conditions, weights);
    }

    private static String told(RuleCondition condition) {
        return switch (condition.field()) {
            case "path-pattern" -> "path " + condition.pathPatternConfig().values();
            case "host-header" -> "host " + condition.hostHeaderConfig().values();
            case "http-header" -> condition.httpHeaderConfig().toString();
            default -> throw new IllegalArgumentException("no rule of ours looks at " + condition);
        };
    }

    /** The ARN of a task definition for the service that listens on port 8000. */
    String release(String family, String container) {
        return ecs.registerTaskDefinition(request -> request.family(family)
                        .requiresCompatibilities(Compatibility.FARGATE)
                        .networkMode(NetworkMode.AWSVPC)
                        .cpu("256")
                        .memory("512")
                        .executionRoleArn("arn:aws:iam::123456789012:role/slipway-dev-web-exec-eu-west-1")
                        .containerDefinitions(definition -> definition
                                .name(container)
                                .image("public.ecr.aws/docker/library/httpd:2.4")
                                .essential(true)
                                .portMappings(port -> port.containerPort(8000))))
                .taskDefinition()
                .taskDefinitionArn();
    }
}
