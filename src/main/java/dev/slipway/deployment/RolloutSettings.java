package dev.slipway.deployment;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.slipway.verdict.Criteria;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How a release is made the live one. Names, ranges and defaults are those of {@code rollout} in {@code
 * schemas/service.json}.
 *
 * @param timeLimitSeconds for new tasks to become healthy; then it is rolled back
 * @param bakeMinutes both releases stay up so long after all production traffic has moved; none for a rolling update
 * @param stableMinutes tasks must stay up so long after ECS has completed the deployment; 0: nobody looks
 * @param checks requests through the test rule that must be answered as they say before production traffic moves
 * @param checkFunction ARN of a Lambda function that is asked as well
 * @param alarms CloudWatch alarms that ECS rolls the release back for
 * @param before a one-off task of the new release that runs before anything else
 * @param notifyTopic ARN of the SNS topic that is told of start, verdict, wanted approval and end
 */
@RecordBuilder
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RolloutSettings(
        Strategy strategy,
        int timeLimitSeconds,
        int bakeMinutes,
        int stableMinutes,
        Canary canary,
        Linear linear,
        List<Check> checks,
        @Nullable String checkFunction,
        Approval approval,
        VerdictRules verdict,
        List<String> alarms,
        @Nullable Before before,
        @Nullable String notifyTopic)
        implements RolloutSettingsBuilder.With {
    /** Parts of a percent that ECS knows: steps are multiples of 0.1. */
    private static final double SMALLEST = 0.1;
    /** "Rate of tasks launched by a service on AWS Fargate": https://docs.aws.amazon.com/general/latest/gr/ecs-service.html */
    private static final int TASKS_A_MINUTE = 500;
    /** 120 s is the longest stop timeout on Fargate; the rest is for ECS itself. */
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(120 + 60);

    /** Minutes that ECS bakes at most. */
    private static final int LONGEST_BAKE = 1440;
    /** What a step waits at most, whatever for: ECS ends a stage after 24 hours, and nobody would know why. */
    public static final Duration STEP_LIMIT = Duration.ofHours(23);

    public RolloutSettings {
        checks = List.copyOf(checks);
        alarms = List.copyOf(alarms);
    }

    /** The deployment strategies of ECS. */
    public enum Strategy {
        /** New tasks replace old ones, a few at a time; ECS's circuit breaker rolls them back when they do not stay up. */
        @JsonProperty("rolling")
        ROLLING,
        /** All new tasks come up beside the old ones; then all traffic moves at once. */
        @JsonProperty("blue-green")
        BLUE_GREEN,
        /** As blue/green, but a part of the traffic moves first. */
        @JsonProperty("canary")
        CANARY,
        /** As blue/green, but the traffic moves in equal steps. */
        @JsonProperty("linear")
        LINEAR
    }

    /** @param percent of the production requests that the new release gets first, 0.1 to 99.9 */
    public record Canary(double percent, int bakeMinutes) {}

    /** @param stepPercent of the production requests that each step moves, 3 to 100 */
    public record Linear(double stepPercent, int bakeMinutes) {}

    /**
     * A request through the test rule.
     *
     * @param codes the HTTP statuses that are right, such as {@code 200-399}
     * @param contains what the body must contain, when it must
     * @param latencyMillis how long the answer may take
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Check(String path, String codes, @Nullable String contains, int latencyMillis) {}

    /**
     * Whether a person has to say yes, and what is done when nobody says anything in time.
     *
     * @param by who may say it
     */
    public record Approval(When when, By by, int timeoutMinutes, OnTimeout onTimeout) {
        public Approval {
            by = by == null ? By.OTHERS : by; // what was stored before there was a choice
        }

        /** At which steps. */
        public enum When {
            @JsonProperty("none")
            NONE,
            @JsonProperty("before-production")
            BEFORE_PRODUCTION,
            @JsonProperty("each-step")
            EACH_STEP
        }

        /** Who may approve. */
        public enum By {
            /** Anyone but who started the rollout. */
            @JsonProperty("others")
            OTHERS,
            @JsonProperty("anyone")
            ANYONE
        }

        /** What silence means. */
        public enum OnTimeout {
            @JsonProperty("reject")
            REJECT,
            @JsonProperty("approve")
            APPROVE
        }

        /** Whether somebody has to approve before production traffic moves for the {@code step}th time, from 0. */
        public boolean required(int step) {
            return switch (when) {
                case NONE -> false;
                case BEFORE_PRODUCTION -> step == 0;
                case EACH_STEP -> true;
            };
        }
    }

    /**
     * What the new release is judged by.
     *
     * @param maxErrorPercent of its requests that may fail, whatever the old release does
     * @param slowMillis an answer that takes longer is slow; null: latency is not judged
     * @param maxSlowPercent of its answers that may be slow, whatever the old release does
     * @param tolerance a release is healthy when its odds of a failure are not more than this many times the old one's …
     * @param harmlessPercent … or when no larger share of its requests fails, or is slow
     * @param warmUpSeconds after each shift that are not judged
     * @param latencyWarmUpMinutes after the first shift in which nobody is too slow; more while it gets better
     * @param probes whether requests of our own stand for users' where these are too few to tell
     * @param holdMinutes how long a step waits for evidence beyond its bake; then {@link #onNoEvidence} decides
     * @param onNoEvidence what then happens
     * @param metrics of the user's own, each with a limit
     */
    @RecordBuilder
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record VerdictRules(
            double maxErrorPercent,
            @Nullable Integer slowMillis,
            double maxSlowPercent,
            double tolerance,
            double harmlessPercent,
            int warmUpSeconds,
            int latencyWarmUpMinutes,
            boolean probes,
            int holdMinutes,
            @JsonAlias("lowTraffic") OnNoEvidence onNoEvidence,
            List<Metric> metrics)
            implements RolloutSettingsVerdictRulesBuilder.With {
        public VerdictRules {
            tolerance = tolerance == 0 ? 1.5 : tolerance; // settings from before there was any, and what held then
            harmlessPercent = harmlessPercent == 0 ? 0.5 : harmlessPercent; // likewise
            onNoEvidence = onNoEvidence == null ? OnNoEvidence.ROLLBACK : onNoEvidence; // likewise
            latencyWarmUpMinutes = latencyWarmUpMinutes == 0 ? 4 : latencyWarmUpMinutes; // likewise
            metrics = List.copyOf(metrics);
        }

        /** What becomes of a release of which neither good nor bad was shown in time. */
        public enum OnNoEvidence {
            /** It waits on, for as long as ECS lets it, and is rolled back then. */
            @JsonProperty("wait")
            WAIT,
            /** People are asked; it is rolled back when they say nothing. */
            @JsonProperty("approve")
            APPROVE,
            /** It goes on: nothing was found against it. */
            @JsonProperty("promote")
            @JsonAlias("absolute") // as settings from before have it, likewise below
            PROMOTE,
            /** It is rolled back. */
            @JsonProperty("rollback")
            @JsonAlias({"hold", "probe"})
            ROLLBACK
        }

        /** A CloudWatch metric that must not exceed {@code max}, minute by minute. */
        public record Metric(
                String name,
                String namespace,
                String metric,
                Map<String, String> dimensions,
                String statistic,
                double max) {
            public Metric {
                dimensions = Collections.unmodifiableMap(new TreeMap<>(dimensions));
            }
        }
    }

    /** A one-off task, for migrations. */
    public record Before(List<String> command, int timeoutSeconds) {
        public Before {
            command = List.copyOf(command);
        }
    }

    @JsonIgnore
    public boolean isRolling() {
        return strategy == Strategy.ROLLING;
    }

    /**
     * The percentages of production traffic that the new release has after each shift, ascending, the last 100; empty for
     * a rolling update, which shifts nothing. Linear with 30 %: 30, 60, 90, 100.
     */
    public List<Double> steps() {
        return switch (strategy) {
            case ROLLING -> List.of();
            case BLUE_GREEN -> List.of(100.0);
            case CANARY -> List.of(canary.percent(), 100.0);
            case LINEAR -> linearSteps();
        };
    }

    private List<Double> linearSteps() {
        List<Double> steps = new ArrayList<>();
        for (int n = 1; n * linear.stepPercent() < 100 - SMALLEST / 2; n++) {
            steps.add(Math.round(n * linear.stepPercent() * 10) / 10.0);
        }
        steps.add(100.0);
        return steps;
    }

    /** Which step comes next when the new release has {@code percent} of the production traffic. */
    public int stepAfter(double percent) {
        return (int)
                steps().stream().filter(step -> step <= percent + SMALLEST / 2).count();
    }

    /**
     * How long ECS keeps the old release up at the end: the last bake, and until the metrics of its last minute have been judged, since
     * nobody asks us before ECS ends it.
     */
    public int finalBakeMinutes() {
        return isRolling() ? 0 : finalBakeMinutes(bakeMinutes);
    }

    /** The same of what the spec says, where traffic shifts. */
    public static int finalBakeMinutes(int bakeMinutes) {
        long judged = TargetGroupMetrics.LAG.plusMinutes(1).toMinutes();
        return bakeMinutes == 0 ? 0 : (int) Math.min(LONGEST_BAKE, bakeMinutes + judged);
    }

    /** All bakes together: what a rollout takes at least, beside starting tasks. */
    public Duration totalBakeTime() {
        int minutes = switch (strategy) {
            case ROLLING, BLUE_GREEN -> finalBakeMinutes();
            case CANARY -> finalBakeMinutes() + canary.bakeMinutes();
            case LINEAR -> finalBakeMinutes() + (steps().size() - 1) * linear.bakeMinutes();
        };
        return Duration.ofMinutes(minutes);
    }

    /** Whether people are asked before a release has production traffic for the first time. */
    @JsonIgnore
    public boolean isApproved() {
        return !isRolling() && approval.required(0);
    }

    /** Whether people are asked before the one-off task, as they are before production traffic moves. */
    @JsonIgnore
    public boolean isTaskApproved() {
        return before != null && isApproved();
    }

    /** How long people may take to approve the one-off task. */
    public Duration taskApprovalTimeout() {
        return isTaskApproved() ? Duration.ofMinutes(approval.timeoutMinutes()) : Duration.ZERO;
    }

    /** How long people may take to approve a first release, which has all traffic at once. */
    public Duration firstApprovalTimeout() {
        return isApproved() ? Duration.ofMinutes(approval.timeoutMinutes()) : Duration.ZERO;
    }

    /** How long people may take to approve steps of the traffic, in all. */
    public Duration totalApprovalTimeout() {
        long wanted =
                IntStream.range(0, steps().size()).filter(approval::required).count();
        return Duration.ofMinutes(wanted * approval.timeoutMinutes());
    }

    /** How long people may take in all for steps that nothing but the want of evidence has them asked about. */
    public Duration doubtTimeout() {
        if (verdict.onNoEvidence() != VerdictRules.OnNoEvidence.APPROVE) {
            return Duration.ZERO;
        }
        long unasked = IntStream.range(1, Math.max(1, steps().size()))
                .filter(step -> !approval.required(step))
                .count();
        return Duration.ofMinutes(unasked * approval.timeoutMinutes());
    }

    /** How long a step waits for evidence, beyond its bake. */
    public Duration evidenceTimeout() {
        return verdict.onNoEvidence() == VerdictRules.OnNoEvidence.WAIT
                ? STEP_LIMIT
                : Duration.ofMinutes(verdict.holdMinutes());
    }

    /** How long new tasks may take to become healthy: ECS starts many of them in batches. */
    public Duration startLimit(int tasks) {
        return Duration.ofSeconds(timeLimitSeconds).plusMinutes(tasks / TASKS_A_MINUTE);
    }

    /**
     * How long tasks may take to leave: they finish their requests, have the longest time that there is between SIGTERM and
     * SIGKILL, and are taken away.
     *
     * @param drainingSeconds of the service's target groups
     */
    public static Duration leaveLimit(int drainingSeconds) {
        return Duration.ofSeconds(drainingSeconds).plus(STOPPED_WITHIN);
    }

    /**
     * After so long something is wrong with the deployment as a whole, and it is stopped. Tasks leave at its end, and where
     * traffic shifts perhaps at its start, too: those that a deployment before has left behind.
     *
     * @param tasks of the service
     * @param drainingSeconds of its target groups
     */
    public Duration maxDuration(int tasks, int drainingSeconds) {
        Duration leave = leaveLimit(drainingSeconds);
        if (isRolling()) {
            return startLimit(tasks).plus(leave);
        }
        Duration holds = evidenceTimeout().multipliedBy(Math.max(0, steps().size() - 1));
        return startLimit(tasks)
                .plusSeconds(timeLimitSeconds)
                .plus(totalBakeTime())
                .plus(totalApprovalTimeout())
                .plus(doubtTimeout())
                .plus(holds)
                .plus(leave.multipliedBy(2));
    }

    /** For going back to a release that is known: all traffic at once, without waiting for anybody. */
    public RolloutSettings forRollback() {
        Strategy fast = isRolling() ? Strategy.ROLLING : Strategy.BLUE_GREEN;
        return with(settings -> settings.strategy(fast)
                .bakeMinutes(0)
                .stableMinutes(0)
                .checkFunction(null)
                .approval(new Approval(
                        Approval.When.NONE, approval.by(), approval.timeoutMinutes(), approval.onTimeout()))
                .verdict(verdict.withOnNoEvidence(VerdictRules.OnNoEvidence.PROMOTE))
                .alarms(List.of())
                .before(null));
    }

    /**
     * For a service without tasks, where nobody can be served, checked or judged: all at once. People are still asked, since
     * what goes live here serves as soon as there are tasks.
     */
    public RolloutSettings forStopped() {
        return isRolling()
                ? this
                : with(settings -> settings.strategy(Strategy.BLUE_GREEN)
                        .bakeMinutes(0)
                        .checks(List.of())
                        .checkFunction(null));
    }

    /** How long the first step bakes, or the whole where there is only one. */
    public int firstBakeMinutes() {
        return switch (strategy) {
            case ROLLING -> 0;
            case BLUE_GREEN -> bakeMinutes;
            case CANARY -> canary.bakeMinutes();
            case LINEAR -> linear.bakeMinutes();
        };
    }

    /**
     * The spec's rules in the words of the verdict. Warm-ups, of which there is one for each shift, are left out here. With
     * little traffic one may wait for a comparison for the first step's bake and the metrics' lag.
     */
    public Criteria criteria() {
        // What a limit forbids is not harmless.
        double harmless = verdict.harmlessPercent();
        Duration patience = Duration.ofMinutes(firstBakeMinutes()).plus(TargetGroupMetrics.LAG);
        return new Criteria(
                Criteria.ALPHA,
                Criteria.NON_INFERIORITY_ALPHA,
                verdict.tolerance(),
                Math.min(harmless, verdict.maxErrorPercent()),
                Math.min(harmless, verdict.maxSlowPercent()),
                limit(verdict.maxErrorPercent()),
                verdict.slowMillis() == null ? null : limit(verdict.maxSlowPercent()),
                Duration.ZERO,
                Duration.ofMinutes(verdict.latencyWarmUpMinutes()),
                verdict.probes(),
                patience,
                Criteria.MINIMUM_REQUESTS);
    }

    /** 100 % is no limit. */
    private static @Nullable Double limit(double percent) {
        return percent < 100 ? percent : null;
    }

    /** In a few words. */
    public String summary() {
        return switch (strategy) {
            case ROLLING -> "rolling";
            case BLUE_GREEN -> "blue/green, %d min bake".formatted(bakeMinutes);
            case CANARY ->
                "canary, %s %% for %d min, %d min bake"
                        .formatted(plain(canary.percent()), canary.bakeMinutes(), bakeMinutes);
            case LINEAR ->
                "linear, %s %% every %d min, %d min bake"
                        .formatted(plain(linear.stepPercent()), linear.bakeMinutes(), bakeMinutes);
        };
    }

    /** 10 for 10.0, 0.5 for 0.5. */
    public static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
