package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Zones and connections that the deployment does not list are refused, in a plan and in an apply. */
class AllowlistedTest {
    private static final String CONNECTION = "arn:aws:codestar-connections:eu-central-1:123456789012:connection/";

    private final World world = new World(5);

    private static void refused(ThrowingCallable call, String field, String parameter) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().errors()).singleElement().satisfies(error -> {
                            assertThat(error.field()).isEqualTo(field);
                            assertThat(error.message()).contains(parameter + "=");
                        }));
    }

    @Test
    void anEnvironmentHasNamesInItsOwnDomainsOnly() {
        String yaml = "domain: {name: %s, hostedZoneId: Z1}\nterminationProtection: false\n";
        Order order = new Order(null, Set.of(), null);
        var prod = World.environmentSpec(yaml.formatted("shop.example.com"));

        refused(
                () -> world.plane.environments().apply(World.DEV, prod, order, World.by("eve")),
                "/domain/hostedZoneId",
                "AllowedDomains");
        refused(
                () -> world.plane.environments().plan(World.DEV, prod, World.by("eve")),
                "/domain/hostedZoneId",
                "AllowedDomains");
        assertThat(world.plane.environments().find(World.DEV)).isEmpty();
        assertThat(world.apply(World.DEV, yaml.formatted("shop.dev.example.com"))
                        .failure())
                .isNull();
    }

    @Test
    void aPipelineNamesListedConnectionsOnly() {
        PipelineId web = new PipelineId("web");
        EnvironmentId dev = World.DEV;
        world.apply(dev, "terminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\n");
        world.plane.pipelines().grants().grant(dev, web, World.by("ann"));
        String yaml = "repository: {id: acme/web, connectionArn: '%s'}\ndeploy: [{environment: dev}]\n";

        refused(
                () -> world.plane
                        .pipelines()
                        .pipelines()
                        .apply(
                                web,
                                World.pipelineSpec(yaml.formatted(CONNECTION + "c2")),
                                new Order(null, Set.of(), null),
                                World.by("eve")),
                "/repository/connectionArn",
                "AllowedConnections");
        assertThat(world.plane.pipelines().pipelines().find(web)).isEmpty();
        assertThat(world.plane
                        .pipelines()
                        .pipelines()
                        .plan(web, World.pipelineSpec(yaml.formatted(CONNECTION + "c1")), World.by("ann"))
                        .location())
                .isNotEmpty();
    }
}
