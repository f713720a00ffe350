package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.ControlOverride;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The live release fails, and a deployment outside Slipway that never ends is in the way of the one that mends it. */
class StrandedTest {
    private static final String SERVICE =
            "container: {port: 8000}\ncount: %d\nrollout: {strategy: %s, bakeMinutes: 0, stableMinutes: 0}\n";

    private final World world = new World(2);

    private void live(String strategy, int count, String image) {
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(World.WEB, SERVICE.formatted(count, strategy)).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        Rollout bad = world.rollOut(World.WEB, image);
        assertThat(bad.state()).as(String.valueOf(bad.outcome())).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(5));
    }

    private void deployAnew() {
        world.scaleByHand(World.WEB, 20);
        world.account
                .ecs()
                .updateService(request -> request.cluster(World.DEV.cluster())
                        .service(World.WEB.service())
                        .forceNewDeployment(true));
        world.timeline.advance(Duration.ofMinutes(30));
    }

    @ParameterizedTest
    @CsvSource({"blue-green, 2, v2-crash-after-30s", "blue-green, 4, v2-crash-after-30s"})
    void aGoodReleaseGoesLive(String strategy, int count, String image) {
        live(strategy, count, image);
        deployAnew();
        assertThat(world.ecs(World.WEB).deployments())
                .noneMatch(found -> found.rolloutState()
                                == software.amazon.awssdk.services.ecs.model.DeploymentRolloutState.COMPLETED
                        && found.status().equals("PRIMARY"));

        Rollout rollout = world.rollOut(World.WEB, "v3");

        assertThat(rollout.state()).as(String.valueOf(rollout.outcome())).isEqualTo(Rollout.State.SUCCEEDED);
    }

    /** ECS lets no rolling deployment follow one that shifts traffic and has not ended. */
    @Test
    void aRollingReleaseIsToldTheWayOut() {
        live("blue-green", 2, "v2-crash-after-30s");
        deployAnew();

        Rollout refused = rollOut("rolling", "v3");
        assertThat(refused.outcome().failure().code()).isEqualTo("deployment-in-progress");
        assertThat(refused.outcome().failure().action()).contains("roll out with the strategy blue-green");
        Rollout rollout = world.rollBack(World.WEB, null);

        assertThat(rollout.state()).as(String.valueOf(rollout.outcome())).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private Rollout rollOut(String strategy, String image) {
        return world.rolledOut(
                World.WEB,
                world.plane
                        .rollouts()
                        .rollOut(
                                World.WEB,
                                new RolloutRequest(
                                        image,
                                        null,
                                        World.serviceSpec(SERVICE.formatted(2, strategy))
                                                .rollout(),
                                        RolloutRequest.ConcurrencyPolicy.REJECT,
                                        new ControlOverride(List.of(), "the live release fails")),
                                World.by("ann"))
                        .location());
    }

    @Test
    void aRollbackToAReleaseThatFailsIsGivenUpAndTheNextGoesOut() {
        live("rolling", 2, "v2-crash-after-30s");
        world.scaleByHand(World.WEB, 20);
        Rollout failed = world.rollOut(World.WEB, "v3-crash");
        assertThat(failed.outcome().failure().code()).isEqualTo("rollback-failed");

        Rollout rollout = world.rollOut(World.WEB, "v4");

        assertThat(rollout.state()).as(String.valueOf(rollout.outcome())).isEqualTo(Rollout.State.SUCCEEDED);
    }
}
