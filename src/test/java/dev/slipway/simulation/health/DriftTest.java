package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.drift.DriftDifference;
import dev.slipway.drift.DriftState;
import dev.slipway.drift.DriftView;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.stack.DriftExclusion;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people change outside Slipway is found, and what rollouts change is not. */
class DriftTest {
    private static final String SERVICE = "container: {port: 8000}\ncount: 2\nrollout: {strategy: %s}\n";

    private final World world = new World(22);

    private void created(String strategy) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(20));
    }

    private DriftView detected(Target target) {
        world.plane.drifts().detect(target, World.by("ann"));
        assertThat(world.plane.drifts().get(target).state()).isEqualTo(DriftState.DETECTING);
        world.timeline.advance(Duration.ofMinutes(2));
        return world.plane.drifts().get(target);
    }

    private static List<DriftDifference> drift(DriftView view) {
        return view.differences().stream()
                .filter(difference -> difference.excluded() == null)
                .toList();
    }

    private void retention(int days) {
        world.account
                .logs()
                .putRetentionPolicy(
                        request -> request.logGroupName("/slipway/dev/web").retentionInDays(days));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void aServiceThatWasRolledOutIsInSync(String strategy) {
        created(strategy);
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);

        DriftView found = detected(WEB);

        assertThat(drift(found)).isEmpty();
        assertThat(found.state()).isEqualTo(DriftState.IN_SYNC);
        assertThat(found.differences())
                .extracting(DriftDifference::excluded)
                .contains(DriftExclusion.LIVE_TASK_DEFINITION);
        assertThat(detected(DEV).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void aHandMadeChangeIsFoundWithItsAuthorAndToldOnce() {
        created("rolling");
        int before = world.record(WEB).declared().logs().retentionDays();
        retention(1);
        world.account.recordChange("/slipway/dev/web", "ann", "logs.amazonaws.com PutRetentionPolicy");
        world.timeline.advance(Duration.ofMinutes(10));

        DriftView found = detected(WEB);

        assertThat(found.state()).isEqualTo(DriftState.DRIFTED);
        assertThat(drift(found)).singleElement().satisfies(difference -> {
            assertThat(difference.resource()).isEqualTo("LogGroup");
            assertThat(difference.path()).isEqualTo("/RetentionInDays");
            assertThat(difference.actual()).isEqualTo("1");
            assertThat(difference.changedBy()).isNotNull();
            assertThat(difference.changedBy().who()).isEqualTo("ann");
        });
        detected(WEB);
        assertThat(Ledgers.of(world, WEB))
                .filteredOn(entry -> entry.type() == EventType.DRIFTED)
                .hasSize(1);

        retention(before);

        assertThat(detected(WEB).state()).isEqualTo(DriftState.IN_SYNC);
        assertThat(Ledgers.of(world, WEB))
                .filteredOn(entry -> entry.type() == EventType.DRIFT_ENDED)
                .hasSize(1);
    }

    @Test
    void rulesThatSomebodyTookFromASecurityGroupAreFound() {
        created("rolling");
        ArrayNode rules = JsonNodeFactory.instance.arrayNode();
        world.account.stacks().changeByHand(DEV.stackName(), "LoadBalancerSecurityGroup", "SecurityGroupEgress", rules);

        DriftView found = detected(DEV);

        assertThat(found.state()).isEqualTo(DriftState.DRIFTED);
        assertThat(drift(found)).singleElement().satisfies(difference -> {
            assertThat(difference.path()).isEqualTo("/SecurityGroupEgress");
            assertThat(difference.mend()).contains("POST /v1/environments/dev/drift/mend");
        });
        world.account.stacks().restoreByHand(DEV.stackName(), "LoadBalancerSecurityGroup");
        assertThat(detected(DEV).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void aCountThatSomebodySetIsFoundWithTheFieldThatKeepsIt() {
        created("rolling");
        world.account
                .ecs()
                .updateService(
                        request -> request.cluster(DEV.cluster()).service("web").desiredCount(3));
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(drift(detected(WEB))).singleElement().satisfies(difference -> {
            assertThat(difference.path()).isEqualTo("/DesiredCount");
            assertThat(difference.spec()).hasToString("count: 3");
        });
    }

    @Test
    void everyTargetIsComparedOnceADayByItself() {
        created("rolling");
        retention(1);

        world.timeline.advance(Duration.ofHours(26));

        assertThat(world.plane.drifts().get(WEB).state()).isEqualTo(DriftState.DRIFTED);
        assertThat(world.plane.drifts().get(DEV).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void aResultOfWhileTheTargetWasChangedIsRepeated() {
        created("rolling");
        world.plane.drifts().detect(WEB, World.by("ann"));
        world.timeline.advance(Duration.ofSeconds(5));
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        var ended = world.timeline.instant();

        world.timeline.advance(Duration.ofMinutes(10));

        DriftView found = world.plane.drifts().get(WEB);
        assertThat(found.state()).isEqualTo(DriftState.IN_SYNC);
        assertThat(found.checkedAt()).isAfterOrEqualTo(ended);
    }

    @Test
    void nothingIsComparedWhileAnOperationIsUnderWay() {
        created("rolling");
        world.plane.rollouts().rollOut(WEB, World.asking("v2"), World.by("ann"));

        assertThatThrownBy(() -> world.plane.drifts().detect(WEB, World.by("ann")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.status()).isEqualTo(409));
        assertThat(world.plane.drifts().get(WEB).state()).isNotEqualTo(DriftState.DETECTING);
    }
}
