package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;

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

    /** Somebody has put a page in front of the service: the rule no longer tells where the tasks are, the load balancer does. */
    @ParameterizedTest
    @ValueSource(strings = {"apply", "mend"})
    void aRuleThatAnswersByItselfComesBackToWhereTheTasksAre(String how) {
        String rule = String.valueOf(world.record(World.WEB).outputs().get("ProductionRule"));
        world.account
                .elb()
                .modifyRule(request -> request.ruleArn(rule)
                        .actions(Action.builder()
                                .type(ActionTypeEnum.FIXED_RESPONSE)
                                .fixedResponseConfig(
                                        page -> page.statusCode("503").contentType("text/plain"))
                                .build()));
        var live = world.queries().live(world.record(World.WEB)).orElseThrow();
        assertThat(live.weightA()).isZero();
        assertThat(live.weightB()).isPositive();

        if (how.equals("apply")) { // which changes the rule
            assertThat(world.apply(
                                    World.WEB,
                                    SERVICE.formatted(8000, "blue-green") + "routing: {paths: ['/other/*']}\n")
                            .failure())
                    .isNull();
        } else {
            world.plane.drifts().detect(World.WEB, World.by("ann"));
            world.timeline.advance(Duration.ofMinutes(2));
            assertThat(world.ended(
                                    World.WEB,
                                    world.plane
                                            .drifts()
                                            .mend(
                                                    World.WEB,
                                                    Objects.requireNonNull(world.plane
                                                            .drifts()
                                                            .get(World.WEB)
                                                            .checkedAt()),
                                                    null,
                                                    World.by("ann")))
                            .failure())
                    .isNull();
        }

        assertThat(weights()).isEqualTo("0/1");
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        rollOut("v3");
    }
}
