package dev.slipway.verdict;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.rollout.CountedRollout;
import dev.slipway.rollout.CountedRollout.Counts;
import dev.slipway.rollout.CountedRollout.Group;
import dev.slipway.validation.SpecFixture;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import dev.slipway.verdict.Verdict.Outcome;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Traffic with the faults that real traffic has: requests of one task, one client or one minute fail or are slow together. Each
 * scenario is an hour of the old release alone and an hour of both, four tasks each. Seeded.
 */
final class RealTraffic {
    static final int HOUR = 60;
    /** Minutes that a client stays with a release. */
    private static final int STAY = 5;

    /** The spec's defaults, where latency is judged. */
    static final RolloutSettings SETTINGS = settings("canary");

    static final Criteria CRITERIA = SETTINGS.criteria();

    private static final int TASKS = 4;
    /** Requests of the other services of the load balancer, for each of the service's. */
    private static final double NEIGHBOURS_PART = 0.5;
    /** Of the logarithm of an answer's time, within a task's minute. */
    private static final double LATENCY_SPREAD = 0.5;

    /** Part of the slow answers that take twice as long as the limit, with that spread and 5 % slow. */
    private static final double TAIL = 0.024;

    /** Answers take 0.6 s in the mean. */
    private static final double FLIGHT = 0.01;

    private static final String IN_FLIGHT = "requests in flight at the minute's edge are answered in the next";
    /** How many times as long as others slow answers take, and very slow ones as slow ones. */
    private static final double SLOWER = 2.5;

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private RealTraffic() {}

    static RolloutSettings settings(String strategy) {
        return SpecFixture.service("container: {port: 8000}\nrollout: {strategy: %s, verdict: {slowMillis: 500}}\n"
                        .formatted(strategy))
                .rollout();
    }

    /** An hour of the old release alone, and the hour of the rollout. */
    interface Rollout {
        /** Those of the rollout that are judged. */
        List<Minute> minutes();

        /**
         * The first minute of the hour in which Slipway gives the outcome; past it for never.
         *
         * @param known so many minutes old is the service when the rollout begins
         */
        int first(Outcome wanted, int known);

        /** The same where another release, which was no different, served for the rest of the hour before; where targets answer all requests. */
        default int firstAfterAnother(Outcome wanted, int own) {
            throw new UnsupportedOperationException("what counts give does not tell releases before apart");
        }
    }

    /**
     * Where targets answer every request.
     *
     * @param before what the old release did alone, minute by minute
     * @param shift the first full minute of the new release, which is not judged
     * @param neighboursBefore what other services of the load balancer did in the hour before; null where there are none
     */
    private record Answered(
            List<Sample> before,
            Minute shift,
            List<Minute> minutes,
            @Nullable Sample neighboursBefore) implements Rollout {
        @Override
        public int first(Outcome wanted, int known) {
            return first(wanted, new BaselineHistory(before.subList(before.size() - known, before.size()), known));
        }

        @Override
        public int firstAfterAnother(Outcome wanted, int own) {
            return first(wanted, new BaselineHistory(before, own));
        }

        private int first(Outcome wanted, BaselineHistory history) {
            Evidence evidence = evidence(history);
            for (Minute minute : minutes) {
                evidence = SequentialAnalysis.update(evidence, minute, CRITERIA);
                if (SequentialAnalysis.verdict(evidence, CRITERIA, minute.start())
                                .outcome()
                        == wanted) {
                    return (int) Duration.between(Traffic.START, minute.start()).toMinutes();
                }
            }
            return HOUR + 1;
        }

        /** What is known before the first minute is judged: traffic was shifted a minute ago, within a minute. */
        private Evidence evidence(BaselineHistory history) {
            Evidence begun =
                    Evidence.after(Traffic.START.minusSeconds(60), history).withNeighboursBefore(neighboursBefore);
            return SequentialAnalysis.notJudged(begun, shift.start(), shift.candidate(), CRITERIA);
        }
    }

    /**
     * Where they do not: production makes of CloudWatch's counts what it can.
     *
     * @param percent that the new release gets
     * @param counts from an hour before the shift to an hour after it
     */
    private record Counted(double percent, List<Map<Group, Counts>> counts, CountedRollout whole) implements Rollout {
        Counted(double percent, List<Map<Group, Counts>> counts) {
            this(percent, counts, weighed(percent, counts, HOUR));
        }

        private static CountedRollout weighed(double percent, List<Map<Group, Counts>> counts, int known) {
            CountedRollout rollout = new CountedRollout(SETTINGS);
            rollout.shift(0, percent);
            for (int number = -known; number <= HOUR; number++) {
                int minute = number;
                counts.get(HOUR + number).forEach((group, found) -> rollout.count(group, minute, found));
            }
            rollout.lookBack(HOUR + 1);
            return rollout;
        }

        @Override
        public List<Minute> minutes() {
            return whole.minutes().subList(1, HOUR + 1);
        }

