package dev.slipway.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.scaling.ScalingSettings;
import dev.slipway.scaling.ScalingState;
import dev.slipway.service.ServiceQueries.Live;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.validation.SpecFixture;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What CloudFormation cannot tell: what is live, held against what is recorded. */
class LiveDriftTest {
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
    private static final ServiceSpec SPEC = SpecFixture.service("""
            container: {port: 8000}
            scaling:
              min: 2
              max: 4
              cpuPercent: 60
              schedules:
              - {name: day, start: 0 8 * * *, timeZone: UTC, min: 6, max: 8}
              - {name: night, start: 0 20 * * *, timeZone: UTC, min: 2, max: 4}
            """);

    private static List<String> drift(ScalingState scaling, Instant now, @Nullable String emptyGroup, int a, int b) {
        ServiceRecord record = new ServiceRecord(
                WEB, SPEC, null, 1, Map.of(), null, null, null, SPEC.scaling(), null, null, CREATED, CREATED);
        Live live = new Live(null, "td", 4, 4, 0, a, b, List.of(), scaling, null);
        return LiveDrift.of(record, live, emptyGroup, now).stream()
                .map(found -> "%s: %s, not %s".formatted(found.path(), found.actual(), found.expected()))
                .toList();
    }

    /** A schedule that is run minutes late is no drift; one that is not run at all is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            07:59:59 | 2 | 4 |
            08:00:00 | 2 | 4 |
            08:04:59 | 2 | 4 |
            08:05:00 | 2 | 4 | /MinCapacity: 2, not 6; /MaxCapacity: 4, not 8
            08:00:00 | 6 | 8 |
            19:59:59 | 6 | 8 |
            20:04:59 | 6 | 8 |
            20:05:00 | 6 | 8 | /MinCapacity: 6, not 2; /MaxCapacity: 8, not 4
            08:02:00 | 3 | 8 | /MinCapacity: 3, not 6
            07:30:00 | 6 | 8 | /MinCapacity: 6, not 2; /MaxCapacity: 8, not 4
            """)
    void aScheduleMayBeMinutesLate(String time, int min, int max, @Nullable String expected) {
        ScalingState scaling = ScalingState.of(4, new ScalingSettings.Limits(min, max), List.of());

        assertThat(drift(scaling, Instant.parse("2026-03-02T%sZ".formatted(time)), null, 1, 0))
                .containsExactly(expected == null ? new String[0] : expected.split("; ", -1));
    }

    @Test
    void whatAwsDoesNotTellIsNoDrift() {
        assertThat(drift(ScalingState.unknown("AWS refuses it"), CREATED, null, 1, 0))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1  | 0  |   |
            0  | 1  |   |
            90 | 10 |   | A 90, B 10
            0  | 0  |   | no requests to either target group
            1  | 0  | A | all requests to target group A, in which no task is
            """)
    void atRestOneTargetGroupHasAllRequestsAndTheTasks(
            int a, int b, @Nullable String empty, @Nullable String expected) {
        assertThat(drift(ScalingState.unknown("not asked"), CREATED, empty, a, b))
                .containsExactly(
                        expected == null
                                ? new String[0]
                                : new String[] {
                                    "/Actions/0/ForwardConfig/TargetGroups: %s, not all requests to the target group of the tasks"
                                            .formatted(expected)
                                });
    }
}
