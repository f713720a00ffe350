package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.validation.SpecFixture;
import dev.slipway.verdict.RealTraffic.Scenario;
import dev.slipway.verdict.Verdict.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What verdicts promise on traffic with the faults of real traffic. The benchmark has the figures; here are the bounds. */
@Tag("slow")
class RealTrafficTest {
    private static final int RUNS = 100;
    /** For medians, which 100 runs leave uncertain by a minute. */
    private static final int TIMED_RUNS = 400;

    static Stream<Arguments> equal() {
        double[][] cells = {{60, 0.1}, {600, 0.1}, {600, 0.5}, {6_000, 0.02}, {6_000, 0.5}};
        double[][] counted = {{600, 0.1}, {600, 0.5}};
        return RealTraffic.equal().stream()
                .flatMap(scenario -> Arrays.stream(scenario.isCounted() ? counted : cells)
                        .map(cell -> Arguments.of(scenario, cell[0], cell[1])));
    }

    /** At 2 % of 100 runs, 7 are three standard deviations too many; at 5 %, 12. */
    @ParameterizedTest
    @MethodSource("equal")
    void anEqualReleaseIsRejectedInTwoOfAHundredRolloutsAtMost(Scenario scenario, double requests, double share) {
        assertThat(rejected(scenario, requests, share)).isLessThanOrEqualTo(share < 0.5 ? 6 : 11);
    }

    static Stream<Arguments> young() {
        double[][] cells = {{600, 0.1}, {6_000, 0.1}, {6_000, 0.5}};
        double[][] more = {{60, 0.1}, {60, 0.5}, {600, 0.5}};
        Stream<Scenario> failing = RealTraffic.young().stream().filter(scenario -> !scenario.isCounted());
        Stream<Scenario> counted = RealTraffic.young().stream().filter(Scenario::isCounted);
        return Stream.of(
                        young(RealTraffic.bunched().stream(), cells, 0, 14, 20, 30),
                        young(failing, more, 0, 30),
                        young(counted, more, 0))
                .flatMap(Function.identity());
    }

    private static Stream<Arguments> young(Stream<Scenario> scenarios, double[][] cells, Integer... minutes) {
        return scenarios.flatMap(scenario -> Arrays.stream(cells)
                .flatMap(cell -> Stream.of(minutes).map(known -> Arguments.of(scenario, cell[0], cell[1], known))));
    }

    /** A service that is younger than an hour: how it varies is not known yet. */
    @ParameterizedTest
    @MethodSource("young")
    void soItIsHoweverLittleIsKnownOfTheOldRelease(Scenario scenario, double requests, double share, int known) {
        assertThat(Arrays.stream(times(scenario, requests, share, RUNS, known))
                        .filter(time -> time <= RealTraffic.HOUR)
                        .count())
                .isLessThanOrEqualTo(share < 0.5 ? 6 : 11);
    }

    static Stream<Arguments> replaced() {
        double[][] cells = {{60, 0.5}, {600, 0.5}, {6_000, 0.1}, {6_000, 0.5}};
        return young(RealTraffic.bunched().stream(), cells, 3, 20);
    }

    /** As it is after a rollback, or with two rollouts in a row. */
    @ParameterizedTest
    @MethodSource("replaced")
    void soItIsMinutesAfterAnotherReleaseWasReplaced(Scenario scenario, double requests, double share, int own) {
        assertThat(IntStream.range(0, RUNS)
                        .map(run -> scenario.play(new SplittableRandom(run), requests, share)
                                .firstAfterAnother(Outcome.UNHEALTHY, own))
                        .filter(time -> time <= RealTraffic.HOUR)
                        .count())
                .isLessThanOrEqualTo(share < 0.5 ? 6 : 11);
    }

    /** What that costs: little where it matters most. */
    @ParameterizedTest
    @CsvSource({
        "total outage, 600, 0.1, 0, 3", "total outage, 600, 0.5, 0, 3", "total outage, 6000, 0.02, 0, 3",
        "total outage, 600, 0.1, 30, 3", "one endpoint in ten fails 30 %, 6000, 0.02, 0, 15",
                "0.1 → 1 %, 600, 0.1, 0, 52",
        "0.1 → 1 %, 600, 0.1, 20, 38", "alone: total outage, 600, 1, 20, 4", "half broken off, 600, 0.1, 0, 3"
    })
    void aWorseReleaseIsRejectedInTheMedianByMinuteThen(
            String name, double requests, double share, int known, int minute) {
        assertThat(times(find(name), requests, share, RUNS, known)[RUNS / 2]).isLessThanOrEqualTo(minute);
    }

    static Stream<Arguments> alone() {
        return RealTraffic.equalAlone().stream()
                .flatMap(scenario -> (scenario.isCounted() ? Stream.of(600.0) : Stream.of(60.0, 600.0, 6_000.0))
                        .map(requests -> Arguments.of(scenario, requests)));
    }

