package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.simulated.elb.ElbWeightsByHand;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ecs.model.*;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;

/** What stops a deployment in stages, and what its rollback does. */
class SimulatedEcsStagedFailureTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();
    private final SimulatedEcsStages service = new SimulatedEcsStages(account);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRE_SCALE_UP",
                "SCALE_UP",
                "POST_SCALE_UP",
                "TEST_TRAFFIC_SHIFT",
                "POST_TEST_TRAFFIC_SHIFT",
                "PRE_PRODUCTION_TRAFFIC_SHIFT",
                "PRODUCTION_TRAFFIC_SHIFT",
                "POST_PRODUCTION_TRAFFIC_SHIFT",
                "BAKE_TIME",
                "CLEAN_UP"
            })
    void aStopInAnyStageTakesEverythingBack(String stage) {
        String good = service.running();
        service.deploy("v2", SimulatedEcsStages.canary(20, 5, 5));
        service.until(stage);
        service.stop();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_REQUESTED);
        service.finish();
        ServiceDeployment deployment = account.deployment();
        assertThat(deployment.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(deployment.rollback().serviceRevisionArn())
                .isEqualTo(deployment.sourceServiceRevisions().getFirst().arn());
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
        assertThat(account.service().taskDefinition()).isEqualTo(good);
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(2);
        assertThat(deployment.targetServiceRevision().requestedProductionTrafficWeight())
                .isZero();
    }

    @Test
    void aStopWhileTheOldTasksGoWaitsForNewOnesOfTheOldRelease() {
        String good = service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        service.until("CLEAN_UP");
        account.until(() -> account.tasks(DesiredStatus.RUNNING).size() == 2);
        service.stop();
        assertThat(service.finish())
                .containsExactly("CLEAN_UP", "SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT", "TEST_TRAFFIC_SHIFT", "CLEAN_UP");
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void productionTrafficIsBackWithinSecondsOfAStop() {
        String good = service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(30));
        service.until("BAKE_TIME");
        service.stop();
        account.seconds(6);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS);
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(4);
    }

    @Test
    void aStopIsAcceptedAgainWhileItRollsBackAndRefusedAfterwards() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(30));
        service.stop();
        service.stop();
        account.seconds(3);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS);
        service.stop();
        service.finish();
        assertThatThrownBy(service::stop).isInstanceOf(ConflictException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v2-crash", "v2-never-healthy"})
    void thereIsNoCircuitBreakerAndFailingTasksAreTriedForTwentyFourHours(String tag) {
        String good = service.running();
        service.deploy(tag, SimulatedEcsStages.blueGreen(0));
        account.advance(Duration.ofHours(23));
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.IN_PROGRESS);
        assertThat(service.stage()).isEqualTo("SCALE_UP");
        assertThat(account.service().deployments().getFirst().failedTasks()).isGreaterThan(20);
        assertThat(account.deployment().deploymentCircuitBreaker().status())
                .isEqualTo(ServiceDeploymentRollbackMonitorsStatus.DISABLED);
        account.advance(Duration.ofHours(2));
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(account.deployment().statusReason()).contains("timed out");
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void aHookThatNeverComesToAnEndIsGivenUpAfterTwentyFourHours() {
        service.running();
        service.answering(event -> "{\"hookStatus\":\"IN_PROGRESS\",\"callBackDelay\":3600}");
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("PRE_SCALE_UP"));
        account.advance(Duration.ofHours(23));
        assertThat(service.stage()).isEqualTo("PRE_SCALE_UP");
        account.advance(Duration.ofHours(2));
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
    }

    @Test
    void theLongestBakeIsNotTakenForAStageThatHangs() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(1440));
        account.advance(Duration.ofHours(25));
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
    }

    @Test
    void aDeploymentThatTakesOverThirtyDaysGoesBackToo() {
        String good = service.running();
        service.deploy("v2", SimulatedEcsStages.linear(3, 1440, 0));
        account.advance(Duration.ofDays(29));
        assertThat(service.production()).containsExactly(13, 87);
        account.advance(Duration.ofDays(2));
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void aRollbackHookThatFailsEndsTheRollbackWithTheTrafficBack() {
        String good = service.running();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        service.deploy("v2", SimulatedEcsStages.blueGreen(30), SimulatedEcsStages.hook("PRODUCTION_TRAFFIC_SHIFT"));
        service.until("BAKE_TIME");
        service.answering(event -> SimulatedEcsStages.FAILED);
        service.stop();
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_FAILED);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void eventsOfARollbackNameWhatIsReturnedTo() {
        service.running();
        String completed = account.service().deployments().getFirst().id();
        service.answering(event -> SimulatedEcsStages.FAILED);
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("POST_SCALE_UP"));
        service.finish();
        account.seconds(5);
        assertThat(account.deploymentEvents())
                .endsWith(
                        "SERVICE_DEPLOYMENT_IN_PROGRESS",
                        "SERVICE_DEPLOYMENT_FAILED",
                        "SERVICE_DEPLOYMENT_IN_PROGRESS",
                        "SERVICE_DEPLOYMENT_COMPLETED");
        assertThat(account.events("ECS Deployment State Change"))
                .extracting(event -> event.at("/detail/reason").asText())
                .contains("ECS deployment failed: rolling back to deploymentId " + completed + ".");
    }

    @Test
    void aProductionRuleThatKnowsOneGroupOnlyRollsTheDeploymentBack() {
        service.running();
        account.elb.modifyRule(request -> request.ruleArn(account.productionRule)
                .actions(action -> action.type(ActionTypeEnum.FORWARD).targetGroupArn(account.groupA)));
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
    }

    @Test
    void aRollbackThatCannotMoveTheTrafficFails() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(30));
        service.until("BAKE_TIME");
        account.elb.deleteRule(request -> request.ruleArn(account.productionRule));
        service.stop();
        account.seconds(60);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_FAILED);
        assertThat(account.deployment().finishedAt()).isNotNull();
        account.advance(Duration.ofHours(1));
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(4);
    }

    @Test
    void afterAFailedRollbackTheNextDeploymentReconcilesFirst() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(20, 30, 0));
        account.until(() -> service.production().equals(List.of(80, 20)));
        account.account.failNextRollback(SimulatedEcsFixture.SERVICE);
        service.stop();
        account.seconds(10);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_FAILED);
        assertThat(service.production()).containsExactly(80, 20);
        String next = service.deploy("v3", SimulatedEcsStages.blueGreen(0));
        assertThat(service.finish()).startsWith("RECONCILE_SERVICE", "PRE_SCALE_UP");
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(next, 1.0));
    }

    @Test
    void anUpdateDuringADeploymentReplacesItAndComesBackToTheLastGoodRevisionFirst() {
        String good = service.running();
        service.deploy("v2", SimulatedEcsStages.canary(20, 30, 0));
        account.until(() -> service.production().equals(List.of(80, 20)));
        String replaced = account.deployment().serviceDeploymentArn();
        String next = service.deploy("v3", SimulatedEcsStages.blueGreen(0));
        assertThat(account.deployment(replaced).status()).isEqualTo(ServiceDeploymentStatus.STOPPED);
        service.until("PRE_SCALE_UP");
        assertThat(service.production()).containsExactly(100, 0);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
        service.finish();
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(next, 1.0));
    }

    @Test
    void theReconcileHookIsToldWhereTheTrafficIs() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(20, 30, 0));
        account.until(() -> service.production().equals(List.of(80, 20)));
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        service.deploy("v3", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("RECONCILE_SERVICE"));
        service.finish();
        assertThat(service.payloads).hasSize(1);
        assertThat(service.payloads.getFirst().at("/executionDetails/productionTrafficWeights"))
                .hasSize(2);
    }

    @Test
    void withOneActiveRevisionThereIsNothingToReconcile() {
        service.running();
        service.answering(event -> SimulatedEcsStages.FAILED);
        service.deploy("v2", SimulatedEcsStages.blueGreen(0), SimulatedEcsStages.hook("RECONCILE_SERVICE"));
        assertThat(service.finish()).startsWith("PRE_SCALE_UP");
        assertThat(service.payloads).isEmpty();
    }

    @Test
    void noServiceMovesToRollingDuringACanary() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(20, 30, 0));
        account.until(() -> service.production().equals(List.of(80, 20)));

        assertThatThrownBy(
                        () -> service.deploy("v3", configuration -> configuration.strategy(DeploymentStrategy.ROLLING)))
                .hasMessageContaining("ROLLING");
        assertThat(service.production()).containsExactly(80, 20);
        service.finish();
        String next = service.deploy("v4", configuration -> configuration.strategy(DeploymentStrategy.ROLLING));
        service.finish();
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(next, 1.0));
    }

    @Test
    void aFirstDeploymentThatFailsHasNothingToReturnTo() {
        service.answering(event -> SimulatedEcsStages.FAILED);
        account.ecs.createService(account.service(account.definition("v1"), 1)
                .deploymentConfiguration(SimulatedEcsStages.blueGreen(0)
                        .andThen(builder -> builder.lifecycleHooks(SimulatedEcsStages.hook("POST_SCALE_UP"))))
                .build());
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.STOPPED);
        assertThat(account.deployment().rollback()).isNull();
        service.answering(event -> SimulatedEcsStages.SUCCEEDED);
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.traffic().allServed()).isTrue();
    }

    @Test
    void weightsThatSomebodyChangesAreSeenAndNotPutRight() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        service.finish();
        new ElbWeightsByHand(account).set(account.productionRule, 1, 0);
        account.advance(Duration.ofHours(1));
        assertThat(service.production()).containsExactly(1, 0);
        assertThat(account.traffic().unserved()).isEqualTo(1);
    }
}
