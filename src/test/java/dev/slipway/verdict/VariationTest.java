package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the hour before says of a service that varies by itself. Expected figures are worked out by hand: of n pairs of neighbours with the
 * squares of their differences so many times their sums, the mean with 20 minutes of independent requests, less one standard deviation.
 */
class VariationTest {
    private static final int REQUESTS = 1_000;
    /** No variation in too few minutes to say that there is none. */
    private static final Variation UNKNOWN = new Variation(1, 1, true);

    private static List<Sample> minutes(int count, IntUnaryOperator failures) {
        return IntStream.range(0, count)
                .mapToObj(minute -> minute(failures.applyAsInt(minute)))
                .toList();
    }

    private static Sample minute(int failures) {
        return new Sample(REQUESTS, failures, REQUESTS, failures, 0);
    }

    private static Variation errors(List<Sample> minutes) {
        return Variation.of(Signal.ERRORS, minutes, true);
    }

    private static Variation errors(int count, IntUnaryOperator failures) {
        return errors(minutes(count, failures));
    }

    @Test
    void minutesThatAreAllAlikeDoNotVary() {
        assertThat(errors(60, _ -> 10)).isEqualTo(Variation.NONE);
        assertThat(errors(60, _ -> 0)).isEqualTo(Variation.NONE);
        assertThat(errors(List.of())).isEqualTo(UNKNOWN);
    }

    @Test
    void fewerThanFifteenMinutesSayNothing() {
        assertThat(errors(14, minute -> minute % 2 * 40)).isEqualTo(UNKNOWN);
        // 14 pairs of 40 and 20 of 1 have the mean 17.06; √(2/34) is 0.243.
        assertThat(errors(15, minute -> minute % 2 * 40).dispersion()).isCloseTo(17.0588 / 1.24254, within(1e-3));
    }

    @ParameterizedTest
    @CsvSource({
        // minutes that fail alike, what is expected: over one minute, two, and five
        "1, 25.9911", // 59 pairs of 40 and 20 of 1: 30.127, over 1 + √(2/79)
        "2, 48.7124", // 29 pairs of 80 and 10 of 1: 59.744, over 1 + √(2/39)
        "5, 107.6312" // 11 pairs of 200 and 4 of 1: 146.933, over 1 + √(2/15)
    })
    void failuresThatComeInBunchesScatterByTheLengthOfTheBunch(int bunch, double dispersion) {
        Variation variation = errors(60, minute -> minute / bunch % 2 * 40);

        assertThat(variation.dispersion()).isCloseTo(dispersion, within(1e-3));
    }

    @Test
    void bunchesThatAreAsManyEachTenMinutesAreNoDrift() {
        assertThat(errors(60, minute -> minute / 5 % 2 * 40).drift()).isEqualTo(1);
    }

    @Test
    void aRateThatChangesForHalfAnHourDrifts() {
        // Sums of ten minutes 100, 100, 100, 300, 300, 300: 60 times the scatter of chance, of which √(2/5) · 1.5 is
        // taken off;
        // a standard deviation of 38.6 % of the rate, and two revisions differ by √2 of it.
        List<Sample> half = minutes(60, minute -> minute < 30 ? 10 : 30);

        assertThat(errors(half).drift()).isCloseTo(2.9793, within(1e-3)); // e^(2 · 0.54582)
        assertThat(Variation.of(Signal.LATENCY, half, true).drift())
                .isCloseTo(3.9138, within(1e-3)); // e^(2.5 · 0.54582)
        assertThat(errors(20, minute -> minute < 10 ? 10 : 30).drift())
                .as("two stretches of ten minutes are enough")
                .isCloseTo(3.0472, within(1e-3));
        assertThat(errors(19, minute -> minute < 10 ? 10 : 30).drift())
                .as("one is not")
                .isEqualTo(1);
    }

    @Test
    void moreDriftThanFourAndAHalfTimesTheOddsIsNotBelieved() {
        assertThat(errors(60, minute -> minute < 30 ? 0 : 40).drift()).isEqualTo(4.5);
    }

    /** What is left over at the end makes no stretch of its own. */
    @Test
    void oneFailureInTheLastMinuteIsNoVariation() {
        assertThat(errors(16, minute -> minute == 15 ? 1 : 0)).isEqualTo(UNKNOWN);
        assertThat(errors(25, minute -> minute == 24 ? 1 : 0)).isEqualTo(UNKNOWN);
    }

    @Test
    void minutesWithoutRequestsAreLeftOut() {
        List<Sample> minutes = new ArrayList<>();
        for (Sample minute : minutes(20, minute -> minute % 2 * 40)) {
            minutes.add(minute);
            minutes.add(Sample.NONE);
        }

        assertThat(errors(minutes)).isEqualTo(errors(20, minute -> minute % 2 * 40));
    }

