package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;

/**
 * What users of ECS and of the tools around it have reported in public, each as it happened to them. Others of these situations have
 * their tests by subject: builds that push latest or name several containers in {@code BuildScriptsTest} and {@code
 * ImageDefinitionsTest}, why a task stopped in {@code BadImagesTest}, whose secrets in {@code SecretsOfAnEnvironmentTest}, what is written
 * into specs in {@code PublicSpecsTest}.
 */
class PublicCasesTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    private static final ServiceId SHOP = new ServiceId("dev", "shop");
    private static final String SHOP_SPEC = "container: {port: 8000}\nrouting: {paths: [/shop/*]}\n";

    private final World world = new World(17);

    private void live(String service) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, service).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private String stackStatus() {
        return world.stack(World.WEB).stackStatusAsString();
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void afterAnAutomaticRollbackTheStackNamesTheReleaseThatServesAndTheServiceSaysWhatHappened(String strategy) {
        live(SERVICE.formatted(strategy));

        Rollout bad = world.rollOut(World.WEB, "v2-crash");

        assertThat(bad.state()).isEqualTo(State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy) + "tags: {team: shop}\n")
                        .failure())
                .isNull();
        assertThat(world.parameter(World.WEB, "TaskDefinition"))
                .isEqualTo(world.ecs(World.WEB).taskDefinition());
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aBadDeployDoesNotLockTheStackWhileItLasts(String strategy) {
        live(SERVICE.formatted(strategy));

        world.plane.rollouts().rollOut(World.WEB, World.asking("v2-never-healthy"), World.by("ci"));
        while (world.plane.operations().findRunning(World.WEB).isPresent()) {
            assertThat(stackStatus()).endsWith("_COMPLETE");
            world.timeline.step();
        }

        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void anUpdateOfTheInfrastructureAfterABlueGreenMovesNoTraffic() {
        live(SERVICE.formatted("blue-green"));
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);

        Operation applied = world.apply(
                World.WEB, SERVICE.formatted("blue-green") + "routing: {paths: [/shop/*], drainingSeconds: 20}\n");

        assertThat(applied.failure()).isNull();
        assertThat(world.parameter(World.WEB, "ProductionWeightB")).isNotEqualTo("0");
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void aCanaryWithoutTrafficIsNotPromotedOnSilence() {
        live(SERVICE.formatted("canary"));
        world.account.traffic().requestsPerMinute(0);

        Rollout silent = world.rollOut(World.WEB, "v2");

        assertThat(silent.state()).as(silent.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @Test
    void aMigrationThatFailsKeepsTheNewReleaseFromBeingDeployed() {
        live(SERVICE.formatted("rolling"));
        String before = world.ecs(World.WEB).taskDefinition();
        assertThat(world.apply(
                                World.WEB,
                                "container: {port: 8000}\nrollout: {strategy: rolling, before: {command: [migrate]}}\n")
                        .failure())
                .isNull();

        Rollout failed = world.rollOut(World.WEB, "v2-crash");

        assertThat(failed.state()).isEqualTo(State.FAILED);
        assertThat(Objects.requireNonNull(failed.outcome().failure()).code()).isEqualTo("task-failed");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aServiceScaledToZeroIsReleasedWithoutWaitingForEvidenceThatCannotCome(String strategy) {
        live(SERVICE.formatted(strategy));
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy) + "count: 0\n")
                        .failure())
                .isNull();

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(Duration.between(
                        rollout.progress().startedAt(), rollout.outcome().endedAt()))
                .isLessThan(Duration.ofMinutes(30));
    }

    @Test
    void scalingByHandAndDeployingDoNotDisagreeAboutTheNumberOfTasks() {
        live(SERVICE.formatted("rolling"));
        world.scaleByHand(World.WEB, 5);

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling") + "tags: {team: shop}\n")
                        .failure())
                .isNull();

        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(5);
    }

    @Test
    void fortySecretsByTheNamesOfTheirParameters() {
        StringBuilder yaml = new StringBuilder("container:\n  port: 8000\n  secrets:\n");
        for (int i = 0; i < 40; i++) {
            yaml.append("    SECRET_%d: /dev/a-team/an-application/secret-%d\n".formatted(i, i));
        }

        live(yaml.toString());

        assertThat(world.account
                        .ecs()
                        .describeTaskDefinition(request ->
                                request.taskDefinition(world.ecs(World.WEB).taskDefinition()))
                        .taskDefinition()
                        .containerDefinitions()
                        .getFirst()
                        .secrets())
                .hasSize(40);
    }

    @Test
    void theSecretThatRdsManagesHasAnExclamationMarkInItsName() {
        String arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-3f2c8a91-b7d0-AbCdEf";
        world.account.tag(arn, Map.of("slipway:environment", "dev"));

        live("container:\n  port: 8000\n  secrets:\n    DB: '%s:password::'\n".formatted(arn));

        assertThat(world.record(World.WEB).declared().container().secrets().values())
                .containsExactly(arn + ":password::");
    }

    @Test
    void oneNatGatewayOrNoneIsEnoughInDev() {
        assertThat(world.apply(World.DEV, "terminationProtection: false\nnetwork: {natGateways: none}\n")
                        .failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling")).failure())
                .isNull();

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("ENABLED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aFirstReleaseThatCannotStartHasNothingToGoBackToAndIsFollowedByTheFixedOne(String strategy) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy)).failure())
                .isNull();

        Rollout first = world.rollOut(World.WEB, "v1-crash");

        assertThat(first.state()).isEqualTo(State.FAILED);
        assertThat(Duration.between(
                        first.progress().startedAt(), first.outcome().endedAt()))
                .isLessThan(Duration.ofHours(1));
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void afterTheCircuitBreakerTheFixedImageGoesOutAtOnce(String strategy) {
        live(SERVICE.formatted(strategy));
        assertThat(world.rollOut(World.WEB, "v2-crash").state()).isEqualTo(State.ROLLED_BACK);

        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(State.SUCCEEDED);
        assertThat(stackStatus()).endsWith("_COMPLETE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void aServiceThatIsStableAgainAfterARollbackIsNoSuccessAndRunsWhatCanBeStartedAgain(String strategy) {
        live(SERVICE.formatted(strategy));

        Rollout bad = world.rollOut(World.WEB, "v2-never-healthy");

        assertThat(bad.state()).isEqualTo(State.ROLLED_BACK);
        assertThat(Objects.requireNonNull(bad.outcome().failure()).code()).isEqualTo("rolled-back");
        assertThat(world.plane
                        .operations()
                        .find(World.WEB, Objects.requireNonNull(bad.progress().operation()))
                        .orElseThrow()
                        .failure())
                .isNotNull();
        assertThat(world.account
                        .ecs()
                        .describeTaskDefinition(request ->
                                request.taskDefinition(world.ecs(World.WEB).taskDefinition()))
                        .taskDefinition()
                        .statusAsString())
                .isEqualTo("ACTIVE");
    }

    @Test
    void deployingWhatIsLiveAlreadyIsNoErrorAndReplacesNoTask() {
        live(SERVICE.formatted("rolling"));
        String deployment = world.ecs(World.WEB).deployments().getFirst().id();

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling")).failure())
                .isNull();

        assertThat(world.ecs(World.WEB).deployments().getFirst().id()).isEqualTo(deployment);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aServiceThatASchedulePutToSleepIsReleasedAndGoesOnSleeping(String strategy) {
        live(SERVICE.formatted(strategy));
        world.scaleByHand(World.WEB, 0);
        world.timeline.advance(Duration.ofMinutes(5));

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(world.ecs(World.WEB).desiredCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void theNumberOfTasksThatScalingChoseOutlivesReleasesAndRollbacks(String strategy) {
        live(SERVICE.formatted(strategy));
        world.scaleByHand(World.WEB, 6);

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(6);
        assertThat(world.rollOut(World.WEB, "v3-crash").state()).isEqualTo(State.ROLLED_BACK);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void whatScalesOutWhileADeploymentIsUnderWayStaysScaledOut(String strategy) {
        live(SERVICE.formatted(strategy));
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ci"))
                .location();
        world.timeline.advance(Duration.ofMinutes(2));
        world.scaleByHand(World.WEB, 7);

        assertThat(world.rolledOut(World.WEB, location).state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(5));
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(7);
        assertThat(world.ecs(World.WEB).runningCount()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aServiceOfOneTaskIsNotWithoutOneWhileItIsReplaced(String strategy) {
        live(SERVICE.formatted(strategy) + "count: 1\n");

        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ci"))
                .location();
        while (world.plane.operations().findRunning(World.WEB).isPresent()) {
            assertThat(world.traffic(World.WEB).allServed()).isTrue();
            world.timeline.step();
        }

        assertThat(world.rolledOut(World.WEB, location).state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void aTagThatMovesLaterDoesNotChangeWhatRuns() {
        live(SERVICE.formatted("rolling"));

        assertThat(world.rollOut(World.WEB, "latest").state()).isEqualTo(State.SUCCEEDED);

        assertThat(world.account
                        .ecs()
                        .describeTaskDefinition(request ->
                                request.taskDefinition(world.ecs(World.WEB).taskDefinition()))
                        .taskDefinition()
                        .containerDefinitions()
                        .getFirst()
                        .image())
                .contains("@sha256:");
    }

    @Test
    void anImageThatWasNeverPushedIsRefusedBeforeATaskLooksForIt() {
        live(SERVICE.formatted("rolling"));
        String before = world.ecs(World.WEB).taskDefinition();

        assertThatThrownBy(() -> world.rollOut(World.WEB, "v2-missing"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("image-not-found"));

        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(before);
    }

    /** At the very priority, and the one beside it, that the next service would have. */
    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void aRuleThatSomebodyAddedByHandAtTheNextServicesPriorityIsNamedAndOnceItIsGoneTheServiceComes(int beside) {
        live(SERVICE.formatted("rolling"));
        assertThat(world.apply(SHOP, SHOP_SPEC).failure()).isNull();
        Rule taken = rule(SHOP);
        assertThat(world.ended(
                                SHOP,
                                world.plane
                                        .services()
                                        .delete(SHOP, new Deletion(null, Set.of(), "shop"), World.by("ann")))
                        .failure())
                .isNull();
        int priority = Integer.parseInt(taken.priority()) + beside;
        String byHand = world.account
                .elb()
                .createRule(request -> request.listenerArn(taken.ruleArn()
                                .replace(":listener-rule/", ":listener/")
                                .replaceFirst("/[^/]+$", ""))
                        .priority(priority)
                        .conditions(taken.conditions())
                        .actions(rule(World.WEB).actions()))
                .rules()
                .getFirst()
                .ruleArn();

        Problem refused = Objects.requireNonNull(world.apply(SHOP, SHOP_SPEC).failure());

        assertThat(refused.code()).isEqualTo("priority-in-use");
        assertThat(refused.detail()).contains("'%d'".formatted(priority));
        world.account.elb().deleteRule(request -> request.ruleArn(byHand));
        assertThat(world.apply(SHOP, SHOP_SPEC).failure()).isNull();
        assertThat(world.rollOut(SHOP, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private Rule rule(ServiceId service) {
        return world.account
                .elb()
                .describeRules(request ->
                        request.ruleArns(world.record(service).outputs().get("ProductionRule")))
                .rules()
                .getFirst();
    }

    @Test
    void twoServicesThatWantTheSamePathAreToldOfEachOther() {
        live(SHOP_SPEC);

        assertThatThrownBy(() -> world.apply(SHOP, SHOP_SPEC))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().toString()).contains("web", "/shop/*"));
    }

    @Test
    void aServiceIsDeletedThoughItsRegistryHoldsImagesAndIsDeclaredAgainUnderItsName() {
        live(SERVICE.formatted("blue-green"));
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);

        Operation deleted = world.ended(
                World.WEB,
                world.plane.services().delete(World.WEB, new Deletion(null, Set.of(), "web"), World.by("ann")));

        assertThat(deleted.failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted("blue-green")).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void aDeployDoesNotFailBecauseTheInfrastructureIsBeingUpdated() {
        live(SERVICE.formatted("blue-green"));
        var environment = world.plane
                .environments()
                .apply(
                        World.DEV,
                        World.environmentSpec("terminationProtection: false\ntags: {team: shop}\n"),
                        new Order(null, Set.of(), null),
                        World.by("ann"));

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.ended(World.DEV, environment).failure()).isNull();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    private String begun(ServiceId service, String image, ConcurrencyPolicy policy) {
        return world.plane
                .rollouts()
                .rollOut(service, new RolloutRequest(image, null, null, policy, null), World.by("ci"))
                .id();
    }

    private Rollout seen(ServiceId service, String rollout) {
        return world.plane.rollouts().rollout(service, rollout);
    }

    /** Instead of the hours in which a stack waits for tasks that never become healthy. */
    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary"})
    void aReleaseThatNeverStartsIsGivenUpByOneCallAndTheFixedOneGoesOutAtOnce(String strategy) {
        live(SERVICE.formatted(strategy));
        String bad = begun(World.WEB, "v2-never-healthy", ConcurrencyPolicy.REJECT);
        world.timeline.advance(Duration.ofMinutes(2));

        world.plane.rollouts().cancel(World.WEB, bad, World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(5));

        assertThat(seen(World.WEB, bad).state()).isEqualTo(State.CANCELLED);
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.record(World.WEB).previous()).isEqualTo(1);
    }

    @Test
    void aServiceWhoseFirstReleaseNeverStartsIsDeletedWithoutWaitingForHours() {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted("rolling")).failure())
                .isNull();
        String bad = begun(World.WEB, "v1-never-healthy", ConcurrencyPolicy.REJECT);
        world.timeline.advance(Duration.ofMinutes(3));
        Deletion deletion = new Deletion(null, Set.of(), "web");

        assertThatThrownBy(() -> world.plane.services().delete(World.WEB, deletion, World.by("ann")))
                .hasMessageContaining("operation-in-progress");
        world.plane.rollouts().cancel(World.WEB, bad, World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(15));

        assertThat(seen(World.WEB, bad).isOpen()).isFalse();
        assertThat(world.ended(World.WEB, world.plane.services().delete(World.WEB, deletion, World.by("ann")))
                        .failure())
                .isNull();
        assertThat(world.plane.services().find(World.WEB)).isEmpty();
    }

    @Test
    void aTagThatIsPushedAgainIsAnotherReleaseWhenItIsDeployedAgainAndNoneBefore() {
        live(SERVICE.formatted("rolling"));
        Rollout first = world.rollOut(World.WEB, "latest");
        String running = world.ecs(World.WEB).taskDefinition();
        var image = world.account
                .ecr()
                .batchGetImage(
                        request -> request.repositoryName("slipway-dev-web").imageIds(id -> id.imageTag("v1")))
                .images()
                .getFirst();
        world.account
                .ecr()
                .batchDeleteImage(
                        request -> request.repositoryName("slipway-dev-web").imageIds(id -> id.imageTag("latest")));
        world.account
                .ecr()
                .putImage(request -> request.repositoryName("slipway-dev-web")
                        .imageManifest(image.imageManifest())
                        .imageManifestMediaType(image.imageManifestMediaType())
                        .imageTag("latest"));
        world.timeline.advance(Duration.ofHours(1));
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(running);

        Rollout second = world.rollOut(World.WEB, "latest");

        assertThat(second.state()).isEqualTo(State.SUCCEEDED);
        assertThat(second.request().image()).isNotEqualTo(first.request().image());
        assertThat(world.ecs(World.WEB).taskDefinition()).isNotEqualTo(running);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green"})
    void twoServicesOfOneEnvironmentAreReleasedAtTheSameTime(String strategy) {
        live(SERVICE.formatted(strategy));
        assertThat(world.apply(SHOP, SHOP_SPEC).failure()).isNull();
        assertThat(world.rollOut(SHOP, "v1").state()).isEqualTo(State.SUCCEEDED);

        String web = begun(World.WEB, "v2", ConcurrencyPolicy.REJECT);
        String shop = begun(SHOP, "v2", ConcurrencyPolicy.REJECT);
        world.settle();

        assertThat(seen(World.WEB, web).state()).isEqualTo(State.SUCCEEDED);
        assertThat(seen(SHOP, shop).state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void ofPushesCloseTogetherTheNewestIsLiveAndWhatItOvertakesIsNoFailure() {
        live(SERVICE.formatted("blue-green"));
        String second = begun(World.WEB, "v2", ConcurrencyPolicy.QUEUE);
        String third = begun(World.WEB, "v3", ConcurrencyPolicy.QUEUE);
        String fourth = begun(World.WEB, "v4", ConcurrencyPolicy.QUEUE);
        world.timeline.advance(Duration.ofHours(2));

        assertThat(seen(World.WEB, second).state()).isEqualTo(State.SUCCEEDED);
        assertThat(seen(World.WEB, third).state()).isEqualTo(State.CANCELLED);
        assertThat(Objects.requireNonNull(seen(World.WEB, third).stop()).message())
                .contains("replaced by", fourth);
        assertThat(seen(World.WEB, fourth).state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.record(World.WEB).live())
                .isEqualTo(seen(World.WEB, fourth).release());
    }

    @Test
    void goingBackAfterAFailureFindsWhatServedAndNotTheFailureBefore() {
        live(SERVICE.formatted("rolling"));
        assertThat(world.rollOut(World.WEB, "v2-crash").state()).isEqualTo(State.ROLLED_BACK);
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(State.SUCCEEDED);

        var back = world.plane.rollouts().rollBack(World.WEB, null, null, null, World.by("ann"));

        assertThat(world.rolledOut(World.WEB, back.location()).release()).isEqualTo(1);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    /** Nobody's job has to stay up as long as a release bakes. */
    @Test
    void aReleaseThatTakesLongerThanAnyJobWaitsGoesOnWithoutWhoAskedForIt() {
        live(SERVICE.formatted("linear"));
        Instant begun = world.timeline.instant();

        Rollout rollout = world.rolledOut(World.WEB, begun(World.WEB, "v2", ConcurrencyPolicy.REJECT));

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout.outcome().endedAt()).isAfter(begun.plus(Duration.ofMinutes(50)));
    }

    @Test
    void aListenerRuleThatSomebodyDeletedIsNamedInsteadOfADeploymentThatHangs() {
        live(SERVICE.formatted("blue-green"));
        String rule = String.valueOf(world.record(World.WEB).outputs().get("ProductionRule"));
        world.account.elb().deleteRule(request -> request.ruleArn(rule));
        Instant asked = world.timeline.instant();

        Rollout refused = world.rollOut(World.WEB, "v2");

        assertThat(refused.state()).isEqualTo(State.FAILED);
        assertThat(Objects.requireNonNull(refused.outcome().failure()).code()).isEqualTo("listener-rule-missing");
        assertThat(refused.outcome().endedAt()).isBefore(asked.plus(Duration.ofMinutes(5)));
        assertThat(world.apply(World.WEB, SERVICE.formatted("blue-green")).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void scalingThatIsTakenOutOfTheSpecSaysThatItsTasksStayAndTheNextCountIsSet() {
        String service = SERVICE.formatted("rolling");
        live(service + "scaling: {min: 1, max: 10, cpuPercent: 50}\n");
        world.scaleByHand(World.WEB, 10);

        Operation off = world.apply(World.WEB, service + "count: 1\n");

        assertThat(off.failure()).isNull();
        assertThat(off.notes()).anyMatch(note -> note.contains("stays at 10 tasks"));
        assertThat(world.apply(World.WEB, service + "count: 2\n").failure()).isNull();
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(2);
    }
}
