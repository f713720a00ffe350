package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.deployment.UsualUnanswered;
import dev.slipway.store.Store;
import dev.slipway.verdict.Criteria;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.MetricWindow;
import dev.slipway.verdict.MetricWindow.Limit;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SequentialAnalysis;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import dev.slipway.verdict.VerdictMessages;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the minutes that are due and weighs them. */
record RolloutAnalysis(TargetGroupMetrics metrics, Store store) {
    /** A minute without metrics for so long had no traffic. */
    static final Duration NO_TRAFFIC_AFTER = Duration.ofMinutes(6);
    /** So long before the first shift the old release is taken as the measure where nothing serves beside the new. */
    private static final Duration BASELINE_WINDOW = Duration.ofHours(1);

    /** The analysis after all minutes that are due; the same when none is. One call to CloudWatch, or none. */
    AnalysisState update(AnalysisState analysis, Rollout rollout, Instant now) {
        TargetGroups groups = rollout.progress().targetGroups();
        if (groups == null || analysis.shifts().isEmpty()) {
            return analysis;
        }
        Instant first = analysis.shifts().getFirst().at().truncatedTo(ChronoUnit.MINUTES);
        Instant due = now.minus(TargetGroupMetrics.LAG)
                .truncatedTo(ChronoUnit.MINUTES)
                .plus(1, ChronoUnit.MINUTES);
        Instant from = analysis.readUntil() == null ? first : analysis.readUntil();
        if (!due.isAfter(from)) {
            return analysis;
        }
        RolloutSettings.VerdictRules rules = rollout.settings().verdict();
        boolean begins = analysis.readUntil() == null;
        TargetGroupMetrics.Minutes minutes = metrics.read(
                groups,
                rules,
                begins || !hasConcurrentBaseline(analysis, due),
                begins ? first.minus(BASELINE_WINDOW) : from,
                due);
        Instant since = begins
                ? new PastRollouts(store)
                        .ownSince(rollout.service(), rollout.progress().previous())
                : first;
        UsualUnanswered usual = begins
                ? minutes.usual(since, first)
                : Objects.requireNonNullElse(analysis.usual(), UsualUnanswered.UNKNOWN);
        TargetGroupMetrics.Figures figures = minutes.figures(usual);
        Evidence evidence = analysis.evidence() == null
                ? Evidence.after(first, figures.before(since, first))
                        .withNeighboursBefore(neighboursBefore(figures, first))
                : analysis.evidence();
        Criteria criteria = rollout.settings().criteria();
        AnalysisState next = readUntil(from, analysis.withEvidence(evidence).withUsual(usual), rules, minutes);
        for (Instant minute = from; minute.isBefore(due); minute = minute.plus(1, ChronoUnit.MINUTES)) {
            MinutePolicy.Figures found = found(figures, analysis, minute, rules, now);
            MinutePolicy.Decision decision = MinutePolicy.decide(found);
            if (decision instanceof MinutePolicy.Decision.Wait) {
                break;
            }
            evidence = weighed(shifted(evidence, analysis, minute, criteria), found, decision, criteria);
            Instant end = minute.plus(1, ChronoUnit.MINUTES);
            next = readUntil(end, next.withEvidence(evidence), rules, minutes);
            AnalyzedMinute seen = decision instanceof MinutePolicy.Decision.Judged judged
                    ? new AnalyzedMinute(
                            minute, found.percent(), true, judged.likely().candidate(), found.baseline())
                    : new AnalyzedMinute(minute, found.percent(), false, found.users(), found.baseline());
            next = next.analyzed(seen.after(evidence, verdict(evidence, next, rollout.settings(), end)));
        }
        return next;
    }

    private static MinutePolicy.Figures found(
            TargetGroupMetrics.Figures figures,
            AnalysisState analysis,
            Instant minute,
            RolloutSettings.VerdictRules rules,
            Instant now) {
        return new MinutePolicy.Figures(
                minute,
                percent(analysis, minute),
                figures.candidate().at(minute),
                hasConcurrentBaseline(analysis, minute) ? figures.live().at(minute) : null,
                analysis.probesIn(minute),
                figures.neighbours().get(minute),
                !minute.plus(NO_TRAFFIC_AFTER).isAfter(now),
                isShifting(analysis, minute, rules));
    }

