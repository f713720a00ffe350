package dev.slipway.simulation.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.World;
import dev.slipway.stack.Risk;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStrategyItem;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentBrief;

/** The share of Fargate Spot of a living service: ECS takes another one by a deployment alone, which has to be forced. */
class CapacityTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";
    private static final String SPOT = "capacity: {spotPercent: 70, onDemandBase: 2}\n";
    private static final String SPOT_SHARE = "FARGATE 2 30, FARGATE_SPOT 0 70";
    private static final String ON_DEMAND = "FARGATE 0 1";
    private static final Instant FRIDAY_NIGHT = Instant.parse("2026-01-02T20:00:00Z");

    private final World world = new World(1).withoutAlarms();

    private void live(String spec, int rollouts) {
        assertThat(world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n")
                        .failure())
                .isNull();
        assertThat(world.apply(World.WEB, spec).failure()).isNull();
        for (int n = 1; n <= rollouts; n++) {
            assertThat(world.rollOut(World.WEB, "v" + n).state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
    }

    /** Applies, and asks for the service at every step. */
    private Operation apply(String spec) {
        String id = world.plane
                .services()
                .apply(World.WEB, World.serviceSpec(spec), World.anything(), World.by("ann"))
                .id();
        Instant limit = world.timeline.instant().plus(Duration.ofHours(4));
        while (world.plane.operations().findRunning(World.WEB).isPresent()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            assertThat(world.traffic(World.WEB).allServed())
                    .as("at %s", world.timeline.instant())
                    .isTrue();
        }
        return world.plane.operations().find(World.WEB, id).orElseThrow();
    }

    /** The target group that the service names first, and the one that has the traffic: A or B. */
    private String groups() {
        var outputs = world.record(World.WEB).outputs();
        var live = world.queries().live(world.record(World.WEB)).orElseThrow();
        String first = world.ecs(World.WEB).loadBalancers().getFirst().targetGroupArn();
        return (first.equals(outputs.get("TargetGroupB")) ? "B" : "A") + (live.weightB() > live.weightA() ? "B" : "A");
    }

    private String strategy() {
        return world.ecs(World.WEB).capacityProviderStrategy().stream()
                .map(CapacityTest::text)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String text(CapacityProviderStrategyItem item) {
        return "%s %d %d"
                .formatted(
                        item.capacityProvider(),
                        Objects.requireNonNullElse(item.base(), 0),
                        Objects.requireNonNullElse(item.weight(), 0));
    }

    private Set<String> deployments() {
        return world
                .account
                .ecs()
                .listServiceDeployments(
                        request -> request.cluster("slipway-dev").service("web"))
                .serviceDeployments()
                .stream()
                .map(ServiceDeploymentBrief::serviceDeploymentArn)
                .collect(Collectors.toSet());
    }

    private Set<String> tasks() {
        return Set.copyOf(world.account
                .ecs()
                .listTasks(request -> request.cluster("slipway-dev").serviceName("web"))
                .taskArns());
    }

    private static Stream<Arguments> histories() {
        return Stream.of(false, true)
                .flatMap(always -> Stream.of(
                        Arguments.of("rolling", 1, always),
                        Arguments.of("blue-green", 2, always),
                        Arguments.of("canary", 2, always),
                        Arguments.of("canary", 3, always),
                        Arguments.of("linear", 2, always)));
    }

    /** After two rollouts in stages the live target group is the one that the service does not name first, after three the first. */
    @ParameterizedTest(name = "{0}, {1} rollouts, forced whenever enabled: {2}")
    @MethodSource("histories")
    void anotherShareReplacesTheTasksOfWhatIsLive(String strategy, int rollouts, boolean always) {
        if (always) {
            world.account.stacks().forceWheneverEnabled();
        }
        String spec = SERVICE.formatted(strategy);
        live(spec, rollouts);
        world.scaleByHand(World.WEB, 5);
        String taskDefinition = world.ecs(World.WEB).taskDefinition();
        Set<String> tasks = tasks();
        String live = groups().substring(1);

        assertThat(apply(spec + SPOT).failure()).isNull();

        assertThat(groups())
                .as("nothing but its name says where a deployment goes")
                .isEqualTo(live + live);

        assertThat(strategy()).isEqualTo(SPOT_SHARE);
        assertThat(tasks()).hasSize(5).doesNotContainAnyElementsOf(tasks);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(taskDefinition);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(5);
        assertThat(world.ecs(World.WEB).deployments())
                .extracting(Deployment::rolloutState)
                .containsExactly(DeploymentRolloutState.COMPLETED);
        assertThat(world.record(World.WEB).live()).isEqualTo(rollouts);

        Set<String> deployed = deployments();
        assertThat(apply(spec + SPOT + "gracePeriodSeconds: 90\n").failure()).isNull();
        assertThat(apply(spec + SPOT + "gracePeriodSeconds: 91\nexec: true\n").failure())
                .isNull();
        assertThat(deployments()).as("what changes no share").isEqualTo(deployed);

        assertThat(world.rollOut(World.WEB, "v9").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(strategy()).isEqualTo(SPOT_SHARE);
        assertThat(apply(spec).failure()).isNull();
        assertThat(strategy()).isEqualTo(ON_DEMAND);
        assertThat(world.record(World.WEB).live()).isEqualTo(rollouts + 1);
        assertThat(world.rollOut(World.WEB, "v10").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aShareThatComesWithAnotherContainerIsFollowedByItsRollout(boolean always) {
        if (always) {
            world.account.stacks().forceWheneverEnabled();
        }
        live(SERVICE.formatted("canary"), 2);

        assertThat(apply(SERVICE.formatted("canary").replace("8000", "9000") + SPOT)
                        .failure())
                .isNull();

        assertThat(strategy()).isEqualTo(SPOT_SHARE);
        assertThat(world.record(World.WEB).live()).isEqualTo(3);
    }

    /** A change that fails behind the service takes the share back, by another deployment of what is live. */
    @ParameterizedTest(name = "{0}, {1} rollouts, forced whenever enabled: {2}")
    @MethodSource("histories")
    void aRollbackOfTheStackTakesTheShareBack(String strategy, int rollouts, boolean always) {
        if (always) {
            world.account.stacks().forceWheneverEnabled();
        }
        String spec = SERVICE.formatted(strategy);
        String more = spec + SPOT + "scaling: {min: 2, max: 5, cpuPercent: 60}\n";
        live(spec, rollouts);
        String taskDefinition = world.ecs(World.WEB).taskDefinition();
        world.account.stacks().failNext(World.WEB.stackName(), "ScalableTarget", "as the test wants it");

        Operation failed = apply(more);

        assertThat(Objects.requireNonNull(failed.failure()).detail()).contains("as the test wants it");
        assertThat(strategy()).isEqualTo(ON_DEMAND);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(taskDefinition);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(2);
        assertThat(world.record(World.WEB).declared().capacity().spotPercent()).isZero();

        Set<String> deployed = deployments();
        assertThat(apply(spec + "gracePeriodSeconds: 90\n").failure()).isNull();
        assertThat(deployments()).isEqualTo(deployed);
        assertThat(apply(more).failure()).isNull();
        assertThat(strategy()).isEqualTo(SPOT_SHARE);
        assertThat(world.rollOut(World.WEB, "v9").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void whereTasksRunOnDemandAnotherBaseIsNoChange() {
        live(SERVICE.formatted("canary"), 2);
        Set<String> deployed = deployments();

        assertThat(apply(SERVICE.formatted("canary") + "capacity: {onDemandBase: 4}\n")
                        .failure())
                .isNull();

        assertThat(deployments()).isEqualTo(deployed);
    }

    @Test
    void beforeTheFirstReleaseThereIsNothingToReplace() {
        live(SERVICE.formatted("canary"), 0);
        assertThat(world.apply(World.WEB, SERVICE.formatted("canary") + SPOT).failure())
                .isNull();

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);

        assertThat(strategy()).isEqualTo(SPOT_SHARE);
        assertThat(deployments()).hasSize(1);
    }

    @Test
    void aPlanTellsIt() {
        live(SERVICE.formatted("canary"), 2);
        String accepted = world.plane
                .services()
                .plan(World.WEB, World.serviceSpec(SERVICE.formatted("canary") + SPOT), World.by("ann"))
                .id();
        world.settle();
        Plan plan = Plans.get(world.store, World.WEB, accepted);

        assertThat(plan.risks())
                .extracting(Risk::message)
                .anySatisfy(risk -> assertThat(risk).startsWith("capacity replaces all tasks (2 at most)"));
        assertThat(world.ended(
                                World.WEB,
                                world.plane.services().applyPlan(World.WEB, plan.id(), Set.of(), null, World.by("ann")))
                        .failure())
                .as("what was planned is what is done")
                .isNull();
        assertThat(strategy()).isEqualTo(SPOT_SHARE);
    }

    @Test
    void aFreezeHoldsIt() {
        String frozen = SERVICE.formatted("canary")
                + "freezes: [{name: weekend, start: 0 18 * * FRI, durationMinutes: 3600, timeZone: UTC}]\n";
        live(frozen, 2);
        world.timeline.advance(Duration.between(world.timeline.instant(), FRIDAY_NIGHT));

        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> world.apply(World.WEB, frozen + SPOT))
                .satisfies(refused -> assertThat(refused.problem().code()).isEqualTo("frozen"));
        assertThat(strategy()).isEqualTo(ON_DEMAND);
        assertThat(apply(frozen + "capacity: {onDemandBase: 4}\n").failure()).isNull();

        assertThat(world.ended(
                                World.WEB,
                                world.plane
                                        .services()
                                        .apply(
                                                World.WEB,
                                                World.serviceSpec(frozen + SPOT),
                                                new Order(
                                                        null,
                                                        Set.of(),
                                                        new ControlOverride(List.of("weekend"), "no Spot capacity")),
                                                World.by("ann")))
                        .failure())
                .isNull();
        assertThat(strategy()).isEqualTo(SPOT_SHARE);
    }
}
