package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.ecs.model.*;

class SimulatedEcsAlarmsTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();
    private final SimulatedEcsStages service = new SimulatedEcsStages(account);
    private final Map<String, String> alarms = new HashMap<>();

    @BeforeEach
    void alarms() {
        account.account.alarmStates(name -> alarms.getOrDefault(name, "OK"));
    }

    private static Consumer<DeploymentConfiguration.Builder> watching(boolean rollback) {
        return configuration -> configuration.alarms(
                alarms -> alarms.enable(true).rollback(rollback).alarmNames("errors", "latency"));
    }

    @ParameterizedTest
    @EnumSource(
            value = DeploymentStrategy.class,
            names = {"BLUE_GREEN", "CANARY", "LINEAR", "ROLLING"})
    void anAlarmThatGoesOffRollsBackUnderEveryStrategy(DeploymentStrategy strategy) {
        String good = service.running();
        service.deploy(
                "v2",
                watching(true)
                        .andThen(configuration ->
                                configuration.strategy(strategy).bakeTimeInMinutes(10)));
        account.seconds(35);
        assertThat(account.deployment().alarms().status())
                .isEqualTo(ServiceDeploymentRollbackMonitorsStatus.MONITORING);
        alarms.put("latency", "ALARM");
        service.finish();
        ServiceDeployment deployment = account.deployment();
        assertThat(deployment.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(deployment.alarms().status()).isEqualTo(ServiceDeploymentRollbackMonitorsStatus.TRIGGERED);
        assertThat(deployment.alarms().alarmNames()).containsExactly("errors", "latency");
        assertThat(deployment.alarms().triggeredAlarmNames()).containsExactly("latency");
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void alarmsAreWatchedWhileItBakes() {
        String good = service.running();
        service.deploy("v2", SimulatedEcsStages.blueGreen(60).andThen(watching(true)));
        service.until("BAKE_TIME");
        account.seconds(3000);
        alarms.put("errors", "ALARM");
        account.seconds(40);
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS);
        assertThat(account.traffic().byTaskDefinition()).isEqualTo(Map.of(good, 1.0));
    }

    @Test
    void anAlarmThatIsOffAlreadyAtTheStartIsIgnoredForThatDeployment() {
        service.running();
        alarms.put("errors", "ALARM");
        service.deploy("v2", SimulatedEcsStages.blueGreen(5).andThen(watching(true)));
        account.seconds(60);
        alarms.put("errors", "OK");
        account.seconds(60);
        alarms.put("errors", "ALARM");
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.deployment().alarms().status())
                .isEqualTo(ServiceDeploymentRollbackMonitorsStatus.MONITORING_COMPLETE);
        assertThat(account.deployment().alarms().triggeredAlarmNames()).isEmpty();
    }

    @Test
    void withoutRollbackTheDeploymentFailsAndTrafficStaysWhereItIs() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(20, 30, 0).andThen(watching(false)));
        account.until(() -> service.production().equals(List.of(80, 20)));
        alarms.put("errors", "ALARM");
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.STOPPED);
        account.seconds(600);
        assertThat(service.production()).containsExactly(80, 20);
        assertThat(account.traffic().allServed()).isTrue();
        assertThat(account.service().deployments().getFirst().rolloutState()).isEqualTo(DeploymentRolloutState.FAILED);
    }

    @Test
    void alarmsThatAreNotEnabledAreNotWatched() {
        service.running();
        alarms.put("errors", "ALARM");
        service.deploy(
                "v2",
                SimulatedEcsStages.blueGreen(1)
                        .andThen(configuration -> configuration.alarms(
                                names -> names.enable(false).rollback(true).alarmNames("errors"))));
        service.finish();
        assertThat(service.status()).isEqualTo(ServiceDeploymentStatus.SUCCESSFUL);
        assertThat(account.deployment().alarms().status()).isEqualTo(ServiceDeploymentRollbackMonitorsStatus.DISABLED);
    }
}
