package dev.slipway.rollout;

import static dev.slipway.deployment.SettingsFixture.NOON;
import static dev.slipway.deployment.SettingsFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.slipway.app.ControlPlane;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.id.ServiceId;
import dev.slipway.preflight.PreflightFixture;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.store.MemoryStore;
import dev.slipway.verdict.Variation;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** 502s and 504s that the load balancer counts for all of its services together, minute by minute. */
class LoadBalancerErrorsTest {
    static final String LIVE = "targetgroup/web-a/1";
    static final String CANDIDATE = "targetgroup/web-b/2";
    static final String NEIGHBOUR = "app/dev/1";
    private static final int LAG = (int) TargetGroupMetrics.LAG.toMinutes();

    private final FakeCloudWatch cloudWatch = new FakeCloudWatch();
    private final RolloutAnalysis judging =
            new RolloutAnalysis(new TargetGroupMetrics(cloudWatch), new MemoryStore(ControlPlane.json(), () -> NOON));
    /** How much later than its request a timeout is counted. */
    private int timeoutMinutes;

    private final SplittableRandom random = new SplittableRandom(7);
    /** What was known after the newest minute. */
    private AnalysisState last = AnalysisState.none("r1");

    /** What happens to requests that no target answers; parts are of 1. */
    record Traffic(
            double upgraded,
            double broken,
            double refused,
            double abandoned,
            double late,
            double neighbourFails,
            double neighbourUpgraded) {
        static final Traffic SOUND = new Traffic(0, 0, 0, 0.001, 0, 0, 0);

        Traffic upgraded(double part) {
            return new Traffic(part, broken, refused, abandoned, late, neighbourFails, neighbourUpgraded);
        }

        Traffic broken(double part) {
            return new Traffic(upgraded, part, refused, abandoned, late, neighbourFails, neighbourUpgraded);
        }

        Traffic refused(double part) {
            return new Traffic(upgraded, broken, part, abandoned, late, neighbourFails, neighbourUpgraded);
        }

        Traffic abandoned(double part) {
            return new Traffic(upgraded, broken, refused, part, late, neighbourFails, neighbourUpgraded);
        }

        Traffic late(double part) {
            return new Traffic(upgraded, broken, refused, abandoned, part, neighbourFails, neighbourUpgraded);
        }

        Traffic besideOneThatFails(double part) {
            return new Traffic(upgraded, broken, refused, abandoned, late, part, neighbourUpgraded);
        }

        Traffic besideUpgrades(double part) {
            return new Traffic(upgraded, broken, refused, abandoned, late, neighbourFails, part);
        }
    }

    private static Instant minute(int number) {
        return NOON.plus(Duration.ofMinutes(number));
    }

    private int drawn(int requests, double part) {
        double deviation = Math.sqrt(requests * part * (1 - part));
        return part == 0 || part == 1
                ? (int) (requests * part)
                : (int) Math.round(Math.clamp(requests * part + deviation * random.nextGaussian(), 0, requests));
    }

    private void release(String group, int number, int requests, Traffic traffic) {
        if (requests == 0) {
            return;
        }
        int refused = drawn(requests, traffic.refused);
        int broken = drawn(requests - refused, traffic.broken);
        int rest = requests - refused - broken;
        int silent = drawn(rest, traffic.upgraded) + drawn(rest, traffic.abandoned) + drawn(rest, traffic.late);
        cloudWatch
                .put(group + " RequestCount", minute(number), requests)
                .put(group + " HTTPCode_Target_2XX_Count", minute(number), Math.max(0, rest - silent))
                .put(group + " TargetConnectionErrorCount", minute(number), refused);
        errors(number, refused, broken);
    }

    private void neighbour(int number, int requests, Traffic traffic) {
        int broken = drawn(requests, traffic.neighbourFails);
        int upgraded = drawn(requests - broken, traffic.neighbourUpgraded);
        cloudWatch
                .put(NEIGHBOUR + " RequestCount", minute(number), requests)
                .put(NEIGHBOUR + " HTTPCode_Target_2XX_Count", minute(number), requests - broken - upgraded);
        errors(number, 0, broken);
    }

