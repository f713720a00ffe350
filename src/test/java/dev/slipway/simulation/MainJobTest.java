package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.rollout.Rollout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The main job from end to end, and the three promises on day two. */
class MainJobTest {
    private static final String ENVIRONMENT = "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n";
    private static final String SERVICE = "container: {port: 8000}\n";

    private final World world = new World(1);

    private void created() {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
    }

    @Test
    void anEnvironmentAServiceAndTwoReleases() {
        created();

        Rollout first = world.rollOut(World.WEB, "v1");
        assertThat(first.outcome().failure()).isNull();
        assertThat(first.state()).isEqualTo(Rollout.State.SUCCEEDED);
        Rollout second = world.rollOut(World.WEB, "v2");

        assertThat(second.outcome().failure()).isNull();
        assertThat(second.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.record(World.WEB).previous()).isEqualTo(1);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(2);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void aBadReleaseIsRolledBackAndTheOneBeforeGoesOnServing() {
        created();
        world.rollOut(World.WEB, "v1");
        String live = world.ecs(World.WEB).taskDefinition();

        Rollout bad = world.rollOut(World.WEB, "v2-crash");

        assertThat(bad.state()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.outcome().detail()).contains("circuit breaker");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(live);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @Test
    void aBadFirstReleaseLeavesTheServiceReadyForTheNext() {
        created();

        Rollout bad = world.rollOut(World.WEB, "v1-crash");
        assertThat(bad.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(bad.outcome().failure().code()).isEqualTo("deployment-failed");

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void anApplyThatFailsMovesNoTrafficRevertsNoReleaseAndKeepsTheScale() {
        created();
        world.rollOut(World.WEB, "v1");
        world.rollOut(World.WEB, "v2");
        world.scaleByHand(World.WEB, 5);
        String live = world.ecs(World.WEB).taskDefinition();
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "as the test wants it");

        Operation failed = world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n");

        assertThat(failed.state()).isEqualTo(Operation.State.FAILED);
        assertThat(failed.failure().detail()).contains("as the test wants it");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(live);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(5);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void alsoWhenOnlyTheLastResourceFailsAndCloudFormationRollsBack() {
        created();
        world.rollOut(World.WEB, "v1");
        world.rollOut(World.WEB, "v2");
        world.scaleByHand(World.WEB, 5);
        assertThat(world.apply(World.WEB, SERVICE + "logs: {retentionDays: 7}\n")
                        .failure())
                .isNull();
        String live = world.ecs(World.WEB).taskDefinition();
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "as the test wants it");

        Operation failed = world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n");

        assertThat(failed.failure().detail()).contains("as the test wants it");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(live);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(5);
        assertThat(world.ecs(World.WEB).healthCheckGracePeriodSeconds()).isEqualTo(60);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void anApplyAfterAFailedSyncGoesThrough() {
        created();
        world.rollOut(World.WEB, "v1");
        world.rollOut(World.WEB, "v2");
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "as the test wants it");
        world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n");

        Operation applied = world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n");

        assertThat(applied.failure()).isNull();
        assertThat(world.ecs(World.WEB).healthCheckGracePeriodSeconds()).isEqualTo(90);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }

    @Test
    void aChangedContainerGoesOutAsARollout() {
        created();
        world.rollOut(World.WEB, "v1");

        Operation applied = world.apply(World.WEB, "container: {port: 9000, environment: {MODE: fast}}\n");

        assertThat(applied.failure()).isNull();
        assertThat(applied.rollout()).isNotNull();
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.ecs(World.WEB).loadBalancers().getFirst().containerPort())
                .isEqualTo(9000);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    /** The firewall lets through two ports; the stack knows the live one as the next one until it is told. */
    @Test
    void aRollbackOverTwoChangesOfPortNeverClosesTheLiveOne() {
        created();
        world.rollOut(World.WEB, "v1");
        assertThat(world.apply(World.WEB, "container: {port: 9000}\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, "container: {port: 7000}\n").failure())
                .isNull();
        assertThat(world.record(World.WEB).live()).isEqualTo(3);
        String location = world.plane
                .rollouts()
                .rollBack(World.WEB, 1, null, null, World.by("ann"))
                .location();

        while (world.plane.operations().findRunning(World.WEB).isPresent()) {
            int live = world.ecs(World.WEB).loadBalancers().getFirst().containerPort();
            assertThat(List.of(
                            world.parameter(World.WEB, "LiveContainerPort"),
                            world.parameter(World.WEB, "ContainerPort")))
                    .contains(Integer.toString(live));
            world.timeline.step();
        }

        assertThat(world.rolledOut(World.WEB, location).state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.ecs(World.WEB).loadBalancers().getFirst().containerPort())
                .isEqualTo(8000);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    /** A stack that cannot take over what is live ends the rollout before anything has changed. */
    @Test
    void itEndsWhenTheStackCannotTakeOverWhatIsLive() {
        created();
        world.rollOut(World.WEB, "v1");
        world.apply(World.WEB, "container: {port: 9000}\n");
        world.apply(World.WEB, "container: {port: 7000}\n");
        String live = world.ecs(World.WEB).taskDefinition();
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "as the test wants it");

        Rollout failed = world.rollBack(World.WEB, 1);

        assertThat(failed.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(failed.outcome().failure().detail()).contains("as the test wants it");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(live);
        assertThat(world.plane.rollouts().rollBack(World.WEB, 1, null, null, World.by("ann")))
                .satisfies(again -> assertThat(
                                world.rolledOut(World.WEB, again.location()).state())
                        .isEqualTo(Rollout.State.SUCCEEDED));
    }

    @Test
    void aRollbackIsOneCall() {
        created();
        world.rollOut(World.WEB, "v1");
        String first = world.ecs(World.WEB).taskDefinition();
        world.rollOut(World.WEB, "v2");

        String location = world.plane
                .rollouts()
                .rollBack(World.WEB, null, null, null, World.by("ann"))
                .location();
        Rollout back = world.rolledOut(World.WEB, location);

        assertThat(back.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(first);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @Test
    void deletingLeavesNothing() {
        created();
        world.rollOut(World.WEB, "v1");

        Operation service = world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Deletion(null, Set.of(), World.WEB.service()), World.by("ann")));
        assertThat(service.failure()).isNull();
        Operation environment = world.ended(
                World.DEV,
                world.plane.environments().delete(World.DEV, new Deletion(null, Set.of(), null), World.by("ann")));

        assertThat(environment.failure()).isNull();
        assertThat(world.plane.environments().names()).isEmpty();
        assertThat(world.account.ecr().describeRepositories().repositories()).isEmpty();
        assertThat(world.account.logs().describeLogGroups().logGroups()).isEmpty();
        assertThat(world.account.ecs().listTaskDefinitions().taskDefinitionArns())
                .isEmpty();
    }
}