        @Override
        public int first(Outcome wanted, int known) {
            CountedRollout rollout = known == HOUR ? whole : weighed(percent, counts, known);
            int first = rollout.outcomes().indexOf(wanted);
            return first < 0 ? HOUR + 1 : first;
        }
    }

    /** What the whole site has in common: when something hits all of it, and for how long. */
    record Site(int from, int length) {
        static Site of(SplittableRandom random) {
            return new Site(random.nextInt(5, 50), random.nextInt(1, 11));
        }

        boolean isHit(int minute) {
            return minute >= from && minute < from + length;
        }
    }

    /** One release: what its tasks did in a minute, from −60 to 60, with so many requests; the new one serves from 0 on. */
    private interface Release {
        Sample minute(int number, double requests);
    }

    private interface Releases {
        Release of(SplittableRandom random, Site site, boolean candidate);
    }

    /**
     * What becomes of requests that targets do not answer in their minute, by parts of 1.
     *
     * @param late of the minutes, in which a tenth of the answers is counted a minute later
     * @param inFlight of the answers that are not slow, which come when the next minute has begun
     * @param silent of the requests that do not fail; given up by clients or upgraded
     * @param refused of all requests, as the others
     */
    private record Unanswered(double late, double inFlight, double silent, double refused, double broken, double hung) {
        static final Unanswered NONE = new Unanswered(0, 0, 0, 0, 0, 0);

        static Unanswered late(double part) {
            return new Unanswered(part, 0, 0, 0, 0, 0);
        }

        static Unanswered silent(double part) {
            return NONE.withSilent(part);
        }

        static Unanswered refused(double part) {
            return new Unanswered(0, 0, 0, part, 0, 0);
        }

        static Unanswered broken(double part) {
            return new Unanswered(0, 0, 0, 0, part, 0);
        }

        static Unanswered hung(double part) {
            return new Unanswered(0, 0, 0, 0, 0, part);
        }

        Unanswered withSilent(double part) {
            return new Unanswered(late, inFlight, part, refused, broken, hung);
        }

        Unanswered withInFlight(double part) {
            return new Unanswered(late, part, silent, refused, broken, hung);
        }

        /** A release's minute as it is counted. */
        Counts counts(SplittableRandom random, Release release, int number, double requests) {
            double sound = requests * (1 - refused - broken - hung);
            Sample answered = release.minute(number, sound * (1 - silent));
            boolean lacking = late > 0 && random.nextDouble() < late;
            return new Counts(
                    answered,
                    lacking ? lateOf(random, answered, 0.1, 1) : lateOf(random, answered, inFlight, SLOWER),
                    poisson(random, sound * silent),
                    poisson(random, requests * refused),
                    poisson(random, requests * broken),
                    poisson(random, requests * hung));
        }
    }

    /**
     * Those of a minute's answers that are counted in the next one. Failed ones have no time.
     *
     * @param part of the answers that are not slow
     * @param slower how many times as likely slow ones are, and very slow ones as those
     */
    private static Sample lateOf(SplittableRandom random, Sample answered, double part, double slower) {
        int failures = binomial(random, (int) answered.failures(), part);
        int quick = binomial(random, (int) (answered.timed() - answered.slow()), part);
        int slow = binomial(random, (int) (answered.slow() - answered.verySlow()), part * slower);
        int verySlow = binomial(random, (int) answered.verySlow(), part * slower * slower);
        int timed = quick + slow + verySlow;
        return new Sample(failures + timed, failures, timed, slow + verySlow, verySlow);
    }

    private interface Faults {
        Unanswered of(Site site, Group group, int minute);
    }

    /**
     * @param alone whether the old release serves only before
     * @param arriving part of the new release's requests that reach it
     * @param clients that send all requests, and stay with a release for five minutes; 0 for many, each request by itself
     * @param neighbours how often requests of the other services of the load balancer fail, which have half as many; null where there
     *     are none
     * @param faults of requests without an answer; null where each has one
     */
    record Scenario(
            String name,
            boolean alone,
            double arriving,
            int clients,
            Releases releases,
            @Nullable Releases neighbours,
            @Nullable Faults faults) {
        private Scenario(String name, Releases releases) {
            this(name, false, releases);
        }

        private Scenario(String name, boolean alone, Releases releases) {
            this(name, alone, 1, 0, releases);
        }

        private Scenario(String name, boolean alone, double arriving, int clients, Releases releases) {
            this(name, alone, arriving, clients, releases, null, null);
        }

        /** Whether it goes through CloudWatch's counts, which takes longer. */
        boolean isCounted() {
            return faults != null;
        }

        private Scenario beside(@Nullable Releases neighbours) {
            return new Scenario(name, alone, arriving, clients, releases, neighbours, faults);
        }

        private Scenario arriving(double part) {
            return new Scenario(name, alone, part, clients, releases, neighbours, faults);
        }

        Rollout play(SplittableRandom random, double requests, double share) {
            return faults == null ? answered(random, requests, share) : counted(random, requests, alone ? 1 : share);
        }

        private Counted counted(SplittableRandom random, double requests, double share) {
            Counting counting = new Counting(this, faults, random, requests);
            return new Counted(
                    100 * share,
                    IntStream.rangeClosed(-HOUR, HOUR)
                            .mapToObj(number -> counting.minute(number, number < 0 ? 0 : share))
                            .toList());
        }

        private Answered answered(SplittableRandom random, double requests, double share) {
            Site site = Site.of(random);
            Release old = releases.of(random, site, false);
            Release candidate = releases.of(random, site, true);
            Release others = neighbours == null ? null : neighbours.of(random, site, false);
            List<Sample> before = hourBefore(old, requests);
            Sample othersBefore = sumBefore(others, requests);
            List<Minute> minutes = new ArrayList<>();
            double part = alone ? 1 : share;
            for (int number = 0; number <= HOUR; number++) {
                if (clients > 0 && number % STAY == 0) {
                    part = (double) binomial(random, clients, share) / clients;
                }
                Sample one = candidate.minute(number, requests * part * arriving);
                Sample other = alone ? null : old.minute(number, requests * (1 - part));
                Sample beside = others == null ? null : others.minute(number, requests * NEIGHBOURS_PART);
                minutes.add(Traffic.minute(number, one, other, alone ? 1.0 : share, beside));
            }
            return new Answered(before, minutes.getFirst(), minutes.subList(1, minutes.size()), othersBefore);
        }
    }