    private void errors(int number, int badGateways, int timeouts) {
        cloudWatch.add(NEIGHBOUR + " HTTPCode_ELB_5XX_Count", minute(number), badGateways);
        cloudWatch.add(NEIGHBOUR + " HTTPCode_ELB_502_Count", minute(number), badGateways);
        cloudWatch.add(NEIGHBOUR + " HTTPCode_ELB_5XX_Count", minute(number + timeoutMinutes), timeouts);
        cloudWatch.add(NEIGHBOUR + " HTTPCode_ELB_504_Count", minute(number + timeoutMinutes), timeouts);
    }

    static Rollout rollout(RolloutSettings settings) {
        String arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:";
        return Rollout.requested(
                        "r1",
                        new ServiceId("dev", "web"),
                        new Rollout.Request(
                                Rollout.Reason.DEPLOY,
                                "ann",
                                "image",
                                null,
                                null,
                                PreflightFixture.container(Architecture.X86_64, Map.of()),
                                settings,
                                null),
                        1,
                        NOON)
                .progressed(progress -> progress.release(2)
                        .targetGroups(new TargetGroups(
                                arn + "loadbalancer/" + NEIGHBOUR,
                                arn + LIVE,
                                arn + CANDIDATE,
                                "rule",
                                "http://web",
                                "lb")));
    }

