package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ecs.model.*;

class SimulatedEcsFailureTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();

    @ParameterizedTest
    @ValueSource(strings = {"v2-crash", "v2-never-healthy", "v2-crash-after-10s"})
    void aBadReleaseTripsTheCircuitBreakerAndTheOldOneStays(String tag) {
        String good = account.running("v1", 2);
        String completed = account.service().deployments().getFirst().id();
        account.update(request -> request.taskDefinition(account.definition(tag)));
        for (int second = 0; second < 1200; second++) {
            account.seconds(1);
            assertThat(account.traffic().allServed()).as("at second " + second).isTrue();
            assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
        }
        ServiceDeployment deployment = account.deployment();
        assertThat(deployment.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(deployment.statusReason())
                .isEqualTo("Service deployment rolled back because the circuit breaker threshold was exceeded.");
        assertThat(deployment.deploymentCircuitBreaker().status())
                .isEqualTo(ServiceDeploymentRollbackMonitorsStatus.TRIGGERED);
        assertThat(deployment.deploymentCircuitBreaker().failureCount()).isEqualTo(3);
        assertThat(deployment.rollback().serviceRevisionArn())
                .isEqualTo(
                        account.service().currentServiceRevisions().getFirst().arn());
        assertThat(account.service().taskDefinition()).isEqualTo(good);
        assertThat(account.service().deployments()).singleElement().satisfies(primary -> {
            assertThat(primary.id()).isEqualTo(completed);
            assertThat(primary.rolloutState()).isEqualTo(DeploymentRolloutState.COMPLETED);
        });
        assertThat(account.deploymentEvents())
                .containsExactly(
                        "SERVICE_DEPLOYMENT_IN_PROGRESS",
                        "SERVICE_DEPLOYMENT_COMPLETED",
                        "SERVICE_DEPLOYMENT_IN_PROGRESS",
                        "SERVICE_DEPLOYMENT_FAILED",
                        "SERVICE_DEPLOYMENT_IN_PROGRESS",
                        "SERVICE_DEPLOYMENT_COMPLETED");
    }

    @Test
    void aRollbackShowsItselfOnlyInTheReasonOfItsEvents() {
        account.running("v1", 1);
        String completed = account.service().deployments().getFirst().id();
        account.update(request -> request.taskDefinition(account.definition("v2-crash")));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        List<JsonNode> events = account.events("ECS Deployment State Change");
        JsonNode failed = events.get(3).path("detail");
        assertThat(failed.path("eventType").asText()).isEqualTo("ERROR");
        assertThat(failed.path("reason").asText()).isEqualTo("ECS deployment circuit breaker: tasks failed to start.");
        assertThat(events.get(4).path("detail").path("reason").asText())
                .isEqualTo("ECS deployment circuit breaker: rolling back to deploymentId " + completed + ".");
        assertThat(events.get(4).path("resources").get(0).asText()).endsWith(":service/slipway-dev/web");
    }

    @ParameterizedTest
    @CsvSource({"1,3", "6,3", "7,4", "100,50", "1000,200"})
    void theThresholdIsHalfTheDesiredCountWithinItsBounds(int desired, int threshold) {
        EcsServiceRecord service = new EcsServiceRecord("web", "arn", "cluster", null, account.timeline.instant());
        service.desiredCount = desired;
        assertThat(EcsDeploymentControl.threshold(service)).isEqualTo(threshold);
    }

    @Test
    void aFirstDeploymentThatFailsHasNothingToReturnTo() {
        account.ecs.createService(
                account.service(account.definition("v1-crash"), 1).build());
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.STOPPED);
        assertThat(account.deployment().rollback()).isNull();
        assertThat(account.service().deployments().getFirst().rolloutState()).isEqualTo(DeploymentRolloutState.FAILED);
        assertThat(account.tasks(DesiredStatus.RUNNING)).isEmpty();
        int stopped = account.tasks(DesiredStatus.STOPPED).size();
        account.seconds(600);
        assertThat(account.tasks(DesiredStatus.STOPPED)).hasSize(stopped);
        account.update(request -> request.taskDefinition(account.definition("v2")));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
    }

    @Test
    void withoutRollbackTheDeploymentFailsAndTheOldTasksServeOn() {
        String good = account.running("v1", 2);
        account.update(request -> request.taskDefinition(account.definition("v2-crash"))
                .deploymentConfiguration(configuration -> configuration.deploymentCircuitBreaker(
                        breaker -> breaker.enable(true).rollback(false))));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.service().deployments())
                .extracting(Deployment::rolloutState)
                .containsExactly(DeploymentRolloutState.FAILED, DeploymentRolloutState.COMPLETED);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void withoutACircuitBreakerItTriesForeverButEverMoreSlowly() {
        account.ecs.createService(account.service(account.definition("v1-crash"), 1)
                .deploymentConfiguration(configuration -> configuration.deploymentCircuitBreaker(
                        breaker -> breaker.enable(false).rollback(false)))
                .build());
        account.advance(Duration.ofHours(24));
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.IN_PROGRESS);
        assertThat(account.service().deployments().getFirst().failedTasks()).isBetween(40, 80);
        assertThat(account.tasks(DesiredStatus.STOPPED).size()).isBetween(1, 3);
        assertThat(account.events("ECS Service Action"))
                .extracting(event -> event.path("detail").path("eventName").asText())
                .contains("SERVICE_TASK_START_IMPAIRED");
    }

    @Test
    void aTaskThatCrashesAfterItWasHealthyIsReplacedAndCountsForNothing() {
        account.running("v1", 2);
        account.update(request -> request.taskDefinition(account.definition("v2-crash-after-10m")));
        account.seconds(300);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        account.seconds(1200);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.service().deployments().getFirst().failedTasks()).isZero();
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(2);
        Task crashed = account.tasks(DesiredStatus.STOPPED).stream()
                .filter(task -> task.stopCode() == TaskStopCode.ESSENTIAL_CONTAINER_EXITED)
                .findFirst()
                .orElseThrow();
        assertThat(crashed.stoppedReason()).isEqualTo("Essential container in task exited");
        assertThat(crashed.containers().getFirst().exitCode()).isEqualTo(1);
    }

    @Test
    void aLeakIsKilledForMemory() {
        account.running("v1-leaks", 1);
        account.advance(Duration.ofMinutes(15));
        assertThat(account.tasks(DesiredStatus.STOPPED)).first().satisfies(task -> {
            assertThat(task.containers().getFirst().exitCode()).isEqualTo(137);
            assertThat(task.containers().getFirst().reason()).startsWith("OutOfMemoryError");
        });
    }

    @Test
    void anUnhealthyTaskIsStoppedAfterItsGracePeriodAndNotBefore() {
        account.ecs.createService(account.service(account.definition("v1-never-healthy"), 1)
                .healthCheckGracePeriodSeconds(300)
                .build());
        account.seconds(280);
        assertThat(account.tasks(DesiredStatus.RUNNING))
                .singleElement()
                .satisfies(task -> assertThat(task.lastStatus()).isEqualTo("RUNNING"));
        assertThat(account.elb
                        .describeTargetHealth(request -> request.targetGroupArn(account.groupA))
                        .targetHealthDescriptions())
                .singleElement()
                .satisfies(target ->
                        assertThat(target.targetHealth().stateAsString()).isEqualTo("unhealthy"));
        account.seconds(65);
        assertThat(account.tasks(DesiredStatus.STOPPED))
                .singleElement()
                .satisfies(task -> assertThat(task.stoppedReason())
                        .isEqualTo("Task failed ELB health checks in (target-group " + account.groupA + ")"));
    }

    @Test
    void aMissingImageOrLogGroupKeepsTasksFromStarting() {
        account.ecs.createService(account.service(
                        account.definitionOf("123456789012.dkr.ecr.eu-central-1.amazonaws.com/slipway-dev-web:missing"),
                        1)
                .build());
        account.seconds(50);
        assertThat(account.tasks(DesiredStatus.STOPPED)).first().satisfies(task -> {
            assertThat(task.stopCode()).isEqualTo(TaskStopCode.TASK_FAILED_TO_START);
            assertThat(task.stoppedReason()).startsWith("CannotPullContainerError");
        });
        account.logs.deleteLogGroup(request -> request.logGroupName(SimulatedEcsFixture.LOG_GROUP));
        account.update(request -> request.taskDefinition(account.definition("v2")));
        account.seconds(50);
        assertThat(account.tasks(DesiredStatus.STOPPED))
                .anySatisfy(task -> assertThat(task.stoppedReason()).startsWith("ResourceInitializationError"));
    }

    @Test
    void stoppingADeploymentRollsItBack() {
        String good = account.running("v1", 2);
        account.update(request -> request.taskDefinition(account.definition("v2")));
        account.seconds(30);
        String arn = account.deployment().serviceDeploymentArn();
        account.ecs.stopServiceDeployment(
                request -> request.serviceDeploymentArn(arn).stopType(StopServiceDeploymentStopType.ROLLBACK));
        assertThat(account.deployment(arn).status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_REQUESTED);
        account.ecs.stopServiceDeployment(request -> request.serviceDeploymentArn(arn));
        account.seconds(3);
        assertThat(account.deployment(arn).status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS);
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment(arn).status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void aFinishedDeploymentCannotBeStopped() {
        account.running("v1", 1);
        String arn = account.deployment().serviceDeploymentArn();
        assertThatThrownBy(() -> account.ecs.stopServiceDeployment(request -> request.serviceDeploymentArn(arn)))
                .isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> account.ecs.stopServiceDeployment(request -> request.serviceDeploymentArn(arn + "x")))
                .isInstanceOf(ServiceDeploymentNotFoundException.class);
        assertThatThrownBy(() -> account.ecs.stopServiceDeployment(
                        request -> request.serviceDeploymentArn(arn).stopType(StopServiceDeploymentStopType.ABORT)))
                .isInstanceOf(InvalidParameterException.class);
    }

    @Test
    void anUpdateDuringARollbackCanStillGoBackToTheLastGoodOne() {
        String good = account.running("v1", 1);
        account.update(request -> request.taskDefinition(account.definition("v2-crash")));
        account.until(() -> account.deployment().status() == ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS);
        account.update(request -> request.taskDefinition(account.definition("v3-crash")));
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void aTargetGroupThatIsGoneFailsTasksAndNothingElse() {
        account.running("v1", 1);
        account.elb.deleteRule(request -> request.ruleArn(account.productionRule));
        account.elb.deleteRule(request -> request.ruleArn(account.testRule));
        account.elb.deleteTargetGroup(request -> request.targetGroupArn(account.groupA));
        account.ecs.stopTask(request -> request.cluster(SimulatedEcsFixture.CLUSTER)
                .task(account.tasks(DesiredStatus.RUNNING).getFirst().taskArn()));
        account.seconds(300);
        assertThat(account.messages())
                .contains("(service web) failed to register targets in (target-group %s)".formatted(account.groupA));
    }

    @Test
    void afterTheFirstHealthyTaskFailuresAreNotEvaluatedAnyMore() {
        account.running("v1", 4);
        account.update(request -> request.taskDefinition(account.definition("v2"))
                .deploymentConfiguration(configuration -> configuration.maximumPercent(125)));
        account.logs.deleteLogGroup(request -> request.logGroupName(SimulatedEcsFixture.LOG_GROUP));
        account.until(() -> account.deployment().deploymentCircuitBreaker().failureCount() == 2);
        account.logs.createLogGroup(request -> request.logGroupName(SimulatedEcsFixture.LOG_GROUP));
        account.until(() -> account.deployment().deploymentCircuitBreaker().failureCount() == 0);
        account.logs.deleteLogGroup(request -> request.logGroupName(SimulatedEcsFixture.LOG_GROUP));
        account.advance(Duration.ofHours(1));
        assertThat(account.deployment().status()).isEqualTo(ServiceDeploymentStatus.IN_PROGRESS);
        assertThat(account.deployment().deploymentCircuitBreaker().failureCount())
                .isZero();
    }
}