    private static List<Sample> hourBefore(Release release, double requests) {
        return IntStream.range(-HOUR, 0)
                .mapToObj(number -> release.minute(number, requests))
                .toList();
    }

    /** What the other services of the load balancer did in that hour; null where there are none. */
    private static @Nullable Sample sumBefore(@Nullable Release others, double requests) {
        return others == null
                ? null
                : hourBefore(others, requests * NEIGHBOURS_PART).stream().reduce(Sample.NONE, Sample::plus);
    }

    /** Both releases and the other services of the load balancer, minute by minute. */
    private static final class Counting {
        private final Map<Group, Release> releases = new EnumMap<>(Group.class);
        private final Scenario scenario;
        private final Faults faults;
        private final SplittableRandom random;
        private final double requests;
        private final Site site;

        Counting(Scenario scenario, Faults faults, SplittableRandom random, double requests) {
            this.scenario = scenario;
            this.faults = faults;
            this.random = random;
            this.requests = requests;
            this.site = Site.of(random);
            releases.put(Group.LIVE, scenario.releases.of(random, site, false));
            releases.put(Group.CANDIDATE, scenario.releases.of(random, site, true));
            if (scenario.neighbours != null) {
                releases.put(Group.NEIGHBOURS, scenario.neighbours.of(random, site, false));
            }
        }

        /** @param share of the new release */
        Map<Group, Counts> minute(int number, double share) {
            Map<Group, Counts> counts = new EnumMap<>(Group.class);
            releases.forEach((group, release) -> counts.put(
                    group,
                    faults.of(site, group, number).counts(random, release, number, requests * part(group, share))));
            return counts;
        }

        private double part(Group group, double share) {
            return switch (group) {
                case LIVE -> 1 - share;
                case CANDIDATE -> share * scenario.arriving;
                case NEIGHBOURS -> NEIGHBOURS_PART;
            };
        }
    }

    /** How a whole rollout ends. */
    enum End {
        LIVE,
        ROLLED_BACK,
        /** A step has waited in vain for evidence. */
        IN_DOUBT
    }

    /** @param minute in which it ended */
    record Ending(End end, int minute) {}

    /**
     * A whole rollout: steps, bakes, metrics that come late, and a gate that waits for evidence. The policies of the package {@code
     * rollout} do the same by what ECS shows; the simulated account tests them.
     */
    static final class WholeRollout {
        private final RolloutSettings settings;
        private final Watch watch;

        WholeRollout(Scenario scenario, SplittableRandom random, double requests, RolloutSettings settings) {
            this.settings = settings;
            this.watch = scenario.faults == null
                    ? new AnsweredWatch(scenario, random, requests, settings.criteria())
                    : new CountedWatch(new Counting(scenario, scenario.faults, random, requests), settings);
        }

        Ending play() {
            int now = 0;
            List<Double> steps = settings.steps();
            for (int step = 0; step < steps.size(); step++) {
                boolean last = step == steps.size() - 1;
                int since = now;
                watch.shift(since, settings.steps().get(step) / 100);
                int bake = last ? settings.finalBakeMinutes() : settings.firstBakeMinutes();
                boolean healthy = false;
                while (now < since + bake || !last && !healthy) {
                    Outcome outcome = watch.outcome(++now);
                    if (outcome == Outcome.UNHEALTHY) {
                        return new Ending(End.ROLLED_BACK, now);
                    }
                    healthy = outcome == Outcome.HEALTHY;
                    if (!last
                            && !healthy
                            && now >= since + bake + settings.verdict().holdMinutes()) {
                        return new Ending(End.IN_DOUBT, now);
                    }
                }
            }
            return new Ending(End.LIVE, now);
        }
    }

