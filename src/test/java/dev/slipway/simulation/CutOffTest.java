package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.TargetGroups;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.service.RolloutRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker that dies around the call that starts a deployment, while people go on. */
class CutOffTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    private final World world = new World(3);

    private void created(String strategy) {
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy)).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
    }

    private String ask(RolloutRequest request) {
        return world.plane
                .rollouts()
                .rollOut(World.WEB, request, World.by("ann"))
                .id();
    }

    private void until(String phase) {
        for (int i = 0; i < 10_000 && !phase.equals(phase()); i++) {
            world.timeline.step();
        }
        assertThat(phase()).isEqualTo(phase);
    }

    private String phase() {
        return world.plane
                .operations()
                .findRunning(World.WEB)
                .map(operation -> operation.phase().toString())
                .orElse("");
    }

    /** The process dies after the next call of this name, or before it. */
    private void dies(String when, String call) {
        boolean[] dead = new boolean[1];
        world.chaos.watcher = (operation, request) -> {
            boolean now = !dead[0] && operation.equals(call);
            dead[0] |= now;
            if (now && when.equals("before")) {
                throw new Crash(when + " " + call);
            }
            return () -> {
                if (now) {
                    throw new Crash(when + " " + call);
                }
            };
        };
    }

    private void deployByHand(String taskDefinition) {
        world.account
                .ecs()
                .updateService(request -> request.cluster(World.DEV.cluster())
                        .service(World.WEB.service())
                        .taskDefinition(taskDefinition));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "canary", "linear"})
    void whatWasStartedIsRolledBackAlsoWhenTheWorkerDiedBeforeItCouldSaySo(String strategy) {
        created(strategy);
        String live = world.ecs(World.WEB).taskDefinition();
        String id = ask(World.asking("v3"));
        dies("after", "updateService");
        until("start");
        while (world.ecs(World.WEB).deployments().size() < 2) {
            world.timeline.step();
        }
        assertThat(phase()).isEqualTo("start");
        world.plane.rollouts().cancel(World.WEB, id, World.by("eve"));
        world.settle();

        Rollout ended = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(State.CANCELLED);
        assertThat(ended.progress().deployment()).isNotNull();
        world.timeline.advance(Duration.ofHours(2));
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(live);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.traffic(World.WEB).byTaskDefinition()).containsOnlyKeys(live);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void whatSomebodyDeployedMeanwhileIsNotTakenForOurs(String strategy) {
        created(strategy);
        String first = world.account
                .ecs()
                .listTaskDefinitions(request -> request.familyPrefix(World.WEB.family()))
                .taskDefinitionArns()
                .getFirst();
        String id = ask(World.asking("v3"));
        dies("before", "describeServices");
        world.chaos.watcher = whileStarting(world.chaos.watcher);
        until("start");
        deployByHand(first);
        world.settle();

        Rollout ended = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(3);
        assertThat(world.ecs(World.WEB).taskDefinition()).endsWith(":3");
        assertThat(world.traffic(World.WEB).byTaskDefinition())
                .containsOnlyKeys(world.ecs(World.WEB).taskDefinition());
    }

    private Chaos.Watcher whileStarting(Chaos.Watcher watcher) {
        return (operation, request) -> phase().equals("start") ? watcher.before(operation, request) : () -> {};
    }

    @Test
    void trafficThatMovedSinceWeLookedIsNotJudgedTheWrongWayRound() {
        created("canary");
        assertThat(world.apply(
                                World.WEB,
                                "container: {port: 8000}\nrollout: {strategy: canary, before: {command: [migrate], timeoutSeconds: 3600}}\n")
                        .failure())
                .isNull();
        String live = world.ecs(World.WEB).taskDefinition();
        String id = ask(World.asking("v3-prod-errors-20"));
        until("task");
        deployByHand(live.replaceFirst(":\\d+$", ":1"));
        world.settle();

        Rollout ended = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(ended.stop().cause()).isEqualTo(Cause.UNHEALTHY);
        assertThat(ended.progress().verdict().errors().candidateFailures()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void trafficThatMovesWhileWeWaitIsNotJudgedTheWrongWayRound(boolean dies) {
        created("canary, timeLimitSeconds: 3600");
        deployByHand(world.ecs(World.WEB).taskDefinition().replaceFirst(":\\d+$", ":1"));
        world.timeline.advance(Duration.ofMinutes(1));
        String id = ask(World.asking("v3-prod-errors-20"));
        until("start");
        String before = groups(id).live();
        if (dies) {
            dies("after", "updateService");
        }
        world.settle();

        Rollout ended = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(groups(id).candidate()).isEqualTo(before);
        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(ended.stop().cause()).isEqualTo(Cause.UNHEALTHY);
        assertThat(ended.progress().verdict().errors().candidateFailures()).isPositive();
    }

    private TargetGroups groups(String rollout) {
        return world.plane.rollouts().rollout(World.WEB, rollout).progress().targetGroups();
    }
}
