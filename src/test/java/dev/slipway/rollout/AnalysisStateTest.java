package dev.slipway.rollout;

import static dev.slipway.deployment.SettingsFixture.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.app.ControlPlane;
import dev.slipway.id.ServiceId;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import dev.slipway.store.Write;
import dev.slipway.verdict.EValues;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Basis;
import dev.slipway.verdict.Verdict.Outcome;
import dev.slipway.verdict.Verdict.VerdictStatistics;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AnalysisStateTest {
    private static final ServiceId WEB = new ServiceId("dev", "web");
    private static final ObjectMapper JSON = ControlPlane.json();
    /** More than a target group gets in a minute. */
    private static final long MANY = 9_999_999_999L;

    private final Store store = new MemoryStore(JSON, () -> NOON);

    private static Instant minute(int number) {
        return NOON.plus(Duration.ofMinutes(number));
    }

    private static AnalyzedMinute large(int number) {
        Sample sample = new Sample(MANY, MANY, MANY, MANY, MANY);
        EValues values = new EValues(1.23456e-300, 4.85165e8);
        return new AnalyzedMinute(
                minute(number), 33.3, false, sample, sample, Outcome.NOT_ENOUGH_EVIDENCE, values, values);
    }

    private static AnalysisState withMinutes(int count) {
        AnalysisState state =
                AnalysisState.none("r1").shifted(NOON.plusSeconds(20), 10).withEvidence(Evidence.none(NOON, null));
        for (int i = 0; i < count; i++) {
            state = state.analyzed(large(i)).withReadUntil(minute(i + 1));
        }
        return state;
    }

    private AnalysisState stored(AnalysisState state) {
        store.write(new Write.Create<>(AnalysisState.key(WEB, "r1"), state));
        return store.get(AnalysisState.key(WEB, "r1")).orElseThrow().value();
    }

    private static AnalysisState saying(AnalysisState state, double percent, Outcome outcome) {
        int number = state.minutes().size();
        return state.analyzed(new AnalyzedMinute(minute(number), percent, true, null, null, outcome, null, null));
    }

    /** Evidence that it is sound comes and goes by chance, while a person is asked for hours. */
    @Test
    void thatItIsSoundAndNotAnyMoreIsSaidOnceWithEachShare() {
        AnalysisState first = AnalysisState.none("r1").shifted(NOON, 10);
        AnalysisState unknown = saying(first, 10, Outcome.NOT_ENOUGH_EVIDENCE);
        AnalysisState sound = saying(unknown, 10, Outcome.HEALTHY);
        AnalysisState fallen = saying(sound, 10, Outcome.NOT_ENOUGH_EVIDENCE);

        assertThat(unknown.hasSaid(Outcome.HEALTHY)).isFalse();
        assertThat(sound.hasSaid(Outcome.HEALTHY)).isTrue();
        assertThat(sound.hasSaid(Outcome.NOT_ENOUGH_EVIDENCE)).isFalse();
        assertThat(fallen.hasSaid(Outcome.NOT_ENOUGH_EVIDENCE)).isTrue();
        AnalysisState more = saying(fallen.shifted(minute(9), 50), 50, Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(more.hasSaid(Outcome.HEALTHY)).isFalse();
        assertThat(more.hasSaid(Outcome.NOT_ENOUGH_EVIDENCE)).isFalse();
    }

    @Test
    void minutesComeBackFromTheStoreAsTheyWere() {
        AnalysisState state = withMinutes(2)
                .analyzed(new AnalyzedMinute(minute(2), 100, false, null, null))
                .analyzed(new AnalyzedMinute(minute(3), 100, true, new Sample(60, 1, 59, 2, 1), null)
                        .after(Evidence.none(NOON, null), verdictWith(1 / 3.0)));

        assertThat(stored(state)).isEqualTo(state);
    }

    private static Verdict verdictWith(double value) {
        var statistics = new VerdictStatistics(1, 1, 60, 1, 0, 0, value, 1 / value);
        return new Verdict(Outcome.UNHEALTHY, Basis.COMPARISON, "", false, null, statistics, statistics);
    }

    @Test
    void theNewestEightHoursAreKeptFarFromWhatAnItemMayHave() throws JsonProcessingException {
        AnalysisState state = withMinutes(AnalysisState.MINUTES_KEPT);
        assertThat(state.lacksFirstMinutes()).isFalse();

        AnalysisState more = withMinutes(AnalysisState.MINUTES_KEPT + 20);

        assertThat(more.minutes()).hasSize(AnalysisState.MINUTES_KEPT).endsWith(large(499));
        assertThat(more.minutes().getFirst().start()).isEqualTo(minute(20));
        assertThat(more.lacksFirstMinutes()).isTrue();
        assertThat(JSON.writeValueAsBytes(more).length).isBetween(50_000, 110_000); // of 400 KB
        assertThat(stored(more)).isEqualTo(more);
    }

    @Test
    void whatAVersionBeforeHasReadHasNoMinutes() throws JsonProcessingException {
        AnalysisState before = JSON.readValue("""
                {"rollout": "r1", "shifts": [{"at": "2026-01-01T12:00:20Z", "percent": 10.0}], "metricWindows": [],
                 "readUntil": "2026-01-01T12:05:00Z", "polledAt": "2026-01-01T12:08:30Z", "probes": []}
                """, AnalysisState.class);

        assertThat(before.minutes()).isEmpty();
        assertThat(before.lacksFirstMinutes()).isTrue();
        assertThat(before.withReadUntil(Instant.parse("2026-01-01T12:00:00Z")).lacksFirstMinutes())
                .isFalse();
        assertThat(AnalysisState.none("r1").lacksFirstMinutes()).isFalse();
    }
}
