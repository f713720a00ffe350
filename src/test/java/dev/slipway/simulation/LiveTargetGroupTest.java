package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After a deployment in stages a service lives on its second target group, and whatever names its groups knows that. */
class LiveTargetGroupTest {
    private static final String SERVICE = "container: {port: %d}\nrollout: {strategy: %s}\n";

    private final World world = new World(13);

    @BeforeEach
    void onTheSecondGroup() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted(8000, "canary"));
        rollOut("v1");
        rollOut("v2");
        assertThat(weights()).isEqualTo("0/100");
    }

    private void rollOut(String image) {
        assertThat(world.rollOut(World.WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private String weights() {
        var groups = world.account
                .elb()
                .describeRules(request -> request.ruleArns(
                        String.valueOf(world.record(World.WEB).outputs().get("ProductionRule"))))
                .rules()
                .getFirst()
                .actions()
                .getFirst()
                .forwardConfig()
                .targetGroups();
        return groups.get(0).weight() + "/" + groups.get(1).weight();
    }

    private int deployments() {
        return world.account
                .ecs()
                .listServiceDeployments(
                        request -> request.cluster("slipway-dev").service("web"))
                .serviceDeployments()
                .size();
    }

    private void apply(int port, String strategy, String more) {
        assertThat(world.apply(World.WEB, SERVICE.formatted(port, strategy) + more)
                        .failure())
                .isNull();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void aNewPortLosesNoRequestAndLaterAppliesDeployNothing(String strategy) {
        apply(9000, strategy, "");
        int deployed = deployments();

        apply(9000, strategy, "gracePeriodSeconds: 90\n");
        apply(9000, strategy, "gracePeriodSeconds: 91\n");

        assertThat(deployments()).isEqualTo(deployed);
        rollOut("v3");
        apply(7000, "rolling", "");
        assertThat(world.record(World.WEB).live()).isEqualTo(5);
    }

    @Test
    void anEcsServiceDeletedByHandComesBackWhereTheTrafficIs() {
        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster("slipway-dev").service("web").force(true));

        apply(8000, "canary", "gracePeriodSeconds: 90\n");

        assertThat(weights()).isEqualTo("0/100");
        rollOut("v3");
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }
}
