package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.verdict.MetricWindow.Limit;
import dev.slipway.verdict.Verdict.Outcome;
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
                "11 12 13 1 1 1 | HEALTHY"
            })
    void threeOfTheLastFiveMinutesOverTheLimitAreTooMany(String values, Outcome wanted) {
        assertThat(read(values).outcome()).isEqualTo(wanted);
    }

    @Test
    void aMinuteIsUsedOnce() {
        MetricWindow once = read("11 1");

        assertThat(once.add(Traffic.minute(1, Sample.NONE, null).start(), 99)).isEqualTo(once);
        assertThat(once.add(Traffic.minute(0, Sample.NONE, null).start(), 99)).isEqualTo(once);
    }

    @Test
    void saysWhatItSaw() {
        assertThat(read("11 1 12.5 1 1 1").message())
                .isEqualTo("QueueDepth was over its limit of 10.0 in 1 of the last 5 minutes with a value (the largest"
                        + " was 12.5).");
        assertThat(MetricWindow.none(LIMIT).message())
                .endsWith("0 of the last 0 minutes with a value (the largest was none).");
    }

    private static MetricWindow read(String values) {
        MetricWindow readings = MetricWindow.none(LIMIT);
        int minute = 0;
        for (String value : values.split(" ")) {
            readings = readings.add(Traffic.minute(minute++, Sample.NONE, null).start(), Double.parseDouble(value));
        }
        return readings;
    }
}
