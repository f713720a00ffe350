package dev.slipway.verdict;

import static dev.slipway.verdict.Rollouts.CRITERIA;
import static dev.slipway.verdict.Rollouts.LATE;
import static dev.slipway.verdict.Rollouts.SOON;
import static dev.slipway.verdict.Rollouts.errors;
import static dev.slipway.verdict.Rollouts.minutes;
import static dev.slipway.verdict.Rollouts.none;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictMessagesTest {
    private static final Sample BEFORE = new Sample(60_000, 60, 60_000, 600);

    @Test
    void ofAWorseRelease() {
        assertThat(say(minutes(12, new Sample(103, 2, 101, 0), new Sample(925, 1, 924, 1))))
                .isEqualTo(
                        "1.9 % of 1,236 requests failed on the new release, 0.1 % of 11,100 on the old one in the same"
                                + " 12 minutes; so large a difference comes by chance less than once in 10,000 times where"
                                + " minutes vary as the old one's do.");
    }

    @Test
    void ofAWorseReleaseWhereItIsNotKnownHowTheOldOneVaries() {
        Evidence unknown = Evidence.after(Traffic.START, new BaselineHistory(List.of(), 0));

        assertThat(say(minutes(unknown, 1, 12, errors(100, 40), errors(900, 1), CRITERIA)))
                .matches(
                        "40 % of 1,200 requests failed on the new release, 0.1 % of 10,800 on the old one in the same 12"
                                + " minutes; so large a difference comes by chance less than once in [\\d,]+ times if each of its"
                                + " minutes tells as much as 10 independent requests: how the old one's minutes vary is not known yet\\.");
    }

    @Test
    void ofASlowerRelease() {
        assertThat(say(minutes(3, new Sample(100, 0, 100, 4), new Sample(900, 0, 900, 1))))
                .isEqualTo("4 % of 300 requests were slow on the new release, 0.1 % of 2,700 on the old one in the same"
                        + " 3 minutes; so large a difference comes by chance less than once in 370 times where minutes"
                        + " vary as the old one's do.");
    }

    @Test
    void ofAReleaseThatIsWorseThanWhatWasBefore() {
        Evidence evidence = minutes(Evidence.none(Traffic.START, BEFORE), 1, 4, errors(1_000, 32), null, CRITERIA);

        assertThat(say(evidence))
                .startsWith(
                        "3.2 % of 4,000 requests failed on the new release in 4 minutes with no other beside it,"
                                + " 0.1 % of 60,000 on the old one before; so large a difference comes by chance less than once in ")
                .endsWith(" times where minutes vary as the old one's do, if nothing else changed.");
    }

    @Test
    void ofAReleaseOverALimit() {
        Criteria criteria = CRITERIA.withLimits(5.0, 7.5);

        assertThat(SequentialAnalysis.verdict(minutes(none(), 1, 10, errors(100, 20), null, criteria), criteria, SOON)
                        .message())
                .isEqualTo(
                        "20 % of 1,000 requests failed on the new release in 10 minutes, and the limit is 5 %; so many"
                                + " fail by chance less than once in 10,000 times where minutes vary as the old one's do.");
        assertThat(SequentialAnalysis.verdict(
                                minutes(none(), 1, 10, new Sample(100, 0, 100, 30), null, criteria), criteria, SOON)
                        .message())
                .isEqualTo(
                        "30 % of 1,000 requests were slow on the new release in 10 minutes, and the limit is 7.5 %; so"
                                + " many come by chance less than once in 10,000 times where minutes vary as the old one's do.");
    }

    @Test
    void ofASoundRelease() {
        assertThat(say(minutes(12, new Sample(103, 0, 101, 0), new Sample(925, 1, 924, 1))))
                .isEqualTo(
                        "0 % of 1,236 requests failed on the new release, 0.1 % of 11,100 on the old one in the same 12"
                                + " minutes: not more than 1.5 times as many, or harmlessly few; 0 % were slow.");
        assertThat(say(minutes(12, errors(10_000, 1), errors(90_000, 27))))
                .isEqualTo(
                        "0.01 % of 120,000 requests failed on the new release, 0.03 % of 1,080,000 on the old one in the"
                                + " same 12 minutes: not more than 1.5 times as many, or harmlessly few.");
    }

    @Test
    void ofASoundReleaseThatServesAloneAfterItWasCompared() {
        Evidence compared = minutes(12, errors(500, 0), errors(4_500, 4));
        Evidence alone = SequentialAnalysis.shifted(compared, Traffic.START.plus(Duration.ofMinutes(13)), CRITERIA);

        assertThat(say(minutes(alone, 14, 2, errors(5_000, 10), null, CRITERIA)))
                .isEqualTo(
                        "0 % of 6,000 requests failed on the new release, 0.089 % of 54,000 on the old one in the same 12 minutes,"
                                + " and 0.2 % of 10,000 in 2 minutes with no other beside it: not more"
                                + " than 1.5 times as many, or harmlessly few.");
    }

    @Test
    void ofASoundReleaseOnAWeakerBasis() {
        Evidence alone =
                minutes(Evidence.none(Traffic.START, BEFORE), 1, 10, new Sample(200, 0, 200, 1), null, CRITERIA);
        assertThat(say(alone))
                .isEqualTo(
                        "0 % of 2,000 requests failed on the new release in 10 minutes, 0.1 % of 60,000 on the old one"
                                + " before; nothing served beside it, so this is weaker than a comparison; 0.5 % were slow.");

        Criteria limits = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ZERO);
        assertThat(SequentialAnalysis.verdict(minutes(none(), 1, 30, errors(5, 0), errors(9, 0), limits), limits, LATE)
                        .message())
                .isEqualTo("0 % of 150 requests failed on the new release in 30 minutes, within the limits; too"
                        + " few came beside the old one to compare both, so this is weaker than a comparison.");
        assertThat(SequentialAnalysis.verdict(
                                Rollouts.probed(none(), 1, errors(150, 0), null, limits), limits, Traffic.START)
                        .message())
                .isEqualTo("0 % of 150 requests failed on the new release in 1 minute, within the limits; it was not"
                        + " compared with the old one, so this is weaker than a comparison.");
    }

    @Test
    void ofTooLittle() {
        assertThat(say(none()))
                .isEqualTo("No requests on the new release yet, after warm-up: nothing can be said of it.");
        assertThat(say(minutes(1, errors(10, 0), null)))
                .isEqualTo(
                        "0 % of 10 requests failed on the new release in 1 minute, too few to say whether it is sound.");
        Verdict verdict = SequentialAnalysis.verdict(minutes(2, errors(100, 1), errors(900, 3)), CRITERIA, SOON);
        long needed = verdict.requestsNeeded();
        assertThat(verdict.message())
                .isEqualTo(
                        "1 % of 200 requests failed on the new release in 2 minutes, 0.3 % of 1,800 on the old one: too"
                                + " few to tell them apart; if it is no worse, about %,d more requests (%d minutes at this traffic)"
                                        .formatted(needed, (needed + 99) / 100)
                                + " usually show it.");
    }

    /** What other steps have had counts at this one as far as it is known, and no further. */
    @Test
    void ofHowMuchAStepStillNeeds() {
        Criteria criteria = CRITERIA.withTolerance(3).withNegligibleErrorPercent(1);
        Evidence first = minutes(none(), 1, 30, errors(60, 0), errors(540, 4), criteria);
        Evidence second = SequentialAnalysis.shifted(first, Traffic.START.plus(Duration.ofMinutes(31)), criteria);
        Evidence more = minutes(second, 32, 2, errors(60, 1), errors(60, 0), criteria);
        Evidence passed = minutes(second, 32, 5, errors(60, 1), errors(60, 0), criteria);

        assertThat(undecided(second, criteria))
                .as("how many come at this step is not known yet")
                .contains("if it is no worse, about 205 more requests usually show it.");
        Verdict before = SequentialAnalysis.verdict(more, criteria, SOON);
        assertThat(before.requestsNeeded()).isEqualTo(89);
        assertThat(before.message()).contains("about 89 more requests (2 minutes at this traffic) usually show it.");
        Evidence busy = minutes(second, 32, 1, errors(100, 1), errors(100, 0), criteria);
        assertThat(undecided(busy, criteria))
                .as("more than at the step before")
                .matches(".* about \\d{3} more requests \\(2 minutes at this traffic\\) usually show it\\.");
        Verdict after = SequentialAnalysis.verdict(passed, criteria, SOON);
        assertThat(after.requestsNeeded()).isNull();
        assertThat(after.message()).endsWith("if it is no worse, they usually would have been enough.");
    }

    @Test
    void ofOneMore() {
        assertThat(VerdictMessages.undecided(Signal.ERRORS, minutes(1, errors(10, 0), errors(90, 0)), 1L, CRITERIA))
                .endsWith("if it is no worse, about 1 more request (1 minute at this traffic) usually shows it.");
    }

    /** The limit says nothing where the old release is over it; how both compare is still told, and that nothing else is waited for. */
    @Test
    void ofAReleaseWhoseOldOneIsOverTheLimitAsWell() {
        Criteria criteria = CRITERIA.withLimits(5.0, 5.0);
        Sample old = new Sample(925, 1, 925, 92);

        String told = undecided(minutes(none(), 1, 12, new Sample(103, 0, 103, 13), old, criteria), criteria);
        assertThat(told)
                .startsWith(
                        "12.6 % of 1,236 requests were slow on the new release in 12 minutes, 9.9 % of 11,100 on the old one: too"
                                + " few to tell them apart; if it is no worse, they usually would have been enough.")
                .endsWith(" enough. The limit does not count in 12 minutes in which the old one was over it itself.");
        assertThat(undecided(minutes(none(), 1, 2, errors(100, 10), errors(900, 90), criteria), criteria))
                .startsWith("10 % of 200 requests failed on the new release in 2 minutes, 10 % of 1,800 on the old one")
                .endsWith(" The limit does not count in 2 minutes in which the old one was over it itself.");

        Criteria strict = criteria.withTolerance(1.01); // with which no traffic would do
        assertThat(undecided(minutes(none(), 1, 2, errors(100, 10), errors(900, 90), strict), strict))
                .isEqualTo(
                        "10 % of 200 requests failed on the new release in 2 minutes, too few to say whether it is sound."
                                + " The limit does not count in 2 minutes in which the old one was over it itself.");

        Evidence kept = minutes(none(), 1, 2, errors(100, 1), errors(900, 3), criteria);
        assertThat(undecided(minutes(kept, 3, 1, errors(100, 10), errors(900, 90), criteria), criteria))
                .as("both numbers are of the same minutes")
                .startsWith("4 % of 300 requests failed on the new release in 3 minutes, 3.6 % of 2,700 on the old one")
                .endsWith(" The limit does not count in 1 minute in which the old one was over it itself.");
    }

    @Test
    void ofAReleaseOverALimitThatTheOldOneDidNotKeepEither() {
        Criteria criteria = CRITERIA.withLimits(5.0, null);
        Evidence before = Evidence.none(Traffic.START, errors(10_000, 700));

        assertThat(SequentialAnalysis.verdict(minutes(before, 1, 10, errors(100, 20), null, criteria), criteria, SOON)
                        .message())
                .startsWith(
                        "20 % of 1,000 requests failed on the new release in 10 minutes, and the limit is 5 % (the old"
                                + " one is over it itself, with 7.8 % at most); so many fail by chance less than once in ");
        assertThat(undecided(minutes(before, 1, 2, errors(500, 40), null, criteria), criteria))
                .isEqualTo(
                        "8 % of 1,000 requests failed on the new release in 2 minutes, and the limit is 5 % (the old one"
                                + " is over it itself, with 7.8 % at most): so many may still be chance where minutes vary as the old"
                                + " one's do.");
    }

    /** So many requests are not too few; it is how the minutes before vary that leaves it in doubt. */
    @Test
    void ofAReleaseOverTheLimitWhereMinutesVary() {
        Criteria criteria = CRITERIA.withLimits(5.0, null);
        List<Sample> scattered = new ArrayList<>(Collections.nCopies(60, errors(1000, 0)));
        for (int at = 3; at < 60; at += 6) {
            scattered.set(at, errors(1000, 250));
        }
        Evidence known = Evidence.after(Traffic.START, new BaselineHistory(scattered, 60));
        Evidence young = Evidence.after(Traffic.START, new BaselineHistory(List.of(), 0));

        assertThat(undecided(minutes(known, 1, 4, errors(600, 120), null, criteria), criteria))
                .isEqualTo(
                        "20 % of 2,400 requests failed on the new release in 4 minutes, and the limit is 5 %: so many may"
                                + " still be chance where minutes vary as the old one's do.");
        assertThat(undecided(minutes(young, 1, 1, errors(600, 120), null, criteria), criteria))
                .isEqualTo(
                        "20 % of 600 requests failed on the new release in 1 minute, and the limit is 5 %: so many may"
                                + " still be chance if each of its minutes tells as much as 10 independent requests: how the old one's"
                                + " minutes vary is not known yet.");
        assertThat(undecided(minutes(known, 1, 4, errors(600, 30), null, criteria), criteria))
                .isEqualTo(
                        "5 % of 2,400 requests failed on the new release in 4 minutes, too few to say whether it is sound.");
    }

    /** After the last shift nothing serves beside it: what was compared before is not all that is known. */
    @Test
    void ofAReleaseThatServesAloneAfterItWasCompared() {
        Criteria criteria = CRITERIA.withTolerance(3).withLimits(5.0, null);
        Evidence compared = minutes(bunched(), 1, 15, errors(60, 0), errors(540, 3), criteria);
        Evidence alone = SequentialAnalysis.shifted(compared, Traffic.START.plus(Duration.ofMinutes(16)), criteria);

        assertThat(undecided(minutes(alone, 17, 10, errors(900, 72), null, criteria), criteria))
                .isEqualTo(
                        "0 % of 900 requests failed on the new release in 15 minutes, 0.6 % of 8,100 on the old one, and 8 %"
                                + " of 9,000 in 10 minutes with no other beside it, 3 % of 57,000 on the old one before. The limit is"
                                + " 5 %, and 7.3 % of the 9,900 requests that it counts for failed: so many may still be chance where"
                                + " minutes vary as the old one's do.");
        assertThat(undecided(minutes(alone, 17, 10, errors(900, 36), null, criteria), criteria))
                .startsWith(
                        "0 % of 900 requests failed on the new release in 15 minutes, 0.6 % of 8,100 on the old one, and 4 %"
                                + " of 9,000 in 10 minutes with no other beside it, 3 % of 57,000 on the old one before: too"
                                + " few to tell them apart; if it is no worse, ");
    }

    /** Also where only both are compared: it is not sound before it keeps the limit, however much comes. */
    @Test
    void ofAReleaseOverTheLimitThatIsCompared() {
        Criteria criteria = CRITERIA.withLimits(5.0, null);

        assertThat(undecided(minutes(bunched(), 1, 15, errors(60, 4), errors(540, 25), criteria), criteria))
                .isEqualTo(
                        "6.7 % of 900 requests failed on the new release in 15 minutes, 4.6 % of 8,100 on the old one, and the"
                                + " limit is 5 %: so many may still be chance where minutes vary as the old one's do.");
    }

    /** A release of which few minutes tell much: its failures come in bunches. */
    private static Evidence bunched() {
        List<Sample> scattered = new ArrayList<>(Collections.nCopies(60, errors(1000, 0)));
        for (int at = 3; at < 60; at += 6) {
            scattered.set(at, errors(1000, 190));
        }
        return Evidence.after(Traffic.START, new BaselineHistory(scattered, 60));
    }

    /** Of what is slow nothing is known while it is cold, whatever the old release does. */
    @Test
    void ofAReleaseThatIsNotWarm() {
        Criteria criteria = CRITERIA.withLimits(5.0, 5.0).withLatencyWarmUp(Duration.ofMinutes(20));
        Evidence cold = minutes(none(), 1, 15, new Sample(100, 0, 100, 10), new Sample(900, 0, 900, 90), criteria);

        assertThat(undecided(cold, criteria))
                .isEqualTo("Slow answers on the new release are not judged yet: it is new, and gets warm.");
    }

    @Test
    void ofRequestsWithoutAnAnswer() {
        Evidence seen = none();
        for (int minute = 1; minute <= 2; minute++) {
            seen = SequentialAnalysis.update(
                    seen,
                    Traffic.minute(minute, errors(100, 0), errors(900, 3)),
                    Traffic.minute(minute, errors(100, 20), errors(900, 3)),
                    Sample.NONE,
                    CRITERIA);
        }
        Evidence none = SequentialAnalysis.doubtful(none(), Traffic.minute(1, errors(1, 1), errors(900, 3)), CRITERIA);

        assertThat(undecided(seen, CRITERIA))
                .startsWith("0 % of 200 requests failed on the new release in 2 minutes, ")
                .endsWith(" 40 requests on it may have failed besides, without an answer that CloudWatch counts.");
        assertThat(undecided(none, CRITERIA))
                .isEqualTo(
                        "1 request on the new release has no answer that CloudWatch counts: nothing can be said of it.");
    }

    /** Those that we sent ourselves are in no comparison. */
    @Test
    void ofProbesAlone() {
        Evidence probed = Rollouts.probed(none(), 1, errors(20, 0), errors(900, 0), CRITERIA);

        assertThat(undecided(probed, CRITERIA))
                .isEqualTo(
                        "0 % of 20 requests failed on the new release in 1 minute, too few to say whether it is sound.");
    }

    private static String undecided(Evidence evidence, Criteria criteria) {
        Verdict verdict = SequentialAnalysis.verdict(evidence, criteria, SOON);
        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.NOT_ENOUGH_EVIDENCE);
        return verdict.message();
    }

    @Test
    void ofRequestsThatDoNotArrive() {
        assertThat(say(arriving(none(), 1, 25, 50, 0.1)))
                .matches(
                        "By its weight of 10 % the new release was to get about 2,375 of 23,750 requests in 25 minutes, and it got"
                                + " 1,250: requests get lost before it; so few come by chance less than once in [\\d,]+ times if its share"
                                + " varies as it has so far\\.");
        assertThat(say(arriving(none(), 1, 10, 50, 0.1)))
                .isEqualTo(
                        "By its weight of 10 % the new release was to get about 950 of 9,500 requests in 10 minutes, and it got"
                                + " 500: too few to call it sound, and too few minutes to say that they get lost.");
        assertThat(say(arriving(arriving(none(), 1, 5, 50, 0.1), 6, 5, 50, 0.2)))
                .startsWith(
                        "By its weight of 20 % the new release was to get about 950 of 4,750 requests in 5 minutes, and it got 250");
    }

    private static Evidence arriving(Evidence evidence, int first, int count, int requests, double weight) {
        Evidence next = evidence;
        for (int minute = first; minute < first + count; minute++) {
            next = SequentialAnalysis.update(
                    next, Traffic.minute(minute, errors(requests, 0), errors(900, 0), weight), CRITERIA);
        }
        return next;
    }

    private static String say(Evidence evidence) {
        return SequentialAnalysis.verdict(evidence, CRITERIA, SOON).message();
    }
}
