package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pass that dies when it has told ECS to deploy, and a worker that is away until ECS is done with it. */
class CutOffStartTest {
    private final World world = new World(1);

    @ParameterizedTest
    @CsvSource({"rolling, v2-crash, false", "rolling, v2, true", "blue-green, v2, false"})
    void whatWasStartedIsNotStartedAgainAlsoWhenItHasEnded(String strategy, String image, boolean good) {
        assertThat(world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n")
                        .failure())
                .isNull();
        String service = "container: {port: 8000}\nrollout: {strategy: %s, bakeMinutes: 0, timeLimitSeconds: 300}\n"
                .formatted(strategy);
        assertThat(world.apply(World.WEB, service).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        int before = deployments();
        AtomicBoolean away = new AtomicBoolean();
        world.chaos.watcher = (operation, _) -> () -> {
            if (operation.equals("updateService") && !away.getAndSet(true)) {
                throw new Crash("after updateService");
            }
        };
        world.chaos.beforeRead = () -> {
            if (away.get()) {
                throw new IllegalStateException("the worker is away");
            }
        };

        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking(image), World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofMinutes(1));
        assertThat(away).isTrue();
        if (strategy.equals("blue-green")) {
            String arn = arn();
            world.account.ecs().stopServiceDeployment(request -> request.serviceDeploymentArn(arn));
        }
        world.timeline.advance(Duration.ofHours(1));
        assertThat(world.ecs(World.WEB).deployments()).as("ECS is done").hasSize(1);
        world.chaos.beforeRead = () -> {};

        Rollout rollout = world.rolledOut(World.WEB, location);

        assertThat(deployments() - before).isEqualTo(1);
        assertThat(rollout.state() == Rollout.State.SUCCEEDED)
                .as(String.valueOf(rollout))
                .isEqualTo(good);
        assertThat(world.record(World.WEB).live()).isEqualTo(good ? 2 : 1);
    }

    private String arn() {
        return world.account
                .ecs()
                .listServiceDeployments(
                        request -> request.cluster(World.DEV.cluster()).service(World.WEB.service()))
                .serviceDeployments()
                .getFirst()
                .serviceDeploymentArn();
    }

    private int deployments() {
        return world.account
                .ecs()
                .listServiceDeployments(
                        request -> request.cluster(World.DEV.cluster()).service(World.WEB.service()))
                .serviceDeployments()
                .size();
    }
}
