package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.ServiceId;
import dev.slipway.lambda.HookHandler;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentBrief;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;

/** The hook function, asked by hand: what ECS hears of our own faults, twice, and about what is not ours. */
class HookTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s%s}\n";

    private static final ObjectMapper JSON = new ObjectMapper();

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
        String id = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofMinutes(10));
        return world.plane.rollouts().rollout(World.WEB, id);
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
        world.answer(World.WEB, rollout.id(), true, null, "eve");
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

        assertThat(ask("POST_TEST_TRAFFIC_SHIFT", past, details(rollout)))
                .as("ECS asks about what there is; that it does not show it must not open the gate")
                .containsEntry("hookStatus", "IN_PROGRESS");
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
        world.answer(World.WEB, rollout.id(), true, null, "eve");
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
                        .withOutcome(new Rollout.Outcome(clock.instant(), "left behind", null, null))
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

    /** What the gate knows of a rollout. */
    private Optional<GateRecord> gate(Rollout rollout) {
        return world.store.get(GateRecord.key(World.WEB, rollout.id())).map(Stored::value);
    }

    private Rollout running(ServiceId service) {
        return world.plane
                .rollouts()
                .rollouts(service, 1, null)
                .items()
                .getFirst()
                .value();
    }

    /** Deployments of a service, the newest first. */
    private List<String> deployments(ServiceId service) {
        return world
                .account
                .ecs()
                .listServiceDeployments(request ->
                        request.cluster(service.environmentId().cluster()).service(service.service()))
                .serviceDeployments()
                .stream()
                .sorted(Comparator.comparing(ServiceDeploymentBrief::createdAt).reversed())
                .map(ServiceDeploymentBrief::serviceDeploymentArn)
                .toList();
    }

    /** Before the first genuine question of a rollout of v2 somebody else asks; the rollout, as it is half an hour later. */
    private Rollout asked(Consumer<Rollout> forged) {
        boolean[] first = {true};
        world.account.functions().register(World.HOOK, event -> {
            if (first[0] && running(World.WEB).request().tag().equals("v2")) {
                first[0] = false;
                forged.accept(running(World.WEB));
            }
            try {
                return JSON.writeValueAsString(hook.handleRequest(JSON.readValue(event, Map.class), null));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        });
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(first[0]).isFalse();
        return running(World.WEB);
    }

    /** dev and prod with a service each that waits at nothing, and dev's with checks and an approval. */
    private ServiceId other() {
        ServiceId prod = new ServiceId("prod", "web");
        world.apply(prod.environmentId(), "network: {cidr: 172.31.0.0/16}\n");
        world.apply(prod, SERVICE.formatted("blue-green", ""));
        world.rollOut(prod, "v1");
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(
                World.WEB, SERVICE.formatted("canary", ", checks: [{path: /}], approval: {when: before-production}"));
        world.rollOut(World.WEB, "v1");
        return prod;
    }

    @Test
    void aQuestionAboutADeploymentOfAnotherEnvironmentChangesNothing() {
        ServiceId prod = other();
        List<Map<String, Object>> answers = new ArrayList<>();
        Rollout rollout = asked(now -> {
            world.plane.rollouts().rollOut(prod, World.asking("v2"), World.by("ann"));
            world.timeline.advance(Duration.ofSeconds(10));
            answers.add(ask(
                    "POST_TEST_TRAFFIC_SHIFT", deployments(prod).getFirst(), Map.of("rollout", "dev/web/" + now.id())));
            assertThat(gate(now)).isEmpty();
        });

        assertThat(answers).containsExactly(Map.of("hookStatus", "SUCCEEDED"));
        assertThat(gate(rollout)).hasValueSatisfying(gate -> {
            assertThat(gate.deployment()).isEqualTo(deployments(World.WEB).getFirst());
            assertThat(gate.awaitingApproval()).isPresent();
        });
        assertThat(rollout.isRunning()).isTrue();
    }

    @Test
    void aQuestionAboutAnEarlierDeploymentOfTheServiceChangesNothing() {
        other();
        Rollout rollout = asked(now -> {
            ask("POST_TEST_TRAFFIC_SHIFT", deployments(World.WEB).getLast(), Map.of("rollout", "dev/web/" + now.id()));
            assertThat(gate(now)).isEmpty();
        });

        assertThat(gate(rollout).flatMap(GateRecord::awaitingApproval)).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "PRE_PRODUCTION_TRAFFIC_SHIFT,",
        "PRE_PRODUCTION_TRAFFIC_SHIFT,1",
        "POST_TEST_TRAFFIC_SHIFT,1",
        "POST_TEST_TRAFFIC_SHIFT,2"
    })
    void aQuestionOfAStageOrStepThatEcsIsNotAtChangesNothing(String stage, @Nullable Integer step) {
        other();
        Rollout rollout = asked(now -> {
            Map<String, Object> details = new HashMap<>(Map.of("rollout", "dev/web/" + now.id()));
            if (step != null) {
                details.put("step", step);
            }
            assertThat(ask(stage, deployments(World.WEB).getFirst(), details))
                    .containsEntry("hookStatus", "IN_PROGRESS");
            assertThat(gate(now)).isEmpty();
        });

        assertThat(gate(rollout).orElseThrow().checkpoints())
                .extracting(GateRecord.Checkpoint::stage)
                .containsExactly("POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT");
        assertThat(gate(rollout).flatMap(GateRecord::awaitingApproval)).isPresent();
    }

    @Test
    void questionsInQuickSuccessionDoNotUseUpTheRoundsOfChecks() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("blue-green", ", checks: [{path: /, contains: Nobody says this}]"));
        world.rollOut(World.WEB, "v1");
        asked(now -> {
            for (int i = 0; i < 5; i++) {
                ask(
                        "POST_TEST_TRAFFIC_SHIFT",
                        deployments(World.WEB).getFirst(),
                        Map.of("rollout", "dev/web/" + now.id()));
            }
            assertThat(gate(now).orElseThrow().checkpoints().getFirst().rounds())
                    .isEqualTo(1);
            assertThat(running(World.WEB).stop()).isNull();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "POST_TEST_TRAFFIC_SHIFT,POST_TEST_TRAFFIC_SHIFT,false,true",
        "POST_TEST_TRAFFIC_SHIFT,TEST_TRAFFIC_SHIFT,false,false",
        "POST_TEST_TRAFFIC_SHIFT,A_NEW_ONE,true,false",
        "PRE_PRODUCTION_TRAFFIC_SHIFT,PRE_PRODUCTION_TRAFFIC_SHIFT,false,true",
        "PRE_PRODUCTION_TRAFFIC_SHIFT,PRODUCTION_TRAFFIC_SHIFT,true,true",
        "PRE_PRODUCTION_TRAFFIC_SHIFT,POST_TEST_TRAFFIC_SHIFT,true,true",
        "PRE_PRODUCTION_TRAFFIC_SHIFT,POST_TEST_TRAFFIC_SHIFT,false,false",
        "PRE_PRODUCTION_TRAFFIC_SHIFT,BAKE_TIME,true,false",
        "PRE_PRODUCTION_TRAFFIC_SHIFT,null,true,false"
    })
    void aStageIsBelievedWhenEcsShowsIt(String asked, String shown, boolean tested, boolean believed) {
        other();
        Rollout rollout = asked(now -> {});
        // The approval waits at the stage before production.
        world.chaos.described = response -> response.toBuilder()
                .serviceDeployments(response.serviceDeployments().stream()
                        .map(found -> found.toBuilder().lifecycleStage(shown).build())
                        .toList())
                .build();
        if (!tested) {
            var stored =
                    world.store.get(GateRecord.key(World.WEB, rollout.id())).orElseThrow();
            world.store.write(List.of(new Write.Update<>(
                    stored,
                    new GateRecord(stored.value().rollout(), stored.value().deployment(), List.of()))));
        }
        var before = gate(rollout);

        ask(asked, deployment(rollout), Map.of("rollout", "dev/web/" + rollout.id()));
        boolean changed = !gate(rollout).equals(before);
        Map<String, Object> answer = ask(asked, deployment(rollout), details(rollout));

        assertThat(answer.get("hookDetails") instanceof Map<?, ?> details && details.containsKey("faultSince"))
                .isEqualTo(!believed);
        assertThat(changed && !believed).isFalse();
    }

    @Test
    void aFirstDeploymentIsLetThroughOnceItIsApproved() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("blue-green", ", checks: [{path: /, contains: Nobody says this}]"));

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(List.of(world.ecs(World.WEB).deployments().size())).containsExactly(1);

        assertThat(world.apply(
                                new ServiceId("dev", "api"),
                                SERVICE.formatted("blue-green", ", approval: {when: each-step}")
                                        + "routing: {paths: [/api/*]}\n")
                        .failure())
                .isNull();
        world.plane.rollouts().rollOut(new ServiceId("dev", "api"), World.asking("v1"), World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(world.account
                        .ecs()
                        .listServices(request -> request.cluster("slipway-dev"))
                        .serviceArns())
                .hasSize(1);
    }
}