    /** What is known in the course of a whole rollout. */
    private interface Watch {
        void shift(int now, double share);

        /** After one more minute has passed. */
        Outcome outcome(int now);
    }

    private static final class CountedWatch implements Watch {
        private final Counting counting;
        private final CountedRollout rollout;
        private double share;

        CountedWatch(Counting counting, RolloutSettings settings) {
            this.counting = counting;
            this.rollout = new CountedRollout(settings);
            for (int number = -HOUR; number < 0; number++) {
                count(number);
            }
        }

        private void count(int number) {
            counting.minute(number, share).forEach((group, found) -> rollout.count(group, number, found));
        }

        @Override
        public void shift(int now, double share) {
            this.share = share;
            rollout.shift(now, 100 * share);
        }

        @Override
        public Outcome outcome(int now) {
            count(now - 1);
            rollout.look(now);
            return rollout.outcome(now);
        }
    }

    private static final class AnsweredWatch implements Watch {
        private static final int LAG = (int) TargetGroupMetrics.LAG.toMinutes();
        private final Criteria criteria;
        private final Release old;
        private final Release candidate;
        private final @Nullable Release others;
        private final double requests;
        private final double arriving;
        private final List<Instant> shifts = new ArrayList<>();
        private final List<Minute> minutes = new ArrayList<>();
        private double share;
        private Evidence evidence;

        AnsweredWatch(Scenario scenario, SplittableRandom random, double requests, Criteria criteria) {
            Site site = Site.of(random);
            this.criteria = criteria;
            this.requests = requests;
            this.arriving = scenario.arriving;
            this.old = scenario.releases.of(random, site, false);
            this.candidate = scenario.releases.of(random, site, true);
            this.others = scenario.neighbours == null ? null : scenario.neighbours.of(random, site, false);
            List<Sample> before = hourBefore(old, requests);
            this.evidence = Evidence.after(Traffic.START, new BaselineHistory(before, HOUR))
                    .withNeighboursBefore(sumBefore(others, requests));
        }

        private static Instant at(int minute) {
            return Traffic.START.plusSeconds(60L * minute);
        }

        @Override
        public void shift(int now, double share) {
            this.share = share;
            if (now > 0) {
                shifts.add(at(now));
            }
        }

        @Override
        public Outcome outcome(int now) {
            Sample one = candidate.minute(now - 1, requests * share * arriving);
            Sample other = share < 1 ? old.minute(now - 1, requests * (1 - share)) : null;
            Sample beside = others == null ? null : others.minute(now - 1, requests * NEIGHBOURS_PART);
            minutes.add(Traffic.minute(now, one, other, share, beside));
            if (now > LAG) {
                weigh(minutes.get(now - LAG - 1), now - LAG);
            }
            return SequentialAnalysis.verdict(shifted(at(now)), criteria, at(now))
                    .outcome();
        }

        private void weigh(Minute due, int number) {
            Evidence known = shifted(due.start());
            evidence = isJudged(number)
                    ? SequentialAnalysis.update(known, due, criteria)
                    : SequentialAnalysis.notJudged(known, due.start(), due.candidate(), criteria);
        }

        /** Not the minutes around a shift: the one before, that of the shift and, as the warm-up, the one after. */
        private boolean isJudged(int minute) {
            return minute > 1
                    && shifts.stream()
                            .noneMatch(shift ->
                                    Math.abs(Duration.between(shift, at(minute)).toMinutes()) <= 1);
        }

        private Evidence shifted(Instant upTo) {
            Evidence next = evidence;
            for (Instant shift : shifts) {
                next = shift.isAfter(upTo) ? next : SequentialAnalysis.shifted(next, shift, criteria);
            }
            return next;
        }
    }

    /** A part of the requests, by minute. */
    private interface Rate {
        double at(int minute);
    }

    /**
     * What the whole site had in the hour before, from a second at random on: a part of all requests failed.
     *
     * @param minutes it lasted; 0 for 1 to 10
     * @param times it came, 20 minutes apart
     */
    private record Past(double part, int minutes, int times) {
        private static final int APART = 20;

        /** Then so many requests fail on the old release, and so many on the new one. */
        Releases then(double before, double after) {
            return (random, site, candidate) -> {
                double from = random.nextDouble() + site.from() - HOUR;
                double length = minutes == 0 ? site.length() : minutes;
                return of(
                        random,
                        minute -> minute >= 0
                                ? candidate ? after : before
                                : before + (part - before) * hit(minute, from, length),
                        minute -> 0.05);
            };
        }

        /** The part of the minute that lies in it. */
        private double hit(int minute, double from, double length) {
            double hit = 0;
            for (int time = 0; time < times; time++) {
                double begin = from + APART * time < -length ? from + APART * time : from - APART;
                hit += Math.max(0, Math.min(minute + 1, begin + length) - Math.max(minute, begin));
            }
            return Math.min(1, hit);
        }
    }

    private static final Map<String, Past> PAST = new LinkedHashMap<>();

