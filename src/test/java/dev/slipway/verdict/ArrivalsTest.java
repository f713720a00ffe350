package dev.slipway.verdict;

import static dev.slipway.verdict.Rollouts.CRITERIA;
import static dev.slipway.verdict.Rollouts.errors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is learned of the share of requests, and from when on it counts. */
class ArrivalsTest {
    private static Arrivals after(int minutes, long ours, long beside, @Nullable Double weight) {
        Arrivals arrivals = Arrivals.NONE;
        for (int minute = 1; minute <= minutes; minute++) {
            arrivals = arrivals.next(Traffic.minute(minute, errors(ours, 0), errors(beside, 0), weight), CRITERIA);
        }
        return arrivals;
    }

    @Test
    void aMinuteIsHeldAgainstItsWeight() {
        // Of 500 requests at 20 % 100 are expected, with a standard deviation of √80 = 8.944: 50 are 5.59 of them too
        // few.
        assertThat(after(1, 50, 450, 0.2)).isEqualTo(new Arrivals(1, 50, 500, 100, 0.2, List.of(-5.59), EProcess.NONE));
        assertThat(after(2, 110, 390, 0.2))
                .isEqualTo(new Arrivals(2, 220, 1_000, 200, 0.2, List.of(1.12, 1.12), EProcess.NONE));
    }

    @ParameterizedTest
    @CsvSource({
        // requests, those beside, weight
        "50, 450, ",
        "0, 450, 0.2",
        "50, 0, 0.2",
        "50, 450, 0", // nothing is to come, and what comes was sent past the weights
        "50, 450, 1"
    })
    void aMinuteOfWhichTheShareIsNotKnownIsNone(long ours, long beside, @Nullable Double weight) {
        assertThat(after(1, ours, beside, weight)).isEqualTo(Arrivals.NONE);
    }

    @Test
    void aMinuteWithoutTheOldRevisionIsNone() {
        assertThat(Arrivals.NONE.next(Traffic.minute(1, errors(50, 0), null, 0.2), CRITERIA))
                .isEqualTo(Arrivals.NONE);
    }

    /** What a step got says nothing of the requests that are lost at the next. */
    @Test
    void eachWeightHasToGetItsOwn() {
        Arrivals first = after(40, 198, 402, 0.33);
        assertThat(first.arrive()).isTrue();

        Arrivals next = first.next(Traffic.minute(41, errors(198, 0), errors(204, 0), 0.66), CRITERIA);

        assertThat(next.arrive()).isTrue(); // 198 of 265
        assertThat(first.next(Traffic.minute(41, errors(132, 0), errors(204, 0), 0.66), CRITERIA)
                        .arrive())
                .isFalse(); // 132 of 222
        assertThat(next.minutes()).isEqualTo(1);
    }

    @Test
    void theFirstFifteenMinutesOfAWeightAreLearnedFromAndThirtyAreKept() {
        Arrivals learned = after(15, 50, 450, 0.2);
        assertThat(learned.fewer()).isEqualTo(EProcess.NONE);
        assertThat(after(16, 50, 450, 0.2).fewer().updates()).isEqualTo(1);
        assertThat(after(40, 50, 450, 0.2).residuals()).hasSize(30);

        Arrivals shifted = learned.next(Traffic.minute(16, errors(250, 0), errors(250, 0), 0.5), CRITERIA);
        assertThat(shifted.residuals()).containsExactly(0.0);
        assertThat(shifted.fewer()).isEqualTo(EProcess.NONE);
        assertThat(shifted.expected()).isEqualTo(250);
    }

    @ParameterizedTest
    @CsvSource({"69, false", "70, true", "100, true"})
    void thirtyPercentFewerThanTheWeightPromisesAreTaken(long ours, boolean arrive) {
        assertThat(after(1, ours, 500 - ours, 0.2).arrive()).isEqualTo(arrive);
    }

    /**
     * Deviations of 4 and −4 by turns. With three spans of independent requests the mean of their squares, and one standard deviation
     * more, as what is not known of it must not reject.
     */
    @ParameterizedTest
    @CsvSource({
        // minutes alike, how many minutes, dispersion
        "1, 16, 19.1852", // 16 squares of 16 and 3, over 15 + 3, times 1 + √(2/18)
        "2, 16, 37.4826", // 8 squares of 32 and 3, over 7 + 3, times 1 + √(2/10): two minutes are as one of √2 times as
        // much
        "5, 30, 90.5625" // 6 squares of 80 and 3, over 5 + 3, times 1 + √(2/8)
    })
    void clientsThatStayScatterTheSharesByTheMinutesThatTheyStay(int alike, int minutes, double dispersion) {
        List<Double> residuals = IntStream.range(0, minutes)
                .mapToObj(minute -> minute / alike % 2 == 0 ? 4.0 : -4.0)
                .toList();

        assertThat(Arrivals.dispersion(residuals)).isCloseTo(dispersion, within(1e-3));
    }

    /** Fewer than by the weight each minute is the loss that is looked for, and no scatter. */
    @Test
    void sharesThatAreAllAsFarFromTheWeightDoNotScatter() {
        assertThat(Arrivals.dispersion(
                        IntStream.range(0, 15).mapToObj(_ -> -5.5).toList()))
                .isEqualTo(1);
    }
}
