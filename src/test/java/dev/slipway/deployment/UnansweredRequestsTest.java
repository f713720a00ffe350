package dev.slipway.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.deployment.UnansweredRequests.Before;
import dev.slipway.deployment.UnansweredRequests.Both;
import dev.slipway.deployment.UnansweredRequests.Counts;
import dev.slipway.deployment.UnansweredRequests.Failures;
import dev.slipway.deployment.UnansweredRequests.Usual;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UnansweredRequestsTest {
    private static final Counts NOTHING = new Counts(0, 0, 0);
    private static final Usual QUIET = new Usual(0.001, 0.001);
    private static final Usual UPGRADES = new Usual(0.1, 0.1);

    /**
     * A minute. Of the candidate: how many failed at least, at most and likely, whether figures may come, and whether too little is known.
     */
    record Case(
            String what,
            long errors,
            Counts live,
            Counts candidate,
            @Nullable Counts others,
            @Nullable Usual ofService,
            @Nullable Usual ofOthers,
            double least,
            double most,
            long likely,
            String flags) {
        UnansweredRequests minute() {
            Counts all = others == null
                    ? null
                    : new Counts(
                            live.requests() + candidate.requests() + others.requests(),
                            live.answered() + candidate.answered() + others.answered(),
                            live.refused() + candidate.refused() + others.refused());
            return UnansweredRequests.of(errors, live, candidate, all, ofService, ofOthers);
        }

        @Override
        public String toString() {
            return what;
        }
    }

    private static Counts of(long requests, long answered) {
        return new Counts(requests, answered, 0);
    }

    /** Of 100 requests of the new release that have no answer how many are beyond the old one's, and beyond chance. */
    @ParameterizedTest
    @CsvSource({
        // live: requests, answered; candidate: answered of 100; the minute after: answered of 100; known to be usual;
        // expected
        "900, 900, 70, 70, 0.001, 26",
        "900, 900, 100, 100, 0.001, 0",
        "900, 900, 95, 95, 0.001, 3",
        "900, 899, 0, 0, 0.001, 93",
        "900, 810, 90, 90, 0.001, 0",
        "900, 810, 70, 70, 0.001, 13",
        "900, 900, 90, 90, 0.1, 0",
        "900, 0, 0, 0, 0.001, 0",
        // a minute late, all or half of them
        "900, 900, 70, 130, 0.001, 0",
        "900, 900, 70, 115, 0.001, 11",
        // alone
        "0, 0, 70, 70, 0.001, 19",
        "0, 0, 70, 70, 0.3, 0",
        "0, 0, 70, 70, , 0",
        "0, 0, 0, 0, , 100",
    })
    void whatHasNoAnswerUnlikeTheOldReleasesMayHaveFailed(
            long requests, long answered, long candidate, long after, @Nullable Double usual, long silent) {
        Both minute = new Both(of(requests, answered), of(100, candidate));
        Both next = new Both(of(requests, answered), of(100, after));

        assertThat(UnansweredRequests.silent(minute, next, usual == null ? null : new Usual(usual, usual)))
                .isEqualTo(silent);
    }

    static List<Case> minutes() {
        Counts sound = of(900, 900);
        Counts upgrades = of(900, 810);
        Counts calm = of(1000, 999);
        Counts failing = of(1000, 899);
        return List.of(
                new Case("all is well", 0, sound, of(100, 100), calm, QUIET, QUIET, 0, 0, 0, ""),
                new Case(
                        "a neighbour fails and a tenth is upgraded",
                        100,
                        NOTHING,
                        of(1000, 900),
                        of(200, 100),
                        UPGRADES,
                        new Usual(0, 0),
                        0,
                        0,
                        0,
                        ""),
                new Case(
                        "the same beside the old release",
                        100,
                        upgrades,
                        of(100, 90),
                        of(200, 100),
                        UPGRADES,
                        new Usual(0, 0),
                        0,
                        0,
                        0,
                        ""),
                new Case(
                        "the same where nobody knows how many are upgraded",
                        100,
                        NOTHING,
                        of(1000, 900),
                        of(200, 100),
                        null,
                        new Usual(0, 0),
                        0,
                        100,
                        0,
                        "late doubtful"),
                new Case("all targets hang", 100, sound, of(100, 0), calm, QUIET, QUIET, 99.37, 100, 99, ""),
                new Case(
                        "all targets hang where nothing is known of before",
                        100,
                        sound,
                        of(100, 0),
                        of(1000, 1000),
                        null,
                        null,
                        100,
                        100,
                        100,
                        ""),
                new Case(
                        "all targets hang, and a neighbour fails, too",
                        600,
                        sound,
                        of(100, 0),
                        of(1000, 499),
                        QUIET,
                        QUIET,
                        99.37,
                        100,
                        99,
                        ""),
                new Case(
                        "all targets hang that upgrade a tenth, and a neighbour that does so fails, too",
                        600,
                        upgrades,
                        of(100, 0),
                        of(1000, 450),
                        UPGRADES,
                        UPGRADES,
                        92.97,
                        100,
                        93,
                        ""),
                new Case(
                        "a few more errors than requests without an answer: those of the minute before",
                        110,
                        sound,
                        of(100, 0),
                        calm,
                        QUIET,
                        QUIET,
                        100,
                        100,
                        100,
                        ""),
                new Case(
                        "all connections are refused",
                        100,
                        sound,
                        new Counts(100, 0, 100),
                        calm,
                        QUIET,
                        QUIET,
                        100,
                        100,
                        100,
                        ""),
                new Case(
                        "all connections are refused, and the load balancer's count is missing",
                        0,
                        sound,
                        new Counts(100, 0, 100),
                        of(1000, 1000),
                        null,
                        null,
                        100,
                        100,
                        100,
                        ""),
                new Case(
                        "more connections are refused than requests come, a tenth of which is upgraded",
                        100,
                        NOTHING,
                        new Counts(100, 0, 150),
                        calm,
                        UPGRADES,
                        QUIET,
                        100,
                        100,
                        100,
                        ""),
                new Case(
                        "connections were refused and tried anew with success",
                        0,
                        sound,
                        new Counts(100, 100, 30),
                        calm,
                        QUIET,
                        QUIET,
                        0,
                        0,
                        0,
                        ""),
                new Case("answers are late", 0, sound, of(100, 90), calm, QUIET, QUIET, 0, 0, 0, "late"),
                new Case(
                        "answers are late while a neighbour fails",
                        100,
                        sound,
                        of(100, 90),
                        failing,
                        QUIET,
                        QUIET,
                        0,
                        10,
                        0,
                        "late doubtful"),
                new Case(
                        "clients give up while a neighbour has some errors",
                        3,
                        NOTHING,
                        of(1000, 950),
                        of(1000, 997),
                        QUIET,
                        QUIET,
                        0,
                        3,
                        0,
                        "late"),
                new Case(
                        "some fail, and a neighbour's, too",
                        105,
                        sound,
                        of(100, 95),
                        failing,
                        QUIET,
                        QUIET,
                        4.27,
                        5,
                        4,
                        ""),
                new Case("some fail alone", 5, sound, of(100, 95), calm, QUIET, QUIET, 4.27, 5, 4, ""),
                new Case(
                        "far more errors than requests without an answer",
                        500,
                        upgrades,
                        of(100, 88),
                        calm,
                        UPGRADES,
                        QUIET,
                        0,
                        9.25,
                        0,
                        "doubtful"),
                new Case(
                        "few errors among many upgrades",
                        5,
                        upgrades,
                        of(100, 85),
                        calm,
                        UPGRADES,
                        QUIET,
                        0,
                        5,
                        0,
                        "doubtful"),
                new Case(
                        "the neighbours are not known",
                        50,
                        sound,
                        of(100, 50),
                        null,
                        QUIET,
                        QUIET,
                        0,
                        50,
                        0,
                        "late doubtful"),
                new Case("more answers than requests", 5, sound, of(100, 105), calm, QUIET, QUIET, 0, 0, 0, ""),
                new Case(
                        "as much in doubt as may be: one of a hundred",
                        1,
                        sound,
                        of(100, 99),
                        of(1000, 899),
                        QUIET,
                        UPGRADES,
                        0.27,
                        1,
                        0,
                        ""),
                new Case(
                        "more in doubt: two of a hundred",
                        2,
                        sound,
                        of(100, 98),
                        of(1000, 899),
                        QUIET,
                        new Usual(0.1, 0.1),
                        1.27,
                        2,
                        1,
                        ""),
                new Case(
                        "connections that last, and hardly anything else",
                        10,
                        NOTHING,
                        of(100, 0),
                        of(1000, 990),
                        new Usual(1, 1),
                        new Usual(0, 0),
                        0,
                        0,
                        0,
                        ""));
    }

    @ParameterizedTest
    @MethodSource("minutes")
    void whatTheLoadBalancerAnsweredInTheReleasesPlace(Case given) {
        Failures found = given.minute().candidate();

        assertThat(found.least()).isCloseTo(given.least, within(0.01));
        assertThat(found.most()).isCloseTo(given.most, within(0.01));
        assertThat(found.likely()).isEqualTo(given.likely);
        assertThat((found.late() ? "late " : "") + (found.doubtful() ? "doubtful" : ""))
                .isEqualToIgnoringWhitespace(given.flags);
    }

    /** Sums of CloudWatch need not agree in anything. */
    @Test
    void whateverTheCountsTheBoundsHold() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            Counts live = any(random);
            Counts candidate = any(random);
            Counts all = random.nextInt(4) == 0 ? null : any(random);
            Usual service = random.nextInt(4) == 0 ? null : new Usual(random.nextInt(11) / 10.0, random.nextDouble());
            Usual others = random.nextInt(4) == 0 ? null : new Usual(random.nextInt(11) / 10.0, random.nextDouble());

            UnansweredRequests minute =
                    UnansweredRequests.of(random.nextInt(300), live, candidate, all, service, others);

            holds(minute.live(), live);
            holds(minute.candidate(), candidate);
        }
    }

    private static Counts any(SplittableRandom random) {
        return new Counts(random.nextInt(300), random.nextInt(300), random.nextInt(4) == 0 ? random.nextInt(300) : 0);
    }

    private static void holds(Failures found, Counts counts) {
        assertThat(found.least()).isBetween(0.0, found.most());
        assertThat(found.most()).isLessThanOrEqualTo(Math.max(0, counts.requests() - counts.answered()));
        assertThat((double) found.likely()).isBetween(found.least() - 0.5, found.most() + 0.5);
    }

    /** Both releases do the same: what cannot be told apart is shared by requests, which speaks against neither. */
    @Test
    void whatIsNotKnownIsTakenForEqualPartsOfBoth() {
        UnansweredRequests minute = UnansweredRequests.of(
                20, of(5000, 4500), of(5000, 4500), of(20_000, 19_000), UPGRADES, new Usual(0, 0));

        assertThat(minute.live().likely())
                .isEqualTo(minute.candidate().likely())
                .isEqualTo(10);
        assertThat(minute.others().likely()).isZero();
        assertThat(minute.live().doubtful()).isFalse();
    }

    @Test
    void theNeighboursHaveTheirOwnErrorsOnly() {
        UnansweredRequests mine = UnansweredRequests.of(100, of(900, 900), of(100, 0), of(2000, 1899), QUIET, QUIET);
        UnansweredRequests theirs =
                UnansweredRequests.of(100, of(900, 900), of(100, 100), of(2000, 1899), QUIET, QUIET);

        assertThat(mine.others().likely()).isZero();
        assertThat(theirs.others().likely()).isBetween(98L, 100L);
    }

    private static List<Before> calm(int minutes) {
        return new ArrayList<>(Collections.nCopies(minutes, new Before(of(1000, 900), 1)));
    }

    @Test
    void usualIsWhatHasNoAnswerWhileTheLoadBalancerHasNoErrors() {
        List<Before> minutes = calm(5);
        minutes.add(new Before(of(1000, 0), 2));
        minutes.add(new Before(NOTHING, 0));

        assertThat(Usual.of(minutes)).isEqualTo(new Usual(0.1, 0.1));
        assertThat(Usual.of(calm(4))).isNull();
    }

    @Test
    void requestsThatMoveBetweenMinutesVaryMoreThanChance() {
        List<Before> minutes = calm(4);
        minutes.add(new Before(of(1000, 940), 0));
        minutes.add(new Before(of(1000, 860), 0));

        Usual usual = Usual.of(minutes);

        assertThat(usual.share()).isCloseTo(0.1, within(1e-9));
        assertThat(usual.variance()).isCloseTo(2 * 40.0 * 40 / 1000 / 6, within(1e-9));
        assertThat(Usual.of(Collections.nCopies(5, new Before(of(100, 101), 0))).share())
                .isZero();
    }
}