    static {
        PAST.put("after 30 % failed for 1–10 min", new Past(0.3, 0, 1));
        PAST.put("after 10 % failed for 1–10 min", new Past(0.1, 0, 1));
        PAST.put("after 30 % failed for 3 min twice", new Past(0.3, 3, 2));
        for (double part : new double[] {0.04, 0.02}) {
            PAST.put("after %s %% failed for 5 min".formatted(percent(part)), new Past(part, 5, 1));
        }
        PAST.put("after 4 % failed for 1–10 min", new Past(0.04, 0, 1));
    }

    // ---- releases that are no worse

    static List<Scenario> equal() {
        List<Scenario> all = new ArrayList<>();
        all.add(new Scenario("independent, 0.5 % fail", steady(0.005, 0.05)));
        all.add(new Scenario("clients pinned, 2–5 failures each", pinned(2, 5)));
        all.add(new Scenario("clients pinned, 5–50 failures each", pinned(5, 50)));
        all.add(new Scenario("a task has an episode an hour, 1–3 min, 10 % fail", RealTraffic::episodes));
        all.add(new Scenario("5 % slow, a task's latency autocorrelated", RealTraffic::drifting));
        all.add(new Scenario("a task pauses for 1–3 s every 5 min", RealTraffic::pausing));
        all.add(new Scenario(
                "both fail 30 % for 1–10 min",
                (random, site, candidate) -> of(random, minute -> site.isHit(minute) ? 0.3 : 0.005, minute -> 0.05)));
        all.add(counted(
                "1 % of minutes: a tenth of the answers a minute later",
                steady(0.005, 0.05), (site, group, minute) -> Unanswered.late(0.01)));
        all.add(counted(IN_FLIGHT, steady(0.005, 0.05), (site, group, minute) -> Unanswered.NONE.withInFlight(FLIGHT)));
        all.add(new Scenario(
                "slow for its first 3 minutes",
                (random, site, candidate) ->
                        of(random, minute -> 0.001, minute -> candidate && minute < 3 ? 0.5 : 0.05)));
        all.add(new Scenario(
                "warm after ten minutes",
                (random, site, candidate) -> of(
                        random, minute -> 0.001, minute -> candidate ? 0.05 + 0.5 * Math.exp(-minute / 2.0) : 0.05)));
        all.add(new Scenario("20 clients, each on one release for 5 min", false, 1, 20, steady(0.001, 0.05)));
        all.add(new Scenario("200 clients, each on one release for 5 min", false, 1, 200, steady(0.001, 0.05)));
        for (double part : new double[] {0.001, 0.01, 0.1}) {
            all.add(counted("clients give up on %s %%".formatted(percent(part)), Unanswered.silent(part)));
        }
        all.add(counted("clients give up on 10 % for 1–10 min", RealTraffic::impatience));
        all.add(counted("half of the requests are upgraded", Unanswered.silent(0.5)));
        all.add(counted(
                "a tenth is upgraded, and a neighbour breaks off 10 % for 1–10 min", RealTraffic::neighbourFails));
        all.add(counted("0.5 % broken off", Unanswered.broken(0.005)));
        all.add(counted("0.5 % time out", Unanswered.hung(0.005)));
        all.add(new Scenario("7 % fail, equal", steady(0.07, 0.05)));
        all.add(new Scenario("24 % slow, equal", steady(0.001, 0.24)));
        return all;
    }

    /** Of which so many requests fail or have no answer, whatever release serves, beside other services that are sound. */
    private static Scenario counted(String name, Unanswered always) {
        return counted(name, (site, group, minute) -> group == Group.NEIGHBOURS ? Unanswered.NONE : always);
    }

    private static Scenario counted(String name, Faults faults) {
        return counted(name, steady(0.001, 0.05), faults);
    }

    private static Scenario counted(String name, Releases releases, Faults faults) {
        return new Scenario(name, name.startsWith("alone"), 1, 0, releases, steady(0.001, 0.05), faults);
    }

    private static Unanswered impatience(Site site, Group group, int minute) {
        return Unanswered.silent(group != Group.NEIGHBOURS && site.isHit(minute) ? 0.1 : 0.001);
    }

    private static Unanswered neighbourFails(Site site, Group group, int minute) {
        return group == Group.NEIGHBOURS ? Unanswered.broken(site.isHit(minute) ? 0.1 : 0) : Unanswered.silent(0.1);
    }

    /** After an incident in the hour before. */
    static List<Scenario> equalAfter() {
        List<Scenario> all = new ArrayList<>();
        PAST.forEach((name, past) -> all.add(new Scenario("0.1 % fail, " + name, past.then(0.001, 0.001))));
        return all;
    }

    /** An incident of the whole site in a rollout, by what other services of the load balancer show of it. */
    static List<Scenario> incidents() {
        String half = "%s, and of the others half as many";
        String failing = "both fail 30 % for 1–10 min";
        String broken = "both break off 30 % for 1–10 min";
        return List.of(
                new Scenario(half.formatted(failing), incident(0.3)).beside(incident(0.15)),
                new Scenario("%s, and of the others a tenth as many".formatted(failing), incident(0.3))
                        .beside(incident(0.03)),
                counted(half.formatted(broken), RealTraffic::incident),
                counted("%s, and no other service".formatted(broken), RealTraffic::incident)
                        .beside(null));
    }

