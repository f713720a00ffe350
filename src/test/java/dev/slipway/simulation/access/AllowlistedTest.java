package dev.slipway.simulation.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.operation.ControlOverride;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.ServiceSpec;
import dev.slipway.simulation.World;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the deployment does not list, or what is not of the own environment, is refused in a plan and in an apply. */
class AllowlistedTest {
    private static final String CONNECTION = "arn:aws:codestar-connections:eu-central-1:123456789012:connection/";

    private final World world = new World(5);

    private static void refused(ThrowingCallable call, String field, String right) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().errors()).singleElement().satisfies(error -> {
                            assertThat(error.field()).isEqualTo(field);
                            assertThat(error.message()).contains(right);
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
                "AllowedDomains=");
        refused(
                () -> world.plane.environments().plan(World.DEV, prod, World.by("eve")),
                "/domain/hostedZoneId",
                "AllowedDomains=");
        assertThat(world.plane.environments().find(World.DEV)).isEmpty();
        assertThat(world.apply(World.DEV, yaml.formatted("shop.dev.example.com"))
                        .failure())
                .isNull();
    }

    /** Whatever a dev spec names: another environment's would be run, or told, on dev's word. */
    @ParameterizedTest
    @CsvSource({
        "checkFunction, lambda:eu-central-1:123456789012:function:slipway-check-prod-web, dev-",
        "checkFunction, lambda:eu-central-1:123456789012:function:slipway-check-developers, dev-",
        "checkFunction, lambda:us-east-1:123456789012:function:slipway-check-dev-web, eu-central-1",
        "checkFunction, lambda:eu-central-1:999999999999:function:slipway-check-dev-web, 123456789012",
        "notifyTopic, sns:eu-central-1:123456789012:slipway-prod-releases, dev-",
        "notifyTopic, sns:eu-central-1:123456789012:slipway-AlarmTopic-1ABC, dev-",
        "notifyTopic, sns:us-east-1:999999999999:slipway-dev-releases, eu-central-1"
    })
    void functionsAndTopicsAreOfTheServicesOwnEnvironment(String setting, String arn, String right) {
        world.apply(World.DEV, "terminationProtection: false\n");
        String yaml = "container: {port: 8000}\nrollout: {strategy: blue-green, %s: 'arn:aws:%s'}\n";
        ServiceSpec wrong = World.serviceSpec(yaml.formatted(setting, arn));

        for (ThrowingCallable asked : List.<ThrowingCallable>of(
                () -> world.plane.services().apply(World.WEB, wrong, new Order(null, Set.of(), null), World.by("eve")),
                () -> world.plane.services().plan(World.WEB, wrong, World.by("eve")))) {
            refused(asked, "/rollout/" + setting, right);
        }
        assertThat(world.plane.services().find(World.WEB)).isEmpty();

        world.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: blue-green}\n");
        assertThat(world.rollOut(World.WEB, "v1").release()).isEqualTo(1);
        ControlOverride override = new ControlOverride(List.of(), "to try it");
        RolloutRequest rollout =
                new RolloutRequest("v1", null, wrong.rollout(), RolloutRequest.ConcurrencyPolicy.REJECT, override);
        refused(
                () -> world.plane.rollouts().rollOut(World.WEB, rollout, World.by("eve")),
                "/rollout/" + setting,
                right);
        refused(() -> world.plane.dryRun().rollOut(World.WEB, rollout), "/rollout/" + setting, right);
        refused(
                () -> world.plane.rollouts().rollBack(World.WEB, 1, wrong.rollout(), override, World.by("eve")),
                "/rollout/" + setting,
                right);
    }

    /** What Slipway makes is called after its environment: dev's rollouts tell nothing of what prod's figures are. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alarms: [slipway-prod/web/failed]                                                              | /alarms/0
            alarms: [mine, slipway-prod/environment/nat-ports]                                             | /alarms/1
            alarms: [slipway-developers/web/failed]                                                        | /alarms/0
            "verdict: {metrics: [{name: a, namespace: AWS/ECS, metric: b, max: 1, dimensions: {ClusterName: slipway-prod, ServiceName: web}}]}" | /verdict/metrics/0/dimensions/ClusterName
            "verdict: {metrics: [{name: a, namespace: AWS/ApplicationELB, metric: b, max: 1, dimensions: {LoadBalancer: app/slipway-prod/50dc6c495c0c9188}}]}" | /verdict/metrics/0/dimensions/LoadBalancer
            "verdict: {metrics: [{name: a, namespace: AWS/Lambda, metric: b, max: 1, dimensions: {FunctionName: slipway-check-prod-web}}]}" | /verdict/metrics/0/dimensions/FunctionName
            """, quoteCharacter = '"')
    void alarmsAndMetricsOfWhatSlipwayMadeAreOfTheServicesOwnEnvironment(String setting, String field) {
        world.apply(World.DEV, "terminationProtection: false\n");
        ServiceSpec wrong =
                World.serviceSpec("container: {port: 8000}\nrollout: {strategy: blue-green, %s}\n".formatted(setting));

        for (ThrowingCallable asked : List.<ThrowingCallable>of(
                () -> world.plane.services().apply(World.WEB, wrong, new Order(null, Set.of(), null), World.by("eve")),
                () -> world.plane.services().plan(World.WEB, wrong, World.by("eve")))) {
            refused(asked, "/rollout" + field, "slipway-dev");
        }
    }

    @Test
    void alarmsAndMetricsOfTheOwnEnvironmentAndOfAnythingElseMayBeNamed() {
        world.apply(World.DEV, "terminationProtection: false\n");

        assertThat(world.apply(World.WEB, """
                                container: {port: 8000}
                                rollout:
                                  strategy: blue-green
                                  alarms: [slipway-dev/web/failed, slipway-shared-latency, checkout-errors]
                                  verdict:
                                    metrics:
                                      - {name: a, namespace: AWS/ECS, metric: b, max: 1, dimensions: {ClusterName: slipway-dev}}
                                      - {name: b, namespace: AWS/ApplicationELB, metric: b, max: 1, dimensions: {LoadBalancer: app/slipway-dev/50dc6c495c0c9188}}
                                      - {name: c, namespace: AWS/Lambda, metric: b, max: 1, dimensions: {FunctionName: slipway-check-dev-web}}
                                      - {name: d, namespace: Shop, metric: b, max: 1, dimensions: {Stage: prod}}
                                """).failure()).isNull();
    }

    @Test
    void functionsAndTopicsThatAreSharedMayBeNamedByAll() {
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(World.WEB, """
                                container: {port: 8000}
                                rollout:
                                  strategy: blue-green
                                  checkFunction: arn:aws:lambda:eu-central-1:123456789012:function:slipway-check-shared-web:live
                                  notifyTopic: arn:aws:sns:eu-central-1:123456789012:slipway-dev-releases
                                """).failure()).isNull();
        refused(
                () -> world.plane
                        .environments()
                        .apply(
                                new EnvironmentId("shared"),
                                World.environmentSpec("network: {cidr: 10.9.0.0/16}\n"),
                                new Order(null, Set.of(), null),
                                World.by("eve")),
                "{environment} in the path",
                "slipway-shared-");
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
                "AllowedConnections=");
        assertThat(world.plane.pipelines().pipelines().find(web)).isEmpty();
        assertThat(world.plane
                        .pipelines()
                        .pipelines()
                        .plan(web, World.pipelineSpec(yaml.formatted(CONNECTION + "c1")), World.by("ann"))
                        .location())
                .isNotEmpty();
    }
}
