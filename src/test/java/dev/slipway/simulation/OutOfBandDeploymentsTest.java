package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.service.ServiceQueries;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deployments that somebody starts by other means are recorded and shown, and never judged as ours. */
class OutOfBandDeploymentsTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    private final World world = new World(9);

    private void created(String strategy) {
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy)).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
    }

    private String deployByHand() {
        return world.deployByHand(World.WEB, world.ecs(World.WEB).taskDefinition());
    }

    private void deploy(String taskDefinition) {
        world.account
                .ecs()
                .updateService(request -> request.cluster(World.DEV.cluster())
                        .service(World.WEB.service())
                        .taskDefinition(taskDefinition));
    }

    private Optional<String> difference() {
        Optional<ServiceQueries.Live> live = world.queries().live(world.record(World.WEB));
        return world.queries().drift(world.record(World.WEB), live);
    }

    private long recorded() {
        return Ledgers.of(world, World.WEB, LedgerEntry.EventType.DEPLOYED_OUT_OF_BAND)
                .size();
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void oneIsRecordedOnceShownAndLetPass(String strategy) {
        created(strategy);
        world.timeline.advance(Duration.ofHours(1));
        assertThat(recorded()).isZero();
        assertThat(difference()).isEmpty();

        String own = deployByHand();
        world.timeline.advance(Duration.ofSeconds(30));
        assertThat(difference().orElseThrow()).contains("started outside Slipway");
        world.timeline.advance(Duration.ofHours(4));

        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(own);
        assertThat(recorded()).isEqualTo(1);
        assertThat(difference().orElseThrow()).contains("none of this service's releases");
        deployByHand();
        world.timeline.advance(Duration.ofHours(4));
        assertThat(recorded()).isEqualTo(2);
    }

    @Test
    void anEarlierReleaseThatSomebodyDeployedIsShown() {
        created("rolling");
        String first = world.ecs(World.WEB).taskDefinition();
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(1));
        deploy(first);
        world.timeline.advance(Duration.ofMinutes(30));

        assertThat(recorded()).isEqualTo(1);
        assertThat(difference().orElseThrow())
                .contains("ECS runs release 2 where the last rollout that succeeded made release 3 live")
                .contains("deployed outside Slipway");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v3-crash", "v3-prod-errors-20", "v3-never-healthy", "v3"})
    void nothingOfOurOwnIsEverTakenForSomebodyElses(String image) {
        created("canary");
        world.rollOut(World.WEB, image);
        world.rollOut(World.WEB, "v4");
        world.timeline.advance(Duration.ofHours(2));

        assertThat(recorded()).isZero();
    }

    @Test
    void aRolloutThatWaitsForOneSaysSo() {
        created("rolling");
        world.timeline.advance(Duration.ofMinutes(1));
        deployByHand();
        world.timeline.advance(Duration.ofSeconds(20));
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v3"), World.by("ann"))
                .location();
        String id = World.idOf(location);
        world.timeline.advance(Duration.ofSeconds(15));

        Rollout waiting = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(waiting.progress().deployment()).isNull();
        assertThat(waiting.progress().waitsFor()).contains("started outside Slipway");

        Rollout ended = world.rolledOut(World.WEB, location);
        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(ended.progress().waitsFor()).isNull();
    }

    /** How long people have taken before it leaves a rollout as much time as any other. */
    @Test
    void oneThatBeginsAfterALongApprovalIsWaitedForAsWell() {
        created("blue-green");
        assertThat(world.apply(
                                World.WEB,
                                SERVICE.formatted("blue-green, bakeMinutes: 1, before: {command: [migrate]},"
                                        + " approval: {when: before-production}"))
                        .failure())
                .isNull();
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v3"), World.by("ann"))
                .location();
        String id = World.idOf(location);
        world.timeline.advance(Duration.ofHours(3));
        world.answer(World.WEB, id, true, null, "eve"); // to the one-off task
        world.timeline.advance(Duration.ofSeconds(40));
        deployByHand();
        world.timeline.advance(Duration.ofSeconds(30));
        Rollout waiting = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(waiting.progress().waitsFor()).as(String.valueOf(waiting)).contains("started outside Slipway");
        world.answerWhenAsked(World.WEB, id, true, "eve");

        Rollout ended = world.rolledOut(World.WEB, location);
        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void duringACanaryItIsShownWhichReleaseHasWhichPartOfTheTraffic() {
        created("canary");
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v3"), World.by("ann"))
                .location();
        ServiceQueries.Live live = world.queries().live(world.record(World.WEB)).orElseThrow();
        for (int minute = 0; minute < 20 && live.traffic().getFirst().percent() != 10; minute++) {
            world.timeline.advance(Duration.ofMinutes(1));
            live = world.queries().live(world.record(World.WEB)).orElseThrow();
        }

        assertThat(live.traffic()).containsExactly(new ServiceQueries.Share(3, 10), new ServiceQueries.Share(2, 90));
        assertThat(difference().orElseThrow())
                .contains("release 3 has 10 % of the requests, release 2 has 90 % of the requests");
        world.rolledOut(World.WEB, location);
        assertThat(world.queries().live(world.record(World.WEB)).orElseThrow().traffic())
                .containsExactly(new ServiceQueries.Share(3, 100));
        assertThat(difference()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aRollbackThatSomebodyOrdersInTheConsoleIsToldAsThatAndNotHeldAgainstTheRelease(String strategy) {
        created(strategy);
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v3"), World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofSeconds(40));
        String deployment = world.account
                .ecs()
                .listServiceDeployments(
                        request -> request.cluster(World.DEV.cluster()).service(World.WEB.service()))
                .serviceDeployments()
                .getFirst()
                .serviceDeploymentArn();
        world.account.ecs().stopServiceDeployment(request -> request.serviceDeploymentArn(deployment));

        Rollout ended = world.rolledOut(World.WEB, location);

        assertThat(ended.state()).isEqualTo(State.CANCELLED);
        assertThat(ended.outcome().failure().code()).isEqualTo("deployment-stopped");
        assertThat(ended.outcome().detail())
                .startsWith(
                        "Somebody had ECS roll release 3 back outside Slipway, and the release before is live again.");
        assertThat(world.plane
                        .rollouts()
                        .releases(World.WEB, 10, null)
                        .items()
                        .getFirst()
                        .value()
                        .rolledBack())
                .isNull();
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(State.SUCCEEDED);
    }
}
