package dev.slipway.simulation.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.scaling.ScalingState.Bound;
import dev.slipway.service.ServiceQueries;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A service whose number of tasks follows the load, from being turned on to being turned off. */
class ScalingTest {
    private static final String SERVICE = "container: {port: 8000}\n";
    private static final String SCALED = SERVICE + "scaling: {min: 2, max: 10, requestsPerTask: 300}\n";
    private static final String STACK = World.WEB.stackName();

    private final World world = new World(1);

    private void live(String spec) {
        assertThat(world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, spec).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private int desired() {
        return world.ecs(World.WEB).desiredCount();
    }

    private ServiceQueries.Live shown() {
        return world.queries().live(world.record(World.WEB)).orElseThrow();
    }

    private String limits() {
        var scaling = shown().scaling();
        return scaling == null
                ? "none"
                : scaling.limits().min() + "-" + scaling.limits().max();
    }

    private void after(Duration time) {
        world.timeline.advance(time);
    }

    @Test
    void turningItOnTakesThePresentCountOverAndTurningItOffLeavesIt() {
        live(SERVICE);
        world.scaleByHand(World.WEB, 5);

        assertThat(world.apply(World.WEB, SCALED).failure()).isNull();
        assertThat(desired()).isEqualTo(5);
        assertThat(limits()).isEqualTo("2-10");

        Operation off = world.apply(World.WEB, SERVICE);
        assertThat(off.failure()).isNull();
        assertThat(off.notes()).anyMatch(note -> note.contains("stays at 5 tasks"));
        assertThat(desired()).isEqualTo(5);
        assertThat(limits()).isEqualTo("none");
        assertThat(world.traffic(World.WEB).allServed()).isTrue();

        assertThat(world.apply(World.WEB, SERVICE + "count: 3\n").failure()).isNull();
        assertThat(desired()).isEqualTo(3);
    }

    @Test
    void theFirstReleaseOfAScaledServiceStartsWithItsMinimum() {
        live(SERVICE + "scaling: {min: 3, max: 10, cpuPercent: 60}\n");

        assertThat(desired()).isEqualTo(3);
        assertThat(limits()).isEqualTo("3-10");
        assertThat(shown().scaling().atLimit()).isEqualTo(Bound.MINIMUM);
    }

    @Test
    void tasksFollowTheLoadAndItsEnd() {
        live(SCALED);
        world.account.traffic().requestsPerMinute("web", 3000);
        after(Duration.ofMinutes(12));

        assertThat(desired()).isEqualTo(10);
        assertThat(shown().scaling().summary()).contains("it is at its maximum", "Setting desired count to 10");
        assertThat(shown().scaling().atLimit()).isEqualTo(Bound.MAXIMUM);

        world.account.traffic().requestsPerMinute("web", 900);
        after(Duration.ofMinutes(60));
        assertThat(desired()).isBetween(3, 4);
        assertThat(shown().scaling().atLimit()).isNull();

        world.account.traffic().requestsPerMinute("web", 0);
        after(Duration.ofMinutes(60));
        assertThat(desired()).isEqualTo(2);
    }

    @Test
    void tasksFollowTheirMemory() {
        live(SERVICE + "scaling: {min: 2, max: 6, memoryPercent: 60}\n");
        world.account.rawCloudWatch().memory("web", 90);
        after(Duration.ofMinutes(12));
        assertThat(desired()).isGreaterThan(2);

        world.account.rawCloudWatch().memory("web", 20);
        after(Duration.ofMinutes(90));
        assertThat(desired()).isEqualTo(2);
    }

    /** Whichever target group its release is in: the target counts both. */
    @Test
    void noReleaseIsBlindForTheLoad() {
        live(
                SERVICE
                        + "rollout: {strategy: blue-green, bakeMinutes: 0}\nscaling: {min: 2, max: 10, requestsPerTask: 300}\n");
        for (String image : List.of("v2", "v3")) {
            assertThat(world.rollOut(World.WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
            world.account.traffic().requestsPerMinute("web", 2400);
            after(Duration.ofMinutes(15));
            assertThat(desired()).as(image).isBetween(8, 9);

            world.account.traffic().requestsPerMinute("web", 0);
            after(Duration.ofMinutes(90));
            assertThat(desired()).as(image).isEqualTo(2);
        }
    }

    /** Load that goes in two steps a few minutes apart takes tasks away in two, and between them the cooldown goes by. */
    @ParameterizedTest
    @ValueSource(ints = {60, 2700})
    void betweenTwoStepsTheCooldownGoesBy(int seconds) {
        live(SERVICE
                + "scaling: {min: 2, max: 10, requestsPerTask: 300, scaleInCooldownSeconds: %d}\n".formatted(seconds));
        world.account.traffic().requestsPerMinute("web", 3000);
        after(Duration.ofMinutes(20));
        assertThat(desired()).isEqualTo(10);

        world.account.traffic().requestsPerMinute("web", 1500);
        Instant first = next();
        assertThat(desired()).isBetween(5, 9);
        world.account.traffic().requestsPerMinute("web", 0);
        Duration between = Duration.between(first, next());

        if (seconds == 60) {
            assertThat(between).isLessThan(Duration.ofMinutes(25));
        } else {
            assertThat(between).isGreaterThanOrEqualTo(Duration.ofSeconds(seconds));
        }
    }

    /** Until metrics know of the tasks that were started, a rise looks as large as before: without a cooldown it is answered again. */
    @ParameterizedTest
    @CsvSource({"0, 7, 20", "300, 4, 5"})
    void oneRiseIsAnsweredOnceWithinTheCooldown(int seconds, int least, int most) {
        live(SERVICE
                + "scaling: {min: 2, max: 20, requestsPerTask: 300, scaleOutCooldownSeconds: %d}\n".formatted(seconds));
        world.account.traffic().requestsPerMinute("web", 1200);

        int peak = 0;
        for (int minute = 0; minute < 15; minute++) {
            after(Duration.ofMinutes(1));
            peak = Math.max(peak, desired());
        }

        assertThat(peak).isBetween(least, most);
    }

    /** When the number of tasks changes. */
    private Instant next() {
        int before = desired();
        while (desired() == before) {
            after(Duration.ofMinutes(1));
        }
        return world.timeline.instant();
    }

    @Test
    void limitsThatChangeHoldAtOnce() {
        live(SCALED);

        world.apply(World.WEB, SERVICE + "scaling: {min: 4, max: 10, requestsPerTask: 300}\n");
        assertThat(desired()).isEqualTo(4);
        world.apply(World.WEB, SERVICE + "scaling: {min: 1, max: 3, requestsPerTask: 300}\n");
        assertThat(desired()).isEqualTo(3);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    /** Whatever fails, what is registered afterwards has neither other limits nor another number of tasks. */
    @ParameterizedTest
    @ValueSource(strings = {"ScalableTarget", "ScaleByRequests", "ScaleByCpu", "ScaleByMemory", "EcsService"})
    void aFailedApplyLeavesTheScaleAsItIs(String resource) {
        live(SCALED);
        world.apply(World.WEB, SCALED.replace("max: 10", "max: 20"));
        world.account.traffic().requestsPerMinute("web", 4400);
        after(Duration.ofMinutes(15));
        int before = desired();
        assertThat(before).isEqualTo(15);
        world.account.stacks().failNext(STACK, resource, "as the test wants it");

        Operation failed = world.apply(
                World.WEB,
                SERVICE + "gracePeriodSeconds: 90\nscaling: {min: 2, max: 12, requestsPerTask: 400, cpuPercent: 50,"
                        + " memoryPercent: 70, schedules: [{name: night, start: 0 22 * * *, timeZone: UTC, min: 1, max: 5}]}\n");

        assertThat(failed.failure().detail()).contains("as the test wants it");
        assertThat(desired()).isEqualTo(before);
        assertThat(limits()).isEqualTo("2-20");
        assertThat(world.record(World.WEB).declared().scaling().max()).isEqualTo(20);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ScalableTarget", "ScaleByRequests"})
    void turningItOnThatFailsLeavesTheCount(String resource) {
        live(SERVICE);
        world.scaleByHand(World.WEB, 1);
        world.account.stacks().failNext(STACK, resource, "as the test wants it");

        assertThat(world.apply(World.WEB, SERVICE + "scaling: {min: 4, max: 10, requestsPerTask: 300}\n")
                        .failure())
                .isNotNull();

        assertThat(desired()).isEqualTo(1);
        assertThat(limits()).isEqualTo("none");
        assertThat(world.apply(World.WEB, SERVICE + "scaling: {min: 4, max: 10, requestsPerTask: 300}\n")
                        .failure())
                .isNull();
        assertThat(desired()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"rolling", "blue-green", "canary", "linear"})
    void aReleaseStartsWithTheTasksOfNowAndNothingIsScaledInMeanwhile(String strategy) {
        live(SCALED + "rollout: {strategy: " + strategy
                + ", stableMinutes: 0}\n"); // ECS is done by then, and it scales
        world.account.traffic().requestsPerMinute("web", 1700);
        after(Duration.ofMinutes(15));
        assertThat(desired()).isEqualTo(6);
        world.account.traffic().requestsPerMinute("web", 300);

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);

        assertThat(desired()).isEqualTo(6);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        after(Duration.ofMinutes(60));
        assertThat(desired()).isEqualTo(2);
    }

    /** Either release may have all requests at the next step, so both get as many tasks as all requests need. */
    @ParameterizedTest
    @ValueSource(strings = {"requestsPerTask: 300", "cpuPercent: 25"})
    void loadThatRisesInMidCanaryIsAnsweredInBothReleases(String target) {
        live(SERVICE + "scaling: {min: 2, max: 10, " + target + "}\n"
                + "rollout: {strategy: canary, canary: {percent: 10, bakeMinutes: 30}, verdict: {metrics: []}}\n");
        String old = world.ecs(World.WEB).taskDefinition();
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
        Instant limit = world.timeline.instant().plus(Duration.ofHours(1));
        while (world.traffic(World.WEB).byTaskDefinition().size() < 2) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
        }
        world.account.traffic().requestsPerMinute("web", 1700);
        after(Duration.ofMinutes(14));

        assertThat(world.traffic(World.WEB).byTaskDefinition()).containsKey(old).hasSize(2);
        assertThat(desired()).isEqualTo(6);
        assertThat(world.ecs(World.WEB).runningCount()).isEqualTo(12);

        world.settle();
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(desired()).isEqualTo(6);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    /** The same load, whether it is in one target group or in both, is no reason to scale. */
    @Test
    void aCanaryUnderSteadyLoadScalesNothing() {
        live(SERVICE + "scaling: {min: 2, max: 10, requestsPerTask: 350, cpuPercent: 30}\n"
                + "rollout: {strategy: linear, linear: {stepPercent: 25, bakeMinutes: 6}, verdict: {metrics: []}}\n");

        world.rollOut(World.WEB, "v2");

        assertThat(desired()).isEqualTo(2);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }

    @Test
    void anApplyKeepsTheLimitsThatAScheduleHasSet() {
        String scheduled = "scaling: {min: 2, max: 4, requestsPerTask: 300, schedules: ["
                + "{name: day, start: 0 8 * * *, timeZone: UTC, min: 6, max: 20},"
                + "{name: night, start: 0 20 * * *, timeZone: UTC, min: 2, max: 4}]}\n";
        live(SERVICE + scheduled);
        assertThat(limits()).isEqualTo("2-4");
        world.timeline.advanceTo(Instant.parse("2026-01-01T08:01:00Z"));
        assertThat(limits()).isEqualTo("6-20");
        assertThat(desired()).isEqualTo(6);

        world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n" + scheduled);
        assertThat(limits()).isEqualTo("6-20");
        // A schedule that is changed at noon: those limits hold that would if it had always been so.
        world.apply(World.WEB, SERVICE + scheduled.replace("min: 6", "min: 7"));
        assertThat(limits()).isEqualTo("7-20");
        assertThat(desired()).isEqualTo(7);
        world.account.stacks().failNext(STACK, "ScalableTarget", "as the test wants it");
        assertThat(world.apply(World.WEB, SERVICE + scheduled.replace("8 * *", "9 * *"))
                        .failure())
                .isNotNull();
        assertThat(limits()).isEqualTo("7-20");
        assertThat(desired()).isEqualTo(7);
    }

    @Test
    void aScheduleMayStopTheServiceForTheNight() {
        live(SERVICE + "scaling: {min: 2, max: 4, cpuPercent: 60, schedules: ["
                + "{name: day, start: 0 8 * * *, timeZone: UTC, min: 2, max: 4},"
                + "{name: night, start: 0 20 * * *, timeZone: UTC, min: 0, max: 0}]}\n");
        world.timeline.advanceTo(Instant.parse("2026-01-01T08:01:00Z"));
        assertThat(desired()).isEqualTo(2);
        world.timeline.advanceTo(Instant.parse("2026-01-01T20:01:00Z"));
        assertThat(desired()).isZero();
        world.timeline.advanceTo(Instant.parse("2026-01-02T08:10:00Z"));
        assertThat(desired()).isEqualTo(2);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void ofTwoPeopleWhoChangeTheScaleAtOnceTheSecondIsTold() {
        live(SCALED);
        Accepted first = apply(SCALED.replace("max: 10", "max: 12"), "ann");

        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> apply(SCALED.replace("max: 10", "max: 5"), "ben"))
                .satisfies(told -> assertThat(told.problem().code()).isEqualTo("operation-in-progress"));

        assertThat(world.ended(World.WEB, first).failure()).isNull();
        assertThat(limits()).isEqualTo("2-12");
    }

    private Accepted apply(String spec, String who) {
        return world.plane
                .services()
                .apply(World.WEB, World.serviceSpec(spec), new Order(null, Set.of(), null), World.by(who));
    }

    /** At any moment of an apply, also of one that changes what scales, the tasks are those that the load wants. */
    @ParameterizedTest
    @ValueSource(strings = {"", "ScalableTarget", "ScaleByRequests", "ScaleByCpu"})
    void loadThatRisesDuringAnApplyIsAnsweredAndStays(String failing) {
        live(SCALED);
        world.account.traffic().requestsPerMinute("web", 2950);
        after(Duration.ofMinutes(4));
        if (!failing.isEmpty()) {
            world.account.stacks().failNext(STACK, failing, "as the test wants it");
        }
        int before = desired();
        apply(
                SERVICE + "scaling: {min: 2, max: 10, requestsPerTask: 310, cpuPercent: 70, schedules: ["
                        + "{name: always, start: 0 0 * * *, timeZone: UTC, min: 2, max: 10}]}\n",
                "ann");
        Instant until = world.timeline.instant().plus(Duration.ofMinutes(10));
        while (world.timeline.instant().isBefore(until)) {
            assertThat(desired()).isBetween(before, 10);
            before = desired();
            world.timeline.step();
        }
        assertThat(desired()).isEqualTo(10);
        assertThat(limits()).isEqualTo("2-10");
    }

    /** Whoever deregisters it by hand takes its policies away, too: CloudFormation does not miss them. */
    @Test
    void oneThatWasDeregisteredByHandScalesAgainWhenItIsTurnedOffAndOn() {
        live(SCALED);
        world.account.rawScaling().deregisterScalableTarget(request -> request.resourceId("service/slipway-dev/web"));
        assertThat(world.queries()
                        .drift(world.record(World.WEB), world.queries().live(world.record(World.WEB))))
                .hasValueSatisfying(why -> assertThat(why).contains("not registered"));

        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        assertThat(world.apply(World.WEB, SCALED).failure()).isNull();

        assertThat(limits()).isEqualTo("2-10");
        assertThat(world.account.rawScaling().namesOf("service/slipway-dev/web"))
                .containsExactly("requests");
    }

    @Test
    void deletingAScaledServiceLeavesNothingOfItsScaling() {
        live(SCALED);

        assertThat(world.ended(
                                World.WEB,
                                world.plane
                                        .services()
                                        .delete(World.WEB, new Deletion(null, Set.of(), "web"), World.by("ann")))
                        .failure())
                .isNull();

        assertThat(world.account
                        .scaling()
                        .describeScalableTargets(request -> request.serviceNamespace("ecs"))
                        .scalableTargets())
                .isEmpty();
    }
}
