package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.*;

/** Whatever is done to a service under whatever strategies, in whatever order: requests are served, and it rests. */
class SimulatedEcsStagedHistoryTest {
    private static final List<String> TAGS = List.of("good", "good", "errors-2", "crash", "never-healthy");

    @Test
    void everyRequestIsServedAndEveryHistoryComesToRest() {
        Set<ServiceDeploymentStatus> seen = EnumSet.noneOf(ServiceDeploymentStatus.class);
        for (int seed = 0; seed < 120; seed++) {
            SimulatedEcsFixture account = new SimulatedEcsFixture(seed);
            SimulatedEcsStages service = new SimulatedEcsStages(account);
            Random random = new Random(seed);
            service.answering(event -> random.nextInt(15) == 0
                    ? SimulatedEcsStages.FAILED
                    : random.nextBoolean() ? SimulatedEcsStages.SUCCEEDED : "{\"hookStatus\":\"IN_PROGRESS\"}");
            service.running();
            for (int act = 0; act < 6; act++) {
                act(account, service, random, act);
                for (int look = random.nextInt(60); look >= 0; look--) {
                    account.seconds(11);
                    check(account, seed, act);
                }
            }
            deploy(service, "last", random);
            account.advance(Duration.ofHours(3));
            seen.addAll(account
                    .ecs
                    .listServiceDeployments(request ->
                            request.cluster(SimulatedEcsFixture.CLUSTER).service(SimulatedEcsFixture.SERVICE))
                    .serviceDeployments()
                    .stream()
                    .map(ServiceDeploymentBrief::status)
                    .toList());
            check(account, seed, 99);
            assertThat(service.status())
                    .as("seed " + seed)
                    .isIn(
                            ServiceDeploymentStatus.SUCCESSFUL,
                            ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL,
                            ServiceDeploymentStatus.ROLLBACK_FAILED);
            if (service.status() != ServiceDeploymentStatus.ROLLBACK_FAILED) {
                assertThat(account.service().deployments()).as("seed " + seed).hasSize(1);
                assertThat(account.tasks(DesiredStatus.RUNNING))
                        .as("seed " + seed)
                        .hasSize(account.service().desiredCount());
                assertThat(account.traffic().byTaskDefinition().keySet())
                        .as("seed " + seed)
                        .containsExactly(account.service().taskDefinition());
            }
        }
        assertThat(seen)
                .contains(
                        ServiceDeploymentStatus.SUCCESSFUL,
                        ServiceDeploymentStatus.STOPPED,
                        ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL,
                        ServiceDeploymentStatus.ROLLBACK_FAILED);
    }

    /** A service does not move to ROLLING while a deployment in stages is under way: then it stays with stages. */
    private static void deploy(SimulatedEcsStages service, String tag, Random random) {
        Consumer<DeploymentConfiguration.Builder> strategy = strategy(random);
        try {
            service.deploy(tag, strategy);
        } catch (InvalidParameterException e) {
            assertThat(e).hasMessageContaining("cannot be changed to ROLLING while a deployment is in progress");
            service.deploy(tag, SimulatedEcsStages.blueGreen(random.nextInt(4)));
        }
    }

    private static void act(SimulatedEcsFixture account, SimulatedEcsStages service, Random random, int act) {
        switch (random.nextInt(6)) {
            case 0 -> account.update(request -> request.desiredCount(1 + random.nextInt(4)));
            case 1 -> {
                if (SimulatedEcsStages.running(service.status())) {
                    if (random.nextInt(4) == 0) {
                        account.account.failNextRollback(SimulatedEcsFixture.SERVICE);
                    }
                    service.stop();
                }
            }
            default -> {
                String tag = "v%d-%s".formatted(act, TAGS.get(random.nextInt(TAGS.size())));
                deploy(service, tag, random);
            }
        }
    }

    private static Consumer<DeploymentConfiguration.Builder> strategy(Random random) {
        Consumer<DeploymentConfiguration.Builder> strategy = switch (random.nextInt(4)) {
            case 0 -> SimulatedEcsStages.blueGreen(random.nextInt(4));
            case 1 -> SimulatedEcsStages.canary(10, random.nextInt(4), 1);
            case 2 -> SimulatedEcsStages.linear(30, random.nextInt(3), 1);
            default -> configuration -> configuration.strategy(DeploymentStrategy.ROLLING);
        };
        return strategy.andThen(configuration -> configuration.lifecycleHooks(SimulatedEcsStages.hook(
                "RECONCILE_SERVICE",
                "POST_TEST_TRAFFIC_SHIFT",
                "PRE_PRODUCTION_TRAFFIC_SHIFT",
                "PRODUCTION_TRAFFIC_SHIFT")));
    }

    private static void check(SimulatedEcsFixture account, int seed, int act) {
        assertThat(account.traffic().allServed())
                .as(() -> "seed %d act %d: %s\n%s".formatted(seed, act, account.traffic(), history(account)))
                .isTrue();
        ServiceDeployment deployment = account.deployment();
        assertThat(deployment.targetServiceRevision().requestedTaskCount())
                .isLessThanOrEqualTo(account.service().desiredCount());
    }

    private static String history(SimulatedEcsFixture account) {
        return account
                .ecs
                .listServiceDeployments(
                        request -> request.cluster(SimulatedEcsFixture.CLUSTER).service(SimulatedEcsFixture.SERVICE))
                .serviceDeployments()
                .stream()
                .map(brief -> account.deployment(brief.serviceDeploymentArn()))
                .map(deployment -> "%s %s %s %s"
                        .formatted(
                                deployment.createdAt(),
                                deployment.deploymentConfiguration().strategy(),
                                deployment.status(),
                                deployment.lifecycleStageAsString()))
                .collect(Collectors.joining("\n"));
    }
}
