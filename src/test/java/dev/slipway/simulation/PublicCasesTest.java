package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users of ECS and of the tools around it have reported in public, each as it happened to them. Others of these situations have
 * their tests by subject: builds that push latest or name several containers in {@code BuildScriptsTest} and {@code
 * ImageDefinitionsTest}, why a task stopped in {@code BadImagesTest}, whose secrets in {@code SecretsOfAnEnvironmentTest}.
 */
class PublicCasesTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    private final World world = new World(17);

    private void live(String service) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, service).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private String stackStatus() {
        return world.account
                .cloudFormation()
                .describeStacks(request -> request.stackName("slipway-dev-web"))
                .stacks()
                .getFirst()
                .stackStatusAsString();
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void afterAnAutomaticRollbackTheStackNamesTheReleaseThatServesAndTheServiceSaysWhatHappened(String strategy) {
        live(SERVICE.formatted(strategy));

        Rollout bad = world.rollOut(World.WEB, "v2-crash");

        assertThat(bad.state()).isEqualTo(State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy) + "tags: {team: shop}\n")
                        .failure())
                .isNull();
        assertThat(world.parameter(World.WEB, "TaskDefinition"))
                .isEqualTo(world.ecs(World.WEB).taskDefinition());
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aBadDeployDoesNotLockTheStackWhileItLasts(String strategy) {
        live(SERVICE.formatted(strategy));

        world.plane.rollouts().rollOut(World.WEB, World.asking("v2-never-healthy"), World.by("ci"));
        while (world.plane.operations().findRunning(World.WEB).isPresent()) {
            assertThat(stackStatus()).endsWith("_COMPLETE");
            world.timeline.step();
        }

        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void anUpdateOfTheInfrastructureAfterABlueGreenMovesNoTraffic() {
        live(SERVICE.formatted("blue-green"));
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);

        Operation applied = world.apply(
                World.WEB, SERVICE.formatted("blue-green") + "routing: {paths: [/shop/*], drainingSeconds: 20}\n");

        assertThat(applied.failure()).isNull();
        assertThat(world.parameter(World.WEB, "ProductionWeightB")).isNotEqualTo("0");
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void aCanaryWithoutTrafficIsNotPromotedOnSilence() {
        live(SERVICE.formatted("canary"));
        world.account.traffic().requestsPerMinute(0);

        Rollout silent = world.rollOut(World.WEB, "v2");

        assertThat(silent.state()).as(silent.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @Test
    void aMigrationThatFailsKeepsTheNewReleaseFromBeingDeployed() {
        live(SERVICE.formatted("rolling"));
        String before = world.ecs(World.WEB).taskDefinition();
        assertThat(world.apply(
                                World.WEB,
                                "container: {port: 8000}\nrollout: {strategy: rolling, before: {command: [migrate]}}\n")
                        .failure())
                .isNull();

        Rollout failed = world.rollOut(World.WEB, "v2-crash");

        assertThat(failed.state()).isEqualTo(State.FAILED);
        assertThat(Objects.requireNonNull(failed.outcome().failure()).code()).isEqualTo("task-failed");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aServiceScaledToZeroIsReleasedWithoutWaitingForEvidenceThatCannotCome(String strategy) {
        live(SERVICE.formatted(strategy));
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy) + "count: 0\n")
                        .failure())
                .isNull();

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(Duration.between(
                        rollout.progress().startedAt(), rollout.outcome().endedAt()))
                .isLessThan(Duration.ofMinutes(30));
    }

    @Test
    void scalingByHandAndDeployingDoNotDisagreeAboutTheNumberOfTasks() {
        live(SERVICE.formatted("rolling"));
        world.scaleByHand(World.WEB, 5);

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling") + "tags: {team: shop}\n")
                        .failure())
                .isNull();

        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(5);
    }

    @Test
    void fortySecretsByTheNamesOfTheirParameters() {
        StringBuilder yaml = new StringBuilder("container:\n  port: 8000\n  secrets:\n");
        for (int i = 0; i < 40; i++) {
            yaml.append("    SECRET_%d: /dev/a-team/an-application/secret-%d\n".formatted(i, i));
        }

        live(yaml.toString());

        assertThat(world.account
                        .ecs()
                        .describeTaskDefinition(request ->
                                request.taskDefinition(world.ecs(World.WEB).taskDefinition()))
                        .taskDefinition()
                        .containerDefinitions()
                        .getFirst()
                        .secrets())
                .hasSize(40);
    }

    @Test
    void theSecretThatRdsManagesHasAnExclamationMarkInItsName() {
        String arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-3f2c8a91-b7d0-AbCdEf";
        world.account.tag(arn, Map.of("slipway:environment", "dev"));

        live("container:\n  port: 8000\n  secrets:\n    DB: '%s:password::'\n".formatted(arn));

        assertThat(world.record(World.WEB).declared().container().secrets().values())
                .containsExactly(arn + ":password::");
    }

    @Test
    void oneNatGatewayOrNoneIsEnoughInDev() {
        assertThat(world.apply(World.DEV, "terminationProtection: false\nnetwork: {natGateways: none}\n")
                        .failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling")).failure())
                .isNull();

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("ENABLED");
    }
}