    /** Those in which requests fail or are slow together. */
    static List<Scenario> bunched() {
        return equal().subList(1, 6);
    }

    /** What is measured where the old release is new, too. */
    static List<Scenario> young() {
        List<Scenario> all = new ArrayList<>(bunched());
        all.add(failing(0.02, 1));
        all.add(counted("clients give up on 1 %", Unanswered.silent(0.01)));
        return all;
    }

    /** Independent requests, of which so many fail on the old release, and so many times as many on the new one. */
    static Scenario failing(double part, double times) {
        return new Scenario(
                "%s %% fail, %s".formatted(percent(part), times == 1 ? "equal" : "× " + times),
                (random, site, candidate) -> of(random, minute -> candidate ? part * times : part, minute -> 0));
    }

    private static String percent(double part) {
        return BigDecimal.valueOf(100 * part).stripTrailingZeros().toPlainString();
    }

    /** The same where nothing serves beside it. */
    static List<Scenario> equalAlone() {
        List<Scenario> all = new ArrayList<>();
        all.add(new Scenario("alone: independent, 0.5 % fail", true, steady(0.005, 0.05)));
        for (double part : new double[] {0.03, 0.3}) {
            all.add(new Scenario(
                    "alone: a minute in which %.0f %% fail".formatted(100 * part),
                    true,
                    (random, site, candidate) ->
                            of(random, minute -> minute == site.from() ? part : 0.002, minute -> 0.05)));
        }
        all.add(new Scenario(
                "alone: rush hour, three times as many fail",
                true,
                (random, site, candidate) ->
                        of(random, minute -> minute >= site.from() ? 0.006 : 0.002, minute -> 0.05)));
        all.add(new Scenario("alone: a task has an episode an hour", true, RealTraffic::episodes));
        all.add(new Scenario("alone: clients pinned, 5–50 failures each", true, pinned(5, 50)));
        for (double part : new double[] {0.03, 0.3, 1}) {
            all.add(new Scenario(
                            "alone: %.0f %% fail for 1–10 min, and of the others half as many".formatted(100 * part),
                            true,
                            incident(part))
                    .beside(incident(part / 2)));
        }
        all.add(counted("alone: 30 % broken off for 1–10 min, and of the others half as many", RealTraffic::incident));
        all.add(counted("alone: clients give up on 1 %", Unanswered.silent(0.01)));
        all.add(counted("alone: clients give up on 10 % for 1–10 min", RealTraffic::impatience));
        all.add(counted(
                "alone: a tenth is upgraded, and a neighbour breaks off 10 % for 1–10 min",
                RealTraffic::neighbourFails));
        all.add(new Scenario("alone: 7 % fail, as before", true, steady(0.07, 0.05)));
        all.add(new Scenario("alone: 25 % slow, as before", true, steady(0.001, 0.25)));
        return all;
    }

    /** What nobody else shows, or hardly: good releases that nobody can tell from bad ones. */
    static List<Scenario> incidentsAlone() {
        return List.of(
                incidentAlone(0.03),
                incidentAlone(0.3),
                new Scenario("alone: 30 % fail for 1–10 min, and of the others a tenth as many", true, incident(0.3))
                        .beside(incident(0.03)),
                counted("alone: 30 % broken off for 1–10 min, and no other service", RealTraffic::incident)
                        .beside(null));
    }

    private static Scenario incidentAlone(double part) {
        String name = "alone: %s %% fail for 1–10 min, and no other service".formatted(percent(part));
        return new Scenario(name, true, incident(part));
    }

    private static Unanswered incident(Site site, Group group, int minute) {
        return Unanswered.broken(!site.isHit(minute) ? 0.002 : group == Group.NEIGHBOURS ? 0.15 : 0.3);
    }

    // ---- releases that are worse

