package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.ecs.model.DeploymentStrategy;

/** A service of a stack that is deployed in stages, by the stack and past it. */
class SimulatedEcsStacksTest {
    private static final String TEMPLATE = """
            Parameters:
              TaskDefinition: {Type: String}
              Path: {Type: String, Default: /}
            Resources:
              Rule:
                Type: AWS::ElasticLoadBalancingV2::ListenerRule
                Properties:
                  ListenerArn: %1$s
                  Priority: 7
                  Conditions:
                    - Field: path-pattern
                      PathPatternConfig: {Values: [!Ref Path]}
                  Actions:
                    - Type: forward
                      ForwardConfig:
                        TargetGroups:
                          - {TargetGroupArn: %2$s, Weight: 1}
                          - {TargetGroupArn: %3$s, Weight: 0}
              Service:
                Type: AWS::ECS::Service
                Properties:
                  Cluster: slipway-dev
                  ServiceName: web
                  DesiredCount: 1
                  TaskDefinition: !Ref TaskDefinition
                  LoadBalancers:
                    - ContainerName: web
                      ContainerPort: 8080
                      TargetGroupArn: %2$s
                      AdvancedConfiguration:
                        AlternateTargetGroupArn: %3$s
                        ProductionListenerRule: !Ref Rule
                        RoleArn: arn:aws:iam::123456789012:role/ecs
                  DeploymentConfiguration:
                    Strategy: CANARY
                    BakeTimeInMinutes: 1
                    CanaryConfiguration: {CanaryPercent: 12.5, CanaryBakeTimeInMinutes: 2}
                    LifecycleHooks:
                      - HookTargetArn: %4$s
                        RoleArn: arn:aws:iam::123456789012:role/ecs
                        LifecycleStages: [POST_SCALE_UP]
                        HookDetails: {rollout: dev/web/1, parts: [a, b]}
            """;

    private final SimulatedEcsFixture account = new SimulatedEcsFixture();
    private final SimulatedEcsStages service = new SimulatedEcsStages(account);
    private final CloudFormationClient stacks = account.account.cloudFormation();
    private final String template =
            TEMPLATE.formatted(account.listener, account.groupA, account.groupB, SimulatedEcsStages.HOOK);

    private static Parameter parameter(String key, String value) {
        return Parameter.builder().parameterKey(key).parameterValue(value).build();
    }

    private void create() {
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        stacks.createStack(request -> request.stackName("slipway-dev-web")
                .templateBody(template)
                .parameters(parameter("TaskDefinition", account.definition("v1"))));
        account.advance(Duration.ofMinutes(30));
        assertThat(status()).isEqualTo("CREATE_COMPLETE");
    }

    private void update(String definition, String path) {
        stacks.updateStack(request -> request.stackName("slipway-dev-web")
                .templateBody(template)
                .parameters(parameter("TaskDefinition", definition), parameter("Path", path)));
        account.advance(Duration.ofMinutes(30));
    }

    private String status() {
        return stacks.describeStacks(request -> request.stackName("slipway-dev-web"))
                .stacks()
                .getFirst()
                .stackStatusAsString();
    }

    private EcsTraffic traffic() {
        return account.account.traffic(account.service()
                .loadBalancers()
                .getFirst()
                .advancedConfiguration()
                .productionListenerRule());
    }

    @Test
    void aStackDeclaresStrategyHooksAndTheirDetails() {
        create();
        assertThat(account.service().deploymentConfiguration().strategy()).isEqualTo(DeploymentStrategy.CANARY);
        assertThat(service.payloads)
                .singleElement()
                .satisfies(payload -> assertThat(payload.path("hookDetails").toString())
                        .isEqualTo("{\"rollout\":\"dev/web/1\",\"parts\":[\"a\",\"b\"]}"));
    }

    @Test
    void anUpdateOfTheStackIsDoneWhenItsDeploymentIs() {
        create();
        update(account.definition("v2"), "/");
        assertThat(status()).isEqualTo("UPDATE_COMPLETE");
        assertThat(service.targetGroup()).isEqualTo(account.groupB);
        assertThat(traffic().allServed()).isTrue();
    }

    @Test
    void aHookThatFailsRollsTheStackBack() {
        create();
        String good = account.service().taskDefinition();
        service.answering(event -> SimulatedEcsStages.FAILED);
        update(account.definition("v2"), "/");
        assertThat(status()).startsWith("UPDATE_ROLLBACK");
        assertThat(account.service().taskDefinition()).isEqualTo(good);
        assertThat(traffic().allServed()).isTrue();
    }

    @Test
    void anUpdateThatTouchesTheRuleSendsTrafficToTheEmptyGroup() {
        create();
        String next = account.definition("v2");
        account.update(request -> request.taskDefinition(next));
        account.advance(Duration.ofMinutes(30));
        assertThat(traffic().allServed()).isTrue();
        update(next, "/other");
        assertThat(traffic().groups())
                .extracting(EcsTraffic.Group::targetGroupArn)
                .isEqualTo(List.of(account.groupA));
        assertThat(traffic().unserved()).isEqualTo(1);
    }
}
