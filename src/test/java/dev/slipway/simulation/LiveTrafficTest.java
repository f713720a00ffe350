package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceQueries;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is shown as live is what gets the requests, at every moment of a rollout. */
class LiveTrafficTest {
    private static final String SERVICE = "container: {port: 8000}\ncount: %d\nrollout: {strategy: %s}\n";

    private final World world = new World(3);

    private void created(String strategy, int count) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted(count, strategy)).failure())
                .isNull();
    }

    private String start(String image) {
        return world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking(image), World.by("ann"))
                .location();
    }

    private Optional<ServiceQueries.Live> live() {
        return world.queries().live(world.record(World.WEB));
    }

    /** What the load balancer does, by release. */
    private Map<Integer, Double> truth() {
        Map<String, Integer> numbers = world.plane.rollouts().releases(World.WEB, 100, null).items().stream()
                .collect(Collectors.toMap(
                        found -> found.value().taskDefinition(),
                        found -> found.value().number()));
        Map<Integer, Double> percents = new TreeMap<>();
        world.traffic(World.WEB)
                .byTaskDefinition()
                .forEach(
                        (definition, fraction) -> percents.merge(numbers.get(definition), 100 * fraction, Double::sum));
        return percents;
    }

    private void holdsNow() {
        Map<Integer, Double> truth = truth();
        if (truth.isEmpty()) {
            return;
        }
        ServiceQueries.Live live = live().orElseThrow();
        assertThat(live.traffic()).hasSameSizeAs(truth.keySet());
        live.traffic()
                .forEach(share -> assertThat(share.percent()).isCloseTo(truth.get(share.release()), offset(0.06)));
        double most =
                truth.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        int release = Optional.ofNullable(live.release()).map(Release::number).orElseThrow();
        assertThat(truth.get(release)).isCloseTo(most, offset(1e-6));
    }

    @ParameterizedTest
    @CsvSource({
        "rolling, v2",
        "rolling, v2-never-healthy",
        "rolling, v2-crash",
        "blue-green, v2",
        "blue-green, v2-never-healthy",
        "canary, v2",
        "canary, v2-prod-errors-20",
        "linear, v2"
    })
    void theSharesAreThoseOfTheLoadBalancerAndTheReleaseIsTheOneWithMost(String strategy, String image) {
        created(strategy, 3);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        String location = start(image);

        for (int looks = 0; world.plane.operations().findRunning(World.WEB).isPresent(); looks++) {
            holdsNow();
            world.timeline.advance(Duration.ofSeconds(looks < 60 ? 5 : 60));
        }
        holdsNow();
        Rollout ended = world.rolledOut(World.WEB, location);
        assertThat(Objects.requireNonNull(live().orElseThrow().release()).number())
                .isEqualTo(ended.state() == Rollout.State.SUCCEEDED ? 2 : 1);
    }

    @Test
    void aReleaseThatStartsHasNoTrafficYet() {
        created("blue-green", 2);
        start("v1");
        for (int looks = 0; looks < 100 && world.record(World.WEB).live() == null; looks++) {
            if (truth().isEmpty()) {
                assertThat(live()).isEmpty();
            }
            world.timeline.advance(Duration.ofSeconds(5));
        }
        assertThat(world.record(World.WEB).live()).isEqualTo(1);

        start("v2");
        world.timeline.advance(Duration.ofSeconds(20));

        assertThat(world.ecs(World.WEB).deployments()).hasSize(2);
        assertThat(live().orElseThrow().traffic()).containsExactly(new ServiceQueries.Share(1, 100));
        assertThat(Objects.requireNonNull(live().orElseThrow().release()).number())
                .isEqualTo(1);
    }

    @Test
    void aStoppedServiceHasNoTrafficAndStillARelease() {
        created("rolling", 1);
        world.rollOut(World.WEB, "v1");
        assertThat(world.apply(World.WEB, SERVICE.formatted(0, "rolling")).failure())
                .isNull();
        world.timeline.advance(Duration.ofMinutes(5));

        assertThat(live().orElseThrow().traffic()).isEmpty();
        assertThat(Objects.requireNonNull(live().orElseThrow().release()).number())
                .isEqualTo(1);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(Objects.requireNonNull(live().orElseThrow().release()).number())
                .isEqualTo(2);
    }
}
