package dev.slipway.verdict;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
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

    private static final int TASKS = 4;
    /** Of the logarithm of an answer's time, within a task's minute. */
    private static final double LATENCY_SPREAD = 0.5;

    /** Part of the slow answers that take twice as long as the limit, with that spread and 5 % slow. */
    private static final double TAIL = 0.024;

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private RealTraffic() {}

    /**
     * An hour of the old release alone, minute by minute, and the hour of the rollout.
     *
     * @param shift the first full minute of the new release, which is not judged
     * @param minutes that are judged
     * @param neighboursBefore what other services of the load balancer did in the hour before; null where there are none
     */
    record Rollout(
            List<Sample> before,
            Minute shift,
            List<Minute> minutes,
            @Nullable Sample neighboursBefore) {
        /** What is known before the first minute is judged: traffic was shifted a minute ago, within a minute. */
        Evidence evidence(Criteria criteria) {
            return evidence(before.size(), criteria);
        }

        /** The same if the service is only so many minutes old. */
        Evidence evidence(int known, Criteria criteria) {
            List<Sample> minutes = before.subList(before.size() - known, before.size());
            Evidence begun = Evidence.after(Traffic.START.minusSeconds(60), new BaselineHistory(minutes, known))
                    .withNeighboursBefore(neighboursBefore);
            return SequentialAnalysis.notJudged(begun, shift.start(), shift.candidate(), criteria);
        }
    }

    /** What the whole site has in common: when something hits all of it, and for how long. */
    record Site(int from, int length) {
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
     * @param alone whether the old release serves only before
     * @param arriving part of the new release's requests that reach it
     * @param clients that send all requests, and stay with a release for five minutes; 0 for many, each request by itself
     * @param neighbours how often requests of the other services of the load balancer fail, which have half as many; null where there
     *     are none
     */
    record Scenario(
            String name,
            boolean alone,
            double arriving,
            int clients,
            Releases releases,
            @Nullable Releases neighbours) {
        private Scenario(String name, Releases releases) {
            this(name, false, releases);
        }

        private Scenario(String name, boolean alone, Releases releases) {
            this(name, alone, 1, 0, releases);
        }

        private Scenario(String name, boolean alone, double arriving, int clients, Releases releases) {
            this(name, alone, arriving, clients, releases, null);
        }

        private Scenario beside(Releases neighbours) {
            return new Scenario(name, alone, arriving, clients, releases, neighbours);
        }

        /** The first minute of the hour in which the outcome is given; past it for never. */
        int first(Verdict.Outcome wanted, Criteria criteria, Rollout rollout) {
            return first(wanted, criteria, rollout, rollout.evidence(criteria));
        }

        /** @param known what is known when the rollout begins */
        int first(Verdict.Outcome wanted, Criteria criteria, Rollout rollout, Evidence known) {
            Evidence evidence = known;
            for (Minute minute : rollout.minutes()) {
                evidence = SequentialAnalysis.update(evidence, minute, criteria);
                if (SequentialAnalysis.verdict(evidence, criteria, minute.start())
                                .outcome()
                        == wanted) {
                    return (int) Duration.between(Traffic.START, minute.start()).toMinutes();
                }
            }
            return HOUR + 1;
        }

        Rollout play(SplittableRandom random, double requests, double share) {
            Site site = new Site(random.nextInt(5, 50), random.nextInt(1, 11));
            Release old = releases.of(random, site, false);
            Release candidate = releases.of(random, site, true);
            Release others = neighbours == null ? null : neighbours.of(random, site, false);
            List<Sample> before = new ArrayList<>();
            List<Minute> minutes = new ArrayList<>();
            Sample othersBefore = null;
            for (int number = -HOUR; number < 0; number++) {
                before.add(old.minute(number, requests));
                if (others != null) {
                    Sample minute = others.minute(number, requests / 2);
                    othersBefore = othersBefore == null ? minute : othersBefore.plus(minute);
                }
            }
            double part = alone ? 1 : share;
            for (int number = 0; number <= HOUR; number++) {
                if (clients > 0 && number % STAY == 0) {
                    part = (double) binomial(random, clients, share) / clients;
                }
                Sample one = candidate.minute(number, requests * part * arriving);
                Sample other = alone ? null : old.minute(number, requests * (1 - part));
                Sample beside = others == null ? null : others.minute(number, requests / 2);
                minutes.add(Traffic.minute(number, one, other, alone ? 1.0 : share, beside));
            }
            return new Rollout(before, minutes.getFirst(), minutes.subList(1, minutes.size()), othersBefore);
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
        private static final int LAG = (int) TargetGroupMetrics.LAG.toMinutes();
        private final RolloutSettings settings;
        private final Criteria criteria;
        private final Release old;
        private final Release candidate;
        private final double requests;
        private final double arriving;
        private final List<Instant> shifts = new ArrayList<>();
        private final List<Minute> minutes = new ArrayList<>();
        private Evidence evidence;

        WholeRollout(Scenario scenario, SplittableRandom random, double requests, RolloutSettings settings) {
            Site site = new Site(random.nextInt(5, 50), random.nextInt(1, 11));
            this.settings = settings;
            this.criteria = settings.criteria();
            this.requests = requests;
            this.arriving = scenario.arriving;
            this.old = scenario.releases.of(random, site, false);
            this.candidate = scenario.releases.of(random, site, true);
            List<Sample> before = new ArrayList<>();
            for (int number = -HOUR; number < 0; number++) {
                before.add(old.minute(number, requests));
            }
            this.evidence = Evidence.after(Traffic.START, new BaselineHistory(before, before.size()));
        }

        Ending play() {
            int now = 0;
            List<Double> steps = settings.steps();
            for (int step = 0; step < steps.size(); step++) {
                boolean last = step == steps.size() - 1;
                int since = now;
                if (step > 0) {
                    shifts.add(at(since));
                }
                int bake = last ? settings.finalBakeMinutes() : settings.firstBakeMinutes();
                boolean healthy = false;
                while (now < since + bake || !last && !healthy) {
                    pass(++now, since, steps.get(step) / 100);
                    Verdict.Outcome outcome = SequentialAnalysis.verdict(shifted(at(now)), criteria, at(now))
                            .outcome();
                    if (outcome == Verdict.Outcome.UNHEALTHY) {
                        return new Ending(End.ROLLED_BACK, now);
                    }
                    healthy = outcome == Verdict.Outcome.HEALTHY;
                    if (!last
                            && !healthy
                            && now >= since + bake + settings.verdict().holdMinutes()) {
                        return new Ending(End.IN_DOUBT, now);
                    }
                }
            }
            return new Ending(End.LIVE, now);
        }

        private static Instant at(int minute) {
            return Traffic.START.plusSeconds(60L * minute);
        }

        /** A minute passes, and the one that is due is weighed. */
        private void pass(int now, int since, double share) {
            Sample one = candidate.minute(now - 1, requests * share * arriving);
            Sample other = share < 1 ? old.minute(now - 1, requests * (1 - share)) : null;
            minutes.add(Traffic.minute(now, one, other, share));
            if (now > LAG) {
                Minute due = minutes.get(now - LAG - 1);
                Evidence known = shifted(due.start());
                evidence = isJudged(now - LAG)
                        ? SequentialAnalysis.update(known, due, criteria)
                        : SequentialAnalysis.notJudged(known, due.start(), due.candidate(), criteria);
            }
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
        all.add(new Scenario("1 % of minutes lack a tenth of the answers", RealTraffic::late));
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
        return all;
    }

    /** Those in which requests fail or are slow together. */
    static List<Scenario> bunched() {
        return equal().subList(1, 6);
    }

    /** Independent requests, of which so many fail on the old release, and so many times as many on the new one. */
    static Scenario failing(double part, double times) {
        return new Scenario(
                "%s %% fail, %s"
                        .formatted(
                                BigDecimal.valueOf(100 * part)
                                        .stripTrailingZeros()
                                        .toPlainString(),
                                times == 1 ? "equal" : "× " + times),
                (random, site, candidate) -> of(random, minute -> candidate ? part * times : part, minute -> 0));
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
        return all;
    }

    /** What nobody else shows: good releases that nobody can tell from bad ones. */
    static List<Scenario> incidentsAlone() {
        return Stream.of(0.03, 0.3)
                .map(part -> new Scenario(
                        "alone: %.0f %% fail for 1–10 min, and no other service".formatted(100 * part),
                        true,
                        incident(part)))
                .toList();
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
        all.add(new Scenario(
                "0.1 → 1 %, after an incident of the whole site",
                (random, site, candidate) -> of(
                        random, minute -> site.isHit(minute + HOUR) ? 0.3 : candidate ? 0.01 : 0.001, minute -> 0.05)));
        all.add(new Scenario("latency × 1.3", slower(1.3)));
        all.add(new Scenario("latency × 2", slower(2)));
        all.add(new Scenario("a tail twice as slow, no more of them", (random, site, candidate) -> (minute, count) -> {
            int served = poisson(random, count);
            int slow = binomial(random, served, 0.05);
            return new Sample(served, 0, served, slow, binomial(random, slow, candidate ? 1 : TAIL));
        }));
        all.add(new Scenario("half of its requests get lost", false, 0.5, 0, steady(0.001, 0.05)));
        return all;
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
        all.add(new Scenario("alone: total outage", true, worse(minute -> 0.001, minute -> 1)));
        all.add(new Scenario("alone: 20 % from minute 6 on, and 5 % of the others always", true, turning(0.2))
                .beside(steady(0.05, 0.05)));
        all.add(new Scenario("alone: 20 % from minute 6 on, and the others 2 % from then on", true, turning(0.2))
                .beside(turning(0.02)));
        all.add(new Scenario("alone: total outage, and of the others 20 %", true, worse(minute -> 0.001, minute -> 1))
                .beside(worse(minute -> 0.001, minute -> 0.2)));
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

    /** Such answers are there when the minute is read again; until then their requests look failed. */
    private static Release late(SplittableRandom random, Site site, boolean candidate) {
        return (minute, requests) -> {
            int all = poisson(random, requests);
            boolean lacking = random.nextDouble() < 0.01;
            return sample(all, binomial(random, all, lacking ? 0.1 : 0.005), 0);
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