    static List<Scenario> worse() {
        List<Scenario> all = new ArrayList<>();
        all.add(new Scenario("0.1 → 1 %", worse(minute -> 0.001, minute -> 0.01)));
        all.add(new Scenario("0.5 → 2.5 %", worse(minute -> 0.005, minute -> 0.025)));
        all.add(new Scenario("1 → 1.5 %", worse(minute -> 0.01, minute -> 0.015)));
        all.add(new Scenario("total outage", worse(minute -> 0.001, minute -> 1)));
        all.add(new Scenario(
                "slow leak: half a percent more each minute",
                worse(minute -> 0.001, minute -> Math.min(1, 0.001 + 0.005 * Math.max(0, minute - 1)))));
        all.add(turningBad(31));
        all.add(new Scenario("one endpoint in ten fails 30 %", worse(minute -> 0.001, minute -> 0.031)));
        all.add(new Scenario(
                "10 % at peaks of 2 min in 10", worse(minute -> 0.001, minute -> minute % 10 >= 8 ? 0.1 : 0.001)));
        PAST.forEach((name, past) -> all.add(new Scenario("0.1 → 1 %, " + name, past.then(0.001, 0.01))));
        String twice = "after 30 % failed for 3 min twice";
        all.add(new Scenario(
                "total outage, " + twice,
                Objects.requireNonNull(PAST.get(twice)).then(0.001, 1)));
        all.add(new Scenario("latency × 1.3", slower(1.3)));
        all.add(new Scenario("latency × 2", slower(2)));
        all.add(new Scenario("a tail twice as slow, no more of them", (random, site, candidate) -> (minute, count) -> {
            int served = poisson(random, count);
            int slow = binomial(random, served, 0.05);
            return new Sample(served, 0, served, slow, binomial(random, slow, candidate ? 1 : TAIL));
        }));
        all.add(new Scenario("half of its requests get lost", false, 0.5, 0, steady(0.001, 0.05)));
        all.add(silenced("all connections refused", Unanswered.refused(1)));
        all.add(silenced("all broken off", Unanswered.broken(1)));
        all.add(silenced("all time out", Unanswered.hung(1)));
        all.add(silenced("half broken off", Unanswered.broken(0.5)));
        all.add(silenced("half time out", Unanswered.hung(0.5)));
        all.add(silenced("1 % broken off", Unanswered.broken(0.01)));
        all.add(counted(
                "1 %% broken off, and %s".formatted(IN_FLIGHT),
                (site, group, minute) -> bad(group, Unanswered.broken(0.01)).withInFlight(FLIGHT)));
        all.add(upgrading("30 % broken off, a tenth of both upgraded", 0.3, 0.1, 0));
        all.add(upgrading("30 % broken off, a tenth of both upgraded, a neighbour breaks off 10 %", 0.3, 0.1, 0.1));
        all.add(upgrading("half broken off, half of both upgraded", 0.5, 0.5, 0));
        all.add(counted("half of its requests find no target", Unanswered.NONE).arriving(0.5));
        all.add(counted("no request finds a target", Unanswered.NONE).arriving(0));
        all.add(silenced("30 % hang until clients give up", Unanswered.silent(0.3)));
        return all;
    }

    /** The new release leaves so many requests without an answer. */
    private static Scenario silenced(String name, Unanswered bad) {
        return counted(name, (site, group, minute) -> bad(group, bad));
    }

    /** So many connections are upgraded on both, and a neighbour begins to break off others with the rollout. */
    private static Scenario upgrading(String name, double broken, double upgraded, double neighbour) {
        return counted(
                name,
                (site, group, minute) -> group == Group.NEIGHBOURS
                        ? Unanswered.broken(minute < 0 ? 0 : neighbour)
                        : bad(group, Unanswered.broken(broken)).withSilent(upgraded));
    }

    private static Unanswered bad(Group group, Unanswered bad) {
        return group == Group.CANDIDATE ? bad : Unanswered.NONE;
    }

    /** Two percent of its requests fail from that minute on. */
    static Scenario turningBad(int from) {
        return new Scenario(
                "2 %% from minute %d on".formatted(from),
                worse(minute -> 0.001, minute -> minute >= from ? 0.02 : 0.001));
    }

    static List<Scenario> worseAlone() {
        List<Scenario> all = new ArrayList<>();
        all.add(new Scenario("alone: 0.1 → 20 %", true, worse(minute -> 0.001, minute -> 0.2)));
        all.add(new Scenario(
                "alone: 20 % from minute 6 on", true, worse(minute -> 0.001, minute -> minute >= 6 ? 0.2 : 0.001)));
        all.add(new Scenario("alone: 0.1 → 2 %", true, worse(minute -> 0.001, minute -> 0.02)));
        PAST.forEach((name, past) -> all.add(new Scenario("alone: 0.1 → 2 %, " + name, true, past.then(0.001, 0.02))));
        all.add(new Scenario("alone: total outage", true, worse(minute -> 0.001, minute -> 1)));
        all.add(new Scenario("alone: 20 % from minute 6 on, and 5 % of the others always", true, turning(0.2))
                .beside(steady(0.05, 0.05)));
        all.add(new Scenario("alone: 20 % from minute 6 on, and the others 2 % from then on", true, turning(0.2))
                .beside(turning(0.02)));
        all.add(new Scenario("alone: total outage, and of the others 20 %", true, worse(minute -> 0.001, minute -> 1))
                .beside(worse(minute -> 0.001, minute -> 0.2)));
        all.add(silenced("alone: all broken off", Unanswered.broken(1)));
        all.add(silenced("alone: half time out", Unanswered.hung(0.5)));
        return all;
    }

    private static Releases turning(double bad) {
        return (random, site, candidate) -> of(random, minute -> minute >= 6 ? bad : 0.001, minute -> 0.05);
    }

    /** For some minutes that part of the requests fails, whatever serves them. */
    private static Releases incident(double part) {
        return (random, site, candidate) -> of(random, minute -> site.isHit(minute) ? part : 0.002, minute -> 0.05);
    }

