package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.release.Release;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.EnvironmentDigest;
import dev.slipway.simulated.aws.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AWS's answers may be late: what they show is then what was, and decides nothing that it must not. */
class StaleReadsTest {
    private static final String ENVIRONMENT = "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n";

    private static final String TOPIC = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-ops";

    private static final String SERVICE = """
            container: {port: 8000}
            rollout: {strategy: %s, bakeMinutes: 0%s}
            """;

    private static final String SCALED = "container: {port: 8000}\nscaling: {min: 1, max: 4, cpuPercent: 60}\n";

    private static final String LOGS = "container: {port: 8000}\nlogs: {retentionDays: %d}\n";

    private final World world = new World(1);

    private void created(String strategy) {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(
                                World.WEB,
                                SERVICE.formatted(
                                        strategy,
                                        strategy.matches("canary|linear")
                                                ? ", %s: {bakeMinutes: 0}".formatted(strategy)
                                                : ""))
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.account.traffic().requestsPerMinute(3000);
        world.timeline.advance(Duration.ofMinutes(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 30})
    void aWeightThatIsLateLetsNoUnjudgedReleasePass(int seconds) {
        created("canary");
        world.chaos.stale.put("Ecs", () -> Duration.ofSeconds(seconds));

        Rollout bad = world.rollOut(World.WEB, "v2-errors-20");

        assertThat(bad.state()).as(String.valueOf(bad)).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.stop().cause()).isEqualTo(Rollout.Stop.Cause.UNHEALTHY);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    /** Without a bake ECS asks for the next step before the worker has seen the one before. */
    @Test
    void eachStepOfALinearRolloutIsJudgedByItselfAlsoWithoutABake() {
        created("linear");

        Rollout good = world.rollOut(World.WEB, "v2");

        assertThat(good.state()).isEqualTo(Rollout.State.SUCCEEDED);
        List<Instant> passed = world.plane.rollouts().gate(good).orElseThrow().checkpoints().stream()
                .filter(checkpoint -> checkpoint.stage().toString().equals("PRE_PRODUCTION_TRAFFIC_SHIFT"))
                .map(GateRecord.Checkpoint::passedAt)
                .toList();
        assertThat(passed).hasSizeGreaterThan(4);
        for (int step = 1; step < passed.size(); step++) {
            assertThat(Duration.between(passed.get(step - 1), passed.get(step)))
                    .as("step %d", step)
                    .isGreaterThan(Duration.ofMinutes(2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void aGoodReleaseGoesLiveAllTheSame(String strategy) {
        created(strategy);
        world.chaos.stale.put("Ecs", () -> Duration.ofSeconds(20));

        Rollout good = world.rollOut(World.WEB, "v2");

        assertThat(good.state()).as(String.valueOf(good)).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.traffic(World.WEB).byTaskDefinition())
                .containsOnlyKeys(world.ecs(World.WEB).taskDefinition());
    }

    /** One part of ECS knows that the deployment has ended, the other shows the service as it was before it. */
    @ParameterizedTest
    @ValueSource(ints = {20, 60, 120, 170})
    void aServiceThatIsShownLaterThanItsDeploymentsIsNoOtherDeployment(int seconds) {
        created("rolling");
        world.aws.faults(new Late("describeServices", Duration.ofSeconds(seconds)));

        Rollout good = world.rollOut(World.WEB, "v2");
        assertThat(good.state()).as(String.valueOf(good)).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);

        Rollout crashing = world.rollOut(World.WEB, "v3-crash-after-30s");
        assertThat(crashing.state()).as(String.valueOf(crashing)).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "rolling"})
    void anUpdateServiceWhoseAnswerWasLostIsNotRepeatedThoughEcsDoesNotShowItYet(String strategy) {
        created(strategy);
        int before = world.calls().get("Ecs.updateService");
        int[] lost = new int[1];
        world.aws.faults(new Faults() {
            @Override
            public Call on(String service, String operation) {
                return operation.equals("updateService") && lost[0]++ == 0 ? Call.ANSWER_LOST : Call.ANSWERED;
            }

            @Override
            public boolean mayBeStale(String service) {
                return true;
            }

            @Override
            public Duration age(String service, String operation) {
                return operation.matches("(describe|list).*") ? Duration.ofSeconds(30) : Duration.ZERO;
            }
        });

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.calls().get("Ecs.updateService")).isEqualTo(before + 1);
    }

    /** The list shows theirs alone, for a while. */
    @ParameterizedTest
    @ValueSource(strings = {"canary", "blue-green", "rolling"})
    void aDeploymentThatSomebodyBeganJustBeforeOursIsNotTakenForIt(String strategy) {
        created(strategy);
        Instant[] theirs = new Instant[1];
        world.aws.faults(new Late("listServiceDeployments", () -> {
            Instant now = world.timeline.instant();
            return theirs[0] != null && now.isBefore(theirs[0].plusSeconds(55))
                    ? Duration.between(theirs[0].plusSeconds(2), now)
                    : Duration.ZERO;
        }));
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("updateService") && theirs[0] == null) {
                theirs[0] = world.timeline.instant();
                world.chaos.apart(() -> {
                    world.account
                            .ecs()
                            .updateService(update -> update.cluster(World.DEV.cluster())
                                    .service(World.WEB.service())
                                    .forceNewDeployment(true));
                    world.timeline.advance(Duration.ofSeconds(2));
                });
            }
            return () -> {};
        };

