package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EProcessTest {
    private static final double[] WEIGHTS = {0.25, 0.75};

    @Test
    void isOneBeforeTheFirstBet() {
        assertThat(EProcess.NONE.logValue(WEIGHTS, 0.8)).isZero();
    }

    @Test
    void keepsMoneyBackForAFreshStart() {
        EProcess one = EProcess.NONE.update(logs(2, 4), 0.8);
        // 0.8 in play, 0.2 kept
        assertThat(made(one)).isCloseTo(0.25 * 1.6 + 0.75 * 3.2 + 0.2, within(1e-3));

        EProcess two = one.update(logs(0.5, 3), 0.8);
        // 0.2/(2·1) enters, 0.1 is kept
        assertThat(made(two)).isCloseTo(0.25 * (1.6 + 0.1) * 0.5 + 0.75 * (3.2 + 0.1) * 3 + 0.1, within(2e-3));

        EProcess three = two.update(logs(1, 1), 0.8);
        assertThat(made(three)).isCloseTo(made(two), within(2e-3));
        assertThat(three.updates()).isEqualTo(3);
    }

    @Test
    void aBetThatChangesNothingLeavesAllItHas() {
        EProcess wealth = EProcess.NONE;
        for (int minute = 0; minute < 50; minute++) {
            wealth = wealth.update(logs(1, 1), 0.8);
        }
        assertThat(made(wealth)).isCloseTo(1, within(1e-2)).isLessThanOrEqualTo(1 + 1e-9);
    }

    @Test
    void recoversFromALongLossByItsFreshStarts() {
        EProcess wealth = EProcess.NONE;
        for (int minute = 0; minute < 100; minute++) {
            wealth = wealth.update(logs(0.5, 0.5), 0.8);
        }
        for (int minute = 0; minute < 10; minute++) {
            wealth = wealth.update(logs(3, 3), 0.8);
        }
        assertThat(made(wealth)).isGreaterThan(1);
    }

    @Test
    void standsNumbersThatNoDoubleHolds() {
        EProcess wealth = EProcess.NONE.update(new double[] {5_000, -5_000}, 1);

        assertThat(wealth.logValue(WEIGHTS, 1)).isCloseTo(5_000 + Math.log(0.25), within(1e-3));
        assertThat(wealth.update(logs(1, 1), 0.8).logValues().getFirst()).isCloseTo(5_000, within(1e-3));
        assertThat(wealth.update(logs(1, 1), 0.8).logValues().getLast()).isCloseTo(Math.log(0.1), within(1e-3));
    }

    @Test
    void ofWhatTheBetsMadeTheLargerCounts() {
        Tally tally =
                new Tally(1, 1, 1, 1, 1, new EProcess(1, List.of(9.0, 9.0, 9.0, 9.0, 9.0, 9.0)), 3, EProcess.NONE);

        assertThat(tally.logWorse()).isCloseTo(9, within(1e-3));
        assertThat(tally.updated(EProcess.NONE, 3, EProcess.NONE).logWorse()).isEqualTo(3);
    }

    @Test
    void roundsInFavourOfTheHypothesis() {
        assertThat(EProcess.NONE.update(new double[] {0.12348, -0.12342}, 1).logValues())
                .containsExactly(0.1234, -0.1235);
    }

    @Test
    void itsStakesAreAllItHas() {
        EProcess wealth = EProcess.NONE;
        for (int minute = 1; minute < 6; minute++) {
            double[] stakes = wealth.logWeights(Alternatives.WORSE);
            assertThat(Arrays.stream(stakes).map(Math::exp).sum()).isCloseTo(1, within(1e-9));
            double[] logs = new double[Alternatives.WORSE.odds.length];
            Arrays.fill(logs, minute * 0.3);
            EProcess next = Alternatives.WORSE.update(wealth, logs);
            double kept = Math.exp(stakes[logs.length]);
            assertThat(Alternatives.WORSE.logValue(next) - Alternatives.WORSE.logValue(wealth))
                    .isCloseTo(Math.log((1 - kept) * Math.exp(minute * 0.3) + kept), within(1e-3));
            wealth = next;
        }
    }

    private static double made(EProcess wealth) {
        return Math.exp(wealth.logValue(WEIGHTS, 0.8));
    }

    private static double[] logs(double... factors) {
        return Arrays.stream(factors).map(Math::log).toArray();
    }
}
