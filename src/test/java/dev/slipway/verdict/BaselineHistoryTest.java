package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of which minutes it is learned how much the old revision varies. */
class BaselineHistoryTest {
    private static final Sample CALM = new Sample(1_000, 10, 1_000, 10, 10);
    /** By turns none and four percent. */
    private static final List<Sample> WILD = IntStream.range(0, 60)
            .mapToObj(minute -> new Sample(1_000, minute % 2 * 40, 1_000, minute % 2 * 40, minute % 2 * 40))
            .toList();

    private static BaselineHistory history(List<Sample> others, int own) {
        List<Sample> minutes = new ArrayList<>(others);
        minutes.addAll(Collections.nCopies(own, CALM));
        return new BaselineHistory(minutes, own);
    }

    @ParameterizedTest
    @CsvSource({
        // minutes of others before it, and its own; whether the others count, and whether it is known then
        "40, 20, true, true",
        "16, 44, true, true",
        "15, 45, false, true",
        "24, 20, true, false",
        "0, 44, false, false",
        "0, 0, false, false"
    })
    void whatAnotherReleaseDidCountsUntilThreeQuartersOfAnHourAreItsOwn(
            int others, int own, boolean counts, boolean known) {
        for (Signal signal : Signal.values()) {
            Variation variation = history(WILD.subList(0, others), own).variation(signal, false);

            assertThat(variation.dispersion() > 1).isEqualTo(counts);
            assertThat(variation.assumed()).isEqualTo(!known);
        }
    }

    @Test
    void itsOwnMinutesBesideTheNewOneAreLearnedFromOnceTheyAreWeighed() {
        Evidence evidence = Evidence.after(Traffic.START, history(List.of(), 0));
        assertThat(evidence.before()).isNull();
        List<Double> before = new ArrayList<>();
        for (int minute = 1; minute <= 55; minute++) {
            before.add(evidence.errorVariation().dispersion());
            assertThat(evidence.history().own()).isEqualTo(minute - 1);
            assertThat(evidence.errorVariation().assumed()).isEqualTo(minute <= 45);
            evidence = SequentialAnalysis.update(
                    evidence, Traffic.minute(minute, CALM, WILD.get(minute - 1)), Rollouts.CRITERIA);
        }

        assertThat(before.subList(0, 15)).containsOnly(1.0);
        assertThat(before.get(15)).isGreaterThan(1);
        assertThat(evidence.history()).isEqualTo(BaselineHistory.COMPLETE);
        assertThat(evidence.errorVariation()).isEqualTo(Variation.of(Signal.ERRORS, WILD.subList(0, 55), false));
        assertThat(evidence.latencyVariation()).isEqualTo(Variation.of(Signal.LATENCY, WILD.subList(0, 55), false));
        assertThat(evidence.tailVariation()).isEqualTo(Variation.of(Signal.TAIL, WILD.subList(0, 55), false));
        assertThat(SequentialAnalysis.update(evidence, Traffic.minute(61, CALM, CALM), Rollouts.CRITERIA)
                        .history())
                .isEqualTo(BaselineHistory.COMPLETE);
    }

    @Test
    void theWarmUpOfTheNewOneIsNoneOfTheOldOne() {
        Criteria warming = Rollouts.CRITERIA.withWarmUp(Duration.ofMinutes(3));
        Evidence evidence = Evidence.after(Traffic.START, history(List.of(), 5));

        Evidence after = SequentialAnalysis.update(evidence, Traffic.minute(1, CALM, CALM), warming);
        Evidence alone = SequentialAnalysis.update(evidence, Traffic.minute(1, CALM, null), warming);

        assertThat(after.warmingUp()).isEqualTo(1);
        assertThat(after.history().own()).isEqualTo(6);
        assertThat(alone.history()).isEqualTo(evidence.history());
    }

    /** All tasks of the release before fell over every ten minutes, at 10,000 requests a minute; this one has had 600, of which none failed. */
    @Test
    void whatFailedTogetherInMoreTrafficIsAsMuchOfLess() {
        List<Sample> before = IntStream.range(0, 25)
                .mapToObj(minute -> Rollouts.errors(10_000, minute % 10 == 2 ? 500 : 0))
                .toList();

        assertThat(dispersion(before, 4)).isGreaterThan(150);
        assertThat(dispersion(before, 35)).isBetween(5.0, 20.0);

        isRejected(calmAfter(before, 35), 8, Rollouts.errors(60, 12), Rollouts.errors(540, 0));
    }

