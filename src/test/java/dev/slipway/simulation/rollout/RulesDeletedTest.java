package dev.slipway.simulation.rollout;

import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.preflight.Finding;
import dev.slipway.problem.Problem;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody deletes both listener rules: ECS deploys nothing into target groups that no load balancer sends requests to. */
class RulesDeletedTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s, bakeMinutes: 1}\n";

    private final World world = new World(7);

    private void live(String strategy) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(WEB, SERVICE.formatted(strategy));
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private void deleteRules() {
        for (String rule : List.of("ProductionRule", "TestRule")) {
            String arn = world.record(WEB).outputs().get(rule);
            world.account.elb().deleteRule(request -> request.ruleArn(arn));
        }
    }

    private Rollout rollBack() {
        return world.rollBack(WEB, null);
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, WEB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void aRollbackIsRefusedBeforeAnythingIsStartedAndGoesOutOnceTheSpecHasBeenAppliedAgain(String strategy) {
        live(strategy);
        deleteRules();

        Rollout refused = rollBack();

        assertThat(refused.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(Objects.requireNonNull(refused.preflight()).findings())
                .filteredOn(Finding::blocks)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("listener-rule-missing");
                    assertThat(finding.action()).contains("PUT " + WEB.path());
                });
        assertThat(world.record(WEB).live()).isEqualTo(2);

        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        assertThat(rollBack().state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(WEB).live()).isEqualTo(1);
        assertThat(world.traffic(WEB).allServed()).isTrue();
    }

    /** The preflight has found them still. */
    @ParameterizedTest
    @CsvSource({"rolling, false", "rolling, true", "blue-green, false", "blue-green, true"})
    void whereTheyAreDeletedMeanwhileItFailsWithTheCauseAndTheCallThatMends(String strategy, boolean back) {
        live(strategy);
        AtomicBoolean deleted = new AtomicBoolean();
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("updateService") && !deleted.getAndSet(true)) {
                deleteRules();
            }
            return () -> {};
        };

        Rollout failed = back ? rollBack() : world.rollOut(WEB, "v3");

        assertThat(deleted).isTrue();
        assertThat(failed.state()).isEqualTo(Rollout.State.FAILED);
        Problem failure = Objects.requireNonNull(failed.requireOutcome().failure());
        assertThat(failure.code()).as(failure.toString()).isEqualTo("aws-refused");
        assertThat(failure.detail())
                .contains("does not have an associated load balancer")
                .doesNotContain("Exception");
        assertThat(failure.action()).contains("PUT " + WEB.path());
        Diagnosis diagnosis = Objects.requireNonNull(failed.requireOutcome().diagnosis());
        assertThat(diagnosis.causes()).first().satisfies(cause -> {
            assertThat(cause.code()).isEqualTo("targets-not-in-use");
            assertThat(cause.action()).contains("PUT " + WEB.path());
            assertThat(cause.playbook()).isEqualTo("docs/playbooks/unhealthy.md");
        });
        assertThat(world.record(WEB).live()).isEqualTo(2);

        world.chaos.watcher = (operation, request) -> () -> {};
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        assertThat(world.rollOut(WEB, "v4").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.traffic(WEB).allServed()).isTrue();
    }
}
