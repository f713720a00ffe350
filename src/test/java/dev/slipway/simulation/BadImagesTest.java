package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docs/rollouts.md promises of the images to play with, under a canary as it is by default. */
class BadImagesTest {
    @ParameterizedTest
    @CsvSource({
        "v2, SUCCEEDED, , 43",
        "v2-prod-errors-20, ROLLED_BACK, UNHEALTHY, 11",
        "v2-errors-20, ROLLED_BACK, UNHEALTHY, 11",
        "v2-lb-crashes-20, ROLLED_BACK, UNHEALTHY, 11",
        "v2-zone-errors-20, ROLLED_BACK, UNHEALTHY, 15",
        "v2-crash, ROLLED_BACK, FAILED_TASKS, 5",
        "v2-crash-after-10m, ROLLED_BACK, FAILED_TASKS, 40",
        "v2-never-healthy, ROLLED_BACK, FAILED_TASKS, 15",
        "v2-slow-3, SUCCEEDED, , 43"
    })
    void eachEndsAsTheDocumentSays(String image, Rollout.State state, Rollout.Stop.@Nullable Cause cause, int minutes) {
        World world = new World(1);
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: canary}\n");
        world.rollOut(World.WEB, "v1");
        world.timeline.advance(Duration.ofMinutes(30));

        Rollout rollout = world.rollOut(World.WEB, image);

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(state);
        Rollout.Stop stop = rollout.stop();
        assertThat(stop == null ? null : stop.cause())
                .as(rollout.outcome().detail())
                .isEqualTo(cause);
        assertThat(Duration.between(
                        rollout.progress().startedAt(), rollout.outcome().endedAt()))
                .isLessThan(Duration.ofMinutes(minutes));
    }
}