    /**
     * At night a release failed a tenth of ten requests a minute; it was replaced as the traffic came. By the next a release that fails a fifth
     * is found as soon as without all that: by what the two before it differ from each other neither of them varies.
     */
    @Test
    void whatTwoReleasesDifferByIsNoVariation() {
        List<Sample> before = new ArrayList<>(Collections.nCopies(2, Rollouts.errors(10, 0)));
        before.addAll(Collections.nCopies(3, Rollouts.errors(10, 1)));
        before.addAll(Collections.nCopies(2, Rollouts.errors(10, 0)));
        before.addAll(Collections.nCopies(10, Rollouts.errors(10, 1)));
        before.add(Rollouts.errors(590, 104));
        assertThat(calmAfter(before, 42).variation(Signal.ERRORS, false)).isEqualTo(Variation.NONE);

        List<Sample> worse = Collections.nCopies(30, Rollouts.errors(600, 18));
        assertThat(calmAfter(worse, 30).variation(Signal.ERRORS, false)).isEqualTo(Variation.NONE);
        assertThat(calmAfter(worse, 15).variation(Signal.ERRORS, false)).isEqualTo(Variation.NONE);

        isRejected(calmAfter(before, 42), 3, Rollouts.errors(150, 30), Rollouts.errors(450, 0));
    }

    private static void isRejected(BaselineHistory history, int minutes, Sample candidate, Sample baseline) {
        Evidence evidence = Rollouts.minutes(
                Evidence.after(Traffic.START, history),
                1,
                minutes,
                candidate,
                baseline,
                Rollouts.CRITERIA.withTolerance(3));
        assertThat(SequentialAnalysis.verdict(evidence, Rollouts.CRITERIA, Rollouts.SOON)
                        .outcome())
                .isEqualTo(Verdict.Outcome.UNHEALTHY);
    }

    private static double dispersion(List<Sample> before, int own) {
        return calmAfter(before, own).variation(Signal.ERRORS, false).dispersion();
    }

    private static BaselineHistory calmAfter(List<Sample> before, int own) {
        List<Sample> minutes = new ArrayList<>(before);
        minutes.addAll(Collections.nCopies(own, Rollouts.errors(600, 0)));
        return new BaselineHistory(minutes, own);
    }

    @Test
    void theOldestMinutesGo() {
        BaselineHistory next = history(WILD.subList(0, 40), 20).next(CALM);

        assertThat(next.own()).isEqualTo(21);
        assertThat(next.minutes()).hasSize(60).startsWith(WILD.get(1));
        assertThat(next.ownMinutes()).hasSize(21).containsOnly(CALM);
        assertThat(history(List.of(), 3).next(CALM).minutes()).hasSize(4);
    }

    /** In which answers were slow in other minutes than requests failed. */
    @Test
    void whatWasBeforeIsWithoutIncidentsOfItsKind() {
        List<Sample> minutes = new ArrayList<>(Collections.nCopies(60, new Sample(1_000, 10, 1_000, 10, 1)));
        Collections.fill(minutes.subList(10, 15), new Sample(1_000, 300, 700, 7, 1));
        Collections.fill(minutes.subList(30, 34), new Sample(1_000, 10, 1_000, 500, 1));
        Collections.fill(minutes.subList(50, 54), new Sample(1_000, 10, 1_000, 50, 50));

        Sample before =
                Evidence.after(Traffic.START, new BaselineHistory(minutes, 60)).before();

        assertThat(before).isEqualTo(new Sample(53_000, 530, 46_500, 465, 48));
    }

    @Test
    void itsOwnMinutesAloneAreWhatWasBefore() {
        Evidence evidence = Evidence.after(Traffic.START, history(WILD.subList(0, 40), 20));

        assertThat(evidence.before()).isEqualTo(new Sample(20_000, 200, 20_000, 200, 200));
    }
}
