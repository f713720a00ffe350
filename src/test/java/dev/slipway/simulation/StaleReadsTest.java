package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AWS's answers may be late: what they show is then what was, and decides nothing that it must not. */
class StaleReadsTest {
    private static final String SERVICE = """
            container: {port: 8000}
            rollout: {strategy: %s, bakeMinutes: 0%s}
            """;

    private final World world = new World(1);

    private void created(String strategy) {
        assertThat(world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n")
                        .failure())
                .isNull();
        assertThat(world.apply(
                                World.WEB,
                                SERVICE.formatted(
                                        strategy,
                                        strategy.matches("canary|linear")
                                                ? ", %s: {bakeMinutes: 0}".formatted(strategy)
                                                : ""))
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.account.traffic().requestsPerMinute(3000);
        world.timeline.advance(Duration.ofMinutes(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 30})
    void aWeightThatIsLateLetsNoUnjudgedReleasePass(int seconds) {
        created("canary");
        world.chaos.stale.put("Ecs", () -> Duration.ofSeconds(seconds));

        Rollout bad = world.rollOut(World.WEB, "v2-errors-20");

        assertThat(bad.state()).as(String.valueOf(bad)).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.stop().cause()).isEqualTo(Rollout.Stop.Cause.UNHEALTHY);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void aGoodReleaseGoesLiveAllTheSame(String strategy) {
        created(strategy);
        world.chaos.stale.put("Ecs", () -> Duration.ofSeconds(20));

        Rollout good = world.rollOut(World.WEB, "v2");

        assertThat(good.state()).as(String.valueOf(good)).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.traffic(World.WEB).byTaskDefinition())
                .containsOnlyKeys(world.ecs(World.WEB).taskDefinition());
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "rolling"})
    void anUpdateServiceWhoseAnswerWasLostIsNotRepeatedThoughEcsDoesNotShowItYet(String strategy) {
        created(strategy);
        int before = world.calls().get("Ecs.updateService");
        int[] lost = new int[1];
        world.aws.faults(new Faults() {
            @Override
            public Call on(String service, String operation) {
                return operation.equals("updateService") && lost[0]++ == 0 ? Call.ANSWER_LOST : Call.ANSWERED;
            }

            @Override
            public List<Duration> deliveries() {
                return List.of(Duration.ofSeconds(1));
            }

            @Override
            public boolean mayBeStale(String service) {
                return true;
            }

            @Override
            public Duration age(String service, String operation) {
                return operation.matches("(describe|list).*") ? Duration.ofSeconds(30) : Duration.ZERO;
            }
        });

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.calls().get("Ecs.updateService")).isEqualTo(before + 1);
    }
}