    /** The verdicts after minutes 0, 1, … of a rollout that begins after an hour of {@code before} (or none), with 1,000 requests each. */
    private List<Verdict> verdicts(Strategy strategy, Traffic before, int hourBefore, Traffic live, Traffic candidate) {
        RolloutSettings settings = settings(given -> given.strategy = strategy);
        boolean beside = strategy == Strategy.CANARY;
        for (int i = -hourBefore; i < 0; i++) {
            release(LIVE, i, 1000, before);
            neighbour(i, 1000, before);
        }
        for (int i = 0; i < 40; i++) {
            boolean calm = i < LAG;
            release(LIVE, i, beside ? 900 : 0, calm ? before : live);
            release(CANDIDATE, i, beside ? 100 : 1000, calm ? before : candidate);
            neighbour(i, 1000, calm ? before : candidate);
        }
        AnalysisState state = AnalysisState.none("r1").shifted(NOON, beside ? 10 : 100);
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = LAG; i < 40; i++) {
            state = kept(judging.update(state, rollout(settings), minute(i)));
            last = state;
            verdicts.add(Objects.requireNonNull(RolloutAnalysis.verdict(state, settings, minute(i))));
        }
        return verdicts;
    }

    private static AnalysisState kept(AnalysisState state) {
        try {
            String json = ControlPlane.json().writeValueAsString(state);
            AnalysisState back = ControlPlane.json().readValue(json, AnalysisState.class);
            assertThat(back).isEqualTo(state);
            return back;
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<Traffic> soundReleases() {
        return Stream.of(
                Traffic.SOUND.besideOneThatFails(0.1),
                Traffic.SOUND.besideOneThatFails(0.01),
                Traffic.SOUND.upgraded(0.1).besideOneThatFails(0.1),
                Traffic.SOUND.upgraded(0.1).besideOneThatFails(0.01),
                Traffic.SOUND.upgraded(0.1).besideOneThatFails(1),
                Traffic.SOUND.upgraded(0.5).besideOneThatFails(0.3),
                Traffic.SOUND.upgraded(0.1).besideOneThatFails(0.3).besideUpgrades(0.2),
                Traffic.SOUND.abandoned(0.05),
                Traffic.SOUND.abandoned(0.05).besideOneThatFails(0.1),
                Traffic.SOUND.late(0.05),
                Traffic.SOUND.late(0.05).besideOneThatFails(0.1),
                Traffic.SOUND.late(0.3).besideOneThatFails(0.3));
    }

    /** What is said of the new release holds of the old one, too, where it serves beside. */
    @ParameterizedTest
    @MethodSource("soundReleases")
    void whatIsNotItsFaultRejectsNoReleaseAfterTheOldOne(Traffic traffic) {
        Traffic before = Traffic.SOUND.upgraded(traffic.upgraded).besideUpgrades(traffic.neighbourUpgraded);

        assertThat(verdicts(Strategy.BLUE_GREEN, before, 61, traffic, traffic))
                .extracting(Verdict::outcome)
                .doesNotContain(Outcome.UNHEALTHY);
    }

    @ParameterizedTest
    @MethodSource("soundReleases")
    void whatIsNotItsFaultRejectsNoReleaseBesideTheOldOne(Traffic traffic) {
        Traffic before = Traffic.SOUND.upgraded(traffic.upgraded).besideUpgrades(traffic.neighbourUpgraded);

        assertThat(verdicts(Strategy.CANARY, before, 61, before, traffic))
                .extracting(Verdict::outcome)
                .doesNotContain(Outcome.UNHEALTHY);
    }

    @ParameterizedTest
    @MethodSource("soundReleases")
    void norWhereNothingIsKnownOfTheHourBefore(Traffic traffic) {
        assertThat(verdicts(Strategy.CANARY, traffic, 0, traffic, traffic))
                .extracting(Verdict::outcome)
                .doesNotContain(Outcome.UNHEALTHY);
    }

    /** The figures of one release with a tenth upgraded, before as after, while another service of the load balancer fails. */
    @Test
    void upgradesBesideANeighbourThatFailsAreSound() {
        for (int i = -61; i < 20; i++) {
            cloudWatch.group(i < 0 ? LIVE : CANDIDATE, minute(i), 900, 900);
            cloudWatch.put((i < 0 ? LIVE : CANDIDATE) + " RequestCount", minute(i), 1000);
            cloudWatch.put(NEIGHBOUR + " RequestCount", minute(i), 200);
            cloudWatch.put(NEIGHBOUR + " HTTPCode_Target_2XX_Count", minute(i), i < 4 ? 200 : 100);
            errors(i, i < 4 ? 0 : 100, 0);
        }
        RolloutSettings blueGreen = settings(given -> given.strategy = Strategy.BLUE_GREEN);

        AnalysisState judged =
                judging.update(AnalysisState.none("r1").shifted(NOON, 100), rollout(blueGreen), minute(23));

        assertThat(judged.minutes()).extracting(AnalyzedMinute::outcome).doesNotContain(Outcome.UNHEALTHY);
        Verdict verdict = Objects.requireNonNull(RolloutAnalysis.verdict(judged, blueGreen, minute(23)));
        assertThat(verdict.outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(verdict.errors().candidateFailures()).isZero();
    }

    static Stream<Traffic> outages() {
        return Stream.of(
                        Traffic.SOUND.broken(1),
                        Traffic.SOUND.refused(1),
                        Traffic.SOUND.broken(0.9).refused(0.5),
                        Traffic.SOUND.upgraded(0.1).broken(1),
                        Traffic.SOUND.upgraded(0.1).refused(1))
                .flatMap(outage -> Stream.of(
                        outage,
                        outage.besideOneThatFails(0.1),
                        outage.besideOneThatFails(0.2).besideUpgrades(0.2)));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void anOutageIsRejectedWithinThreeMinutesWhateverNeighboursDo(Traffic outage) {
        Traffic before = Traffic.SOUND.upgraded(outage.upgraded).besideUpgrades(outage.neighbourUpgraded);

        for (Strategy strategy : List.of(Strategy.CANARY, Strategy.BLUE_GREEN)) {
            List<Verdict> verdicts = verdicts(strategy, before, 61, before, outage);
            assertThat(verdicts.get(LAG - 1).outcome()).isNotEqualTo(Outcome.UNHEALTHY);
            assertThat(verdicts.get(LAG + 2).outcome()).as(strategy.name()).isEqualTo(Outcome.UNHEALTHY);
        }
    }

    /** In the first minute nobody knows what becomes of the requests. */
    @ParameterizedTest
    @CsvSource({"CANARY, 0", "CANARY, 0.2", "BLUE_GREEN, 0", "BLUE_GREEN, 0.2"})
    void anOutageWhoseTimeoutsAreCountedLaterIsRejectedAMinuteLater(Strategy strategy, double neighbours) {
        timeoutMinutes = 1;

        assertThat(verdicts(
                                strategy,
                                Traffic.SOUND,
                                61,
                                Traffic.SOUND,
                                Traffic.SOUND.broken(1).besideOneThatFails(neighbours))
                        .subList(0, LAG + 5))
                .extracting(Verdict::outcome)
                .endsWith(Outcome.UNHEALTHY);
    }

    /** Where the old release serves beside, it is the measure, and a neighbour in a worse state hides nothing. */
    @Test
    void anOutageBesideTheOldReleaseIsRejectedThoughHalfOfANeighbourFails() {
        Traffic before = Traffic.SOUND.upgraded(0.1).besideUpgrades(0.2);
        Traffic outage = before.broken(1).besideOneThatFails(0.5);

        assertThat(verdicts(Strategy.CANARY, before, 61, before, outage)
                        .get(LAG + 2)
                        .outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    /** Of an old release with less than an hour of its own: failures that may be the new one's are not learned as its variation. */
    @Test
    void crashesThatMayBeAnyonesAreNotHowTheOldReleaseVaries() {
        Traffic upgrades = Traffic.SOUND.upgraded(0.5);

        assertThat(verdicts(Strategy.CANARY, upgrades, 50, upgrades, upgrades.broken(0.5)))
                .extracting(Verdict::outcome)
                .contains(Outcome.UNHEALTHY);
        assertThat(Objects.requireNonNull(last.evidence()).errorVariation()).isEqualTo(Variation.NONE);
    }

    @ParameterizedTest
    @CsvSource({"CANARY, 0.1, 0.1", "CANARY, 0.05, 0.3", "BLUE_GREEN, 0.1, 0.01", "BLUE_GREEN, 0.3, 0.05"})
    void aReleaseWithItsShareOfTheErrorsDoesNotEscapeBecauseANeighbourHasSome(
            Strategy strategy, double part, double neighbours) {
        Traffic bad = Traffic.SOUND.broken(part).besideOneThatFails(neighbours);

        assertThat(verdicts(strategy, Traffic.SOUND, 61, Traffic.SOUND, bad).subList(LAG + 3, 20))
                .extracting(Verdict::outcome)
                .contains(Outcome.UNHEALTHY)
                .doesNotContain(Outcome.HEALTHY);
    }

    /** Minutes with many errors are in doubt and those without are not: what is left must not look sound. */
    @ParameterizedTest
    @CsvSource({"0.1, 0.015", "0.1, 0.02", "0.1, 0.03", "0.1, 0.05", "0.03, 0.02", "0.2, 0.02"})
    void aReleaseWhoseCrashesLookLikeUpgradesIsNotSound(double upgraded, double broken) {
        Traffic sound = Traffic.SOUND.upgraded(upgraded);

        assertThat(verdicts(Strategy.CANARY, sound, 61, sound, sound.broken(broken)))
                .extracting(Verdict::outcome)
                .doesNotContain(Outcome.HEALTHY);
    }

    /** As clients do who close their connections. */
    @ParameterizedTest
    @CsvSource({"0.01, 0.02", "0.01, 0.04", "0.05, 0.04"})
    void norIsOneWhoseCrashesLookLikeClientsThatGiveUp(double abandoned, double broken) {
        Traffic sound = Traffic.SOUND.abandoned(abandoned);

        assertThat(verdicts(Strategy.CANARY, sound, 61, sound, sound.broken(broken)))
                .extracting(Verdict::outcome)
                .doesNotContain(Outcome.HEALTHY);
    }

    @Test
    void whereNobodyCanTellWhoseTheErrorsAreNoReleaseIsSound() {
        Traffic unclear =
                Traffic.SOUND.upgraded(0.1).broken(0.05).besideOneThatFails(0.1).besideUpgrades(0.2);
        Traffic before = Traffic.SOUND.upgraded(0.1).besideUpgrades(0.2);

        assertThat(verdicts(Strategy.CANARY, before, 61, before, unclear))
                .extracting(Verdict::outcome)
                .doesNotContain(Outcome.HEALTHY);
    }
}
