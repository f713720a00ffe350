package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.service.Comparisons.Comparison;
import dev.slipway.service.Comparisons.Difference;
import dev.slipway.service.Comparisons.Part;
import dev.slipway.simulation.World;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ComparisonsTest {
    private static final EnvironmentId PROD = new EnvironmentId("prod");
    private static final ServiceId THERE = new ServiceId("prod", "web");
    private static final List<String> BOTH = List.of("dev", "prod");

    private final World world = new World(1);

    @BeforeEach
    void two() {
        assertThat(world.apply(World.DEV, "{}").failure()).isNull();
        assertThat(world.apply(PROD, "network: {cidr: 172.18.0.0/16}").failure())
                .isNull();
    }

    private Comparison compare() {
        return world.plane.comparisons().compare("web", World.DEV, PROD);
    }

    @Test
    void itTellsWhatOfImageSettingsScaleAndRoutingDiffersInThatOrder() {
        assertThat(world.apply(World.WEB, """
                        container: {port: 8000, environment: {MODE: hidden-a, ONLY: hidden-b}, command: [run, --token=hidden-c]}
                        routing: {paths: [/a/*]}
                        tags: {team: hidden-d}
                        count: 1
                        """).failure()).isNull();
        assertThat(world.apply(THERE, """
                        container: {port: 8000, cpu: 1024, memory: 2048, environment: {MODE: hidden-e}}
                        routing: {paths: [/b/*]}
                        scaling: {min: 2, max: 4, cpuPercent: 50}
                        rollout: {strategy: canary, notifyTopic: 'arn:aws:sns:eu-central-1:123456789012:slipway-prod-hidden'}
                        """).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.rollOut(THERE, "v1").state()).isEqualTo(State.SUCCEEDED);

        Comparison comparison = compare();

        assertThat(comparison.from().tag()).isEqualTo("v2");
        assertThat(comparison.to().tag()).isEqualTo("v1");
        assertThat(comparison.differences())
                .contains(
                        new Difference(
                                Part.IMAGE,
                                "image",
                                comparison.from().digest(),
                                comparison.to().digest(),
                                BOTH),
                        new Difference(Part.CONTAINER, "container.cpu", "256", "1024", BOTH),
                        new Difference(Part.CONTAINER, "container.environment.MODE", null, null, BOTH),
                        new Difference(Part.CONTAINER, "container.environment.ONLY", null, null, List.of("dev")),
                        new Difference(Part.CONTAINER, "container.command", null, null, BOTH),
                        new Difference(Part.SCALE, "count", "1", null, List.of("dev")),
                        new Difference(Part.SCALE, "scaling.max", null, "4", List.of("prod")),
                        new Difference(Part.ROUTING, "routing.paths", "[\"/a/*\"]", "[\"/b/*\"]", BOTH),
                        new Difference(Part.OTHER, "rollout.strategy", "\"rolling\"", "\"canary\"", BOTH),
                        new Difference(Part.OTHER, "rollout.notifyTopic", null, null, List.of("prod")),
                        new Difference(Part.OTHER, "tags.team", null, null, List.of("dev")));
        assertThat(comparison.differences()).extracting(Difference::part).isSorted();
        assertThat(World.json(comparison).toString())
                .doesNotContain("hidden-a", "hidden-b", "hidden-c", "hidden-d", "hidden-e", "arn:");
    }

    @Test
    void twoThatAreAlikeDifferInNothing() {
        for (ServiceId id : List.of(World.WEB, THERE)) {
            assertThat(world.apply(id, "container: {port: 8000}").failure()).isNull();
        }

        assertThat(compare().differences()).isEmpty();
        assertThat(compare().from().digest()).as("none is live").isNull();
    }

    @Test
    void aServiceThatOneOfThemDoesNotHaveIsNotFound() {
        assertThat(world.apply(World.WEB, "container: {port: 8000}").failure()).isNull();

        assertThatThrownBy(this::compare).hasMessageContaining("service-not-found");
    }
}
