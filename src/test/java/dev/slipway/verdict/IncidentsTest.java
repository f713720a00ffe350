package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Minutes of an hour, of whose 1,000 requests one fails unless it is said otherwise. */
class IncidentsTest {
    private static final int HOUR = 60;

    private static Sample minute(int failures) {
        return new Sample(1_000, failures, 1_000, failures, failures);
    }

    /** @param stretches the minute from which on, then how many fail in each: {@code 10: 300 300}, parted by commas */
    private static List<Sample> hour(String stretches) {
        List<Sample> hour = new ArrayList<>(
                IntStream.range(0, HOUR).mapToObj(_ -> minute(1)).toList());
        for (String stretch : stretches.split(",")) {
            int[] numbers = Arrays.stream(stretch.strip().split("[: ]+"))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            for (int at = 1; at < numbers.length; at++) {
                hour.set(numbers[0] + at - 1, minute(numbers[at]));
            }
        }
        return hour;
    }

    private static void assertLeftOut(String stretches, int minutes) {
        for (Signal signal : Signal.values()) {
            List<Sample> hour = hour(stretches);
            List<Sample> calm = Incidents.without(signal, hour, true);
            assertThat(hour.size() - calm.size()).isEqualTo(minutes);
            assertThat(calm.stream().anyMatch(minute -> minute.failures() > 1)).isEqualTo(minutes == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10: 300 300 300, 5",
        "10: 5 300 300 40, 5", // begins and ends within a minute
        "0: 300 300, 3",
        "57: 300 300 300, 4",
        "10: 51, 3",
        "10: 300 1 300, 5", // one minute as usual does not part it
        "10: 20 20 1 20 20, 7",
        "10: 20 20 20 20, 6",
        "10: 11 11 11 11, 6"
    })
    void aLargeOrLongOneGoesWithTheMinutesOnBothSides(String stretches, int minutes) {
        assertLeftOut(stretches, minutes);
    }

    @ParameterizedTest
    @CsvSource({
        "10: 50", // an episode of a task may be as large …
        "10: 25 25 25", // … for three minutes
        "10: 20 20 1 1 20 20", // two episodes
        "10: 10 10 10 10 10" // no more than is harmless
    })
    void whatIsNeitherIsHowTheServiceIs(String stretches) {
        assertLeftOut(stretches, 0);
    }

    @Test
    void ofTwoBothGo() {
        assertLeftOut("10: 300 300 300, 40: 100 100 100", 10);
    }

    /** One client, or one task, may do so, and at any time. */
    @Test
    void ofTwoTheShorterStaysIfItLastsForLessThanThreeMinutes() {
        assertThat(Incidents.without(Signal.ERRORS, hour("10: 300 300, 40: 100 100 100"), true))
                .hasSize(55)
                .contains(minute(300))
                .doesNotContain(minute(100));
        assertThat(Incidents.without(Signal.ERRORS, hour("10: 200, 40: 100, 50: 300"), true))
                .as("the first of those that are as long")
                .hasSize(57)
                .contains(minute(100), minute(300))
                .doesNotContain(minute(200));
    }

    /** Then a task may have had two episodes on end, and the others are by no means rare. */
    @Test
    void aLongOneThatIsNotLargeStaysWhereItIsNotTheOnly() {
        assertLeftOut("10: 25 25 25 25 25, 40: 25 25", 0);
    }

    @Test
    void norWhereTheOthersAreTooFewToTell() {
        List<Sample> hour = hour("0: 1");
        Collections.fill(hour.subList(10, 25), minute(25));
        assertThat(Incidents.without(Signal.ERRORS, hour, true)).hasSize(HOUR - 17);
        Collections.fill(hour.subList(10, 26), minute(25));
        assertThat(Incidents.without(Signal.ERRORS, hour, true)).hasSize(HOUR);
    }

    /** Where less than an hour is known each minute tells much: only what is large of the longest goes, and what it begins and ends with. */
    @ParameterizedTest
    @CsvSource({
        "10: 40 300 300 300 300 20, true, 52",
        "10: 40 300 300 300 300 20, false, 54",
        "'10: 40 300 300 300, 30: 100 100 100', true, 49",
        "'10: 40 300 300 300, 30: 100 100 100', false, 57",
        "10: 25 25 25 25, true, 54",
        "10: 25 25 25 25, false, 60"
    })
    void whereLittleIsKnownLittleGoes(String stretches, boolean known, int left) {
        assertThat(Incidents.without(Signal.ERRORS, hour(stretches), known)).hasSize(left);
    }

    @Test
    void fewRequestsFailByChance() {
        List<Sample> hour = new ArrayList<>(Collections.nCopies(HOUR, new Sample(300, 0, 0, 0)));
        Collections.fill(hour.subList(20, 25), new Sample(300, 5, 0, 0));
        assertThat(Incidents.without(Signal.ERRORS, hour, true)).isEqualTo(hour);
        Collections.fill(hour.subList(20, 25), new Sample(300, 6, 0, 0));
        assertThat(Incidents.without(Signal.ERRORS, hour, true)).hasSize(53);
    }

    @ParameterizedTest
    @CsvSource({"28, 30", "29, 60"})
    void halfOfTheMinutesIsLeftAtTheLeast(int minutes, int left) {
        List<Sample> hour = hour("0: 1");
        Collections.fill(hour.subList(10, 10 + minutes), minute(300));
        assertThat(Incidents.without(Signal.ERRORS, hour, true)).hasSize(left);
    }

    @Test
    void theUsualIsTheMedian() {
        List<Sample> hour = new ArrayList<>(Collections.nCopies(HOUR, minute(20)));
        Collections.fill(hour.subList(20, 25), minute(100));
        assertThat(Incidents.without(Signal.ERRORS, hour, true)).isEqualTo(hour);
        Collections.fill(hour.subList(20, 25), minute(101));
        assertThat(Incidents.without(Signal.ERRORS, hour, true)).hasSize(53);
    }

    @Test
    void minutesWithoutRequestsAreNone() {
        assertThat(Incidents.without(Signal.ERRORS, List.of(), true)).isEmpty();
        assertThat(Incidents.without(Signal.LATENCY, List.of(minute(1), new Sample(100, 1, 0, 0)), true))
                .containsExactly(minute(1));
    }

    @Test
    void whatComesThreeTimesAnHourIsHowTheServiceIs() {
        assertLeftOut("5: 300 300 300, 25: 300 300 300, 45: 300 300 300", 0);
    }
}