    private static Releases steady(double failing, double slow) {
        return (random, site, candidate) -> of(random, minute -> failing, minute -> slow);
    }

    private static Releases worse(Rate before, Rate after) {
        return (random, site, candidate) -> of(random, candidate ? after : before, minute -> 0.05);
    }

    private static Releases slower(double factor) {
        double slow = slow(Math.log(factor));
        return (random, site, candidate) -> of(random, minute -> 0.001, minute -> candidate ? slow : 0.05);
    }

    private static Release of(SplittableRandom random, Rate failing, Rate slow) {
        return (minute, requests) -> {
            int all = poisson(random, requests);
            int failures = binomial(random, all, failing.at(minute));
            int late = binomial(random, all - failures, slow.at(minute));
            return new Sample(all, failures, all - failures, late, binomial(random, late, TAIL));
        };
    }

    /** Half a percent of requests fail, by clients that stay and fail so often in the minute. */
    private static Releases pinned(int least, int most) {
        double mean = (least + most) / 2.0;
        return (random, site, candidate) -> (minute, requests) -> {
            int failures = 0;
            for (int client = poisson(random, requests * 0.005 / mean); client > 0; client--) {
                failures += random.nextInt(least, most + 1);
            }
            return sample(poisson(random, requests * 0.995) + failures, failures, 0);
        };
    }

    private static Release episodes(SplittableRandom random, Site site, boolean candidate) {
        int[] ends = new int[TASKS];
        Arrays.fill(ends, -HOUR);
        return (minute, requests) -> {
            int all = 0;
            int failures = 0;
            for (int task = 0; task < TASKS; task++) {
                if (ends[task] < minute && random.nextDouble() < 1.0 / HOUR) {
                    ends[task] = minute + random.nextInt(0, 3);
                }
                int served = poisson(random, requests / TASKS);
                all += served;
                failures += binomial(random, served, ends[task] >= minute ? 0.1 : 0.001);
            }
            return sample(all, failures, 0);
        };
    }

    /** The logarithm of a task's latency is an autoregressive process with a coefficient of 0.9 and a deviation of 0.15. */
    private static Release drifting(SplittableRandom random, Site site, boolean candidate) {
        double[] level = new double[TASKS];
        for (int task = 0; task < TASKS; task++) {
            level[task] = 0.15 * random.nextGaussian();
        }
        return (minute, requests) -> {
            int all = 0;
            int slow = 0;
            int verySlow = 0;
            for (int task = 0; task < TASKS; task++) {
                level[task] = 0.9 * level[task] + 0.15 * Math.sqrt(1 - 0.81) * random.nextGaussian();
                int served = poisson(random, requests / TASKS);
                all += served;
                int late = binomial(random, served, slow(level[task]));
                slow += late;
                verySlow += binomial(random, late, slow(level[task] - Math.log(2)) / slow(level[task]));
            }
            return new Sample(all, 0, all, slow, verySlow);
        };
    }

    /** The part of the answers over a limit that 5 % pass, when all take exp(shift) times as long. */
    private static double slow(double shift) {
        return NORMAL.survivalProbability(1.645 - shift / LATENCY_SPREAD);
    }

    private static Release pausing(SplittableRandom random, Site site, boolean candidate) {
        return (minute, requests) -> {
            int all = poisson(random, requests);
            int slow = binomial(random, all, 0.01);
            int verySlow = binomial(random, slow, TAIL);
            for (int task = 0; task < TASKS; task++) {
                if (random.nextDouble() < 0.2) {
                    int waiting = poisson(random, requests / TASKS * (1 + 2 * random.nextDouble()) / 60);
                    slow += waiting;
                    verySlow += binomial(random, waiting, 0.5);
                }
            }
            return new Sample(all, 0, all, slow, verySlow);
        };
    }

    private static Sample sample(int all, int failures, int slow) {
        return new Sample(all, failures, all, slow);
    }

    // ---- samplers, fast enough for millions of minutes

    static int poisson(SplittableRandom random, double mean) {
        if (mean > 50) {
            return Math.max(0, (int) Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
        }
        double limit = Math.exp(-mean);
        int count = -1;
        for (double product = 1; product > limit; count++) {
            product *= random.nextDouble();
        }
        return Math.max(0, count);
    }

    static int binomial(SplittableRandom random, int trials, double part) {
        if (part <= 0 || trials == 0) {
            return 0;
        }
        if (part > 0.5) {
            return trials - binomial(random, trials, 1 - part);
        }
        double mean = trials * part;
        if (mean > 50) {
            double drawn = mean + Math.sqrt(mean * (1 - part)) * random.nextGaussian();
            return Math.clamp(Math.round(drawn), 0, trials);
        }
        // Waiting times between successes.
        double log = Math.log1p(-part);
        int count = 0;
        for (double at = skip(random, log); at < trials; at += 1 + skip(random, log)) {
            count++;
        }
        return count;
    }

    private static double skip(SplittableRandom random, double log) {
        return Math.floor(Math.log(1 - random.nextDouble()) / log);
    }
}
