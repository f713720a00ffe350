package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.drift.DriftDifference;
import dev.slipway.drift.DriftState;
import dev.slipway.drift.DriftView;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.stack.DriftExclusion;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

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

    /** The detection of a stack leaves out what a rollback has left out; by itself it can be compared. */
    @Test
    void whatARollbackHasLeftOutIsComparedAllTheSame() {
        created("rolling");
        world.account.stacks().skippedByRollback(WEB.stackName(), "LogGroup");
        assertThat(detected(WEB).state()).isEqualTo(DriftState.IN_SYNC);

        retention(1);

        DriftView found = detected(WEB);
        assertThat(found.state()).isEqualTo(DriftState.DRIFTED);
        assertThat(drift(found))
                .singleElement()
                .satisfies(difference -> assertThat(difference.resource()).isEqualTo("LogGroup"));
    }

    /** What nobody has compared is not in sync. */
    @Test
    void whatARollbackHasLeftOutAndCannotBeComparedIsToldAsNotChecked() {
        created("rolling");
        world.account.stacks().skippedByRollback(WEB.stackName(), "LogGroup");
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("detectStackResourceDrift")) {
                throw CloudFormationException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("ValidationError")
                                .errorMessage("Drift detection is not possible now.")
                                .build())
                        .build();
            }
            return () -> {};
        };

        DriftView found = detected(WEB);

        assertThat(found.state()).isEqualTo(DriftState.UNKNOWN);
        assertThat(found.detail())
                .isEqualTo(
                        "It could not compare LogGroup (CloudFormation has not checked it: Drift detection is not possible now.).");
    }

    /** The worker changes the same resources at each rollout. */
    @Test
    void whatSlipwayItselfDoesAtAResourceIsNotTakenForTheChange() {
        created("rolling");
        retention(1);
        world.account.recordChange("/slipway/dev/web", "ann", "logs.amazonaws.com PutRetentionPolicy");
        world.timeline.advance(Duration.ofMinutes(1));
        world.account.recordChange("/slipway/dev/web", "slipway-worker", "logs.amazonaws.com PutRetentionPolicy");
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(drift(detected(WEB))).singleElement().satisfies(difference -> {
            assertThat(difference.changedBy()).isNotNull();
            assertThat(difference.changedBy().who()).isEqualTo("ann");
        });
    }

    /** CloudFormation does not say of all resources what they are: that is told, and is neither drift nor in sync. */
    @Test
    void aResourceThatCloudFormationCannotCompareLeavesItUnknown() {
        created("rolling");
        world.account.stacks().hideFromDrift(WEB.stackName(), "TaskRole", "not authorized to perform iam:GetRole");

        DriftView found = detected(WEB);

        assertThat(found.state()).isEqualTo(DriftState.UNKNOWN);
        assertThat(found.detail()).contains("It could not compare TaskRole (not authorized to perform iam:GetRole).");
        assertThat(drift(found)).isEmpty();
    }

    /** What is known to differ differs, whatever else could not be compared; and nobody is told that it ended. */
    @Test
    void whatDiffersIsToldBesideWhatCannotBeCompared() {
        created("rolling");
        retention(1);
        assertThat(detected(WEB).state()).isEqualTo(DriftState.DRIFTED);
        world.account.stacks().hideFromDrift(WEB.stackName(), "LogGroup", "");

        DriftView found = detected(WEB);

        assertThat(found.state()).isEqualTo(DriftState.UNKNOWN);
        assertThat(found.detail()).contains("LogGroup").doesNotContain("null");
        assertThat(Ledgers.of(world, WEB)).noneMatch(entry -> entry.type() == EventType.DRIFT_ENDED);
        world.account.stacks().hideNothingFromDrift();
        assertThat(detected(WEB).state()).isEqualTo(DriftState.DRIFTED);
        assertThat(Ledgers.of(world, WEB))
                .as("told once")
                .filteredOn(entry -> entry.type() == EventType.DRIFTED)
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
            assertThat(difference.action()).contains("POST /v1/environments/dev/drift/mend");
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

    @Test
    void aCallThatAwsRefusesEndsTheLookAndIsTold() {
        created("rolling");
        world.chaos.refused = operation -> operation.equals("detectStackDrift");
        world.plane.drifts().detect(WEB, World.by("ann"));

        world.timeline.advance(Duration.ofMinutes(1));

        DriftView found = world.plane.drifts().get(WEB);
        assertThat(found.state()).isEqualTo(DriftState.UNKNOWN);
        assertThat(found.detail()).contains("AWS refused a call");
    }

    @Test
    void aStackThatSomebodyDeletedIsDrift() {
        created("rolling");
        world.account.cloudFormation().deleteStack(request -> request.stackName(WEB.stackName()));
        world.timeline.advance(Duration.ofMinutes(10));

        DriftView found = detected(WEB);

        assertThat(found.state()).isEqualTo(DriftState.DRIFTED);
        assertThat(drift(found)).extracting(DriftDifference::resource).containsExactly(WEB.stackName());
    }

    @Test
    void aDetectionThatCloudFormationForgotIsMadeAnew() {
        created("rolling");
        world.plane.drifts().detect(WEB, World.by("ann"));
        world.account.stacks().forgetDetections();

        world.timeline.advance(Duration.ofMinutes(3));

        assertThat(world.plane.drifts().get(WEB).state()).isEqualTo(DriftState.IN_SYNC);
    }

    @Test
    void whatWasFoundOfAServiceThatIsGoneIsNothingOfTheNextOne() {
        created("rolling");
        retention(1);
        assertThat(detected(WEB).state()).isEqualTo(DriftState.DRIFTED);
        var gone = world.plane.services().delete(WEB, new Deletion(null, Set.of(), WEB.service()), World.by("ann"));
        assertThat(world.ended(WEB, gone).failure()).isNull();

        assertThat(world.store.get(new Key<>(WEB.partition(), "drift", new ItemType<>("drift", JsonNode.class, 1))))
                .isEmpty();

        assertThat(world.apply(WEB, SERVICE.formatted("rolling")).failure()).isNull();
        assertThat(detected(WEB).state()).isEqualTo(DriftState.IN_SYNC);
        assertThat(Ledgers.of(world, WEB)).noneMatch(entry -> entry.type() == EventType.DRIFT_ENDED);
    }

    @Test
    void aDeploymentStartedOutsideSlipwayIsNotTakenForInSync() {
        created("rolling");
        var running = world.ecs(WEB).taskDefinition();
        world.account
                .ecs()
                .updateService(request -> request.cluster(DEV.cluster())
                        .service("web")
                        .taskDefinition(running.replaceAll(":2$", ":1"))
                        .forceNewDeployment(true));

        DriftView found = detectedSoon();

        assertThat(found.state()).isEqualTo(DriftState.UNKNOWN);
        assertThat(found.detail()).contains("outside Slipway");
    }

    private DriftView detectedSoon() {
        world.plane.drifts().detect(WEB, World.by("ann"));
        world.timeline.advance(Duration.ofSeconds(40));
        return world.plane.drifts().get(WEB);
    }
}
