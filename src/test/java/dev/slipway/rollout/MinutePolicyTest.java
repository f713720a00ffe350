package dev.slipway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.TargetGroupMetrics.GroupMinute;
import dev.slipway.rollout.MinutePolicy.Decision;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a minute's figures are good for. Five requests of ours are among the new release's; a tenth of the traffic is its. */
class MinutePolicyTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Sample PROBES = failed(5, 0);
    private static final GroupMinute NOTHING = new GroupMinute(null, null, null, true, false);
    private static final GroupMinute LIVE = exactly(900, 1);
    private static final GroupMinute LIVE_IN_DOUBT = between(900, 1, 20, 50, true);
    private static final GroupMinute NEW = exactly(105, 2);

    record Case(
            String what,
            GroupMinute candidate,
            @Nullable GroupMinute live,
            boolean settled,
            boolean shifting,
            Decision decision) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Sample failed(long requests, long failures) {
        return new Sample(requests, failures, 0, 0);
    }

    private static GroupMinute exactly(long requests, long failures) {
        return between(requests, failures, failures, failures, false);
    }

    private static GroupMinute between(long requests, long least, long likely, long most, boolean doubtful) {
        return new GroupMinute(
                failed(requests, least), failed(requests, likely), failed(requests, most), false, doubtful);
    }

    private static GroupMinute late(GroupMinute of) {
        return new GroupMinute(of.least(), of.likely(), of.most(), true, of.doubtful());
    }

    private static Minute minute(Sample candidate, @Nullable Sample live) {
        return new Minute(NOON, candidate, live, 0.1, null);
    }

    static List<Case> minutes() {
        Decision wait = new Decision.Wait();
        Decision leftOut = new Decision.LeftOut();
        Minute plain = minute(failed(100, 2), failed(900, 1));
        Decision judged = new Decision.Judged(plain, plain, true);
        Minute aloneThen = minute(failed(100, 2), null);
        GroupMinute onlyWorst = new GroupMinute(null, null, failed(105, 90), true, false);
        GroupMinute hanging = new GroupMinute(failed(105, 2), failed(105, 2), failed(105, 30), true, false);
        Minute hanged = minute(failed(100, 30), failed(900, 1));
        return List.of(
                new Case("all is known", NEW, LIVE, false, false, judged),
                new Case(
                        "nothing serves beside it",
                        NEW,
                        null,
                        false,
                        false,
                        new Decision.Judged(aloneThen, aloneThen, true)),
                new Case("traffic is shifted", NEW, LIVE, false, true, leftOut),
                new Case("figures may come", late(NEW), LIVE, false, false, wait),
                new Case("of the old one, too", NEW, late(LIVE), false, false, wait),
                new Case("also around a shift, for the order", late(NEW), LIVE, false, true, wait),
                new Case("they have not come", late(NEW), late(LIVE), true, false, judged),
                new Case("no traffic", NOTHING, LIVE, true, false, leftOut),
                new Case("none on the old one", NEW, NOTHING, true, false, leftOut),
                new Case(
                        "no answer at all",
                        onlyWorst,
                        LIVE,
                        true,
                        false,
                        new Decision.Doubtful(minute(failed(100, 90), failed(900, 1)))),
                new Case("some hang", hanging, LIVE, true, false, new Decision.Judged(plain, hanged, true)),
                new Case(
                        "more may have failed",
                        between(105, 1, 3, 4, false),
                        between(900, 5, 6, 8, false),
                        false,
                        false,
                        new Decision.Judged(
                                minute(failed(100, 3), failed(900, 6)), minute(failed(100, 4), failed(900, 5)), true)),
                new Case(
                        "the new one is in doubt",
                        between(105, 1, 10, 60, true),
                        LIVE,
                        false,
                        false,
                        new Decision.Doubtful(minute(failed(100, 60), failed(900, 1)))),
                new Case(
                        "the old one is in doubt: what is surely the new one's counts",
                        between(105, 1, 3, 4, false),
                        LIVE_IN_DOUBT,
                        false,
                        false,
                        new Decision.Judged(
                                minute(failed(100, 1), failed(900, 50)),
                                minute(failed(100, 4), failed(900, 1)),
                                false)),
                new Case(
                        "both are",
                        between(105, 1, 10, 60, true),
                        LIVE_IN_DOUBT,
                        false,
                        false,
                        new Decision.Doubtful(minute(failed(100, 60), failed(900, 1)))));
    }

    @ParameterizedTest
    @MethodSource("minutes")
    void aMinuteIsJudgedByWhatIsKnownOfIt(Case given) {
        assertThat(MinutePolicy.decide(new MinutePolicy.Figures(
                        NOON, 10, given.candidate, given.live, PROBES, null, given.settled, given.shifting)))
                .isEqualTo(given.decision);
    }
}
