package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.*;

class SimulatedEcsRollingTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();

    @Test
    void theFirstDeploymentStartsTheDesiredTasksAndCompletes() {
        String definition = account.definition("v1");
        Service created = account.ecs
                .createService(account.service(definition, 2).build())
                .service();
        assertThat(created.deployments()).singleElement().satisfies(deployment -> {
            assertThat(deployment.status()).isEqualTo("PRIMARY");
            assertThat(deployment.rolloutState()).isEqualTo(DeploymentRolloutState.IN_PROGRESS);
        });
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.PENDING);

        account.seconds(5);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.IN_PROGRESS);
        assertThat(account.service().pendingCount()).isEqualTo(2);

        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.service().runningCount()).isEqualTo(2);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.service().deployments().getFirst().rolloutState())
                .isEqualTo(DeploymentRolloutState.COMPLETED);
        assertThat(account.deploymentEvents())
                .containsExactly("SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED");
        assertThat(account.events("ECS Service Action"))
                .extracting(event -> event.path("detail").path("eventName").asText())
                .containsExactly("SERVICE_STEADY_STATE");
        assertThat(account.messages().getFirst()).isEqualTo("(service web) has reached a steady state.");
    }

    @Test
    void aTaskNeedsItsPullAndItsHealthChecksBeforeItServes() {
        account.ecs.createService(account.service(account.definition("v1"), 1).build());
        account.seconds(45);
        assertThat(account.service().runningCount()).isEqualTo(1);
        assertThat(account.traffic().allServed()).isFalse();
        account.seconds(20);
        assertThat(account.traffic().allServed()).isTrue();
    }

    @Test
    void anUpdateReplacesEveryTaskWithoutLosingARequest() {
        account.running("v1", 3);
        String next = account.definition("v2");
        account.update(request -> request.taskDefinition(next));
        for (int second = 0; second < 600; second++) {
            account.seconds(1);
            assertThat(account.traffic().allServed()).as("at second " + second).isTrue();
            assertThat(account.tasks(DesiredStatus.RUNNING).size()).isLessThanOrEqualTo(6);
        }
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(next, 1.0));
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.service().deployments()).hasSize(1);
        assertThat(account.tasks(DesiredStatus.STOPPED)).hasSize(3).allSatisfy(task -> {
            assertThat(task.stopCode()).isEqualTo(TaskStopCode.SERVICE_SCHEDULER_INITIATED);
            assertThat(task.stoppedReason()).startsWith("Scaling activity initiated by (deployment ecs-svc/");
        });
    }

    @Test
    void theOldDeploymentIsActiveWhileItsTasksDrain() {
        account.running("v1", 2);
        account.update(request -> request.taskDefinition(account.definition("v2")));
        List<String> seen = new ArrayList<>();
        for (int second = 0; second < 300; second++) {
            account.seconds(1);
            Service service = account.service();
            if (service.deployments().size() == 2) {
                assertThat(service.deployments().get(1).status()).isEqualTo("ACTIVE");
                account.tasks(DesiredStatus.STOPPED).forEach(task -> seen.add(task.lastStatus()));
                assertThat(account.deployment().status()).isNotEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
            }
        }
        assertThat(seen).contains("DEACTIVATING");
    }

    @Test
    void minimumHealthyPercentUnderOneHundredStopsOldTasksFirst() {
        account.running("v1", 4);
        account.update(request -> request.taskDefinition(account.definition("v2"))
                .deploymentConfiguration(
                        configuration -> configuration.minimumHealthyPercent(50).maximumPercent(100)));
        account.seconds(8);
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(4);
        assertThat(account.tasks(DesiredStatus.RUNNING).stream()
                        .filter(task -> task.lastStatus().equals("RUNNING")))
                .hasSize(2);
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
    }

    @Test
    void scaleConfigurationAndGracePeriodStartNoDeployment() {
        account.running("v1", 2);
        String before = account.deployment().serviceDeploymentArn();
        account.update(request -> request.desiredCount(3)
                .healthCheckGracePeriodSeconds(60)
                .deploymentConfiguration(configuration -> configuration.maximumPercent(150)));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment().serviceDeploymentArn()).isEqualTo(before);
        assertThat(account.service().runningCount()).isEqualTo(3);
        account.update(request -> request.desiredCount(1));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.service().runningCount()).isEqualTo(1);
        assertThat(account.traffic().allServed()).isTrue();
    }

    @Test
    void networkLoadBalancersPlatformAndForceStartADeployment() {
        String definition = account.running("v1", 1);
        startsOne(request ->
                request.networkConfiguration(network -> network.awsvpcConfiguration(vpc -> vpc.subnets("subnet-2"))));
        startsOne(request -> request.platformVersion("1.4.0"));
        startsOne(request -> request.forceNewDeployment(true));
        startsOne(request -> request.loadBalancers(LoadBalancer.builder()
                .targetGroupArn(account.groupB)
                .containerName("web")
                .containerPort(8080)
                .build()));
        String before = account.deployment().serviceDeploymentArn();
        account.update(request -> request.taskDefinition(definition));
        assertThat(account.deployment().serviceDeploymentArn()).isEqualTo(before);
    }

    private void startsOne(Consumer<UpdateServiceRequest.Builder> change) {
        String before = account.deployment().serviceDeploymentArn();
        account.update(change);
        assertThat(account.deployment().serviceDeploymentArn()).isNotEqualTo(before);
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
    }

    @Test
    void aNewUpdateStopsTheServiceDeploymentThatIsOnItsWay() {
        account.running("v1", 2);
        account.update(request -> request.taskDefinition(account.definition("v2")));
        account.seconds(30);
        String superseded = account.deployment().serviceDeploymentArn();
        String last = account.definition("v3");
        account.update(request -> request.taskDefinition(last));
        assertThat(account.deployment(superseded).status()).isEqualTo(ServiceDeploymentStatus.STOPPED);
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(last, 1.0));
    }

    @Test
    void revisionsTellDigestAndTargetGroup() {
        account.running("v1", 1);
        String arn = account.service().currentServiceRevisions().getFirst().arn();
        ServiceRevision revision = account.ecs
                .describeServiceRevisions(request -> request.serviceRevisionArns(arn))
                .serviceRevisions()
                .getFirst();
        assertThat(revision.containerImages().getFirst().imageDigest()).startsWith("sha256:");
        assertThat(revision.resolvedConfiguration().loadBalancers())
                .extracting(ServiceRevisionLoadBalancer::targetGroupArn)
                .containsExactly(account.groupA);
        assertThat(arn).contains(":service-revision/slipway-dev/web/");
        assertThat(account.deployment().serviceDeploymentArn()).contains(":service-deployment/slipway-dev/web/");
    }

    @Test
    void theSameSeedGivesTheSameHistory() {
        assertThat(history(3)).isEqualTo(history(3)).isNotEqualTo(history(4));
    }

    private static List<String> history(long seed) {
        SimulatedEcsFixture account = new SimulatedEcsFixture(seed);
        account.running("v1", 2);
        account.update(request -> request.taskDefinition(account.definition("v2-crash")));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        return account.events.stream().map(Object::toString).toList();
    }
}
