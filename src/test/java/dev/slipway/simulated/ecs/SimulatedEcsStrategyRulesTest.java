package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ecs.model.*;

/** What ECS refuses in a deployment configuration, before anything has changed, and what it keeps. */
class SimulatedEcsStrategyRulesTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();
    private final SimulatedEcsStages service = new SimulatedEcsStages(account);

    private void refused(Consumer<DeploymentConfiguration.Builder> configuration, String message) {
        if (account.account
                .rawEcs()
                .listServices(ListServicesRequest.builder()
                        .cluster(SimulatedEcsFixture.CLUSTER)
                        .build())
                .serviceArns()
                .isEmpty()) {
            service.running();
        }
        Service before = account.service();
        assertThatThrownBy(() -> service.deploy("v2", configuration))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining(message);
        assertThat(account.service()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 100.1, 5.55})
    void aCanaryIsATenthToAHundredPercentInTenths(double percent) {
        refused(SimulatedEcsStages.canary(percent, 1, 1), "canaryPercent must be");
    }

    @ParameterizedTest
    @ValueSource(doubles = {2.9, 100.1, 33.33})
    void aLinearStepIsThreeToAHundredPercentInTenths(double percent) {
        refused(SimulatedEcsStages.linear(percent, 1, 1), "stepPercent must be");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1441})
    void noBakeIsLongerThanADay(int minutes) {
        refused(SimulatedEcsStages.blueGreen(minutes), "bakeTimeInMinutes must be between 0 and 1440");
        refused(SimulatedEcsStages.canary(5, minutes, 0), "canaryBakeTimeInMinutes");
        refused(SimulatedEcsStages.linear(5, minutes, 0), "stepBakeTimeInMinutes");
    }

    @Test
    void theStepsOfAnotherStrategyAreRefused() {
        refused(
                SimulatedEcsStages.canary(5, 1, 1)
                        .andThen(configuration -> configuration.strategy(DeploymentStrategy.BLUE_GREEN)),
                "canaryConfiguration can only be specified with the CANARY");
        refused(
                SimulatedEcsStages.linear(5, 1, 1)
                        .andThen(configuration -> configuration.strategy(DeploymentStrategy.ROLLING)),
                "linearConfiguration can only be specified with the LINEAR");
    }

    @Test
    void aLoadBalancerNeedsItsAdvancedConfiguration() {
        account.ecs.createService(account.service(account.definition("v1"), 1)
                .loadBalancers(balancer -> balancer.containerName(SimulatedEcsFixture.SERVICE)
                        .containerPort(8080)
                        .targetGroupArn(account.groupA))
                .build());
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        refused(SimulatedEcsStages.blueGreen(1), "advancedConfiguration");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCALE_UP", "BAKE_TIME", "CLEAN_UP", "LATER"})
    void thereAreStagesWithoutHooks(String stage) {
        refused(
                configuration -> configuration
                        .strategy(DeploymentStrategy.BLUE_GREEN)
                        .lifecycleHooks(SimulatedEcsStages.hook(stage)),
                stage + " is not a valid lifecycle stage");
    }

    @Test
    void aHookNeedsItsTargetItsRoleAndAStageAndThereAreAtMostTen() {
        DeploymentLifecycleHook hook = SimulatedEcsStages.hook("POST_SCALE_UP");
        refused(
                configuration -> configuration.lifecycleHooks(
                        hook.toBuilder().roleArn(null).build()),
                "roleArn");
        refused(
                configuration -> configuration.lifecycleHooks(
                        hook.toBuilder().hookTargetArn(null).build()),
                "hookTargetArn");
        refused(configuration -> configuration.lifecycleHooks(SimulatedEcsStages.hook()), "lifecycleStages");
        refused(configuration -> configuration.lifecycleHooks(Collections.nCopies(11, hook)), "more than 10");
    }

    @Test
    void whatIsLeftOutStaysAndTheStepsOfTheOldStrategyGo() {
        service.running();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        service.deploy("v2", SimulatedEcsStages.canary(20, 1, 3), SimulatedEcsStages.hook("POST_SCALE_UP"));
        service.finish();
        service.deploy("v3", configuration -> configuration.maximumPercent(150));
        DeploymentConfiguration kept = account.service().deploymentConfiguration();
        assertThat(kept.strategy()).isEqualTo(DeploymentStrategy.CANARY);
        assertThat(kept.canaryConfiguration().canaryPercent()).isEqualTo(20);
        assertThat(kept.bakeTimeInMinutes()).isEqualTo(3);
        assertThat(kept.lifecycleHooks()).hasSize(1);
        service.finish();
        service.deploy(
                "v4",
                configuration ->
                        configuration.strategy(DeploymentStrategy.BLUE_GREEN).lifecycleHooks(List.of()));
        DeploymentConfiguration changed = account.service().deploymentConfiguration();
        assertThat(changed.canaryConfiguration()).isNull();
        assertThat(changed.lifecycleHooks()).isEmpty();
    }

    @Test
    void aChangeOfStrategyAloneStartsNoDeployment() {
        service.running();
        String before = account.deployment().serviceDeploymentArn();
        account.update(request -> request.deploymentConfiguration(SimulatedEcsStages.blueGreen(1)));
        assertThat(account.deployment().serviceDeploymentArn()).isEqualTo(before);
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.traffic().allServed()).isTrue();
    }
}
