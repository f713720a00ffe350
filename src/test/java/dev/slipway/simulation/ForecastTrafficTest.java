package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.preflight.Forecast;
import dev.slipway.rollout.Rollout;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The traffic that a forecast rests on is the service's, wherever its releases have been. */
class ForecastTrafficTest {
    private final World world = new World(5);

    private Forecast.Evidence evidence() {
        return world.plane
                .dryRun()
                .rollOut(World.WEB, World.asking("v9"))
                .forecast()
                .evidence();
    }

    @Test
    void isThatOfTheWholeServiceAndItsFailuresAreTheLiveReleasesOwn() {
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: canary}\n");
        world.rollOut(World.WEB, "v1");
        assertThat(evidence().message()).isEqualTo("The traffic of the last hour is not known.");
        world.rollOut(World.WEB, "v2-prod-errors-20"); // a part of the traffic, and failures, on the group that is next

        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(Rollout.State.SUCCEEDED);

        Forecast.Evidence young = evidence();
        assertThat(young.requestsPerMinute()).isCloseTo(600, within(60.0));
        assertThat(young.minutes())
                .as("until 45 minutes are its own, the failures of the other one tell how much minutes vary")
                .isBetween(20, 35);

        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(evidence().requestsPerMinute()).isCloseTo(600, within(60.0));
        assertThat(evidence().minutes()).isBetween(8, 13);
    }

    /** A rollback that finds its release live changes nothing, and is not where that release begins. */
    @Test
    void theLiveReleasesOwnMinutesDoNotBeginWithARollbackThatFoundItLive() {
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: canary}\n");
        world.rollOut(World.WEB, "v1");
        world.timeline.advance(Duration.ofHours(2));
        int before = evidence().minutes();
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2-prod-errors-20"), World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(7));
        String location = world.plane
                .rollouts()
                .rollBack(World.WEB, null, null, null, World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(world.rolledOut(World.WEB, location).isNeedlessRollback()).isTrue();
        assertThat(evidence().minutes()).isBetween(before, before + 3);
    }
}