    @ParameterizedTest
    @MethodSource("alone")
    void soItIsWhereNothingServesBesideIt(Scenario scenario, double requests) {
        assertThat(rejected(scenario, requests, 1)).isLessThanOrEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource({
        "0.1 → 1 %, 600, 0.1, 12",
        "0.1 → 1 %, 6000, 0.1, 4",
        "'0.1 → 1 %, after 30 % failed for 1–10 min', 600, 0.1, 14",
        "'0.1 → 1 %, after 10 % failed for 1–10 min', 600, 0.1, 14",
        "'0.1 → 1 %, after 30 % failed for 3 min twice', 600, 0.1, 14",
        "'0.1 → 1 %, after 4 % failed for 5 min', 600, 0.1, 14",
        "'0.1 → 1 %, after 2 % failed for 5 min', 600, 0.1, 15",
        "0.5 → 2.5 %, 600, 0.1, 11",
        "1 → 1.5 %, 6000, 0.1, 20",
        "total outage, 600, 0.1, 3",
        "'total outage, after 30 % failed for 3 min twice', 600, 0.1, 3",
        "total outage, 6000, 0.02, 3",
        "slow leak: half a percent more each minute, 600, 0.1, 10",
        "2 % from minute 31 on, 600, 0.1, 42",
        "one endpoint in ten fails 30 %, 600, 0.1, 6",
        "latency × 1.3, 600, 0.1, 10",
        "latency × 2, 600, 0.1, 7",
        "'a tail twice as slow, no more of them', 600, 0.1, 10",
        "half of its requests get lost, 600, 0.1, 25",
        "half of its requests get lost, 6000, 0.02, 20",
        "alone: total outage, 600, 1, 4",
        "alone: 0.1 → 20 %, 600, 1, 4",
        "alone: 20 % from minute 6 on, 600, 1, 10",
        "alone: 0.1 → 2 %, 600, 1, 10",
        "'alone: 0.1 → 2 %, after 30 % failed for 1–10 min', 600, 1, 10",
        "'alone: 0.1 → 2 %, after 2 % failed for 5 min', 600, 1, 10",
        "'alone: 20 % from minute 6 on, and 5 % of the others always', 600, 1, 10",
        "'alone: 20 % from minute 6 on, and the others 2 % from then on', 600, 1, 10",
        "'alone: total outage, and of the others 20 %', 600, 1, 6",
    })
    void aWorseReleaseIsRejectedInTheMedianByMinute(String name, double requests, double share, int minute) {
        int[] times = times(find(name), requests, share, TIMED_RUNS);
        assertThat(times[TIMED_RUNS / 2]).isLessThanOrEqualTo(minute);
    }

    /** Of which the target group counts no answer: only the load balancer counts that they failed. */
    @ParameterizedTest
    @CsvSource({
        "all connections refused, 600, 0.1, 3",
        "all broken off, 600, 0.1, 3",
        "all time out, 6000, 0.02, 3",
        "half broken off, 600, 0.1, 3",
        "half time out, 600, 0.1, 3",
        "1 % broken off, 600, 0.1, 14",
        "'1 % broken off, and requests in flight at the minute''s edge are answered in the next', 600, 0.5, 34",
        "'30 % broken off, a tenth of both upgraded', 600, 0.1, 6",
        "'30 % broken off, a tenth of both upgraded', 600, 0.5, 5",
        "'half broken off, half of both upgraded', 600, 0.1, 25",
        "'half broken off, half of both upgraded', 600, 0.5, 5",
        "alone: half time out, 600, 1, 4"
    })
    void soIsOneThatDoesNotAnswer(String name, double requests, double share, int minute) {
        assertThat(times(find(name), requests, share, RUNS)[RUNS / 2]).isLessThanOrEqualTo(minute);
    }

    /** That clients give up is no failure, so nothing rejects it; nor is it a sign that a release is sound. */
    @ParameterizedTest
    @CsvSource({"60, 0.1", "600, 0.1", "600, 0.5"})
    void aReleaseThatHangsUntilClientsGiveUpEndsInDoubt(double requests, double share) {
        Scenario hangs = find("30 % hang until clients give up");

        int rejected = 0;
        for (int run = 0; run < RUNS / 4; run++) {
            RealTraffic.Rollout rollout = hangs.play(new SplittableRandom(run), requests, share);
            assertThat(rollout.first(Outcome.HEALTHY, RealTraffic.HOUR)).isGreaterThan(RealTraffic.HOUR);
            rejected += rollout.first(Outcome.UNHEALTHY, RealTraffic.HOUR) <= RealTraffic.HOUR ? 1 : 0;
        }
        assertThat(rejected).isLessThanOrEqualTo(3);
    }

    /** By the defaults, whole canaries. At 95 % of 100 runs, 88 are few enough. */
    @ParameterizedTest
    @CsvSource({
        "300, 0, 1, 88, 100", "300, 0.001, 1, 88, 100", "300, 0.003, 1, 88, 100", "300, 0.005, 1, 88, 100",
        "300, 0.01, 1, 88, 100", "300, 0.03, 1, 88, 100", "600, 0.003, 1, 88, 100", "600, 0.01, 1, 88, 100",
        "1000, 0.003, 1, 88, 100", "6000, 0.001, 1, 88, 100", "600, 0.003, 5, 0, 2", "600, 0.005, 5, 0, 2",
        "600, 0.01, 5, 0, 0", "6000, 0.001, 20, 0, 0"
    })
    void aReleaseThatIsNoWorseGoesLive(double requests, double failing, double times, int least, int most) {
        RolloutSettings settings = SpecFixture.service("container: {port: 8000}\nrollout: {strategy: canary}\n")
                .rollout();
        Scenario scenario = RealTraffic.failing(failing, times);
        long live = IntStream.range(0, RUNS)
                .filter(run -> new RealTraffic.WholeRollout(scenario, new SplittableRandom(run), requests, settings)
                                .play()
                                .end()
                        == RealTraffic.End.LIVE)
                .count();
        assertThat(live).isBetween((long) least, (long) most);
    }

    /** A mend that is rolled out after an incident. */
    @ParameterizedTest
    @CsvSource({
        "after 30 % failed for 1–10 min, 95",
        "after 10 % failed for 1–10 min, 95",
        "after 30 % failed for 3 min twice, 95",
        "after 4 % failed for 5 min, 95",
        "after 2 % failed for 5 min, 85"
    })
    void aReleaseThatIsNoWorseGoesLiveAfterAnIncident(String name, int least) {
        Scenario scenario = RealTraffic.equalAfter().stream()
                .filter(found -> found.name().endsWith(name))
                .findFirst()
                .orElseThrow();
        long live = IntStream.range(0, RUNS)
                .filter(run ->
                        new RealTraffic.WholeRollout(scenario, new SplittableRandom(run), 600, RealTraffic.SETTINGS)
                                        .play()
                                        .end()
                                == RealTraffic.End.LIVE)
                .count();
        assertThat(live).isGreaterThanOrEqualTo(least);
    }

    /** Whole canaries, of which the first minutes are not judged. At 2 % of 100 runs, 7 are three standard deviations too many. */
    @ParameterizedTest
    @CsvSource({
        "slow for its first 3 minutes, 300", "slow for its first 3 minutes, 600", "slow for its first 3 minutes, 1000",
        "warm after ten minutes, 300", "warm after ten minutes, 600", "warm after ten minutes, 1000"
    })
    void aReleaseThatGetsWarmIsRolledBackInTwoOfAHundredRolloutsAtMost(String name, double requests) {
        RolloutSettings settings = SpecFixture.service(
                        "container: {port: 8000}\nrollout: {strategy: canary, verdict: {slowMillis: 500}}\n")
                .rollout();
        Scenario scenario = RealTraffic.equal().stream()
                .filter(found -> found.name().equals(name))
                .findFirst()
                .orElseThrow();
        long back = IntStream.range(0, RUNS)
                .filter(run -> new RealTraffic.WholeRollout(scenario, new SplittableRandom(run), requests, settings)
                                .play()
                                .end()
                        == RealTraffic.End.ROLLED_BACK)
                .count();
        assertThat(back).isLessThanOrEqualTo(6);
    }

    /** Two percent, which are little more than harmless: a higher floor would let it pass. */
    @Test
    void aReleaseThatTurnsBadAboutWhenItGetsAllTrafficIsMostlyRolledBack() {
        RolloutSettings settings = SpecFixture.service("container: {port: 8000}\nrollout: {strategy: canary}\n")
                .rollout();
        Scenario scenario = RealTraffic.turningBad(20);
        long back = IntStream.range(0, RUNS)
                .filter(run -> new RealTraffic.WholeRollout(scenario, new SplittableRandom(run), 600, settings)
                                .play()
                                .end()
                        == RealTraffic.End.ROLLED_BACK)
                .count();
        assertThat(back).isGreaterThanOrEqualTo(60);
    }

    private static Scenario find(String name) {
        Supplier<Stream<Scenario>> all =
                () -> Stream.of(RealTraffic.worse(), RealTraffic.worseAlone()).flatMap(List::stream);
        return all.get().filter(found -> found.name().equals(name)).findFirst().orElseThrow();
    }

    private static long rejected(Scenario scenario, double requests, double share) {
        return Arrays.stream(times(scenario, requests, share, RUNS))
                .filter(time -> time <= RealTraffic.HOUR)
                .count();
    }

    private static int[] times(Scenario scenario, double requests, double share, int runs) {
        return times(scenario, requests, share, runs, RealTraffic.HOUR);
    }

    private static int[] times(Scenario scenario, double requests, double share, int runs, int known) {
        return IntStream.range(0, runs)
                .map(run -> scenario.play(new SplittableRandom(run), requests, share)
                        .first(Outcome.UNHEALTHY, known))
                .sorted()
                .toArray();
    }
}