        String location = world.plane
                .rollouts()
                .rollOut(
                        World.WEB,
                        World.asking(strategy.equals("canary") ? "v2-errors-20" : "v2-crash"),
                        World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofSeconds(20));
        assertThat(theirs[0]).isNotNull();
        world.queue.send("{\"target\":\"dev/web\"}", Duration.ZERO);
        Rollout bad = world.rolledOut(World.WEB, location);

        assertThat(bad.state()).as(String.valueOf(bad)).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    /** One of ECS's calls shows what was so long ago. */
    private record Late(String call, Supplier<Duration> age) implements Faults {
        Late(String call, Duration age) {
            this(call, () -> age);
        }

        @Override
        public boolean mayBeStale(String service) {
            return true;
        }

        @Override
        public Duration age(String service, String operation) {
            return operation.equals(call) ? age.get() : Duration.ZERO;
        }
    }

    /** ECS shows things late, and does what it is told, or not, without an answer that comes through. */
    private final class Lossy implements Faults {
        private final Duration late;
        private final Call fate;
        private final List<Instant> calls = new ArrayList<>();
        private int lost;

        Lossy(Duration late, Call fate, int lost) {
            this.late = late;
            this.fate = fate;
            this.lost = lost;
        }

        @Override
        public Call on(String service, String operation) {
            if (!operation.equals("updateService")) {
                return Call.ANSWERED;
            }
            calls.add(world.timeline.instant());
            return lost-- > 0 ? fate : Call.ANSWERED;
        }

        @Override
        public boolean mayBeStale(String service) {
            return true;
        }

        @Override
        public Duration age(String service, String operation) {
            return operation.matches("(describe|list).*") ? late : Duration.ZERO;
        }
    }