    private static Evidence weighed(
            Evidence evidence, MinutePolicy.Figures found, MinutePolicy.Decision decision, Criteria criteria) {
        return switch (decision) {
            case MinutePolicy.Decision.Wait() -> evidence;
            case MinutePolicy.Decision.Judged(Minute likely, Minute worst, boolean varying) -> {
                Evidence after = SequentialAnalysis.update(evidence, likely, worst, found.probes(), criteria);
                yield varying ? after : after.varyingAs(evidence);
            }
            case MinutePolicy.Decision.Doubtful(Minute worst) ->
                probed(SequentialAnalysis.doubtful(evidence, worst, criteria), found, criteria);
            case MinutePolicy.Decision.LeftOut() -> {
                Sample users = Objects.requireNonNullElse(found.users(), Sample.NONE);
                yield probed(SequentialAnalysis.notJudged(evidence, found.start(), users, criteria), found, criteria);
            }
        };
    }

    /** Our own requests are known also where users' are not judged. */
    private static Evidence probed(Evidence evidence, MinutePolicy.Figures found, Criteria criteria) {
        Minute probes = new Minute(found.start(), found.probes(), found.baseline(), null, found.neighbours());
        return found.probes().requests() == 0
                ? evidence
                : SequentialAnalysis.updateWithProbes(evidence, probes, criteria);
    }

    private static AnalysisState readUntil(
            Instant end,
            AnalysisState analysis,
            RolloutSettings.VerdictRules rules,
            TargetGroupMetrics.Minutes minutes) {
        return analysis.withMetricWindows(metricWindows(analysis, rules, minutes.custom(), end))
                .withReadUntil(end);
    }

    private static @Nullable Sample neighboursBefore(TargetGroupMetrics.Figures figures, Instant first) {
        return figures.neighbours().entrySet().stream()
                .filter(entry -> entry.getKey().isBefore(first))
                .map(Map.Entry::getValue)
                .reduce(Sample::plus)
                .orElse(null);
    }

    /** With the shifts up to a time but the first, each of which wants evidence of its own that the release is sound. */
    private static Evidence shifted(Evidence evidence, AnalysisState analysis, Instant upTo, Criteria criteria) {
        Evidence next = evidence;
        for (AnalysisState.TrafficShift shift :
                analysis.shifts().subList(1, analysis.shifts().size())) {
            next = shift.at().isAfter(upTo) ? next : SequentialAnalysis.shifted(next, shift.at(), criteria);
        }
        return next;
    }

    /** The minutes around a shift are not judged: the share moves within them, and new tasks are cold. */
    private static boolean isShifting(AnalysisState analysis, Instant minute, RolloutSettings.VerdictRules rules) {
        Instant end = minute.plus(1, ChronoUnit.MINUTES);
        return analysis.shifts().stream()
                .anyMatch(shift -> end.isAfter(shift.at().minus(1, ChronoUnit.MINUTES))
                        && minute.isBefore(shift.at().plusSeconds(rules.warmUpSeconds())));
    }

    /** Whether the old release served beside the new one in that minute. */
    private static boolean hasConcurrentBaseline(AnalysisState analysis, Instant minute) {
        return percent(analysis, minute) < 100;
    }

    /** What the new release had of the production traffic. */
    private static double percent(AnalysisState analysis, Instant minute) {
        return analysis.shifts().stream()
                .filter(shift -> !shift.at().isAfter(minute))
                .mapToDouble(AnalysisState.TrafficShift::percent)
                .reduce(0, (a, b) -> b);
    }

    private static List<MetricWindow> metricWindows(
            AnalysisState analysis,
            RolloutSettings.VerdictRules rules,
            Map<String, Map<Instant, Double>> own,
            Instant upTo) {
        List<MetricWindow> all = new ArrayList<>();
        for (int i = 0; i < rules.metrics().size(); i++) {
            RolloutSettings.VerdictRules.Metric metric = rules.metrics().get(i);
            MetricWindow readings = i < analysis.metricWindows().size()
                    ? analysis.metricWindows().get(i)
                    : MetricWindow.none(new Limit(metric.name(), metric.max()));
            for (Map.Entry<Instant, Double> value :
                    own.getOrDefault(metric.name(), Map.of()).entrySet()) {
                Instant first = analysis.shifts().getFirst().at();
                if (value.getKey().isBefore(upTo) && !value.getKey().isBefore(first)) {
                    readings = readings.add(value.getKey(), value.getValue());
                }
            }
            all.add(readings);
        }
        return all;
    }

