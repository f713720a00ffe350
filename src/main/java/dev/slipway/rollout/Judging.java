package dev.slipway.rollout;

import dev.slipway.verdict.Criteria;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Judge;
import dev.slipway.verdict.Limit;
import dev.slipway.verdict.LittleTraffic;
import dev.slipway.verdict.Minute;
import dev.slipway.verdict.Outcome;
import dev.slipway.verdict.Readings;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the minutes that are due and weighs them. */
final class Judging {
    /**
     * Metrics of the load balancer come one to three minutes after their minute has ended, and not all at once: with
     * requests counted and answers not yet, every request would look failed. A minute is used when it began so long ago.
     */
    static final Duration LAG = Duration.ofMinutes(4);
    /** A minute without metrics for so long had no traffic. */
    static final Duration MISSING = Duration.ofMinutes(6);
    /** So long before the first shift the old release is taken as the measure where nothing serves beside the new. */
    private static final Duration BEFORE = Duration.ofHours(1);

    private final Metrics metrics;

    Judging(Metrics metrics) {
        this.metrics = metrics;
    }

    /** The judgement after all minutes that are due; the same when none is. One call to CloudWatch, or none. */
    Judgement look(Judgement judgement, Rollout rollout, Instant now) {
        Rollout.Groups groups = rollout.groups();
        if (groups == null || judgement.shifts().isEmpty()) {
            return judgement;
        }
        Instant first = judgement.shifts().getFirst().at().truncatedTo(ChronoUnit.MINUTES);
        Instant due = now.minus(LAG).truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
        Instant from = judgement.read() == null ? first : judgement.read();
        if (!due.isAfter(from)) {
            return judgement;
        }
        RolloutSettings.VerdictRules rules = rollout.settings().verdict();
        Metrics.Minutes minutes =
                metrics.read(groups, rules, judgement.read() == null ? first.minus(BEFORE) : from, due);
        Evidence evidence =
                judgement.evidence() == null ? Evidence.none(first, before(minutes, first)) : judgement.evidence();
        Instant read = from;
        for (Instant minute = from; minute.isBefore(due); minute = minute.plus(1, ChronoUnit.MINUTES)) {
            Sample candidate = minutes.candidate().get(minute);
            if (candidate == null && minute.plus(MISSING).isAfter(now)) {
                break; // it may still come, and minutes are weighed in their order
            }
            read = minute.plus(1, ChronoUnit.MINUTES);
            if (candidate != null && isJudged(judgement, minute, rules)) {
                Sample baseline = beside(judgement, minute) ? minutes.live().get(minute) : null;
                Minute weighed = new Minute(minute, candidate.minus(judgement.sentIn(minute)), baseline);
                evidence = Judge.weigh(evidence, weighed, criteria(rollout.settings()));
            }
        }
        return judgement.weighed(evidence, readings(judgement, rules, minutes.own(), read), read);
    }

    private static @Nullable Sample before(Metrics.Minutes minutes, Instant first) {
        return minutes.live().entrySet().stream()
                .filter(entry -> entry.getKey().isBefore(first))
                .map(Map.Entry::getValue)
                .reduce(Sample::plus)
                .orElse(null);
    }

    /** Not the minutes around a shift: the share moves within them, and new tasks are cold. */
    private static boolean isJudged(Judgement judgement, Instant minute, RolloutSettings.VerdictRules rules) {
        Instant end = minute.plus(1, ChronoUnit.MINUTES);
        return judgement.shifts().stream()
                .noneMatch(shift -> end.isAfter(shift.at().minus(1, ChronoUnit.MINUTES))
                        && minute.isBefore(shift.at().plusSeconds(rules.warmUpSeconds())));
    }

    /** Whether the old release served beside the new one in that minute. */
    private static boolean beside(Judgement judgement, Instant minute) {
        return judgement.shifts().stream()
                        .filter(shift -> !shift.at().isAfter(minute))
                        .mapToDouble(Judgement.Shift::percent)
                        .reduce(0, (a, b) -> b)
                < 100;
    }

    private static List<Readings> readings(
            Judgement judgement,
            RolloutSettings.VerdictRules rules,
            Map<String, Map<Instant, Double>> own,
            Instant upTo) {
        List<Readings> all = new ArrayList<>();
        for (int i = 0; i < rules.metrics().size(); i++) {
            RolloutSettings.VerdictRules.Metric metric = rules.metrics().get(i);
            Readings readings = i < judgement.readings().size()
                    ? judgement.readings().get(i)
                    : Readings.none(new Limit(metric.name(), metric.max()));
            for (Map.Entry<Instant, Double> value :
                    own.getOrDefault(metric.name(), Map.of()).entrySet()) {
                Instant first = judgement.shifts().getFirst().at();
                if (value.getKey().isBefore(upTo) && !value.getKey().isBefore(first)) {
                    readings = readings.read(value.getKey(), value.getValue());
                }
            }
            all.add(readings);
        }
        return all;
    }

    /** What the judgement comes to; null before anything was read. */
    static @Nullable Verdict verdict(Judgement judgement, RolloutSettings settings, Instant now) {
        Evidence evidence = judgement.evidence();
        if (evidence == null) {
            return null;
        }
        Verdict verdict = Judge.verdict(evidence, criteria(settings), now);
        return judgement.readings().stream()
                .filter(readings -> readings.outcome() == Outcome.UNHEALTHY)
                .findFirst()
                .map(readings -> new Verdict(
                        Outcome.UNHEALTHY,
                        verdict.basis(),
                        readings.sentence(),
                        false,
                        null,
                        verdict.errors(),
                        verdict.latency()))
                .orElse(verdict);
    }

    /** The spec's rules in the words of the verdict. Warm-ups, of which there is one for each shift, are left out here. */
    static Criteria criteria(RolloutSettings settings) {
        RolloutSettings.VerdictRules rules = settings.verdict();
        LittleTraffic way = switch (rules.littleTraffic()) {
            case HOLD -> LittleTraffic.HOLD;
            case PROBE -> LittleTraffic.PROBE;
            case ABSOLUTE -> LittleTraffic.ABSOLUTE;
        };
        return Criteria.DEFAULT
                .withLimits(
                        limit(rules.maxErrorPercent()),
                        rules.slowMillis() == null ? null : limit(rules.maxSlowPercent()))
                .withWarmUp(Duration.ZERO)
                .onLittleTraffic(way, patience(settings));
    }

    /** 100 % is no limit. */
    private static @Nullable Double limit(double percent) {
        return percent < 100 ? percent : null;
    }

    /** The first step's bake and the metrics' lag: with little traffic one may wait for a comparison so long. */
    private static Duration patience(RolloutSettings settings) {
        int minutes = switch (settings.strategy()) {
            case ROLLING, BLUE_GREEN -> settings.bakeMinutes();
            case CANARY -> settings.canary().bakeMinutes();
            case LINEAR -> settings.linear().bakeMinutes();
        };
        return Duration.ofMinutes(minutes).plus(LAG);
    }
}