    /** What the pass would write down of that meets the cancel, and is lost as well. */
    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "rolling"})
    void aCancelInTheSecondInWhichTheAnswerIsLostHasEcsGoBack(String strategy) {
        created(strategy);
        String before = world.ecs(World.WEB).taskDefinition();
        Lossy lossy = new Lossy(Duration.ofSeconds(30), Faults.Call.ANSWER_LOST, 0);
        world.aws.faults(lossy);
        world.scaleByHand(World.WEB, 2); // what late answers show is kept at each change
        world.timeline.advance(Duration.ofSeconds(40));
        lossy.lost = 1;
        String[] id = new String[1];
        boolean[] cancelled = new boolean[1];
        world.chaos.watcher = (operation, request) -> () -> {
            if (operation.equals("updateService") && !cancelled[0]) {
                cancelled[0] = true;
                world.chaos.apart(() -> world.plane.rollouts().cancel(World.WEB, id[0], World.by("eve")));
            }
        };
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        id[0] = World.idOf(location);

        Rollout rollout = world.rolledOut(World.WEB, location);
        world.timeline.advance(Duration.ofMinutes(30));

        assertThat(cancelled[0]).isTrue();
        assertThat(rollout.outcome().detail()).doesNotContain("Nothing had been deployed");
        boolean back = rollout.state() == Rollout.State.CANCELLED;
        assertThat(rollout.state()).isIn(Rollout.State.CANCELLED, Rollout.State.SUCCEEDED); // it may be too late
        assertThat(world.ecs(World.WEB).taskDefinition().equals(before)).isEqualTo(back);
        assertThat(world.record(World.WEB).live()).isEqualTo(back ? 1 : 2);
    }

    /** Each call may have been heard; the next one waits until ECS would show it, however long that goes on. */
    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "rolling"})
    void afterAnHourOfLostAnswersTheRolloutEndsAndTheRecordFollowsEcs(String strategy) {
        created(strategy);
        Lossy lossy = new Lossy(Duration.ofSeconds(30), Faults.Call.LOST, Integer.MAX_VALUE);
        world.aws.faults(lossy);
        Instant asked = world.timeline.instant();

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).isEqualTo(Rollout.State.FAILED);
        assertThat(rollout.outcome().failure().code()).isEqualTo("deployment-unknown");
        assertThat(Duration.between(asked, rollout.outcome().endedAt()))
                .isBetween(Duration.ofMinutes(60), Duration.ofMinutes(65));
        for (int i = 1; i < lossy.calls.size(); i++) {
            assertThat(Duration.between(lossy.calls.get(i - 1), lossy.calls.get(i)))
                    .isGreaterThanOrEqualTo(Duration.ofMinutes(2));
        }
        // The last of them was heard after all, and by then nobody watches.
        world.aws.faults(Faults.NONE);
        world.account
                .ecs()
                .updateService(request -> request.cluster(World.DEV.cluster())
                        .service(World.WEB.service())
                        .taskDefinition(world.store
                                .get(Release.key(World.WEB, 2))
                                .orElseThrow()
                                .value()
                                .taskDefinition()));
        world.timeline.advance(Duration.ofHours(1));

        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }

    /** So the last apply may be shown what was before the one that it undoes. */
    @ParameterizedTest
    @ValueSource(ints = {2, 5, 10, 20, 30, 45})
    void whatIsAppliedAndTakenBackAtOnceIsTakenBackThoughCloudFormationShowsWhatWas(int seconds) {
        created("rolling");
        world.chaos.stale.put("CloudFormation", () -> Duration.ZERO);
        assertThat(world.apply(World.WEB, LOGS.formatted(7)).failure()).isNull();
        assertThat(world.apply(World.WEB, LOGS.formatted(30)).failure()).isNull();

        world.chaos.stale.put("CloudFormation", () -> Duration.ofSeconds(seconds));
        assertThat(world.apply(World.WEB, LOGS.formatted(7)).failure()).isNull();

        assertThat(world.parameter(World.WEB, "LogRetentionDays")).isEqualTo("7");
    }

    /** The events may tell of the end before the stack itself shows what there is now. */
    @ParameterizedTest
    @ValueSource(ints = {2, 5, 10, 20, 30, 45})
    void theRuleThatWasMadeAnewIsKnownThoughCloudFormationShowsTheStackAsItWas(int seconds) {
        created("rolling");
        world.timeline.advance(Duration.ofMinutes(10));
        String before = world.record(World.WEB).outputs().get("ProductionRule");
        world.account.elb().deleteRule(request -> request.ruleArn(before));
        // The stack is late, its events are not.
        world.chaos.stacksShownLate(Duration.ofSeconds(seconds));

        assertThat(world.apply(World.WEB, LOGS.formatted(7)).failure()).isNull();

        assertThat(world.record(World.WEB).outputs().get("ProductionRule")).isNotEqualTo(before);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    private void told(String topic) {
        assertThat(world.apply(World.DEV, ENVIRONMENT + "alarms: {topic: '%s'}\n".formatted(topic))
                        .failure())
                .isNull();

        assertThat(world.plane.environments().get(World.DEV).outputs()).containsEntry("AlarmTopic", topic);
    }

    /** An apply that takes less time than CloudFormation takes to show it. */
    @ParameterizedTest
    @ValueSource(ints = {5, 20, 30, 50})
    void whatAnEnvironmentGivesOutIsRecordedAsTheApplyHasMadeIt(int seconds) {
        created("rolling");
        world.timeline.advance(Duration.ofMinutes(10));
        world.chaos.stacksShownLate(Duration.ofSeconds(seconds));

        told(TOPIC);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 20, 30, 50})
    void anApplyThatFindsNothingToChangeKeepsWhatTheOneBeforeItHasRecorded(int seconds) {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        world.timeline.advance(Duration.ofMinutes(10));
        world.chaos.stacksShownLate(Duration.ZERO);
        told(TOPIC);

        world.chaos.stacksShownLate(Duration.ofSeconds(seconds));
        told(TOPIC);
    }

    /** What the stack gives out is recorded when it shows what the change has made. */
    @ParameterizedTest
    @ValueSource(ints = {5, 20, 30, 50})
    void anApplyIsOverWhenTheStackOfTheServiceIsShownAsItHasMadeIt(int seconds) {
        created("rolling");
        world.timeline.advance(Duration.ofMinutes(10));
        world.chaos.stacksShownLate(Duration.ofSeconds(seconds));

        assertThat(world.apply(World.WEB, SCALED).failure()).isNull();

        assertThat(world.record(World.WEB).outputs()).containsKey("ScalableTarget");
        assertThat(EnvironmentDigest.isOutdated(
                        world.record(World.WEB), world.plane.environments().get(World.DEV)))
                .isFalse();
    }

    /** A stack that is called missing has made its log group already: it looks like what an earlier one has left. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5, 20, 45, 60})
    void aStackThatWasMadeInAPassThatDiedIsNotTakenForOneThatHasLeftThings(int seconds) {
        assertThat(world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\n").failure())
                .isNull();
        world.timeline.advance(Duration.ofMinutes(10));
        world.chaos.stale.put("CloudFormation", () -> Duration.ofSeconds(seconds));
        AtomicBoolean made = new AtomicBoolean();
        AtomicBoolean lost = new AtomicBoolean();
        world.chaos.watcher = (operation, _) -> () -> made.compareAndSet(false, operation.equals("createStack"));
        world.chaos.beforeWrite = () -> {
            if (made.get() && !lost.getAndSet(true)) {
                throw new IllegalStateException("the store is away");
            }
        };

        assertThat(world.apply(World.WEB, LOGS.formatted(7)).failure()).isNull();

        assertThat(lost).isTrue();
        assertThat(world.parameter(World.WEB, "LogRetentionDays")).isEqualTo("7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CloudFormation", "ElasticLoadBalancingV2", "Ecr"})
    void everythingGoesItsWayThoughAServiceOfAwsShowsWhatWas(String service) {
        world.chaos.stale.put(service, () -> Duration.ofSeconds(20));
        created("blue-green");

        assertThat(world.apply(World.WEB, LOGS.formatted(7)).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.apply(World.WEB, LOGS.formatted(14)).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(Rollout.State.SUCCEEDED);

        assertThat(world.record(World.WEB).live()).isEqualTo(3);
        assertThat(world.parameter(World.WEB, "LogRetentionDays")).isEqualTo("14");
        assertThat(world.traffic(World.WEB).byTaskDefinition())
                .containsOnlyKeys(world.ecs(World.WEB).taskDefinition());
    }

    /** A tag that is moved names another image at once, and is read as it was. */
    @Test
    void aTagThatWasPushedAnewIsRolledOutAsEcrShowsItAndNeverAsSomethingElse() {
        created("rolling");
        world.chaos.stale.put("Ecr", () -> Duration.ofSeconds(30));
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);

        Rollout again = world.rollOut(World.WEB, "v2");

        assertThat(again.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }
}
