package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.*;

class SimulatedEcsBlueGreenTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();
    private final SimulatedEcsStages service = new SimulatedEcsStages(account);

    @Test
    void theStagesComeInTheirOrderAndEveryRequestIsServed() {
        service.running();
        String next = service.deploy("v2", SimulatedEcsStages.blueGreen(2));
        assertThat(service.finish())
                .containsExactly(
                        "PRE_SCALE_UP",
                        "SCALE_UP",
                        "POST_SCALE_UP",
                        "TEST_TRAFFIC_SHIFT",
                        "POST_TEST_TRAFFIC_SHIFT",
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "POST_PRODUCTION_TRAFFIC_SHIFT",
                        "BAKE_TIME",
                        "CLEAN_UP");
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(next, 1.0));
        account.seconds(2);
        assertThat(account.deploymentEvents())
                .endsWith("SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED");
    }

    @Test
    void theServiceLivesOnTheOtherTargetGroupAfterwards() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        service.finish();
        assertThat(service.targetGroup()).isEqualTo(account.groupB);
        assertThat(service.production()).containsExactly(0, 100);
        assertThat(service.test()).containsExactly(0, 100);
        service.deploy("v3", SimulatedEcsStages.blueGreen(0));
        service.finish();
        assertThat(service.targetGroup()).isEqualTo(account.groupA);
        assertThat(service.production()).containsExactly(100, 0);
    }

    @Test
    void theNewTasksStartBesideTheOldOnesAtFullCount() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(5));
        service.until("SCALE_UP");
        ServiceDeployment deployment = account.deployment();
        assertThat(deployment.targetServiceRevision().requestedTaskCount()).isEqualTo(2);
        account.seconds(15);
        assertThat(account.deployment().targetServiceRevision().pendingTaskCount())
                .isEqualTo(2);
        service.until("POST_SCALE_UP");
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(4);
        assertThat(service.production()).containsExactly(1, 0);
        service.until("BAKE_TIME");
        assertThat(account.deployment().targetServiceRevision().runningTaskCount())
                .isEqualTo(2);
        assertThat(account.deployment().sourceServiceRevisions())
                .singleElement()
                .satisfies(source -> assertThat(source.runningTaskCount()).isEqualTo(2));
        service.until("CLEAN_UP");
        assertThat(account.deployment().sourceServiceRevisions().getFirst().requestedTaskCount())
                .isZero();
    }

    @Test
    void testTrafficMovesBeforeProductionTraffic() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(1));
        service.until("POST_TEST_TRAFFIC_SHIFT");
        assertThat(service.test()).containsExactly(0, 100);
        assertThat(service.production()).containsExactly(1, 0);
        ServiceRevisionSummary target = account.deployment().targetServiceRevision();
        assertThat(target.requestedTestTrafficWeight()).isEqualTo(100);
        assertThat(target.requestedProductionTrafficWeight()).isZero();
        service.until("BAKE_TIME");
        assertThat(service.production()).containsExactly(0, 100);
        assertThat(account.deployment().targetServiceRevision().requestedProductionTrafficWeight())
                .isEqualTo(100);
        assertThat(account.deployment().sourceServiceRevisions().getFirst().requestedProductionTrafficWeight())
                .isZero();
    }

    @Test
    void theOldTasksStayWhileTheNewOnesBake() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(10));
        service.until("BAKE_TIME");
        account.seconds(595);
        assertThat(service.stage()).isEqualTo("BAKE_TIME");
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(4);
        account.seconds(10);
        assertThat(service.stage()).isEqualTo("CLEAN_UP");
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(2);
    }

    @Test
    void theStageThatTheSdkDoesNotKnowIsReadAsAString() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        service.until("PRE_PRODUCTION_TRAFFIC_SHIFT");
        assertThat(account.deployment().lifecycleStage())
                .isEqualTo(ServiceDeploymentLifecycleStage.UNKNOWN_TO_SDK_VERSION);
    }

    @Test
    void aFirstCreateGoesThroughTheStagesToo() {
        account.ecs.createService(account.service(account.definition("v1"), 2)
                .deploymentConfiguration(SimulatedEcsStages.blueGreen(1))
                .build());
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(service.targetGroup()).isEqualTo(account.groupA);
        assertThat(service.production()).containsExactly(100, 0);
        assertThat(account.traffic().allServed()).isTrue();
    }

    @Test
    void rollingStaysOnTheTargetGroupThatTheServiceIsOn() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        service.finish();
        String next = service.deploy("v3", configuration -> configuration.strategy(DeploymentStrategy.ROLLING));
        assertThat(service.stage()).isNull();
        service.finish();
        assertThat(service.targetGroup()).isEqualTo(account.groupB);
        assertThat(service.production()).containsExactly(0, 100);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(next, 1.0));
        service.deploy("v4", SimulatedEcsStages.blueGreen(0));
        service.finish();
        assertThat(service.targetGroup()).isEqualTo(account.groupA);
    }

    @Test
    void everyStrategyCanFollowEveryOther() {
        service.running();
        List<Consumer<DeploymentConfiguration.Builder>> strategies = List.of(
                SimulatedEcsStages.blueGreen(0),
                SimulatedEcsStages.canary(10, 1, 0),
                SimulatedEcsStages.linear(50, 1, 0),
                configuration -> configuration.strategy(DeploymentStrategy.ROLLING));
        int release = 2;
        for (var first : strategies) {
            for (var second : strategies) {
                service.deploy("v" + release++, first);
                service.finish();
                String last = service.deploy("v" + release++, second);
                service.finish();
                assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
                assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(last, 1.0));
            }
        }
    }

    @Test
    void scalingDuringADeploymentGoesForBothRevisions() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(10));
        service.until("BAKE_TIME");
        account.update(request -> request.desiredCount(3));
        account.seconds(200);
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(6);
        service.finish();
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(3);
    }

    @Test
    void describeServicesShowsTheNewRevisionAsPrimaryAndTheOldOneAsActive() {
        service.running();
        String next = service.deploy("v2", SimulatedEcsStages.blueGreen(5));
        service.until("BAKE_TIME");
        Service shown = account.service();
        assertThat(shown.taskDefinition()).isEqualTo(next);
        assertThat(shown.deployments()).extracting(Deployment::status).containsExactly("PRIMARY", "ACTIVE");
        assertThat(shown.currentServiceRevisions())
                .extracting(ServiceCurrentRevisionSummary::requestedTaskCount)
                .containsExactly(2, 2);
        assertThat(shown.loadBalancers().getFirst().targetGroupArn()).isEqualTo(account.groupA);
        service.finish();
        assertThat(account.service().deployments()).hasSize(1);
    }

    @Test
    void aServiceWithoutTasksAndOneWithoutLoadBalancerGoThroughTheStagesToo() {
        service.running();
        account.update(request -> request.desiredCount(0));
        service.deploy("v2", SimulatedEcsStages.blueGreen(0));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        account.ecs.createService(account.service(account.definition("v1"), 1)
                .serviceName("worker")
                .loadBalancers(List.of())
                .deploymentConfiguration(SimulatedEcsStages.blueGreen(0))
                .build());
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.ecs
                        .listServiceDeployments(request ->
                                request.cluster(SimulatedEcsFixture.CLUSTER).service("worker"))
                        .serviceDeployments()
                        .getFirst()
                        .status())
                .isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
    }

    @Test
    void aStoppedTaskIsReplacedOnItsOwnSideDuringTheBake() {
        service.running();
        String next = service.deploy("v2", SimulatedEcsStages.blueGreen(30));
        service.until("BAKE_TIME");
        Task one = account.tasks(DesiredStatus.RUNNING).stream()
                .filter(task -> task.taskDefinitionArn().equals(next))
                .findFirst()
                .orElseThrow();
        account.ecs.stopTask(
                request -> request.cluster(SimulatedEcsFixture.CLUSTER).task(one.taskArn()));
        account.seconds(120);
        assertThat(account.deployment().targetServiceRevision().runningTaskCount())
                .isEqualTo(2);
        assertThat(service.stage()).isEqualTo("BAKE_TIME");
    }

    @Test
    void aServiceThatIsDeletedInTheMiddleIsGone() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(10, 30, 0));
        account.until(() -> service.production().equals(List.of(90, 10)));
        account.ecs.deleteService(request -> request.cluster(SimulatedEcsFixture.CLUSTER)
                .service(SimulatedEcsFixture.SERVICE)
                .force(true));
        account.seconds(120);
        assertThat(account.service().status()).isEqualTo("INACTIVE");
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.STOPPED);
    }

    @Test
    void trafficIsToldByTargetGroupAndTask() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(10, 10, 0));
        account.until(() -> service.production().equals(List.of(90, 10)));
        EcsTraffic traffic = account.traffic();
        assertThat(traffic.groups()).extracting(EcsTraffic.Group::fraction).containsExactly(0.9, 0.1);
        assertThat(traffic.groups().getLast().targetGroupArn()).isEqualTo(account.groupB);
        assertThat(traffic.groups().getLast().tasks()).hasSize(2).allSatisfy(task -> {
            assertThat(task.fraction()).isEqualTo(0.05);
            assertThat(task.healthy()).isTrue();
            assertThat(task.availabilityZone()).startsWith("eu-central-1");
        });
    }
}
