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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        store.write(store.get(AnalysisState.key(WEB, "r1"))
                .<Write>map(found -> new Write.Update<>(found, state))
                .orElseGet(() -> new Write.Create<>(AnalysisState.key(WEB, "r1"), state)));
        return store.get(AnalysisState.key(WEB, "r1")).orElseThrow().value();
    }

    private static @Nullable Verdict verdict(@Nullable Outcome outcome) {
        var statistics = new VerdictStatistics(1, 1, 60, 1, 0, 0, 1, 1);
        return outcome == null ? null : new Verdict(outcome, Basis.COMPARISON, "", false, null, statistics, statistics);
    }

    /** What people are told of, by its first letter, where each pass comes to such a verdict; a number is the share that it has from then on. */
    @ParameterizedTest(name = "{0} tells {1}")
    @CsvSource({
        "10 N N, ''",
        "10 N H H N N, H N",
        "10 H N H N H N, H N", // by chance, or by the hour
        "10 H 50 N H N H N, H N H N",
        "10 H N 50 N H H, H N H",
        "10 N 50 H, H",
        "10 H U N U, H U N U",
        "10 U U N, U N"
    })
    void evidenceThatComesAndGoesIsToldOnceWithEachShare(String passes, String told) {
        AnalysisState state = AnalysisState.none("r1");
        Verdict before = null;
        StringBuilder said = new StringBuilder();
        for (String pass : passes.split(" ")) {
            Outcome outcome = Stream.of(Outcome.values())
                    .filter(found -> found.name().startsWith(pass))
                    .findFirst()
                    .orElse(null);
            if (outcome == null) {
                state = state.shifted(NOON, Double.parseDouble(pass));
                continue;
            }
            if (state.isNews(before, outcome)) {
                state = stored(state.telling(outcome));
                said.append(' ').append(pass);
            }
            before = verdict(outcome);
        }

        assertThat(said.toString().strip()).isEqualTo(told);
        assertThat(state.shifts()).allSatisfy(shift -> assertThat(shift.told()).hasSizeLessThan(4));
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
        assertThat(before.lastShift().orElseThrow().told()).isEmpty();
        assertThat(before.unreadSince()).isNull();
        assertThat(before.lacksFirstMinutes()).isTrue();
        assertThat(before.withReadUntil(Instant.parse("2026-01-01T12:00:00Z")).lacksFirstMinutes())
                .isFalse();
        assertThat(AnalysisState.none("r1").lacksFirstMinutes()).isFalse();
    }
}