    /** It is the rates that count: twice as many requests of which twice as many fail are no variation. */
    @Test
    void trafficThatComesAndGoesIsNoVariation() {
        List<Sample> tide = IntStream.range(0, 60)
                .mapToObj(minute -> minute / 10 % 2 == 0
                        ? new Sample(1_000, 10, 1_000, 10, 0)
                        : new Sample(2_000, 20, 2_000, 20, 0))
                .toList();

        assertThat(errors(tide)).isEqualTo(Variation.NONE);
    }

    /** As the old release has few requests where it served beside another: the rates of few scatter more, and that is no bunch. */
    @Test
    void fewRequestsScatterNoMoreThanSoFewDo() {
        // 1 % of 1,000 and of 100, of these give or take one standard deviation.
        List<Sample> shares = IntStream.range(0, 60)
                .mapToObj(minute -> minute % 4 < 2
                        ? new Sample(1_000, 10, 0, 0, 0)
                        : new Sample(100, minute % 2 == 0 ? 0 : 2, 0, 0, 0))
                .toList();
        assertThat(errors(shares)).isEqualTo(Variation.NONE);
    }

    /** The same rates by requests as unequal as 9 to 1, which vary by more than chance: worked out by hand. */
    @Test
    void whatVariesAmongUnequalMinutesIsWeighedByTheirRequests() {
        List<Sample> shares = IntStream.range(0, 60)
                .mapToObj(minute -> minute % 2 == 0 ? new Sample(900, 90, 0, 0, 0) : new Sample(100, 0, 0, 0, 0))
                .toList();

        // 0.1² over 1/900 + 1/100 is 0.9, over the rate 0.09 is 10: of 59 pairs and 20 of 1 (610/79), over 1 + √(2/79).
        assertThat(errors(shares).dispersion()).isCloseTo(6.6620, within(1e-3));
    }

    /** Ten minutes of 1,000 requests with 10 failures each, then ten of 100 with 2: twice the rate, of a tenth of the requests. */
    @Test
    void whatDriftsAmongUnequalMinutesIsWeighedByTheirRequests() {
        List<Sample> halves = IntStream.range(0, 20)
                .mapToObj(minute -> minute < 10 ? new Sample(1_000, 10, 0, 0, 0) : new Sample(100, 2, 0, 0, 0))
                .toList();

        // Rate 120/11,000. Q = (10,000 · 0.00090909² + 1,000 · 0.0090909²)/0.0109091 = 8.3333, over 1 + 1.5·√2 is
        // 2.6698.
        // Expected are 0.0109091 · (11,000 − 101,000,000/11,000) = 19.835, and √(2 · 1.6698/19.835) is 0.41033.
        assertThat(errors(halves).drift()).isCloseTo(2.2720, within(1e-3));
    }

