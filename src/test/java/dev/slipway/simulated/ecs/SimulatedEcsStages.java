package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import software.amazon.awssdk.services.ecs.model.*;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** A service that is deployed in stages: how it is asked for, and what can be seen of it from outside. */
public final class SimulatedEcsStages {
    static final String HOOK = "arn:aws:lambda:eu-central-1:123456789012:function:hook:live";
    static final String SUCCEEDED = "{\"hookStatus\":\"SUCCEEDED\"}";
    static final String FAILED = "{\"hookStatus\":\"FAILED\"}";

    final SimulatedEcsFixture account;
    /** Every payload that the hook was given. */
    final List<JsonNode> payloads = new ArrayList<>();

    public SimulatedEcsStages(SimulatedEcsFixture account) {
        this.account = account;
    }

    /** Two tasks of v1 on group A, with traffic. */
    String running() {
        return account.running("v1", 2);
    }

    static Consumer<DeploymentConfiguration.Builder> blueGreen(int bakeMinutes) {
        return configuration ->
                configuration.strategy(DeploymentStrategy.BLUE_GREEN).bakeTimeInMinutes(bakeMinutes);
    }

    public static Consumer<DeploymentConfiguration.Builder> canary(
            double percent, int bakeMinutes, int lastBakeMinutes) {
        return configuration -> configuration
                .strategy(DeploymentStrategy.CANARY)
                .bakeTimeInMinutes(lastBakeMinutes)
                .canaryConfiguration(canary -> canary.canaryPercent(percent).canaryBakeTimeInMinutes(bakeMinutes));
    }

    static Consumer<DeploymentConfiguration.Builder> linear(double percent, int bakeMinutes, int lastBakeMinutes) {
        return configuration -> configuration
                .strategy(DeploymentStrategy.LINEAR)
                .bakeTimeInMinutes(lastBakeMinutes)
                .linearConfiguration(linear -> linear.stepPercent(percent).stepBakeTimeInMinutes(bakeMinutes));
    }

    static DeploymentLifecycleHook hook(String... stages) {
        return DeploymentLifecycleHook.builder()
                .hookTargetArn(HOOK)
                .roleArn("arn:aws:iam::123456789012:role/ecs")
                .lifecycleStagesWithStrings(stages)
                .build();
    }

    /** The hook function answers with {@code answer}; what it was given is kept. */
    void answering(Function<JsonNode, String> answer) {
        account.account.functions().register(HOOK, payload -> {
            JsonNode event = json(payload);
            payloads.add(event);
            return answer.apply(event);
        });
    }

    /** Starts a deployment of {@code tag}; gives back its task definition. */
    public String deploy(String tag, Consumer<DeploymentConfiguration.Builder> configuration) {
        String definition = account.definition(tag);
        account.update(request -> request.taskDefinition(definition).deploymentConfiguration(configuration));
        return definition;
    }

    String deploy(
            String tag, Consumer<DeploymentConfiguration.Builder> configuration, DeploymentLifecycleHook... hooks) {
        return deploy(tag, configuration.andThen(builder -> builder.lifecycleHooks(hooks)));
    }

    String stage() {
        return account.deployment().lifecycleStageAsString();
    }

    void until(String stage) {
        account.until(() -> stage.equals(stage()));
    }

    public ServiceDeploymentStatus status() {
        return account.deployment().status();
    }

    /** Has the deployment end, with every request served meanwhile; the stages that were seen, in order. */
    List<String> finish() {
        List<String> seen = new ArrayList<>();
        Duration left = Duration.ofHours(12);
        while (running(status()) && left.isPositive()) {
            String stage = stage();
            if (stage != null && (seen.isEmpty() || !seen.getLast().equals(stage))) {
                seen.add(stage);
            }
            assertThat(account.traffic().allServed())
                    .as("traffic in %s: %s", stage, account.traffic())
                    .isTrue();
            account.seconds(1);
            left = left.minusSeconds(1);
        }
        assertThat(running(status())).as("still running in " + stage()).isFalse();
        return seen;
    }

    static boolean running(ServiceDeploymentStatus status) {
        return switch (status) {
            case PENDING, IN_PROGRESS, STOP_REQUESTED, ROLLBACK_REQUESTED, ROLLBACK_IN_PROGRESS -> true;
            default -> false;
        };
    }

    /** Weights by target group, A before B. */
    public List<Integer> production() {
        return weights(account.productionRule);
    }

    List<Integer> test() {
        return weights(account.testRule);
    }

    private List<Integer> weights(String rule) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (Action action : account.elb
                .describeRules(request -> request.ruleArns(rule))
                .rules()
                .getFirst()
                .actions()) {
            for (TargetGroupTuple tuple : action.forwardConfig().targetGroups()) {
                weights.put(tuple.targetGroupArn(), tuple.weight());
            }
        }
        return List.of(weights.get(account.groupA), weights.get(account.groupB));
    }

    /** The target group of the newest deployment's target revision. */
    String targetGroup() {
        String revision = account.deployment().targetServiceRevision().arn();
        return account.ecs
                .describeServiceRevisions(request -> request.serviceRevisionArns(revision))
                .serviceRevisions()
                .getFirst()
                .resolvedConfiguration()
                .loadBalancers()
                .getFirst()
                .targetGroupArn();
    }

    void stop() {
        String arn = account.deployment().serviceDeploymentArn();
        account.ecs.stopServiceDeployment(
                request -> request.serviceDeploymentArn(arn).stopType(StopServiceDeploymentStopType.ROLLBACK));
    }

    List<String> stagesOfPayloads() {
        return payloads.stream()
                .map(payload -> payload.path("lifecycleStage").asText())
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
