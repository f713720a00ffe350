package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.ecs.model.EcsException;

/** A release that is live has to go: what may keep the one before from coming back, and what may not. */
class GoingBackTest {
    private final World world = new World(3);

    private void created(String service) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, "container: {port: 8000}\n" + service).failure())
                .isNull();
    }

    private void live(String image) {
        assertThat(world.rollOut(World.WEB, image).state()).isEqualTo(State.SUCCEEDED);
    }

    private Rollout rollout(String id) {
        return world.plane.rollouts().rollout(World.WEB, id);
    }

    private Optional<Rollout> wayBack() {
        return world.store.list(World.WEB.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, 10, null).items().stream()
                .map(Stored::value)
                .filter(Rollout::isAutomaticRollback)
                .findFirst();
    }

    private Rollout untilItGoesBack() {
        Instant limit = world.timeline.instant().plus(Duration.ofHours(3));
        while (wayBack().isEmpty() && world.timeline.instant().isBefore(limit)) {
            world.timeline.step();
        }
        return wayBack().orElseThrow();
    }

    /** Told when it begins, before anything of it is done. */
    private void asItGoesBack(Runnable action) {
        boolean[] begun = new boolean[1];
        world.chaos.beforeRead = () -> {
            if (!begun[0] && wayBack().isPresent()) {
                begun[0] = true;
                action.run();
            }
        };
    }

    /** What rolls it back is written down as ECS finishes, and ECS is told too late. */
    private void foundToBeBadTooLate(String id) {
        world.chaos.refused = operation -> operation.equals("stopServiceDeployment");
        while (rollout(id).progress().stage() == null
                || !rollout(id).progress().stage().name().equals("CLEAN_UP")) {
            world.timeline.step();
        }
        Stored<Rollout> stored = world.store.get(Rollout.key(World.WEB, id)).orElseThrow();
        Stop stop = new Stop(Cause.FAILED_TASKS, "slipway", "Its tasks failed.", world.timeline.instant());
        world.store.write(List.of(new Write.Update<>(stored, stored.value().stopping(stop))));
    }

    private String taskDefinition(int release) {
        return world.store
                .get(Release.key(World.WEB, release))
                .orElseThrow()
                .value()
                .taskDefinition();
    }

    private static AwsServiceException unavailable() {
        return EcsException.builder()
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("ServerException")
                        .errorMessage("Service Unavailable")
                        .build())
                .statusCode(503)
                .build();
    }

    /** AWS's answer tells nothing, or the process is gone that had heard the refusal. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void updateServiceIsTriedForHoursThoughNobodyKnowsWhatBecameOfTheCall(boolean processesEnd) {
        created("rollout: {strategy: rolling}\n");
        live("v1");
        String id = world.started(World.WEB, "v2-crash-after-30s");
        asItGoesBack(() -> {
            Instant allowed = world.timeline.instant().plus(Duration.ofHours(3));
            world.chaos.watcher = (operation, request) -> {
                if (operation.equals("updateService")
                        && world.timeline.instant().isBefore(allowed)) {
                    if (processesEnd) {
                        throw new Crash("as ECS refuses updateService");
                    }
                    throw unavailable();
                }
                return () -> {};
            };
        });
        untilItGoesBack();
        world.timeline.advance(Duration.ofHours(2));
        assertThat(rollout(id).isRunning()).as(String.valueOf(rollout(id))).isTrue();
        world.timeline.advance(Duration.ofHours(2));

        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(taskDefinition(1));
    }

    /** Somebody has helped themselves meanwhile. */
    @Test
    void whatSomebodyHasDeployedWhileAwsRefusedIsLeftAlone() {
        created("rollout: {strategy: rolling}\n");
        live("v1");
        String id = world.started(World.WEB, "v2-crash-after-30s");
        asItGoesBack(() -> world.chaos.refused = operation -> operation.equals("updateService"));
        untilItGoesBack();
        world.timeline.advance(Duration.ofMinutes(20));
        String own = world.deployByHand(World.WEB, taskDefinition(1));
        world.timeline.advance(Duration.ofMinutes(20));
        world.chaos.refused = operation -> false;
        world.timeline.advance(Duration.ofHours(1));

        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(own);
        assertThat(wayBack().orElseThrow().state()).isEqualTo(State.CANCELLED);
        assertThat(wayBack().orElseThrow().outcome().detail()).contains("Another deployment took its place.");
        assertThat(rollout(id).state()).isEqualTo(State.FAILED);
    }

    /** ECS is done with a bad release while the worker is away, and somebody puts it right in the console. */
    @ParameterizedTest
    @ValueSource(strings = {"stableMinutes: 3", "stableMinutes: 0"})
    void aLateVerdictLeavesAloneWhatSomebodyHasDeployedSince(String stable) {
        created("rollout: {strategy: blue-green, bakeMinutes: 10, %s}\n".formatted(stable));
        world.account.traffic().requestsPerMinute(6000);
        live("v1");
        world.timeline.advance(Duration.ofMinutes(10));
        String id = world.started(World.WEB, "v2-prod-errors-20");
        while (rollout(id).progress().stage() == null
                || rollout(id).progress().stage().percent() < 100) {
            world.timeline.step();
        }
        world.queue.consumer(body -> {
            throw new IllegalStateException("the worker is away");
        });
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(world.ecs(World.WEB).deployments()).as("ECS is done").hasSize(1);
        String own = world.deployByHand(World.WEB, taskDefinition(1));
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(world.ecs(World.WEB).deployments())
                .singleElement()
                .satisfies(found -> assertThat(found.taskDefinition()).isEqualTo(own));
        world.work();
        world.timeline.advance(Duration.ofHours(2));

        assertThat(rollout(id).stop()).isNotNull();
        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(State.CANCELLED);
        assertThat(rollout(id).outcome().detail()).contains("Another deployment took its place.");
        assertThat(wayBack()).isEmpty();
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(own);
        Ledgers.replay(world, World.WEB);
    }

    /** Its tasks fall over as well while those of the release that is to go drain: bringing that one up again helps nobody. */
    @Test
    void tasksThatEndDoNotStopItOnceItServes() {
        created(
                "rollout: {strategy: blue-green, bakeMinutes: 0, stableMinutes: 3}\nrouting: {drainingSeconds: 3600}\n");
        live("v1-crash-after-12m");
        String id = world.started(World.WEB, "v2");
        foundToBeBadTooLate(id);
        untilItGoesBack();
        world.chaos.refused = operation -> false;
        for (int i = 0; i < 300 && wayBack().orElseThrow().isRunning(); i++) {
            world.timeline.advance(Duration.ofMinutes(1));
        }

        assertThat(wayBack().orElseThrow().stop()).isNull();
        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(State.ROLLED_BACK);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(taskDefinition(1));
    }

    /** ECS can place no task more. */
    private static final class FullAccount implements Faults {
        @Override
        public String placement() {
            return "You've reached the limit on the number of vCPUs you can run concurrently";
        }
    }

    @Test
    void aRollingOneThatTakesLongIsNotStoppedOnceItsTasksRun() {
        created("count: 4\nrollout: {strategy: rolling, timeLimitSeconds: 300}\n");
        live("v1");
        String id = world.started(World.WEB, "v2-crash-after-1m");
        Rollout back = untilItGoesBack();
        while (world.ecs(World.WEB).deployments().getFirst().pendingCount() == 0) {
            world.timeline.step();
        }
        world.aws.faults(new FullAccount());
        world.scaleByHand(World.WEB, 20);
        world.timeline.advance(Duration.ofHours(2));
        assertThat(rollout(back.id()).isRunning())
                .as(String.valueOf(rollout(back.id())))
                .isTrue();
        assertThat(rollout(back.id()).stop())
                .as(String.valueOf(rollout(back.id())))
                .isNull();
        world.aws.faults(Faults.NONE);
        world.timeline.advance(Duration.ofHours(1));

        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(State.ROLLED_BACK);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(taskDefinition(1));
    }

    /** A person has to know that neither release can be had. */
    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void oneWhoseTasksDoNotStartEndsAndSaysSo(String strategy) {
        created("count: 4\nrollout: {strategy: %s, bakeMinutes: 0, timeLimitSeconds: 300}\n".formatted(strategy));
        live("v1");
        String id = world.started(World.WEB, strategy.equals("rolling") ? "v2-crash-after-1m" : "v2");
        if (strategy.equals("blue-green")) {
            foundToBeBadTooLate(id);
        }
        asItGoesBack(() -> world.aws.faults(new FullAccount()));
        Rollout back = untilItGoesBack();
        world.timeline.advance(Duration.ofHours(2));

        assertThat(rollout(back.id()).stop().cause()).isEqualTo(Cause.TIME_LIMIT);
        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(State.FAILED);
        assertThat(rollout(id).outcome().failure().code()).isEqualTo("unstable-release");
    }

    /** Old tasks drain for an hour, in which the verdict would come. */
    @Test
    void aRollbackThatAPersonOrdersStaysWhileOldTasksDrain() {
        created("rollout: {strategy: blue-green, bakeMinutes: 0}\nrouting: {drainingSeconds: 3600}\n");
        live("v1-prod-errors-20");
        live("v2");
        world.account.traffic().requestsPerMinute(6000);
        world.timeline.advance(Duration.ofMinutes(90));

        Rollout back = world.rollBack(World.WEB, null);

        assertThat(back.state()).as(String.valueOf(back)).isEqualTo(State.SUCCEEDED);
        assertThat(back.progress().verdict().outcome().name()).isEqualTo("UNHEALTHY");
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }
}
