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

    /** Whoever compares may not see the other environment, whatever its people put where. */
    @Test
    void valuesThatLookLikeNumbersOrPathsAreNotShownEither() {
        assertThat(world.apply(World.WEB, """
                        container: {port: 8000, environment: {PIN: '4711', ON: 'true'}, command: ['4712'], user: '4713'}
                        routing: {healthCheck: {path: /health}}
                        tags: {pin: '4714'}
                        """).failure()).isNull();
        assertThat(world.apply(THERE, """
                        container: {port: 8000, environment: {PIN: '5711', ON: 'false'}, command: ['5712'], user: '5713'}
                        routing: {healthCheck: {path: '/health?key=hidden'}}
                        tags: {pin: '5714'}
                        rollout: {strategy: canary, checks: [{path: '/check?key=hidden'}], notifyTopic: 'arn:aws:sns:eu-central-1:123456789012:slipway-prod-5715'}
                        """).failure()).isNull();

        Comparison comparison = compare();

        assertThat(comparison.differences())
                .extracting(Difference::setting)
                .contains(
                        "container.environment.PIN",
                        "container.environment.ON",
                        "container.command",
                        "container.user",
                        "routing.healthCheck.path",
                        "tags.pin");
        assertThat(World.json(comparison.differences()).toString())
                .doesNotContain("471", "571", "hidden", "\"false\"", "\"true\"");
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