    static Stream<Arguments> places() {
        return Stream.of(0, 13, 27).map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("places")
    void anIncidentIsNotHowTheServiceIsByItself(int from) {
        assertThat(errors(30, minute -> minute >= from && minute < from + 3 ? 500 : 10))
                .isEqualTo(UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        // failures of 1,000 in all other minutes, in one minute, whether that is an incident
        "0, 50, false", // 5 % is none
        "0, 51, true",
        "40, 200, false", // nor is five times the usual
        "40, 201, true"
    })
    void anIncidentIsOverFivePercentAndOverFiveTimesTheMedian(int usual, int once, boolean incident) {
        Variation variation = errors(30, minute -> minute == 10 ? once : usual);

        assertThat(variation.equals(UNKNOWN)).isEqualTo(incident);
    }

    @Test
    void onlyTheLongestIncidentIsLeftOutIfOthersLastForLessThanThreeMinutes() {
        List<Sample> once = minutes(22, minute -> minute < 20 ? 0 : 500);
        List<Sample> twice = new ArrayList<>(once);
        twice.addAll(4, Collections.nCopies(3, minute(500)));

        // What is left has 9 pairs of two minutes, of which one is 0 and 1,000: squares are 1,000 times the sums, which
        // with 10 pairs
        // of 1 is a mean of 474.2; √(2/19) is 0.324.
        assertThat(errors(twice).dispersion()).isCloseTo(474.2105 / 1.324443, within(1e-2));
        assertThat(errors(twice).drift()).isEqualTo(4.5);
    }

    @Test
    void ofTwoIncidentsThatAreAsLongTheFirstIsLeftOut() {
        List<Sample> later = minutes(22, minute -> minute == 17 ? 100 : 0);
        List<Sample> both = new ArrayList<>(later);
        both.add(3, minute(900));

        // One minute with 100 of all failures: 19 pairs, two of them 0 and 100, and 20 of 1: (19 · 100 + 20)/39, over 1
        // + √(2/39).
        assertThat(errors(both).dispersion()).isCloseTo(49.2308 / 1.226455, within(1e-2));
    }

    private static Variation afterAnother(List<Sample> others, List<Sample> own) {
        List<Sample> minutes = new ArrayList<>(others);
        minutes.addAll(own);
        return Variation.of(Signal.ERRORS, minutes, others.size(), false);
    }

    /** 4.5 times the share that the old revision fails if one request more of it does, here 200 of 20,000, is as much as drift explains. */
    @ParameterizedTest
    @CsvSource({"45, false", "46, true"})
    void aReleaseThatFailedMoreThanDriftExplainsIsLookedAtByItself(int failures, boolean worse) {
        List<Sample> others = Collections.nCopies(20, minute(failures));
        List<Sample> own = new ArrayList<>(Collections.nCopies(19, minute(10)));
        own.add(minute(9));

        assertThat(afterAnother(others, own).equals(UNKNOWN)).isEqualTo(worse);
        assertThat(afterAnother(own, others).drift())
                .as("that this one fails more is a reason for care")
                .isGreaterThan(2);
    }

    @Test
    void soOnlyWhatEachVariesByItselfCounts() {
        List<Sample> wild = minutes(30, minute -> minute % 2 * 40);
        // 29 pairs of 40, 29 of the old one of none, 20 of 1: 15.128, over 1 + √(2/78).
        assertThat(afterAnother(wild, minutes(30, _ -> 1)).dispersion()).isCloseTo(13.0403, within(1e-3));
        // What never fails is taken for independent: 29 pairs of 1.
        assertThat(afterAnother(wild, minutes(30, _ -> 0)).dispersion()).isCloseTo(13.3608, within(1e-3));
        // Squares 100 times the scatter of chance, 1 of the old one's: 50.5, over 1 + 1.5, are 20.2.
        // Expected are 0.02 · (20,000 − 10,000) over 2 = 100, and √(2 · 19.2/100) is 0.61968.
        assertThat(afterAnother(minutes(20, minute -> minute < 10 ? 10 : 30), minutes(20, _ -> 0))
                        .drift())
                .isCloseTo(3.4534, within(1e-3));
    }

    @Test
    void driftIsAllowedForAtTheLeast() {
        assertThat(new Variation(3, 1.5, false).drifting(2)).isEqualTo(new Variation(3, 2, false));
        assertThat(new Variation(3, 4, false).drifting(2)).isEqualTo(new Variation(3, 4, false));
    }

    @Test
    void lessThanThreeQuartersOfAnHourDoNotTellHowARevisionVaries() {
        assertThat(errors(44, minute -> minute % 2 * 40).assumed()).isTrue();
        assertThat(errors(45, minute -> minute % 2 * 40).assumed()).isFalse();
        List<Sample> untimed = Collections.nCopies(45, new Sample(100, 1, 0, 0));
        assertThat(Variation.of(Signal.ERRORS, untimed, true).assumed()).isFalse();
        assertThat(Variation.of(Signal.LATENCY, untimed, true).assumed())
                .as("no answer has a time")
                .isTrue();
    }

    @Test
    void anIncidentMakesNothingUnknown() {
        assertThat(errors(60, minute -> minute < 20 ? 500 : 10)).isEqualTo(Variation.NONE);
    }

    @ParameterizedTest
    @CsvSource({"10, 1", "11, 1.1", "60, 6"})
    void whatIsNotKnownIsAssumedByTheRequestsOfTheMinute(long requests, double dispersion) {
        assertThat(UNKNOWN.againstWorse(requests)).isEqualTo(new Variation(dispersion, 1, false));
        assertThat(new Variation(8, 3, true).againstWorse(requests)).isEqualTo(new Variation(8, 3, false));
        assertThat(Variation.NONE.againstWorse(requests)).isEqualTo(Variation.NONE);
    }

    @Test
    void ofTwoTheLargerCounts() {
        Variation scattered = new Variation(3, 1, true);
        Variation drifting = new Variation(1, 2, false);

        assertThat(scattered.or(drifting)).isEqualTo(new Variation(3, 2, false));
        assertThat(drifting.or(scattered)).isEqualTo(new Variation(3, 2, false));
        assertThat(scattered.or(UNKNOWN)).isEqualTo(scattered);
    }
}
