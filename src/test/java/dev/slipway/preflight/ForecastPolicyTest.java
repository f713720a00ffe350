package dev.slipway.preflight;

import static dev.slipway.preflight.PreflightFixture.container;
import static dev.slipway.preflight.PreflightFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.cost.PriceList;
import dev.slipway.cost.Spot;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import dev.slipway.preflight.ForecastPolicy.Input;
import dev.slipway.preflight.ForecastPolicy.Timing;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import dev.slipway.verdict.Variation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rollouts will take. */
class ForecastPolicyTest {
    private static final Traffic MUCH = new Traffic(60_000, 0.001, -1);

    private static final PriceList PRICES = PriceList.load();

    private static Input basis(RolloutSettings settings, List<Integer> history, Traffic traffic) {
        return new Input(
                settings,
                false,
                4,
                Spot.NONE,
                false,
                container(Architecture.X86_64, Map.of()),
                Timing.DEFAULT,
                history,
                traffic,
                PRICES.in("us-east-1"));
    }

    private static Forecast forecast(RolloutSettings settings) {
        return ForecastPolicy.forecast(basis(settings, List.of(), MUCH));
    }

    @ParameterizedTest
    @CsvSource({
        // 60 s to start, 10 s of health checks, 15 s of draining; with shifts 30 s of gate and the bakes
        "ROLLING, 265",
        "BLUE_GREEN, 1195",
        "CANARY, 2095",
        "LINEAR, 3595",
    })
    void aRolloutTakesItsBakesAndWhatTasksTake(Strategy strategy, int seconds) {
        Forecast forecast = forecast(settings(strategy));

        assertThat(forecast.seconds()).isEqualTo(seconds);
        assertThat(forecast.parts().stream().mapToInt(Forecast.Part::seconds).sum())
                .isEqualTo(seconds);
    }

    @ParameterizedTest
    @CsvSource({"CANARY, 200, 2225", "ROLLING, 200, 380"})
    void pastRolloutsTakeThePlaceOfAssumptions(Strategy strategy, int median, int seconds) {
        Forecast forecast = ForecastPolicy.forecast(basis(settings(strategy), List.of(500, median, 100), MUCH));

        assertThat(forecast.seconds()).isEqualTo(seconds);
        assertThat(forecast.parts().getFirst().basis()).isEqualTo("the median of the last 3 rollouts");
    }

    @ParameterizedTest
    @CsvSource({
        // with one request a minute evidence takes longer than anybody waits
        "ROLLBACK, false, 3600",
        "APPROVE, false, 3600",
        "WAIT, false, 82800",
        "WAIT, true, 540",
    })
    void littleTrafficIsWaitedForAsLongAsTheSpecSays(OnNoEvidence then, boolean probes, int seconds) {
        RolloutSettings plain = settings(Strategy.CANARY, then, Approval.When.NONE, null);
        RolloutSettings settings = plain.withVerdict(plain.verdict().withProbes(probes));

        Forecast forecast = ForecastPolicy.forecast(basis(settings, List.of(), new Traffic(1, 0.01, -1)));

        assertThat(forecast.parts())
                .filteredOn(part -> part.name().equals("evidence"))
                .extracting(Forecast.Part::seconds)
                .containsExactly(seconds);
    }

    @Test
    void saysHowLongAVerdictTakes() {
        assertThat(forecast(settings(Strategy.CANARY)).evidence().minutes())
                .as("one, after a minute of warm-up")
                .isEqualTo(2);
        assertThat(forecast(settings(Strategy.BLUE_GREEN)).evidence()).isNull();
        Forecast quiet = ForecastPolicy.forecast(basis(settings(Strategy.CANARY), List.of(), new Traffic(0, 0, -1)));
        assertThat(quiet.evidence().minutes()).isNull();
        assertThat(quiet.evidence().message())
                .contains("0 requests a minute")
                .endsWith("it will be rolled back for want of evidence (verdict.onNoEvidence is rollback).");
        assertThat(ForecastPolicy.forecast(basis(settings(Strategy.CANARY), List.of(), null))
                        .evidence()
                        .requestsPerMinute())
                .isNull();
    }