    /** What the analysis comes to; null before anything was read. */
    static @Nullable Verdict verdict(AnalysisState analysis, RolloutSettings settings, Instant now) {
        Evidence evidence = analysis.evidence();
        return evidence == null ? null : explained(verdict(evidence, analysis, settings, now), evidence, analysis, now);
    }

    /**
     * The same for who asks after a shift that may not have been noticed yet: what was shown of a release with less traffic says nothing of
     * one with more.
     *
     * @param step how many of the shifts have been
     */
    static @Nullable Verdict verdict(AnalysisState analysis, RolloutSettings settings, int step, Instant now) {
        double percent =
                analysis.lastShift().map(AnalysisState.TrafficShift::percent).orElse(0.0);
        return verdict(
                settings.stepAfter(percent) < step
                        ? analysis.shifted(now, settings.steps().get(step - 1))
                        : analysis,
                settings,
                now);
    }

    /** One that says less than an earlier one says what was shown then, and why that does not count any more. */
    private static Verdict explained(Verdict verdict, Evidence evidence, AnalysisState analysis, Instant now) {
        Optional<AnalyzedMinute> shown = verdict.outcome() == Outcome.NOT_ENOUGH_EVIDENCE
                ? analysis.minutes().reversed().stream()
                        .filter(minute -> minute.outcome() == Outcome.HEALTHY)
                        .findFirst()
                : Optional.empty();
        if (shown.isEmpty()) {
            return verdict;
        }
        double percent = shown.get().percent();
        Instant upTo = shown.get().start();
        Instant told = Stream.of(evidence.last(), evidence.lastProbe())
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(upTo);
        String doubt = "Since then it has become doubtful. " + verdict.message();
        String silence = "No minute has told of it since " + told.plus(1, ChronoUnit.MINUTES);
        Optional<AnalysisState.TrafficShift> since = analysis.lastShift()
                .filter(shift -> shift.percent() != percent && shift.at().isAfter(upTo));
        String why = since.map(shift -> "With the %s %% that it has since %s it has to be shown anew. %s"
                        .formatted(RolloutSettings.plain(shift.percent()), shift.at(), verdict.message()))
                .orElseGet(() -> !SequentialAnalysis.isStale(evidence, now)
                        ? doubt
                        : told.isAfter(upTo)
                                ? "%s %s.".formatted(doubt, silence)
                                : "%s, and what is that old does not count.%s"
                                        .formatted(silence, VerdictMessages.unanswered(evidence)));
        return verdict.withMessage("It was shown to be sound with %s %% of the traffic, at %s. %s"
                .formatted(
                        RolloutSettings.plain(percent),
                        soundUntil(analysis, told, upTo).plus(1, ChronoUnit.MINUTES),
                        why));
    }

    /**
     * The last minute that showed it: one without figures leaves it at what was known.
     *
     * @param told the newest minute with figures
     * @param upTo the newest minute after which it was sound
     */
    private static Instant soundUntil(AnalysisState analysis, Instant told, Instant upTo) {
        return told.isAfter(upTo)
                ? analysis.minutes().reversed().stream()
                        .filter(minute -> minute.judged() && minute.outcome() == Outcome.HEALTHY)
                        .findFirst()
                        .map(AnalyzedMinute::start)
                        .orElse(upTo)
                : told;
    }

    private static Verdict verdict(Evidence evidence, AnalysisState analysis, RolloutSettings settings, Instant now) {
        Criteria criteria = settings.criteria();
        Verdict verdict = SequentialAnalysis.verdict(shifted(evidence, analysis, now, criteria), criteria, now);
        return analysis.metricWindows().stream()
                .filter(readings -> readings.outcome() == Outcome.UNHEALTHY)
                .findFirst()
                .map(readings -> new Verdict(
                        Outcome.UNHEALTHY,
                        verdict.basis(),
                        readings.message(),
                        false,
                        null,
                        verdict.errors(),
                        verdict.latency()))
                .orElseGet(() -> silent(verdict, analysis));
    }

    /** The same; a release that is called sound without a word of a metric that the spec names says so. */
    private static Verdict silent(Verdict verdict, AnalysisState analysis) {
        String metrics = analysis.metricWindows().stream()
                .filter(window -> window.last() == null)
                .map(window -> window.limit().name())
                .collect(Collectors.joining(", "));
        return verdict.outcome() != Outcome.HEALTHY || metrics.isEmpty()
                ? verdict
                : verdict.withMessage("%s No value has come yet of %s.".formatted(verdict.message(), metrics));
    }
}
