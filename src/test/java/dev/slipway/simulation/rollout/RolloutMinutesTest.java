package dev.slipway.simulation.rollout;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.RolloutMinutes;
import dev.slipway.rollout.RolloutMinutes.Minute;
import dev.slipway.simulation.World;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a rollout was judged by, minute by minute. */
class RolloutMinutesTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    private final World world = new World(5).withoutAlarms();

    private void created(String strategy) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(30));
    }

    private RolloutMinutes minutes(Rollout rollout) {
        return world.plane.rollouts().minutes(WEB, rollout.id());
    }

    private static List<Instant> starts(RolloutMinutes found) {
        return found.minutes().stream().map(Minute::start).toList();
    }

    @Test
    void aBadCanaryShowsItsFailuresAndTheMinuteInWhichTheyAreEnough() {
        created("canary, verdict: {slowMillis: 500}");

        Rollout bad = world.rollOut(WEB, "v2-prod-errors-20");

        assertThat(bad.state()).isEqualTo(State.ROLLED_BACK);
        RolloutMinutes found = minutes(bad);
        assertThat(found.cut()).isFalse();
        assertThat(found.slowMillis()).isEqualTo(500);
        assertThat(found.shifts()).extracting(RolloutMinutes.Shift::percent).containsExactly(10.0);
        List<Minute> minutes = found.minutes();
        assertThat(minutes.getFirst().start())
                .isEqualTo(found.shifts().getFirst().at().truncatedTo(ChronoUnit.MINUTES));
        assertThat(starts(found)).isSorted().doesNotHaveDuplicates();
        assertThat(minutes.getFirst().outcome()).isNull();
        double threshold = found.thresholds().errors().worseEValue();
        int rejects = minutes.stream().map(Minute::outcome).toList().indexOf(Outcome.UNHEALTHY);
        assertThat(rejects).isPositive();
        assertThat(minutes.subList(0, 3))
                .extracting(Minute::judged)
                .containsExactly(false, false, true); // cold for a minute
        assertThat(minutes.subList(2, rejects)).isNotEmpty().allSatisfy(minute -> {
            assertThat(minute.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
            assertThat(Objects.requireNonNull(minute.errors()).worseEValue()).isLessThan(threshold);
        });
        assertThat(Objects.requireNonNull(minutes.get(rejects).errors()).worseEValue())
                .isGreaterThanOrEqualTo(threshold);
        assertThat(minutes.subList(2, rejects + 1)).allSatisfy(minute -> {
            assertThat(minute.judged()).isTrue();
            assertThat(minute.percent()).isEqualTo(10);
            RolloutMinutes.Counts candidate = Objects.requireNonNull(minute.candidate());
            RolloutMinutes.Counts baseline = Objects.requireNonNull(minute.baseline());
            assertThat(candidate.failures()).isPositive();
            assertThat(candidate.timed()).isPositive();
            assertThat(baseline.requests()).isGreaterThan(4 * candidate.requests());
            assertThat(baseline.failures()).isLessThan(candidate.failures());
        });
    }

    @Test
    void theMinutesAroundAShiftAreNotJudgedAndAllTrafficHasNothingBeside() {
        created("canary");

        RolloutMinutes found = minutes(world.rollOut(WEB, "v2"));

        assertThat(found.shifts()).extracting(RolloutMinutes.Shift::percent).containsExactly(10.0, 100.0);
        Instant shift = found.shifts().getLast().at();
        assertThat(found.minutes().getFirst().percent()).isZero(); // when it began
        for (Minute minute : found.minutes().subList(1, found.minutes().size())) {
            Duration after = Duration.between(shift, minute.start());
            if (after.compareTo(Duration.ofMinutes(-2)) > 0 && after.isNegative()) {
                assertThat(minute.judged()).as(minute.toString()).isFalse();
            }
            assertThat(minute.percent()).isEqualTo(after.isNegative() ? 10 : 100);
            assertThat(minute.baseline() == null).isEqualTo(!after.isNegative());
        }
        assertThat(found.minutes()).filteredOn(Minute::judged).hasSizeGreaterThan(15);
        assertThat(found.minutes().getLast().outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(found.slowMillis()).isNull();
    }

    @Test
    void whatShiftsNoTrafficHasNoMinutes() {
        created("rolling");

        RolloutMinutes found = minutes(world.rollOut(WEB, "v2-prod-errors-5"));

        assertThat(found.shifts()).isEmpty();
        assertThat(found.minutes()).isEmpty();
        assertThat(found.cut()).isFalse();
        assertThatThrownBy(() -> world.plane.rollouts().minutes(WEB, "nothing"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("rollout-not-found"));
    }

    @Test
    void readingThemAsksAwsForNothing() {
        created("canary");
        Rollout rollout = world.rollOut(WEB, "v2");
        Map<String, Integer> before = Map.copyOf(world.calls());

        minutes(rollout);

        assertThat(world.calls()).isEqualTo(before);
    }

    @Test
    void aDeletionOfTheServiceTakesThemAndLeavesTheRollout() {
        created("canary");
        Rollout rollout = world.rollOut(WEB, "v2");
        assertThat(minutes(rollout).minutes()).isNotEmpty();

        Operation deleted = world.ended(
                WEB, world.plane.services().delete(WEB, new Deletion(null, Set.of(), WEB.service()), World.by("ann")));

        assertThat(deleted.failure()).isNull();
        assertThat(world.plane.rollouts().rollout(WEB, rollout.id()).state()).isEqualTo(State.SUCCEEDED);
        assertThat(minutes(rollout).shifts()).isEmpty();
        assertThat(minutes(rollout).minutes()).isEmpty();
    }
}
