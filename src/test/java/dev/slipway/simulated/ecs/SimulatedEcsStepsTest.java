package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;
import software.amazon.awssdk.services.ecs.model.DeploymentStrategy;

/** CANARY and LINEAR: how production traffic moves. */
class SimulatedEcsStepsTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();
    private final SimulatedEcsStages service = new SimulatedEcsStages(account);

    @Test
    void aCanaryHasExactlyTwoStepsAndBakesAfterTheFirst() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(10, 10, 5));
        assertThat(weightsSeen()).containsExactly(List.of(1, 0), List.of(90, 10), List.of(0, 100));
    }

    @Test
    void theCanaryBakesForItsOwnTimeAndThenTheRestFollows() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(20, 10, 5));
        account.until(() -> service.production().equals(List.of(80, 20)));
        account.seconds(600);
        assertThat(service.production()).containsExactly(80, 20);
        account.seconds(10);
        assertThat(service.production()).containsExactly(0, 100);
        assertThat(service.stage()).isIn("PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME");
        service.finish();
    }

    @Test
    void aCanaryOfATenthOfAPercentIsATenthOfAPercent() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.canary(0.1, 10, 0));
        account.until(() -> service.production().equals(List.of(999, 1)));
        assertThat(account.deployment().targetServiceRevision().requestedProductionTrafficWeight())
                .isEqualTo(0.1);
        assertThat(account.deployment().sourceServiceRevisions().getFirst().requestedProductionTrafficWeight())
                .isEqualTo(99.9);
    }

    @Test
    void linearMovesInEqualStepsAndTheLastOneIsWhatIsLeft() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.linear(30, 2, 0));
        assertThat(weightsSeen())
                .containsExactly(List.of(1, 0), List.of(70, 30), List.of(40, 60), List.of(10, 90), List.of(0, 100));
    }

    @Test
    void everyStepComesWithItsPreProductionStage() {
        service.running();
        service.deploy("v2", SimulatedEcsStages.linear(50, 1, 0));
        assertThat(service.finish())
                .containsSequence(
                        "POST_TEST_TRAFFIC_SHIFT",
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "POST_PRODUCTION_TRAFFIC_SHIFT");
    }

    @ParameterizedTest
    @CsvSource({"10,10", "33.3,4", "3,34", "100,1", "50,2", "99.9,2"})
    void thereAreAsManyStepsAsItTakesToGetToAll(double percent, int steps) {
        EcsSteps found = EcsSteps.of(DeploymentConfiguration.builder()
                .applyMutation(SimulatedEcsStages.linear(percent, 1, 2))
                .build());
        assertThat(found.percents()).hasSize(steps).endsWith(100.0);
        assertThat(found.stepBake()).isEqualTo(Duration.ofMinutes(1));
        assertThat(found.bake()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void whatIsNotConfiguredHasTheDocumentedDefaults() {
        EcsSteps canary = EcsSteps.of(DeploymentConfiguration.builder()
                .strategy(DeploymentStrategy.CANARY)
                .build());
        assertThat(canary).isEqualTo(new EcsSteps(List.of(5.0, 100.0), Duration.ofMinutes(10), Duration.ZERO));
        EcsSteps linear = EcsSteps.of(DeploymentConfiguration.builder()
                .strategy(DeploymentStrategy.LINEAR)
                .build());
        assertThat(linear.percents()).hasSize(10).startsWith(10.0);
        assertThat(linear.stepBake()).isEqualTo(Duration.ofMinutes(6));
    }

    private List<List<Integer>> weightsSeen() {
        List<List<Integer>> seen = new ArrayList<>();
        while (SimulatedEcsStages.running(service.status())) {
            List<Integer> weights = service.production();
            if (seen.isEmpty() || !seen.getLast().equals(weights)) {
                seen.add(weights);
            }
            assertThat(account.traffic().allServed()).isTrue();
            account.seconds(1);
        }
        return seen;
    }
}
