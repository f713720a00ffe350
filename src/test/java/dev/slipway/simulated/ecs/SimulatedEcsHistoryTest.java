package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;

/** Whatever is done to a service with a good release, in whatever order: requests are served and it comes to rest. */
class SimulatedEcsHistoryTest {
    private static final List<String> TAGS =
            List.of("good", "crash", "never-healthy", "crash-after-5s", "errors-2", "slow-3");
    private static final List<ServiceDeploymentStatus> AT_REST = List.of(
            ServiceDeploymentStatus.SUCCESSFUL,
            ServiceDeploymentStatus.STOPPED,
            ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);

    @Test
    void everyRequestIsServedAndEveryHistoryComesToRest() {
        Set<ServiceDeploymentStatus> seen = EnumSet.noneOf(ServiceDeploymentStatus.class);
        for (int seed = 0; seed < 150; seed++) {
            SimulatedEcsFixture account = new SimulatedEcsFixture(seed);
            Random random = new Random(seed);
            account.running("v0", 2);
            for (int act = 0; act < 6; act++) {
                act(account, random, act);
                for (int look = random.nextInt(40); look >= 0; look--) {
                    account.seconds(7);
                    check(account, seed);
                }
            }
            account.advance(Duration.ofHours(2));
            atRest(account, seed);
            account.ecs
                    .listServiceDeployments(request ->
                            request.cluster(SimulatedEcsFixture.CLUSTER).service(SimulatedEcsFixture.SERVICE))
                    .serviceDeployments()
                    .forEach(deployment -> seen.add(deployment.status()));
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(AT_REST);
    }

    private static void act(SimulatedEcsFixture account, Random random, int act) {
        switch (random.nextInt(5)) {
            case 0 -> account.update(request -> request.desiredCount(1 + random.nextInt(5)));
            case 1 -> account.update(request -> request.forceNewDeployment(true));
            case 2 -> {
                ServiceDeployment deployment = account.deployment();
                if (!AT_REST.contains(deployment.status())) {
                    account.ecs.stopServiceDeployment(
                            request -> request.serviceDeploymentArn(deployment.serviceDeploymentArn()));
                }
            }
            default -> {
                String tag = "v%d-%s".formatted(act, TAGS.get(random.nextInt(TAGS.size())));
                account.update(request -> request.taskDefinition(account.definition(tag)));
            }
        }
    }

    private static void check(SimulatedEcsFixture account, int seed) {
        assertThat(account.traffic().allServed()).as("seed " + seed).isTrue();
        Service service = account.service();
        assertThat(service.deployments().stream()
                        .filter(deployment -> deployment.status().equals("PRIMARY")))
                .as("seed " + seed)
                .hasSize(1);
        assertThat(service.events().size()).isLessThanOrEqualTo(100);
    }

    private static void atRest(SimulatedEcsFixture account, int seed) {
        Service service = account.service();
        assertThat(account.deployment().status()).as("seed " + seed).isIn(AT_REST);
        assertThat(service.deployments())
                .as("seed " + seed)
                .singleElement()
                .satisfies(deployment ->
                        assertThat(deployment.rolloutState()).isEqualTo(DeploymentRolloutState.COMPLETED));
        assertThat(service.runningCount()).as("seed " + seed).isEqualTo(service.desiredCount());
        assertThat(account.tasks(DesiredStatus.RUNNING)).as("seed " + seed).hasSize(service.desiredCount());
        assertThat(account.traffic().byTaskDefinition().keySet())
                .as("seed " + seed)
                .containsExactly(service.taskDefinition());
    }
}
