package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceQueries;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clean-up scripts and consoles deregister task definitions, those of releases that are to be deployed again among them. */
class DeregisteredTest {
    private static final String SERVICE = "container: {port: %d}\nrollout: {strategy: %s}\n";

    private final World world = new World(11);

    private void created(String strategy) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted(8000, strategy));
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private Release release(int number) {
        return world.store.get(Release.key(World.WEB, number)).orElseThrow().value();
    }

    private String deregister(int number) {
        String arn = release(number).taskDefinition();
        world.account.ecs().deregisterTaskDefinition(request -> request.taskDefinition(arn));
        return arn;
    }

    private Rollout rollBack(int number) {
        return world.rollBack(World.WEB, number);
    }

    private void serves(int number) {
        assertThat(world.ecs(World.WEB).taskDefinition())
                .isEqualTo(release(number).taskDefinition());
        assertThat(world.record(World.WEB).live()).isEqualTo(number);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        ServiceQueries.Live live = world.queries().live(world.record(World.WEB)).orElseThrow();
        assertThat(Objects.requireNonNull(live.release()).number()).isEqualTo(number);
        assertThat(live.outOfBand()).isNull();
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aReleaseIsRegisteredAnewAndKeepsItsNumberWhenItIsRolledBackTo(String strategy) {
        created(strategy);
        String before = deregister(1);

        Rollout back = rollBack(1);

        assertThat(back.state()).as(back.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(release(1).taskDefinition()).isNotEqualTo(before);
        assertThat(release(1).formerTaskDefinitions()).containsExactly(before);
        serves(1);
    }

    @Test
    void theSameImageRolledOutAgainIsTheSameReleaseRegisteredAnew() {
        created("rolling");
        deregister(1);

        Rollout again = world.rollOut(World.WEB, "v1");

        assertThat(again.release()).isEqualTo(1);
        assertThat(again.state()).as(again.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        serves(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void anApplyWhileTheLiveReleaseIsDeregisteredSucceedsAndRevertsNothing(String strategy) {
        created(strategy);
        String before = deregister(2);

        Operation applied = world.apply(
                World.WEB, SERVICE.formatted(8000, strategy) + "gracePeriodSeconds: 30\ntags: {team: shop}\n");

        assertThat(applied.failure()).isNull();
        assertThat(applied.notes()).anyMatch(note -> note.contains("Release 2 had been deregistered"));
        assertThat(release(2).formerTaskDefinitions()).containsExactly(before);
        serves(2);
        Operation again = world.apply(World.WEB, SERVICE.formatted(8000, strategy));
        assertThat(again.failure()).isNull();
        serves(2);
        assertThat(rollBack(1).state()).isEqualTo(Rollout.State.SUCCEEDED);
        serves(1);
    }

    @Test
    void aServiceThatIsMadeAnewStartsFromTheRecord() {
        created("rolling");
        deregister(2);
        world.account
                .ecs()
                .deleteService(request -> request.cluster(World.DEV.cluster())
                        .service(World.WEB.service())
                        .force(true));
        world.timeline.advance(Duration.ofMinutes(10));

        Operation applied = world.apply(World.WEB, SERVICE.formatted(8000, "rolling"));

        assertThat(applied.failure()).isNull();
        serves(2);
    }

    @Test
    void aNewPortGoesOutThoughTheLiveReleaseIsDeregistered() {
        created("rolling");
        assertThat(world.apply(World.WEB, SERVICE.formatted(9000, "rolling")).failure())
                .isNull();
        deregister(3);

        Operation applied = world.apply(World.WEB, SERVICE.formatted(7000, "rolling"));

        assertThat(applied.failure()).isNull();
        serves(4);
        assertThat(rollBack(3).state()).isEqualTo(Rollout.State.SUCCEEDED);
        serves(3);
    }

    @Test
    void theLiveReleaseRolledOutAgainIsDeployedUnderItsNewName() {
        created("rolling");
        deregister(2);

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);

        serves(2);
    }

    /** Somebody's script deregisters the newest revision in the moment before ECS or CloudFormation is to start it. */
    private void deregisteredJustBefore(String call) {
        boolean[] done = new boolean[1];
        world.chaos.watcher = (operation, request) -> {
            String newest = world
                    .account
                    .ecs()
                    .listTaskDefinitions(
                            list -> list.familyPrefix("slipway-dev-web").sort("DESC"))
                    .taskDefinitionArns()
                    .stream()
                    .findFirst()
                    .orElse("");
            if (!done[0] && operation.equals(call) && request.toString().contains(newest)) {
                done[0] = true;
                world.account.ecs().deregisterTaskDefinition(old -> old.taskDefinition(newest));
            }
            return () -> {};
        };
    }

    private void livesUnderAnotherName(Rollout rollout) {
        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        int number = Objects.requireNonNull(rollout.release());
        assertThat(release(number).formerTaskDefinitions()).hasSize(1);
        serves(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void oneThatIsDeregisteredBeforeTheDeploymentIsRegisteredAnewAndGoesOut(String strategy) {
        created(strategy);
        deregisteredJustBefore("updateService");

        livesUnderAnotherName(world.rollOut(World.WEB, "v3"));
    }

    @Test
    void norDoesTheOneOffTaskFailOfIt() {
        created("rolling");
        world.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: rolling, before: {command: [migrate]}}\n");
        deregisteredJustBefore("runTask");

        livesUnderAnotherName(world.rollOut(World.WEB, "v3"));
    }

    @Test
    void norTheFirstReleaseThatGoesThroughTheStack() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted(8000, "rolling"));
        boolean[] done = new boolean[1];
        world.chaos.watcher = (operation, request) -> {
            if (!done[0] && operation.equals("updateStack")) {
                done[0] = true;
                deregister(1);
            }
            return () -> {};
        };

        livesUnderAnotherName(world.rollOut(World.WEB, "v1"));
    }

    /** ECS goes on with what it has started, also with more tasks of it. */
    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void oneThatIsDeregisteredWhileItIsDeployedGoesOn(String strategy) {
        created(strategy);
        boolean[] done = new boolean[1];
        world.chaos.watcher = (operation, request) -> {
            boolean starts = !done[0] && operation.equals("updateService");
            done[0] |= starts;
            return starts ? () -> deregister(3) : () -> {};
        };

        Rollout rollout = world.rollOut(World.WEB, "v3");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        serves(3);
        assertThat(world.apply(World.WEB, SERVICE.formatted(8000, strategy) + "gracePeriodSeconds: 30\n")
                        .failure())
                .isNull();
        serves(3);
    }
}
