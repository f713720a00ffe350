package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.lambda.HookHandler;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentBrief;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;

/** The hook function, asked by hand: what ECS hears of our own faults, twice, and about what is not ours. */
class HookTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s%s}\n";

    private final World world = new World(3);
    private final InstantSource clock = world.timeline;
    private final HookHandler hook = new HookHandler(world.plane.gate(), clock);

    private Map<String, Object> ask(String stage, String deployment, Map<String, Object> details) {
        return hook.handleRequest(
                Map.of("lifecycleStage", stage, "resourceArn", deployment, "hookDetails", details), null);
    }

    /** A rollout that waits at the gate for an approval. */
    private Rollout waiting() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("canary", ", approval: {when: before-production}"));
        world.rollOut(World.WEB, "v1");
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofMinutes(10));
        return world.plane.rollouts().rollout(World.WEB, location.substring(location.lastIndexOf('/') + 1));
    }

    private static Map<String, Object> details(Rollout rollout) {
        return Map.of("rollout", "dev/web/" + rollout.id(), "step", 0);
    }

    private static String deployment(Rollout rollout) {
        return java.util.Objects.requireNonNull(rollout.progress().deployment());
    }

    @Test
    void askedTwiceItAnswersTheSame() {
        Rollout rollout = waiting();

        Map<String, Object> first = ask("PRE_PRODUCTION_TRAFFIC_SHIFT", deployment(rollout), details(rollout));
        assertThat(first).containsEntry("hookStatus", "IN_PROGRESS").containsEntry("hookDetails", details(rollout));
        assertThat(ask("PRE_PRODUCTION_TRAFFIC_SHIFT", deployment(rollout), details(rollout)))
                .isEqualTo(first);
        world.plane.rollouts().answer(World.WEB, rollout.id(), true, null, World.by("eve"));
        for (int i = 0; i < 2; i++) {
            assertThat(ask("PRE_PRODUCTION_TRAFFIC_SHIFT", deployment(rollout), details(rollout)))
                    .isEqualTo(Map.of("hookStatus", "SUCCEEDED"));
        }
    }

    @Test
    void whatIsNotOursPasses() {
        Rollout rollout = waiting();
        Map<String, Object> pass = Map.of("hookStatus", "SUCCEEDED");
        String past = deployment(rollout) + "x";

        assertThat(ask("POST_TEST_TRAFFIC_SHIFT", past, details(rollout))).isEqualTo(pass);
        assertThat(ask("BAKE_TIME", deployment(rollout), details(rollout))).isEqualTo(pass);
        assertThat(ask("POST_TEST_TRAFFIC_SHIFT", deployment(rollout), Map.of()))
                .isEqualTo(pass);
        assertThat(ask("POST_TEST_TRAFFIC_SHIFT", deployment(rollout), Map.of("rollout", "dev/web")))
                .isEqualTo(pass);
        assertThat(ask("POST_TEST_TRAFFIC_SHIFT", deployment(rollout), Map.of("rollout", "dev/web/gone")))
                .isEqualTo(pass);
        assertThat(hook.handleRequest(Map.of(), null)).isEqualTo(pass);
    }

    @Test
    void aDeploymentPastUsOfAServiceThatKeepsOurHookPasses() {
        Rollout rollout = waiting();
        world.plane.rollouts().answer(World.WEB, rollout.id(), true, null, World.by("eve"));
        world.settle();
        String earlier = world.store
                .get(dev.slipway.release.Release.key(World.WEB, 1))
                .orElseThrow()
                .value()
                .taskDefinition();

        world.account
                .ecs()
                .updateService(UpdateServiceRequest.builder()
                        .cluster(World.DEV.cluster())
                        .service(World.WEB.service())
                        .taskDefinition(earlier)
                        .build());
        world.timeline.advance(Duration.ofHours(2));

        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(earlier);
        assertThat(world.ecs(World.WEB).deployments()).hasSize(1);
        assertThat(world.traffic(World.WEB).byTaskDefinition()).containsOnlyKeys(earlier);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeploymentThatItsRolloutHasLeftBehindGoesNoFurther(boolean known) {
        Rollout rollout = waiting();
        String left = deployment(rollout);
        var stored = world.store.get(Rollout.key(World.WEB, rollout.id())).orElseThrow();
        world.store.write(List.of(new Write.Update<>(
                stored,
                stored.value()
                        .withState(Rollout.State.CANCELLED)
                        .withOutcome(new Rollout.Outcome(clock.instant(), "left behind", null))
                        .progressed(progress -> progress.deployment(known ? left : null)))));

        assertThat(ask("PRE_PRODUCTION_TRAFFIC_SHIFT", left, details(rollout)))
                .isEqualTo(Map.of("hookStatus", "FAILED"));
        world.timeline.advance(Duration.ofSeconds(10));
        world.account
                .ecs()
                .updateService(UpdateServiceRequest.builder()
                        .cluster(World.DEV.cluster())
                        .service(World.WEB.service())
                        .forceNewDeployment(true)
                        .build());
        world.timeline.advance(Duration.ofSeconds(10));
        String later = world
                .account
                .ecs()
                .listServiceDeployments(
                        request -> request.cluster(World.DEV.cluster()).service(World.WEB.service()))
                .serviceDeployments()
                .stream()
                .max(Comparator.comparing(ServiceDeploymentBrief::createdAt))
                .orElseThrow()
                .serviceDeploymentArn();
        assertThat(later).isNotEqualTo(left);
        assertThat(ask("PRE_PRODUCTION_TRAFFIC_SHIFT", later, details(rollout)))
                .isEqualTo(Map.of("hookStatus", "SUCCEEDED"));
    }

    @Test
    void aFaultOfOursIsRetriedForAQuarterOfAnHourAndThenFails() {
        Rollout rollout = waiting();
        world.chaos.beforeRead = () -> {
            throw new IllegalStateException("the store is broken");
        };

        Map<String, Object> first = ask("PRE_PRODUCTION_TRAFFIC_SHIFT", deployment(rollout), details(rollout));
        Map<String, Object> faulty = new HashMap<>(details(rollout));
        faulty.put("faultSince", clock.instant().toString());
        assertThat(first).isEqualTo(Map.of("hookStatus", "IN_PROGRESS", "callBackDelay", 30L, "hookDetails", faulty));
        var since = clock.instant();
        HookHandler edge = new HookHandler(world.plane.gate(), () -> since.plus(Duration.ofMinutes(15)));
        HookHandler over = new HookHandler(
                world.plane.gate(), () -> since.plus(Duration.ofMinutes(15)).plusMillis(1));
        Map<String, Object> again = Map.of(
                "lifecycleStage",
                "PRE_PRODUCTION_TRAFFIC_SHIFT",
                "resourceArn",
                deployment(rollout),
                "hookDetails",
                faulty);
        assertThat(edge.handleRequest(again, null)).isEqualTo(first);
        assertThat(over.handleRequest(again, null)).isEqualTo(Map.of("hookStatus", "FAILED"));

        world.chaos.beforeRead = () -> {};
        assertThat(over.handleRequest(again, null))
                .containsEntry("hookStatus", "IN_PROGRESS")
                .containsEntry("hookDetails", details(rollout));
    }

    @Test
    void aFirstDeploymentIsLetThrough() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("blue-green", ", checks: [{path: /, contains: Nobody says this}]"));

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(List.of(world.ecs(World.WEB).deployments().size())).containsExactly(1);
    }
}
