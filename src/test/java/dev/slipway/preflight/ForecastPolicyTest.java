package dev.slipway.preflight;

import static dev.slipway.preflight.PreflightFixture.container;
import static dev.slipway.preflight.PreflightFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules.LowTraffic;
import dev.slipway.preflight.ForecastPolicy.Input;
import dev.slipway.preflight.ForecastPolicy.Timing;
import dev.slipway.preflight.ForecastPolicy.Traffic;
import dev.slipway.release.ContainerSettings.Architecture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rollouts will take. */
class ForecastPolicyTest {
    private static final Traffic MUCH = new Traffic(60_000, 0.001, -1);

    private static Input basis(RolloutSettings settings, List<Integer> history, Traffic traffic) {
        return new Input(
                settings, false, 4, container(Architecture.X86_64, Map.of()), Timing.DEFAULT, history, traffic);
    }

    private static Forecast forecast(RolloutSettings settings) {
        return ForecastPolicy.forecast(basis(settings, List.of(), MUCH));
    }

    @ParameterizedTest
    @CsvSource({
        // 60 s to start, 10 s of health checks, 15 s of draining; with shifts 30 s of gate and the bakes
        "ROLLING, 85",
        "BLUE_GREEN, 715",
        "CANARY, 1615",
        "LINEAR, 3115",
    })
    void aRolloutTakesItsBakesAndWhatTasksTake(Strategy strategy, int seconds) {
        Forecast forecast = forecast(settings(strategy));

        assertThat(forecast.seconds()).isEqualTo(seconds);
        assertThat(forecast.parts().stream().mapToInt(Forecast.Part::seconds).sum())
                .isEqualTo(seconds);
    }

    @ParameterizedTest
    @CsvSource({"CANARY, 200, 1745", "ROLLING, 200, 200"})
    void pastRolloutsTakeThePlaceOfAssumptions(Strategy strategy, int median, int seconds) {
        Forecast forecast = ForecastPolicy.forecast(basis(settings(strategy), List.of(500, median, 100), MUCH));

        assertThat(forecast.seconds()).isEqualTo(seconds);
        assertThat(forecast.parts().getFirst().basis()).isEqualTo("the median of the last 3 rollouts");
    }

    @ParameterizedTest
    @CsvSource({
        // with one request a minute evidence takes longer than anybody waits
        "HOLD, 3600",
        "PROBE, 540",
        "ABSOLUTE, 240",
    })
    void littleTrafficIsWaitedForAsLongAsTheSpecSays(LowTraffic way, int seconds) {
        RolloutSettings settings = settings(Strategy.CANARY, way, Approval.When.NONE, null);

        Forecast forecast = ForecastPolicy.forecast(basis(settings, List.of(), new Traffic(1, 0.01, -1)));

        assertThat(forecast.parts())
                .filteredOn(part -> part.name().equals("evidence"))
                .extracting(Forecast.Part::seconds)
                .containsExactly(seconds);
    }

    @Test
    void saysHowLongAVerdictTakes() {
        assertThat(forecast(settings(Strategy.CANARY)).evidence().minutes()).isEqualTo(1);
        assertThat(forecast(settings(Strategy.BLUE_GREEN)).evidence()).isNull();
        Forecast quiet = ForecastPolicy.forecast(basis(settings(Strategy.CANARY), List.of(), new Traffic(0, 0, -1)));
        assertThat(quiet.evidence().minutes()).isNull();
        assertThat(quiet.evidence().message())
                .contains("0 requests a minute")
                .endsWith("it will be rolled back for want of evidence (verdict.lowTraffic is hold).");
        assertThat(ForecastPolicy.forecast(basis(settings(Strategy.CANARY), List.of(), null))
                        .evidence()
                        .requestsPerMinute())
                .isNull();
    }

    @Test
    void extraTasksCostWhatFargateTakes() {
        Forecast.Extra extra = forecast(settings(Strategy.BLUE_GREEN)).extra();

        assertThat(extra.tasks()).isEqualTo(4);
        assertThat(extra.taskHours()).isCloseTo(4 * 715 / 3600.0, within(0.001));
        assertThat(extra.vCpuHours()).isEqualTo(extra.taskHours());
        assertThat(extra.memoryHours()).isCloseTo(2 * extra.taskHours(), within(0.001));
        assertThat(extra.dollars()).isCloseTo(extra.taskHours() * (0.04048 + 2 * 0.004445), within(0.001));
    }

    @Test
    void armCostsAFifthLess() {
        Input arm = new Input(
                settings(Strategy.CANARY),
                false,
                4,
                container(Architecture.ARM64, Map.of()),
                Timing.DEFAULT,
                List.of(),
                MUCH);

        double part = ForecastPolicy.forecast(arm).extra().dollars()
                / forecast(settings(Strategy.CANARY)).extra().dollars();

        assertThat(part).isCloseTo(0.8, within(0.01));
    }

    @ParameterizedTest
    @CsvSource({
        "CANARY, rollout.canary.bakeMinutes 10 min 300, rollout.bakeMinutes 5 min 300",
        "LINEAR, rollout.linear.bakeMinutes 5 min 1140, rollout.linear.stepPercent 40 % 1200",
        "BLUE_GREEN, rollout.bakeMinutes 5 min 300, routing.drainingSeconds 5 s 10",
    })
    void namesTheTwoSettingsThatSaveMost(Strategy strategy, String one, String two) {
        assertThat(forecast(settings(strategy)).savings())
                .extracting(saving -> "%s %s %d".formatted(saving.setting(), saving.to(), saving.seconds()))
                .containsExactlyInAnyOrder(one, two);
    }

    @Test
    void alwaysSaysWhatASavingCosts() {
        for (Strategy strategy : Strategy.values()) {
            assertThat(forecast(settings(strategy)).savings())
                    .hasSizeBetween(1, 2)
                    .allSatisfy(saving -> {
                        assertThat(saving.seconds()).isPositive();
                        assertThat(saving.tradeOff()).isNotBlank();
                    });
        }
    }

    @Test
    void aFirstReleaseTakesTheStackAndNothingExtra() {
        Input first = new Input(
                settings(Strategy.CANARY),
                true,
                4,
                container(Architecture.X86_64, Map.of()),
                Timing.DEFAULT,
                List.of(),
                null);

        Forecast forecast = ForecastPolicy.forecast(first);

        assertThat(forecast.parts()).extracting(Forecast.Part::name).containsExactly("stack", "start-up");
        assertThat(forecast.extra().dollars()).isZero();
        assertThat(forecast.savings()).isEmpty();
    }

    @Test
    void peoplesTimeIsToldAndNotCounted() {
        RolloutSettings asking = settings(Strategy.CANARY, LowTraffic.HOLD, Approval.When.BEFORE_PRODUCTION, null);

        Forecast forecast = forecast(asking);

        assertThat(forecast.seconds()).isEqualTo(1615);
        assertThat(forecast.message())
                .startsWith("About 27 min, and at most 240 min more for people to approve; 4 more tasks meanwhile");
    }

    @Test
    void aOneOffTaskIsNotCountedAmongTheExtraTasks() {
        RolloutSettings migrating = settings(
                Strategy.BLUE_GREEN,
                LowTraffic.HOLD,
                Approval.When.NONE,
                new RolloutSettings.Before(List.of("migrate"), 600));

        Forecast forecast = forecast(migrating);

        assertThat(forecast.seconds()).isEqualTo(775);
        assertThat(forecast.extra())
                .isEqualTo(forecast(settings(Strategy.BLUE_GREEN)).extra());
    }
}
