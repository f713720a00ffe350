package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.app.ControlPlane;
import dev.slipway.verdict.MetricWindow.Limit;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricWindowTest {
    private static final Limit LIMIT = new Limit("QueueDepth", 10);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "11 | NOT_ENOUGH_EVIDENCE",
                "11 12 | NOT_ENOUGH_EVIDENCE",
                "11 12 13 | UNHEALTHY",
                "11 1 12 1 13 | UNHEALTHY",
                "11 1 12 1 1 13 | HEALTHY",
                "11 12 1 1 1 | HEALTHY",
                "10 10 10 10 10 | HEALTHY",
                "1 1 1 1 | NOT_ENOUGH_EVIDENCE",
                "11 12 13 1 1 1 | UNHEALTHY",
                "1 1 11 12 1 1 13 1 14 | UNHEALTHY"
            })
    void threeOfFiveMinutesOverTheLimitAreTooMany(String values, Outcome wanted) {
        assertThat(read(values).outcome()).isEqualTo(wanted);
    }

    @Test
    void aMinuteIsUsedOnceAndHasTheValueThatWasReadLast() {
        MetricWindow once = read("11 12 1");

        assertThat(once.add(minute(1), 12)).isEqualTo(once);
        assertThat(once.add(minute(1), 99).add(minute(1), 99).outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(once.add(minute(2), 11).outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(read("11 12 13").add(minute(2), 1).outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    @Test
    void lateMinutesAreSortedIn() {
        MetricWindow window = MetricWindow.none(LIMIT);
        for (int at : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            window = window.add(minute(at), 1);
        }
        assertThat(window.outcome()).isEqualTo(Outcome.HEALTHY);

        MetricWindow late = window.add(minute(10), 11).add(minute(8), 12).add(minute(9), 11);

        assertThat(late.outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(late.last()).isEqualTo(minute(15));
        assertThat(late.message())
                .isEqualTo(
                        "QueueDepth was over its limit of 10.0 in 3 of the 5 minutes with a value up to 2026-01-05T10:12:00Z (the"
                                + " largest was 12.0).");
    }

    /** A value may come 15 minutes late, and belongs to the four before it. */
    @Test
    void whatCannotChangeAnyMoreIsForgotten() {
        MetricWindow all = MetricWindow.none(LIMIT);
        MetricWindow rare = MetricWindow.none(LIMIT);
        for (int at = 0; at < 100; at++) {
            all = all.add(minute(at), 1);
            rare = rare.add(minute(30 * at), 1);
        }

        assertThat(all.readings()).hasSize(20);
        assertThat(all.readings().getFirst().minute()).isEqualTo(minute(80));
        assertThat(all.add(minute(7), 11)).isEqualTo(all);
        assertThat(rare.readings()).hasSize(5);
    }

    @Test
    void comesBackFromTheStoreAsItWas() throws JsonProcessingException {
        ObjectMapper json = ControlPlane.json();
        MetricWindow window = read("11 1 12.5");

        assertThat(json.readValue(json.writeValueAsString(window), MetricWindow.class))
                .isEqualTo(window);
    }

    /** That a value has come stays known; which, is read again as far as it still counts. */
    @Test
    void whatAVersionBeforeHasReadBeginsAnew() throws JsonProcessingException {
        MetricWindow before = ControlPlane.json().readValue("""
                {"limit": {"name": "QueueDepth", "max": 10.0}, "breaches": [true, false], "last": "2026-01-05T10:02:00Z", "worst": 11.0}
                """, MetricWindow.class);

        assertThat(before.last()).isEqualTo(minute(2));
        assertThat(before.add(minute(1), 1).last()).isEqualTo(minute(2));
        assertThat(before.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    @Test
    void saysWhatItSaw() {
        assertThat(read("11 1 12.5 1 1 1").message())
                .isEqualTo("QueueDepth was over its limit of 10.0 in 2 of the 5 minutes with a value up to"
                        + " 2026-01-05T10:04:00Z (the largest was 12.5).");
    }

    private static Instant minute(int number) {
        return Traffic.START.plusSeconds(60L * number);
    }

    private static MetricWindow read(String values) {
        MetricWindow readings = MetricWindow.none(LIMIT);
        int minute = 0;
        for (String value : values.split(" ")) {
            readings = readings.add(minute(minute++), Double.parseDouble(value));
        }
        return readings;
    }
}
