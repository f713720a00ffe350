package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** Day two, by name: what users, AWS and other people do to a service that is at work. */
class PromisesTest {
    private static final String ENVIRONMENT = "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n";
    private static final String SERVICE = "container: {port: 8000}\n";
    private static final Logger LOGS = Logger.getLogger("dev.slipway");

    private final World world = new World(1);

    @BeforeEach
    void quiet() {
        LOGS.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        LOGS.setLevel(null);
    }

    private void live(String... images) {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        for (String image : images) {
            assertThat(world.rollOut(World.WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
    }

    private Rule rule(String output) {
        String arn = world.record(World.WEB).outputs().get(output);
        return world.account
                .elb()
                .describeRules(request -> request.ruleArns(arn))
                .rules()
                .getFirst();
    }

    private List<Integer> weights(String output) {
        return rule(output).actions().getFirst().forwardConfig().targetGroups().stream()
                .map(TargetGroupTuple::weight)
                .toList();
    }

    private void weigh(String output, int a, int b) {
        String groupA = world.record(World.WEB).outputs().get("TargetGroupA");
        String groupB = world.record(World.WEB).outputs().get("TargetGroupB");
        world.account
                .elb()
                .modifyRule(request -> request.ruleArn(rule(output).ruleArn())
                        .actions(Action.builder()
                                .type(ActionTypeEnum.FORWARD)
                                .forwardConfig(forward -> forward.targetGroups(
                                        TargetGroupTuple.builder()
                                                .targetGroupArn(groupA)
                                                .weight(a)
                                                .build(),
                                        TargetGroupTuple.builder()
                                                .targetGroupArn(groupB)
                                                .weight(b)
                                                .build()))
                                .build()));
    }

    @Test
    void anApplyThatFailsAtTheLastResourceKeepsSwappedWeightsReleaseAndScale() {
        live("v1", "v2", "v3");
        weigh("ProductionRule", 0, 100);
        weigh("TestRule", 100, 0);
        world.scaleByHand(World.WEB, 4);
        String release = world.ecs(World.WEB).taskDefinition();
        assertThat(world.apply(World.WEB, SERVICE + "logs: {retentionDays: 7}\n")
                        .failure())
                .isNull();
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "as the test wants it");

        Operation failed = world.apply(
                World.WEB, SERVICE + "gracePeriodSeconds: 90\nrouting: {paths: [/new/*]}\nlogs: {retentionDays: 14}\n");

        assertThat(failed.failure().detail()).contains("as the test wants it");
        assertThat(weights("ProductionRule")).containsExactly(0, 100);
        assertThat(weights("TestRule")).containsExactly(100, 0);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(release);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(4);
    }

    @Test
    void theResyncFindsWhatEveryLostEventAndMessageLeft() {
        live("v1");
        world.aws.faults(new Faults() {
            @Override
            public List<Duration> deliveries() {
                return List.of();
            }
        });
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        world.queue.consumer(body -> {}); // messages are lost for ten minutes
        world.timeline.advance(Duration.ofMinutes(10));
        world.work();

        assertThat(world.rolledOut(World.WEB, location).state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void everyEventThreeTimesChangesNothing() {
        world.aws.faults(new Faults() {
            @Override
            public List<Duration> deliveries() {
                return List.of(Duration.ZERO, Duration.ofSeconds(1), Duration.ofMinutes(7));
            }
        });
        live("v1", "v2");
        world.timeline.advance(Duration.ofHours(1));

        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.calls().get("Ecs.registerTaskDefinition")).isEqualTo(2);
        assertThat(world.queue.bodiesOfDead()).isEmpty();
    }

    @Test
    void aRolloutIntoAStackDeletedByHandIsToldInWordsAndDeletingClearsWhatIsLeft() {
        live("v1");
        world.account.cloudFormation().deleteStack(request -> request.stackName("slipway-dev-web"));
        world.timeline.advance(Duration.ofHours(1));

        Rollout rollout = world.rollOut(World.WEB, "v2");
        Operation deleted = world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Deletion(null, Set.of(), World.WEB.service()), World.by("ann")));

        assertThat(rollout.outcome().failure().category()).isEqualTo(Problem.Category.USER);
        assertThat(rollout.outcome().failure().action()).startsWith("Apply the").contains("spec");
        assertThat(deleted.failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void aFailedFirstCreationIsClearedByTheNextApply() {
        world.apply(World.DEV, ENVIRONMENT);
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");
        assertThat(world.apply(World.WEB, SERVICE).failure().detail()).contains("as the test wants it");

        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void aRollbackThatFailedIsContinuedByTheNextApply() {
        live("v1", "v2");
        world.scaleByHand(World.WEB, 4);
        String release = world.ecs(World.WEB).taskDefinition();
        world.apply(World.WEB, SERVICE + "logs: {retentionDays: 7}\n");
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "as the test wants it");
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "the rollback too");
        Operation failed = world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\nlogs: {retentionDays: 7}\n");
        assertThat(failed.failure().detail()).contains("as the test wants it");
        assertThat(world.account
                        .cloudFormation()
                        .describeStackEvents(request -> request.stackName("slipway-dev-web"))
                        .stackEvents())
                .as("what this test is about")
                .anySatisfy(event -> assertThat(event.resourceStatusAsString()).isEqualTo("UPDATE_ROLLBACK_FAILED"));

        Operation applied = world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\nlogs: {retentionDays: 7}\n");

        assertThat(applied.failure()).isNull();
        assertThat(world.ecs(World.WEB).healthCheckGracePeriodSeconds()).isEqualTo(90);
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(release);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(4);
        assertThat(world.parameter(World.WEB, "TaskDefinition")).isEqualTo(release);
        assertThat(weights("ProductionRule")).containsExactly(1, 0);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void aStackThatSomebodyElseUpdatesIsWaitedFor() {
        live("v1");
        world.account
                .cloudFormation()
                .updateStack(request -> request.stackName("slipway-dev-web")
                        .usePreviousTemplate(true)
                        .capabilitiesWithStrings("CAPABILITY_NAMED_IAM")
                        .parameters(world.stack(World.WEB).parameters().stream()
                                .map(parameter -> parameter.parameterKey().equals("LogRetentionDays")
                                        ? parameter.toBuilder()
                                                .parameterValue("90")
                                                .build()
                                        : parameter.toBuilder()
                                                .parameterValue(null)
                                                .usePreviousValue(true)
                                                .build())
                                .toList()));

        assertThat(world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n").failure())
                .isNull();
        assertThat(world.ecs(World.WEB).healthCheckGracePeriodSeconds()).isEqualTo(90);
    }

    @Test
    void anEnvironmentWithServicesIsNotDeleted() {
        live();

        assertThatThrownBy(() -> world.plane
                        .environments()
                        .delete(World.DEV, new Deletion(null, Set.of(), null), World.by("ann")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.status()).isEqualTo(409));
    }

    @Test
    void twoServicesThatWantOnePathAtOnceDoNotBothGetIt() {
        world.apply(World.DEV, ENVIRONMENT);
        ServiceId api = new ServiceId("dev", "api");
        String spec = SERVICE + "routing: {paths: [/same/*]}\n";
        boolean[] nested = new boolean[1];
        world.chaos.beforeWrite = () -> {
            if (!nested[0]) {
                nested[0] = true;
                world.plane.services().apply(api, World.serviceSpec(spec), World.anything(), World.by("bob"));
            }
        };

        assertThatThrownBy(() -> world.plane
                        .services()
                        .apply(World.WEB, World.serviceSpec(spec), World.anything(), World.by("ann")))
                .isInstanceOf(RuntimeException.class);
        assertThat(world.plane.services().find(World.WEB)).isEmpty();
        assertThat(world.plane.services().find(api)).isPresent();
    }

    @Test
    void twoEnvironmentsWithOverlappingNetworksAtOnceDoNotBothComeToBe() {
        world.apply(World.DEV, ENVIRONMENT);
        EnvironmentId one = new EnvironmentId("one");
        EnvironmentId two = new EnvironmentId("two");
        String spec = "network: {cidr: 172.20.0.0/16}\n";
        boolean[] nested = new boolean[1];
        world.chaos.beforeWrite = () -> {
            if (!nested[0]) {
                nested[0] = true;
                world.plane
                        .environments()
                        .apply(two, World.environmentSpec(spec), new Order(null, Set.of(), null), World.by("bob"));
            }
        };

        assertThatThrownBy(() -> world.plane
                        .environments()
                        .apply(one, World.environmentSpec(spec), new Order(null, Set.of(), null), World.by("ann")))
                .isInstanceOf(RuntimeException.class);
        assertThat(world.plane.environments().names()).containsExactlyInAnyOrder("dev", "two");
    }

    /** What was free when the plan was asked for is taken when it is computed: no fault of ours. */
    @Test
    void aPlanWhosePathIsTakenMeanwhileFailsAndSaysWhy() {
        world.apply(World.DEV, ENVIRONMENT);
        String spec = "container: {port: 8000}\nrouting: {paths: [/shop/*]}\n";
        Accepted plan = world.plane.services().plan(World.WEB, World.serviceSpec(spec), World.by("ann"));
        world.plane
                .services()
                .apply(new ServiceId("dev", "api"), World.serviceSpec(spec), World.anything(), World.by("bob"));

        world.timeline.advance(Duration.ofMinutes(10));

        Problem failure = plan(plan).failure();
        assertThat(failure.code()).isEqualTo("invalid-spec");
        assertThat(failure.category()).isEqualTo(Problem.Category.USER);
        assertThat(failure.errors().toString()).contains("/routing/paths", "api");
        assertThat(world.plane.operations().findRunning(World.WEB)).isEmpty();
        assertThat(world.queue.bodiesOfDead()).isEmpty();
    }

    @Test
    void aPlanWhoseEnvironmentIsDeletedMeanwhileFailsAndSaysWhy() {
        world.apply(World.DEV, ENVIRONMENT);
        world.aws.faults(calls("createChangeSet", Faults.Call.THROTTLED, Integer.MAX_VALUE));
        Accepted plan =
                world.plane.services().plan(World.WEB, World.serviceSpec("container: {port: 80}"), World.by("ann"));
        world.plane.environments().delete(World.DEV, new Deletion(null, Set.of(), null), World.by("bob"));

        world.timeline.advance(Duration.ofMinutes(30));

        assertThat(world.plane.environments().names()).isEmpty();
        assertThat(plan(plan).failure().code()).isEqualTo("environment-not-found");
        assertThat(world.plane.operations().findRunning(World.WEB)).isEmpty();
        assertThat(world.queue.bodiesOfDead()).isEmpty();
    }

    private Plan plan(Accepted accepted) {
        String id = accepted.id();
        return Plans.get(world.store, World.WEB, id);
    }

    /** ECS carries one call out, and nobody gets an answer of it from then on. */
    private static Faults ecsGoneFrom(String operation) {
        return new Faults() {
            private boolean gone;

            @Override
            public Call on(String service, String called) {
                Call fate = gone && service.equals("Ecs") ? Call.THROTTLED : Call.ANSWERED;
                boolean last = !gone && called.equals(operation);
                gone |= last;
                return last ? Call.ANSWER_LOST : fate;
            }
        };
    }

    /** The first calls of one operation of AWS end otherwise. */
    private static Faults calls(String operation, Faults.Call fate, int times) {
        return new Faults() {
            private int left = times;

            @Override
            public Call on(String service, String called) {
                return called.equals(operation) && left-- > 0 ? fate : Call.ANSWERED;
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 5, 10, 20, 40})
    void aRolloutCancelledAtAnyTimeLeavesTheReleaseBefore(int seconds) {
        live("v1");
        String before = world.ecs(World.WEB).taskDefinition();
        Accepted accepted =
                world.plane.rollouts().rollOut(World.WEB, World.asking("v2-never-healthy"), World.by("ann"));
        String id = accepted.id();
        world.timeline.advance(Duration.ofSeconds(seconds));
        world.plane.rollouts().cancel(World.WEB, id, World.by("eve"));

        Rollout rollout = world.rolledOut(World.WEB, accepted.location());

        assertThat(rollout.state()).isEqualTo(Rollout.State.CANCELLED);
        assertThat(rollout.outcome().detail()).contains("eve");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(before);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        Rollout next = world.rollOut(World.WEB, "v3");
        assertThat(next.state()).as(next.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    /** ECS finishes between the question whether it is at work and the one which deployment is to be stopped. */
    @Test
    void aStopThatComesTooLateFindsTheReleaseLive() {
        live("v1");
        Accepted accepted = world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
        world.timeline.advance(Duration.ofSeconds(20));
        boolean[] waited = new boolean[1];
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("listServiceDeployments") && !waited[0]) {
                waited[0] = true;
                world.timeline.advance(Duration.ofSeconds(120));
            }
            return () -> {};
        };
        String id = accepted.id();
        world.plane.rollouts().cancel(World.WEB, id, World.by("eve"));

        Rollout rollout = world.rolledOut(World.WEB, accepted.location());

        assertThat(waited).as("what this test is about").containsExactly(true);
        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(rollout.outcome().detail()).contains("although it was to be rolled back");
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.ecs(World.WEB).taskDefinition()).endsWith(":2");
    }

    /** Between the call and the next look at ECS it is cancelled; what ECS has begun must not go on by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"v2", "v2-never-healthy", "v2-crash"})
    void aRolloutThatIsCancelledBeforeWeKnowOfItsDeploymentIsRolledBack(String image) {
        live("v1");
        String before = world.ecs(World.WEB).taskDefinition();
        world.aws.faults(ecsGoneFrom("updateService"));
        Accepted accepted = world.plane.rollouts().rollOut(World.WEB, World.asking(image), World.by("ann"));
        world.timeline.advance(Duration.ofSeconds(5));
        world.aws.faults(Faults.NONE);
        assertThat(world.ecs(World.WEB).taskDefinition()).isNotEqualTo(before);
        assertThat(world.plane.operations().findRunning(World.WEB).orElseThrow().phase())
                .hasToString("start");
        String id = accepted.id();
        world.plane.rollouts().cancel(World.WEB, id, World.by("eve"));

        Rollout rollout = world.rolledOut(World.WEB, accepted.location());

        assertThat(rollout.state()).isEqualTo(Rollout.State.CANCELLED);
        assertThat(rollout.outcome().detail()).isEqualTo("Cancelled by eve. The release before is live again.");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(before);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v2", "v2-crash"})
    void anUpdateServiceWhoseAnswerWasLostIsNotRepeated(String image) {
        live("v1");
        world.aws.faults(calls("updateService", Faults.Call.ANSWER_LOST, 1));
        int before = world.calls().get("Ecs.updateService");

        world.rollOut(World.WEB, image);

        assertThat(world.calls().get("Ecs.updateService")).isEqualTo(before + 1);
    }

    /** The circuit breaker was faster than the second attempt: the service looks as if nothing had happened. */
    @Test
    void norWhenEcsHasTakenTheReleaseBackBeforeTheNextLook() {
        live("v1");
        int before = world.calls().get("Ecs.updateService");
        world.chaos.watcher = (operation, request) -> () -> {
            if (operation.equals("updateService")) {
                world.queue.consumer(body -> {}); // nobody works until long after
                throw new Crash("after updateService");
            }
        };
        Accepted accepted = world.plane.rollouts().rollOut(World.WEB, World.asking("v2-crash"), World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(20));
        world.chaos.watcher = (operation, request) -> () -> {};
        world.work();

        assertThat(world.rolledOut(World.WEB, accepted.location()).state()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(world.calls().get("Ecs.updateService")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no json", "[1]", "{\"target\": \"dev/NO NAME\"}"})
    void aPoisonMessageEndsAmongTheDeadAndHoldsNobodyUp(String message) {
        world.queue.send(message, Duration.ZERO);
        live("v1");
        world.timeline.advance(Duration.ofHours(2));

        assertThat(world.queue.bodiesOfDead()).containsExactly(message);
    }

    /** A process dies before or after each of its calls and writes in turn; the story ends the same every time. */
    @Test
    void aCrashAnywhereChangesNothing() {
        int steps = mainJob(0).chaos.steps;
        for (int at = 1; at <= steps; at += 7) {
            World crashed = mainJob(at);

            assertThat(crashed.record(World.WEB).live()).as("crash at %d", at).isEqualTo(2);
            assertThat(crashed.ecs(World.WEB).healthCheckGracePeriodSeconds()).isEqualTo(90);
            assertThat(crashed.traffic(World.WEB).allServed()).isTrue();
            assertThat(crashed.calls().get("Ecs.registerTaskDefinition"))
                    .as("crash at %d", at)
                    .isEqualTo(2);
            assertThat(crashed.account.cloudFormation().listStacks().stackSummaries())
                    .as("crash at %d", at)
                    .hasSize(2);
            assertThat(crashed.account
                            .ecs()
                            .listServiceDeployments(
                                    request -> request.cluster("slipway-dev").service("web"))
                            .serviceDeployments())
                    .as("crash at %d", at)
                    .hasSize(2);
            assertThat(crashed.queue.bodiesOfDead()).isEmpty();
        }
    }

    private static World mainJob(int crashAt) {
        World world = new World(7);
        world.chaos.dieAt = crashAt;
        again(() -> world.apply(World.DEV, ENVIRONMENT), world);
        again(() -> world.apply(World.WEB, SERVICE), world);
        again(() -> world.rollOut(World.WEB, "v1"), world);
        again(() -> world.rollOut(World.WEB, "v2"), world);
        again(() -> world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n"), world);
        return world;
    }

    /** Requests are repeated when they were cut off before the answer. */
    private static void again(Runnable request, World world) {
        try {
            request.run();
        } catch (Crash e) {
            world.settle();
            request.run();
        }
    }
}
