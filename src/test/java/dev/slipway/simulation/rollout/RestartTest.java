package dev.slipway.simulation.rollout;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.dora.DeliveryMetrics;
import dev.slipway.operation.ControlOverride;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is live starts anew. */
class RestartTest {
    private static final String FROZEN = """
            terminationProtection: false
            freezes: [{name: always, start: "0 0 * * *", durationMinutes: 1440, timeZone: UTC}]
            """;
    private static final String SERVICE = "container: {port: 8000}\ncount: 2\nrollout: {strategy: %s}\n";

    private final World world = new World(31).withoutAlarms();

    private void created(String strategy) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private Rollout restarted(@Nullable ControlOverride override) {
        String id =
                world.plane.rollouts().restart(WEB, override, World.by("ann")).id();
        world.timeline.advance(Duration.ofHours(3));
        return world.plane.rollouts().rollout(WEB, id);
    }

    private Release release(int number) {
        return world.store.get(Release.key(WEB, number)).orElseThrow().value();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void newTasksRunTheSameImageAndSettingsAsAReleaseOfTheirOwn(String strategy) {
        created(strategy);

        Rollout restart = restarted(null);

        assertThat(restart.state()).isEqualTo(State.SUCCEEDED);
        assertThat(restart.request().reason()).isEqualTo(Rollout.Reason.RESTART);
        assertThat(restart.release()).isEqualTo(2);
        assertThat(release(2).image()).isEqualTo(release(1).image());
        assertThat(release(2).container()).isEqualTo(release(1).container());
        assertThat(world.ecs(WEB).taskDefinition())
                .isEqualTo(release(2).taskDefinition())
                .isNotEqualTo(release(1).taskDefinition());
        assertThat(world.traffic(WEB).allServed()).isTrue();
        assertThat(world.plane.delivery().of(WEB, 7).deploymentFrequency())
                .extracting(DeliveryMetrics.Frequency::deployments)
                .isEqualTo(1);
    }

    @Test
    void eachRestartIsARelease() {
        created("rolling");

        assertThat(restarted(null).release()).isEqualTo(2);
        assertThat(restarted(null).release()).isEqualTo(3);
        assertThat(world.rollOut(WEB, "v1").release()).isEqualTo(1);
    }

    /** Somebody has declared settings since and has them not live yet: a restart is no way to bring them. */
    @Test
    void theSettingsAreThoseThatAreLive() {
        created("rolling");
        world.apply(WEB, SERVICE.formatted("rolling") + "gracePeriodSeconds: 90\n");
        Release before = release(1);

        restarted(null);

        assertThat(release(2).container()).isEqualTo(before.container());
        assertThat(world.apply(WEB, SERVICE.formatted("rolling") + "gracePeriodSeconds: 90\n")
                        .failure())
                .isNull();
        assertThat(world.record(WEB).live()).isEqualTo(2);
    }

    @Test
    void aReleaseThatWasRestartedIsRegisteredAnewWhenItsTaskDefinitionGoes() {
        created("rolling");
        restarted(null);
        String gone = release(2).taskDefinition();
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        world.account.ecs().deregisterTaskDefinition(request -> request.taskDefinition(gone));

        world.plane.rollouts().rollBack(WEB, 2, null, null, World.by("ann"));
        world.timeline.advance(Duration.ofHours(1));

        assertThat(release(2).taskDefinition()).isNotEqualTo(gone);
        assertThat(world.record(WEB).live()).isEqualTo(2);
    }

    @Test
    void thereIsNothingToRestartBeforeTheFirstRelease() {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted("rolling")).failure()).isNull();

        refused("nothing-to-restart");
    }

    @Test
    void itWaitsForNothing() {
        created("rolling");
        world.plane.rollouts().rollOut(WEB, World.asking("v2"), World.by("ann"));

        refused("operation-in-progress");
    }

    @Test
    void anOpenFreezeWindowHoldsItUnlessItIsOverridden() {
        created("rolling");
        assertThat(world.apply(DEV, FROZEN).failure()).isNull();

        refused("frozen");
        assertThat(restarted(new ControlOverride(List.of("always"), "it leaks")).state())
                .isEqualTo(State.SUCCEEDED);
    }

    private void refused(String code) {
        assertThatThrownBy(() -> world.plane.rollouts().restart(WEB, null, World.by("ann")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.problem().code()).isEqualTo(code));
    }
}
