package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.drift.DriftDifference;
import dev.slipway.drift.DriftState;
import dev.slipway.drift.DriftView;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceQueries.Live;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** What people changed outside Slipway is put back, and what is live stays as it is. */
class MendTest {
    private static final String SERVICE = "container: {port: 8000}\ncount: 2\nrollout: {strategy: %s}\n";

    private final World world = new World(23);

    private void created(String strategy) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        for (String image : List.of("v1", "v2")) {
            assertThat(world.rollOut(WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
        world.timeline.advance(Duration.ofMinutes(20));
    }

    private DriftView detected(Target target) {
        world.plane.drifts().detect(target, World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(2));
        return world.plane.drifts().get(target);
    }

    private static Instant seen(DriftView view) {
        return Objects.requireNonNull(view.checkedAt());
    }

    private Operation mended(Target target, DriftView seen) {
        return world.ended(target, world.plane.drifts().mend(target, seen(seen), null, World.by("ann")));
    }

    private void retention(int days) {
        world.account
                .logs()
                .putRetentionPolicy(
                        request -> request.logGroupName("/slipway/dev/web").retentionInDays(days));
    }

    private static List<DriftDifference> drift(DriftView view) {
        return view.differences().stream()
                .filter(difference -> difference.excluded() == null)
                .toList();
    }

    private void openPort22() {
        JsonNode rule = JsonNodeFactory.instance
                .objectNode()
                .put("IpProtocol", "tcp")
                .put("FromPort", 22)
                .put("ToPort", 22)
                .put("CidrIp", "0.0.0.0/0");
        world.account
                .stacks()
                .changeByHand(
                        DEV.stackName(),
                        "LoadBalancerSecurityGroup",
                        "SecurityGroupIngress",
                        JsonNodeFactory.instance.arrayNode().add(rule));
    }

    private Live live() {
        return world.queries().live(world.record(WEB)).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void whatIsLiveStaysAsItIsWhenTheRestIsPutBack(String strategy) {
        created(strategy);
        world.scaleByHand(WEB, 3);
        world.timeline.advance(Duration.ofMinutes(10));
        int before = world.record(WEB).declared().logs().retentionDays();
        retention(1);
        Live live = live();
        int tasks = world.ecs(WEB).deployments().size();
        String deployment = world.ecs(WEB).deployments().getFirst().id();

        Operation operation = mended(WEB, detected(WEB));

        assertThat(operation.failure()).isNull();
        assertThat(operation.type()).isEqualTo(Operation.Type.MEND);
        assertThat(live()).isEqualTo(live);
        assertThat(world.ecs(WEB).desiredCount()).isEqualTo(3);
        assertThat(world.ecs(WEB).deployments()).hasSize(tasks);
        assertThat(world.ecs(WEB).deployments().getFirst().id()).isEqualTo(deployment);
        assertThat(world.account
                        .logs()
                        .describeLogGroups(request -> request.logGroupNamePrefix("/slipway/dev/web"))
                        .logGroups()
                        .getFirst()
                        .retentionInDays())
                .isEqualTo(before);
        assertThat(Ledgers.of(world, WEB))
                .filteredOn(entry -> entry.type() == EventType.MEND_ACCEPTED)
                .singleElement()
                .satisfies(entry -> assertThat(entry.message()).contains("LogGroup/RetentionInDays"));
    }

    @Test
    void afterAMendTheTargetIsComparedAgain() {
        created("rolling");
        retention(1);
        DriftView seen = detected(WEB);
        mended(WEB, seen);

        world.timeline.advance(Duration.ofMinutes(10));

        DriftView found = world.plane.drifts().get(WEB);
        assertThat(found.state()).isEqualTo(DriftState.IN_SYNC);
        assertThat(found.checkedAt()).isAfter(seen(seen));
        assertThat(Ledgers.of(world, WEB)).anyMatch(entry -> entry.type() == EventType.DRIFT_ENDED);
    }

    @Test
    void aRuleThatSomebodyAddedToASecurityGroupGoes() {
        created("rolling");
        openPort22();

        Operation operation = mended(DEV, detected(DEV));

        assertThat(operation.failure()).isNull();
        assertThat(detected(DEV).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void aLogGroupThatSomebodyDeletedIsMadeAnew() {
        created("rolling");
        world.account.logs().deleteLogGroup(request -> request.logGroupName("/slipway/dev/web"));

        assertThat(mended(WEB, detected(WEB)).failure()).isNull();
        assertThat(detected(WEB).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void aMendThatFailsLeavesWhatIsLiveAndWhatPeopleMade() {
        created("blue-green");
        retention(1);
        Live live = live();
        DriftView seen = detected(WEB);
        world.account.stacks().failNext(WEB.stackName(), "LogGroup", "Service is at maintenance.");

        assertThat(mended(WEB, seen).failure()).isNotNull();
        assertThat(live()).isEqualTo(live);
        assertThat(detected(WEB).state()).isEqualTo(DriftState.DRIFTED);
    }

    @Test
    void trafficThatSomebodyMovedStaysWhereItIs() {
        created("blue-green");
        retention(1);
        Live before = live();
        weights(before.weightB(), before.weightA());
        DriftView seen = detected(WEB);
        assertThat(drift(seen)).extracting(DriftDifference::resource).contains("LogGroup", "ProductionRule");
        assertThat(drift(seen))
                .filteredOn(difference -> difference.resource().equals("ProductionRule"))
                .singleElement()
                .satisfies(difference -> assertThat(difference.actual()).contains("in which no task is"));

        assertThat(mended(WEB, seen).failure()).isNull();
        assertThat(List.of(live().weightA(), live().weightB())).isEqualTo(List.of(before.weightB(), before.weightA()));
    }

    /** Neither an apply nor a mend moves traffic; a rollout does, and sets both weights. */
    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "canary", "linear"})
    void trafficThatSomebodyDividedIsPutTogetherByARestart(String strategy) {
        created(strategy);
        weights(70, 30);
        assertThat(drift(detected(WEB)))
                .filteredOn(difference -> difference.resource().equals("ProductionRule"))
                .singleElement()
                .satisfies(difference -> {
                    assertThat(difference.actual()).isEqualTo("A 70, B 30");
                    assertThat(difference.action())
                            .startsWith("Restart it")
                            .contains("POST " + WEB.path() + "/restart");
                });

        world.plane.rollouts().restart(WEB, null, World.by("ann"));
        world.settle();

        assertThat(List.of(live().weightA(), live().weightB())).contains(0);
        assertThat(world.traffic(WEB).allServed()).isTrue();
        assertThat(detected(WEB).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void trafficThatReachesNoTaskIsSetByHand() {
        created("blue-green");
        weights(live().weightB(), live().weightA());

        assertThat(drift(detected(WEB)))
                .filteredOn(difference -> difference.resource().equals("ProductionRule"))
                .singleElement()
                .satisfies(difference -> assertThat(difference.action()).contains("by hand", "modify-rule"));
    }

    private void weights(int a, int b) {
        var outputs = world.record(WEB).outputs();
        world.account
                .elb()
                .modifyRule(request -> request.ruleArn(outputs.get("ProductionRule"))
                        .actions(Action.builder()
                                .type(ActionTypeEnum.FORWARD)
                                .forwardConfig(config -> config.targetGroups(
                                        group(outputs.get("TargetGroupA"), a), group(outputs.get("TargetGroupB"), b)))
                                .build()));
    }

    private static TargetGroupTuple group(@Nullable String arn, int weight) {
        return TargetGroupTuple.builder().targetGroupArn(arn).weight(weight).build();
    }

    @Test
    void anEcsServiceThatIsGoneIsLeftToAnApply() {
        created("rolling");
        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster(DEV.cluster()).service("web").force(true));
        world.timeline.advance(Duration.ofMinutes(10));
        DriftView seen = detected(WEB);
        assertThat(drift(seen))
                .anySatisfy(difference -> assertThat(difference.action()).contains("an apply makes it anew"));

        Operation operation = mended(WEB, seen);

        assertThat(operation.failure()).isNotNull();
        assertThat(operation.failure().code()).isEqualTo("mend-refused");
    }

    @Test
    void whatChangedAfterTheLookIsNotPutBackUnseen() {
        created("rolling");
        openPort22();
        DriftView seen = detected(DEV);
        world.account
                .stacks()
                .changeByHand(
                        DEV.stackName(),
                        "PublicSubnetA",
                        "MapPublicIpOnLaunch",
                        JsonNodeFactory.instance.booleanNode(true));

        Operation operation = mended(DEV, seen);

        assertThat(operation.failure()).isNotNull();
        assertThat(operation.failure().code()).isEqualTo("drift-changed");
        assertThat(detected(DEV).state()).isEqualTo(DriftState.DRIFTED);
        assertRefused("drift-changed", DEV, seen(seen), null);
    }

    @Test
    void thereHasToBeSomethingToPutBack() {
        created("rolling");

        assertRefused("nothing-to-mend", WEB, seen(detected(WEB)), null);
    }

    @Test
    void aFreezeHoldsAMendUnlessItIsOverridden() {
        created("rolling");
        String frozen = SERVICE.formatted("rolling")
                + "freezes: [{name: sale, start: 0 0 * * *, durationMinutes: 1440, timeZone: UTC}]\n";
        assertThat(world.apply(WEB, frozen).failure()).isNull();
        assertThat(world.timeline.instant()).isBefore(Instant.parse("2026-01-01T12:00:00Z"));
        world.timeline.advance(Duration.ofMinutes(5));
        retention(1);
        DriftView seen = detected(WEB);

        assertRefused("frozen", WEB, seen(seen), null);
        assertThat(world.ended(
                                WEB,
                                world.plane
                                        .drifts()
                                        .mend(
                                                WEB,
                                                seen(seen),
                                                new ControlOverride(List.of("sale"), "it is an incident"),
                                                World.by("ann")))
                        .failure())
                .isNull();
        assertThat(Ledgers.of(world, WEB)).anyMatch(entry -> entry.type() == EventType.FREEZE_OVERRIDDEN);
    }

    @Test
    void nothingIsPutBackWhileAnOperationIsUnderWay() {
        created("rolling");
        retention(1);
        DriftView seen = detected(WEB);
        world.plane.rollouts().rollOut(WEB, World.asking("v3"), World.by("ann"));

        assertRefused("operation-in-progress", WEB, seen(seen), null);
    }

    private void assertRefused(String code, Target target, Instant seen, @Nullable ControlOverride override) {
        assertThatThrownBy(() -> world.plane.drifts().mend(target, seen, override, World.by("ann")))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(409);
                    assertThat(refused.problem().code()).isEqualTo(code);
                });
    }

    @Test
    void theSpecThatTakesItOverPutsItInSync() {
        created("rolling");
        retention(7);
        world.scaleByHand(WEB, 3);
        detected(WEB);

        JsonNode spec = world.plane.drifts().adoptedSpec(WEB);

        assertThat(spec.at("/logs/retentionDays").asInt()).isEqualTo(7);
        assertThat(spec.at("/count").asInt()).isEqualTo(3);
        assertThat(world.apply(WEB, spec.toString()).failure()).isNull();
        world.timeline.advance(Duration.ofMinutes(5));
        assertThat(detected(WEB).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void whatHasNoFieldIsNotTakenOver() {
        created("rolling");
        detected(WEB);

        assertThatThrownBy(() -> world.plane.drifts().adoptedSpec(WEB))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("nothing-to-adopt"));
    }
}