    @Test
    void aRolloutThatWillNotTellAGoodReleaseSaysSoBeforehand() {
        RolloutSettings canary = settings(Strategy.CANARY);
        Forecast little = ForecastPolicy.forecast(basis(canary, List.of(), new Traffic(1, 0.01, -1)));

        assertThat(PreflightPolicy.evidence(forecast(canary))).isEmpty();
        assertThat(PreflightPolicy.evidence(ForecastPolicy.forecast(basis(canary, List.of(), null))))
                .as("what is not known is told as such")
                .isEmpty();
        assertThat(PreflightPolicy.evidence(forecast(settings(Strategy.BLUE_GREEN))))
                .isEmpty();
        assertThat(PreflightPolicy.evidence(little)).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("little-evidence");
            assertThat(finding.blocks()).isFalse();
            assertThat(finding.detail()).isEqualTo(little.evidence().message());
        });
    }

    /** Half a percent fails, in bunches of 20: a verdict takes 20 times the traffic, and no step waits so long. */
    @Test
    void failuresThatComeInBunchesTakeMoreTrafficThanThereIs() {
        RolloutSettings canary = settings(Strategy.CANARY);
        Traffic single = new Traffic(3_000, 0.005, -1);
        Traffic bunched = new Traffic(3_000, 0.005, new Variation(20, 1, false), -1, Variation.NONE);

        Forecast known = ForecastPolicy.forecast(basis(canary, List.of(), single));
        Forecast doubtful = ForecastPolicy.forecast(basis(canary, List.of(), bunched));

        assertThat(known.evidence().enough()).isTrue();
        assertThat(doubtful.evidence().enough()).isFalse();
        assertThat(doubtful.evidence().minutes())
                .isBetween(
                        20 * (known.evidence().minutes() - 2),
                        20 * known.evidence().minutes());
        assertThat(PreflightPolicy.evidence(doubtful)).hasSize(1);
    }

    /** Each of a linear rollout's steps but the last wants evidence; the one that waits in vain is the last unless it is promoted. */
    @ParameterizedTest
    @CsvSource({
        // 4 steps; first: 100 requests of 20 % of 10 a minute in 50 min; then of 40, 60 and 80 %: 25, 17 and 13; each
        // with a minute
        // of warm-up and four of lag, of which 10 are baked
        "10, ROLLBACK, 2700, 1200, 720, 480",
        // nothing is ever enough
        "0, ROLLBACK, 3600, 0, 0, 0",
        "0, APPROVE, 3600, 0, 0, 0",
        "0, PROMOTE, 3600, 3600, 3600, 3600"
    })
    void laterStepsWaitForEvidenceToo(
            double requests, OnNoEvidence then, int first, int second, int third, int fourth) {
        RolloutSettings plain = settings(Strategy.LINEAR, then, Approval.When.NONE, null);
        RolloutSettings linear =
                plain.withVerdict(plain.verdict().withHarmlessPercent(50).withTolerance(50));

        assertThat(ForecastPolicy.forecast(basis(linear, List.of(), new Traffic(requests, 0, -1)))
                        .parts())
                .filteredOn(part -> part.name().equals("evidence"))
                .extracting(Forecast.Part::seconds)
                .containsExactly(first + second + third + fourth);
    }

    @ParameterizedTest
    @CsvSource({
        "WAIT, false, 'it will be rolled back for want of evidence (verdict.onNoEvidence is wait).'",
        "APPROVE, false, 'people will be asked, for 240 min, and without an answer it will be rolled back (verdict.onNoEvidence is approve).'",
        "PROMOTE, false, 'it will go on if nothing is found against it (verdict.onNoEvidence is promote).'",
        "PROMOTE, true, 'requests of our own will be sent (verdict.probes).'",
    })
    void saysWhatFollowsWithoutEvidence(OnNoEvidence then, boolean probes, String end) {
        RolloutSettings plain = settings(Strategy.CANARY, then, Approval.When.NONE, null);
        RolloutSettings settings = plain.withVerdict(plain.verdict().withProbes(probes));

        Forecast quiet = ForecastPolicy.forecast(basis(settings, List.of(), new Traffic(0, 0, -1)));

        assertThat(quiet.evidence().message()).endsWith(end);
    }

    @Test
    void whereThereAreNoPricesNoneIsTold() {
        Forecast forecast = ForecastPolicy.forecast(
                basis(settings(Strategy.BLUE_GREEN), List.of(), MUCH).withPrices(PRICES.in("sa-east-1")));

        assertThat(forecast.extra().dollars()).isNull();
        assertThat(forecast.extra().prices()).isEqualTo("There are no prices of sa-east-1 in the price list.");
        assertThat(forecast.message()).contains("4 more tasks meanwhile.").doesNotContain("$");
    }

    @Test
    void extraTasksCostWhatFargateTakes() {
        Forecast.Extra extra = forecast(settings(Strategy.BLUE_GREEN)).extra();

        assertThat(extra.tasks()).isEqualTo(4);
        assertThat(extra.taskHours()).isCloseTo(4 * 1015 / 3600.0, within(0.001));
        assertThat(extra.vCpuHours()).isEqualTo(extra.taskHours());
        assertThat(extra.memoryHours()).isCloseTo(2 * extra.taskHours(), within(0.001));
        assertThat(extra.dollars()).isCloseTo(extra.taskHours() * (0.04048 + 2 * 0.004445), within(0.001));
    }

    /** Where there is no NAT gateway, every task more has an address for $0.005 an hour, too. */
    @Test
    void extraTasksWithAddressesOfTheirOwnCostThose() {
        Input basis = basis(settings(Strategy.BLUE_GREEN), List.of(), MUCH);

        Forecast.Extra extra =
                ForecastPolicy.forecast(basis.withAddresses(true)).extra();

        assertThat(extra.dollars()).isCloseTo(extra.taskHours() * (0.04937 + 0.005), within(0.001));
    }

    @Test
    void armCostsAFifthLess() {
        Input arm = new Input(
                settings(Strategy.CANARY),
                false,
                4,
                Spot.NONE,
                false,
                container(Architecture.ARM64, Map.of()),
                Timing.DEFAULT,
                List.of(),
                MUCH,
                PRICES.in("us-east-1"));

        double part = ForecastPolicy.forecast(arm).extra().dollars()
                / forecast(settings(Strategy.CANARY)).extra().dollars();

        assertThat(part).isCloseTo(0.8, within(0.01));
    }

    @ParameterizedTest
    @CsvSource({
        "CANARY, rollout.canary.bakeMinutes 10 min 300, rollout.bakeMinutes 5 min 300",
        // so short a bake is over before a minute after the shift is weighed: each step waits
        "LINEAR, rollout.linear.bakeMinutes 5 min 960, rollout.linear.stepPercent 40 % 1200",
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
                Spot.NONE,
                false,
                container(Architecture.X86_64, Map.of()),
                Timing.DEFAULT,
                List.of(),
                null,
                PRICES.in("us-east-1"));

        Forecast forecast = ForecastPolicy.forecast(first);

        assertThat(forecast.parts()).extracting(Forecast.Part::name).containsExactly("stack", "start-up", "stability");
        assertThat(forecast.extra().dollars()).isZero();
        assertThat(forecast.savings()).isEmpty();
    }

    @Test
    void peoplesTimeIsToldAndNotCounted() {
        RolloutSettings asking =
                settings(Strategy.CANARY, OnNoEvidence.ROLLBACK, Approval.When.BEFORE_PRODUCTION, null);

        Forecast forecast = forecast(asking);

        assertThat(forecast.seconds()).isEqualTo(2095);
        assertThat(forecast.message())
                .startsWith("About 35 min, and at most 240 min more for people to approve; 4 more tasks meanwhile");
    }

    /** It has all traffic at once, however many steps later releases have. */
    @Test
    void aFirstReleaseIsApprovedOnce() {
        RolloutSettings asking = settings(Strategy.LINEAR, OnNoEvidence.ROLLBACK, Approval.When.EACH_STEP, null);
        Input later = basis(asking, List.of(), MUCH);

        assertThat(ForecastPolicy.forecast(later.withFirst(true)).message())
                .contains("at most 240 min more for people to approve");
        assertThat(ForecastPolicy.forecast(later).message()).contains("at most 1200 min more for people to approve");
    }

    /**
     * Four tasks of 1 vCPU and 2 GB for 1015 s are 4 × 0.28194 h × $0.04937 = $0.05568; one more for a minute before them is
     * 0.01667 h × $0.04937 = $0.00082, together $0.0565.
     */
    @Test
    void theOneOffTaskIsPaidToo() {
        Forecast forecast = forecast(migrating(Strategy.BLUE_GREEN));

        assertThat(forecast.seconds()).isEqualTo(1255);
        assertThat(forecast.extra().tasks()).as("they are never there at once").isEqualTo(4);
        assertThat(forecast.extra().taskHours()).isEqualTo(1.1444);
        assertThat(forecast.extra().dollars()).isEqualTo(0.0565);
        assertThat(forecast(settings(Strategy.BLUE_GREEN)).extra().dollars()).isEqualTo(0.0557);
    }

    /** Of a first release it is all that is more: 0.01667 h × $0.04937. */
    @Test
    void theOneOffTaskOfAFirstReleaseIsPaidToo() {
        Forecast forecast = ForecastPolicy.forecast(
                basis(migrating(Strategy.BLUE_GREEN), List.of(), MUCH).withFirst(true));

        assertThat(forecast.extra().tasks()).isEqualTo(1);
        assertThat(forecast.extra().dollars()).isEqualTo(0.0008);
    }

    /**
     * Two of four on demand and half of the rest on Spot are three on demand and one at 30 %: 0.28194 h × $0.04937 × (3 + 0.3) =
     * $0.04593. The one-off task is on demand: $0.00082 more. An address costs the same on both: 1.14444 h × $0.005 = $0.00572.
     */
    @Test
    void tasksOnSpotCostLess() {
        Input spot = basis(settings(Strategy.BLUE_GREEN), List.of(), MUCH).withSpot(new Spot(50, 2));
        Input oneOff = spot.withSettings(migrating(Strategy.BLUE_GREEN));

        assertThat(ForecastPolicy.forecast(spot).extra().dollars()).isEqualTo(0.0459);
        assertThat(ForecastPolicy.forecast(oneOff).extra().dollars()).isEqualTo(0.0468);
        assertThat(ForecastPolicy.forecast(oneOff.withAddresses(true)).extra().dollars())
                .isEqualTo(0.0525);
    }

    private static RolloutSettings migrating(Strategy strategy) {
        return settings(
                strategy,
                OnNoEvidence.ROLLBACK,
                Approval.When.NONE,
                new RolloutSettings.Before(List.of("migrate"), 600));
    }

    @Test
    void whatTakesNoTimeIsNoPart() {
        assertThat(forecast(settings(Strategy.CANARY).withStableMinutes(0)).parts())
                .extracting(Forecast.Part::name)
                .containsExactly("start-up", "gate", "canary bake", "final bake", "draining");
    }

    /** One request in a thousand fails: 1,849 requests tell, at 120 a minute in 16 min. With a warm-up of 1 min and metrics 4 min late, 6 min more than the bake. */
    @Test
    void evidenceThatTakesLongerThanTheBakeIsToldInBoth() {
        Forecast forecast =
                ForecastPolicy.forecast(basis(settings(Strategy.CANARY), List.of(), new Traffic(1200.04, 0.001, -1)));

        assertThat(forecast.evidence().requestsPerMinute()).isEqualTo(1200);
        assertThat(forecast.evidence().message())
                .isEqualTo("With 1200 requests a minute, of which the first step gets 10 %,"
                        + " a good release is known to be one after 17 min of traffic.");
        assertThat(forecast.parts())
                .filteredOn(part -> part.name().equals("evidence"))
                .extracting(Forecast.Part::seconds)
                .containsExactly(360);
    }

    /** The bake of 15 min and 60 beyond it are 75; of the traffic 71 are enough, as metrics come 4 min late. The first is warm-up. */
    @ParameterizedTest
    @CsvSource({"265, 71, true", "264, 72, false"})
    void evidenceIsEnoughWhereItComesWhileTheStepWaits(double requests, int minutes, boolean enough) {
        Forecast.Evidence evidence = ForecastPolicy.forecast(
                        basis(settings(Strategy.CANARY), List.of(), new Traffic(requests, 0.001, -1)))
                .evidence();

        assertThat(evidence.minutes()).isEqualTo(minutes);
        assertThat(evidence.enough()).isEqualTo(enough);
    }

    /** Slow answers are not judged in the first 4 min, so that one of the fifth is the first that tells; the step waits for it beyond its bake. */
    @ParameterizedTest
    @CsvSource({
        // bake, warm-up of latency, whether there are probes, minutes, seconds beyond the bake
        "5, 4, false, 5, 240",
        "5, 20, false, 21, 1200",
        "5, 20, true, 21, 1200",
        "30, 20, false, 21, 0",
    })
    void aStepWaitsUntilSlowAnswersAreJudgedToo(int bake, int warmUp, boolean probes, int minutes, int seconds) {
        RolloutSettings plain = settings(Strategy.CANARY).withCanary(new RolloutSettings.Canary(10, bake));
        RolloutSettings canary = plain.withVerdict(plain.verdict()
                .with(rules ->
                        rules.slowMillis(500).latencyWarmUpMinutes(warmUp).probes(probes)));

        Forecast forecast = ForecastPolicy.forecast(basis(canary, List.of(), new Traffic(60_000, 0.001, 0.001)));

        assertThat(forecast.evidence().minutes()).isEqualTo(minutes);
        assertThat(forecast.evidence().message())
                .endsWith(
                        ("a good release is known to be one after %d min of traffic, in the first %d of which slow answers are not"
                                        + " judged (verdict.latencyWarmUpMinutes).")
                                .formatted(minutes, warmUp));
        assertThat(forecast.parts())
                .filteredOn(part -> part.name().equals("evidence"))
                .extracting(Forecast.Part::seconds)
                .containsExactlyElementsOf(seconds == 0 ? List.of() : List.of(seconds));
    }

    /** After the first of four steps it is over: 5 min of traffic and 4 of lag, then 2 and 4, each less a bake of 1. */
    @Test
    void theWarmUpOfLatencyIsWaitedForOnce() {
        RolloutSettings plain = settings(Strategy.LINEAR).withLinear(new RolloutSettings.Linear(20, 1));
        RolloutSettings timed = plain.withVerdict(plain.verdict().withSlowMillis(500));

        assertThat(ForecastPolicy.forecast(basis(timed, List.of(), new Traffic(60_000, 0.001, 0.001)))
                        .parts())
                .filteredOn(part -> part.name().equals("evidence"))
                .extracting(Forecast.Part::seconds)
                .containsExactly(60 * (8 + 3 * 5));
    }

    /** Where errors take longer, nothing is said of the warm-up of latency. */
    @Test
    void whereErrorsTakeLongerTheWarmUpOfLatencyIsNotTold() {
        RolloutSettings plain = settings(Strategy.CANARY);
        RolloutSettings timed = plain.withVerdict(plain.verdict().withSlowMillis(500));
        Traffic traffic = new Traffic(600, 0.004, 0);

        Forecast errors = ForecastPolicy.forecast(basis(plain, List.of(), traffic.withoutLatency()));
        Forecast both = ForecastPolicy.forecast(basis(timed, List.of(), traffic));

        assertThat(both.evidence().message())
                .isEqualTo(errors.evidence().message())
                .doesNotContain("slow");
        assertThat(both.seconds()).isEqualTo(errors.seconds());
    }

    @Test
    void evidenceThatNobodyWaitsForIsToldWithHowLongTheStepWaits() {
        Forecast little =
                ForecastPolicy.forecast(basis(settings(Strategy.CANARY), List.of(), new Traffic(1, 0.01, -1)));

        assertThat(little.evidence().enough()).isFalse();
        assertThat(little.evidence().message())
                .startsWith(
                        "With 1 requests a minute, of which the first step gets 10 %, a good release is known to be one")
                .contains(" min of traffic, and the step waits 75 min: it will be rolled back for want of evidence");
    }

    @ParameterizedTest
    @CsvSource({"true, About 6 min.", "false, About 4 min; 1 more task meanwhile"})
    void oneTaskIsOneAndAFirstReleaseHasNoneBeside(boolean first, String message) {
        Forecast forecast = ForecastPolicy.forecast(
                basis(settings(Strategy.ROLLING), List.of(), MUCH).withTasks(1).withFirst(first));

        assertThat(forecast.message()).startsWith(message);
    }

    @ParameterizedTest
    @CsvSource({"119, About 119 s", "120, About 2 min", "149, About 2 min", "150, About 3 min"})
    void lessThanTwoMinutesAreToldInSeconds(int median, String message) {
        Input input = basis(settings(Strategy.ROLLING).withStableMinutes(0), List.of(median), MUCH);

        assertThat(ForecastPolicy.forecast(input).message()).startsWith(message);
    }
}
