package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How many calls to AWS the usual requests take: they are what is slow, throttled and paid for. */
class AwsCallsTest {
    private static final String SERVICE = "container: {port: 8000}\n";

    private final World world = new World(7);
    private Map<String, Integer> before = Map.of();

    private void created() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE);
    }

    private Map<String, Integer> counted() {
        Map<String, Integer> calls = new TreeMap<>(world.calls());
        before.forEach((call, count) -> calls.merge(call, -count, Integer::sum));
        calls.values().removeIf(count -> count == 0);
        return calls;
    }

    private void from() {
        before = world.calls();
    }

    private static int sum(Map<String, Integer> calls) {
        return calls.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Test
    void anApplyThatChangesNothingTakesFour() {
        created();
        world.rollOut(World.WEB, "v1");
        world.apply(World.WEB, SERVICE);
        from();

        world.apply(World.WEB, SERVICE);

        assertThat(sum(counted())).as(() -> counted().toString()).isLessThanOrEqualTo(4);
    }

    @Test
    void aRollingRolloutTakesEight() {
        created();
        world.rollOut(World.WEB, "v1");
        world.timeline.advance(Duration.ofMinutes(10)); // looks that the first one had asked for are over
        from();

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);

        assertThat(sum(counted())).as(() -> counted().toString()).isLessThanOrEqualTo(8);
    }

    @Test
    void aFirstCreationIsOneCallToCreateAndTheRestToWatch() {
        from();
        world.apply(World.DEV, "terminationProtection: true\n");
        Map<String, Integer> environment = counted();
        assertThat(environment).containsEntry("CloudFormation.createStack", 1);
        assertThat(environment.keySet())
                .containsOnly(
                        "CloudFormation.createStack",
                        "CloudFormation.describeStacks",
                        "CloudFormation.describeStackEvents",
                        "CloudFormation.updateTerminationProtection");
        from();
        world.apply(World.WEB, SERVICE);
        assertThat(sum(counted())).as(() -> counted().toString()).isLessThanOrEqualTo(8);
        from();

        world.rollOut(World.WEB, "v1");

        assertThat(counted()).containsEntry("CloudFormation.updateStack", 1);
    }
}
