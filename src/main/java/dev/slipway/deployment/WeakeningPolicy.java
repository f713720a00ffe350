package dev.slipway.deployment;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.Approval.By;
import dev.slipway.deployment.RolloutSettings.Approval.OnTimeout;
import dev.slipway.deployment.RolloutSettings.Approval.When;
import dev.slipway.deployment.RolloutSettings.Check;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules;
import dev.slipway.deployment.RolloutSettings.VerdictRules.Metric;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import dev.slipway.freeze.Freeze;
import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.FieldError;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which declared controls the settings of one rollout would weaken. What is not surely as strict as the declared setting
 * counts as weaker. Controls that a rolling update does not know are not in force where it is declared, and are given up where
 * it is asked for.
 */
public final class WeakeningPolicy {
    private final RolloutSettings declared;
    private final RolloutSettings asked;
    private final List<Weakening> found = new ArrayList<>();

    private WeakeningPolicy(RolloutSettings declared, RolloutSettings asked) {
        this.declared = declared;
        this.asked = asked;
    }

    /**
     * A control that is weaker than declared.
     *
     * @param setting by its path in the spec, such as {@code rollout.approval.when}
     * @param from as declared
     * @param to as it would be
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Weakening(String setting, String from, String to) {
        @Override
        public String toString() {
            return "%s %s → %s".formatted(setting, from, to);
        }
    }

    /** Those that {@code asked} weakens, in the order of the spec; none when it is as strict in everything. */
    public static List<Weakening> between(RolloutSettings declared, RolloutSettings asked) {
        WeakeningPolicy policy = new WeakeningPolicy(declared, asked);
        policy.compare();
        return List.copyOf(policy.found);
    }

    /** Freeze windows that were declared and are no longer as they were. */
    public static List<Weakening> freezes(List<Freeze> declared, List<Freeze> wanted) {
        return declared.stream()
                .filter(freeze -> wanted.stream().noneMatch(other -> isAsLong(freeze, other)))
                .map(freeze -> new Weakening(
                        "freezes." + freeze.name(),
                        text(freeze),
                        wanted.stream()
                                .filter(other -> other.name().equals(freeze.name()))
                                .map(WeakeningPolicy::text)
                                .findFirst()
                                .orElse("none")))
                .toList();
    }

    private static boolean isAsLong(Freeze declared, Freeze wanted) {
        return wanted.name().equals(declared.name())
                && wanted.start().equals(declared.start())
                && wanted.timeZone().equals(declared.timeZone())
                && wanted.durationMinutes() >= declared.durationMinutes();
    }

    private static String text(Freeze freeze) {
        return "%s %s for %d min".formatted(freeze.start(), freeze.timeZone(), freeze.durationMinutes());
    }

    /** All of them in a sentence's part. */
    public static String describe(List<Weakening> weakened) {
        return weakened.stream().map(Weakening::toString).collect(Collectors.joining(", "));
    }

    /**
     * Why it is refused to weaken controls without an order.
     *
     * @param when they were declared, as a sentence with a space before it; empty: they are now
     * @param how the same may be ordered
     */
    public static Problem refusal(Target target, List<Weakening> weakened, String when, String how) {
        return new Problem(
                "override-required",
                Problem.Category.USER,
                "It would weaken controls of %s: %s.%s".formatted(target.key(), describe(weakened), when),
                "Keep them, or override them if you may: " + how,
                weakened.stream()
                        .map(weakening -> new FieldError(
                                "/" + weakening.setting().replace('.', '/'),
                                weakening.to(),
                                "is weaker than declared: " + weakening.from()))
                        .toList());
    }

    private void compare() {
        weakerIf(!isAsGradual(), "strategy", declared.summary(), asked.summary());
        weakerIf(
                asked.timeLimitSeconds() > declared.timeLimitSeconds(),
                "timeLimitSeconds",
                declared.timeLimitSeconds(),
                asked.timeLimitSeconds());
        weakerIf(
                asked.stableMinutes() < declared.stableMinutes(),
                "stableMinutes",
                declared.stableMinutes(),
                asked.stableMinutes());
        if (!declared.isRolling()) {
            compareShifting();
        }
        Set<String> alarms = new HashSet<>(asked.alarms());
        weakerIf(!alarms.containsAll(declared.alarms()), "alarms", declared.alarms(), asked.alarms());
        weakerIf(
                !Objects.equals(declared.before(), asked.before()),
                "before",
                text(declared.before()),
                text(asked.before()));
        weakerIf(
                declared.notifyTopic() != null && !declared.notifyTopic().equals(asked.notifyTopic()),
                "notifyTopic",
                text(declared.notifyTopic()),
                text(asked.notifyTopic()));
    }

    /**
     * Any traffic shift is stricter than a rolling update, and steps are stricter than all traffic at once. The first step
     * must not be larger; nor smaller, where a release passes on fewer requests than a verdict needs.
     */
    private boolean isAsGradual() {
        return switch (declared.strategy()) {
            case ROLLING -> true;
            case BLUE_GREEN -> asked.strategy() != Strategy.ROLLING && isLongEnough(asked.bakeMinutes());
            case CANARY ->
                switch (asked.strategy()) {
                    case CANARY ->
                        isGradual(asked.canary().percent(), asked.canary().bakeMinutes());
                    case LINEAR ->
                        isGradual(asked.linear().stepPercent(), asked.linear().bakeMinutes());
                    case ROLLING, BLUE_GREEN -> false;
                };
            case LINEAR ->
                asked.strategy() == Strategy.LINEAR
                        && isGradual(
                                asked.linear().stepPercent(), asked.linear().bakeMinutes());
        };
    }

    private boolean isGradual(double percent, int bakeMinutes) {
        double first = declared.steps().getFirst();
        VerdictRules rules = asked.verdict();
        boolean shown = !rules.probes()
                && (rules.onNoEvidence() == OnNoEvidence.ROLLBACK || rules.onNoEvidence() == OnNoEvidence.WAIT);
        boolean sameEvidence = shown || percent == first;
        return percent <= first
                && sameEvidence
                && bakeMinutes >= declared.firstBakeMinutes()
                && isLongEnough(asked.bakeMinutes());
    }

    private boolean isLongEnough(int lastBakeMinutes) {
        return lastBakeMinutes >= declared.bakeMinutes();
    }

    private void compareShifting() {
        boolean none = asked.isRolling();
        // Probes go to the path of the first check, so that those declared must come first.
        boolean sameChecks = asked.checks().size() >= declared.checks().size()
                && asked.checks().subList(0, declared.checks().size()).equals(declared.checks());
        weakerIf(
                !declared.checks().isEmpty() && (none || !sameChecks),
                "checks",
                text(declared.checks()),
                none ? "none" : text(asked.checks()));
        String function = declared.checkFunction();
        weakerIf(
                function != null && (none || !function.equals(asked.checkFunction())),
                "checkFunction",
                text(function),
                none ? "none" : text(asked.checkFunction()));
        compareApproval(declared.approval(), asked.approval());
        if (none) {
            weaker("verdict", "given", "none");
        } else {
            compareVerdict(declared.verdict(), asked.verdict());
        }
    }

    private void compareApproval(Approval is, Approval wanted) {
        if (is.when() == When.NONE) {
            boolean inDoubt = declared.steps().size() > 1 && declared.verdict().onNoEvidence() == OnNoEvidence.APPROVE;
            if (inDoubt) { // then silence is no approval, whatever else it is
                compareApprovers(is, wanted, OnTimeout.REJECT);
            }
            return;
        }
        if (asked.isRolling() || wanted.when().compareTo(is.when()) < 0) {
            weaker("approval.when", name(is.when()), asked.isRolling() ? "none" : name(wanted.when()));
        } else if (wanted.when() == When.BEFORE_PRODUCTION
                && asked.steps().getFirst() < declared.steps().getFirst()) {
            // Only the first step is asked for: the rest would follow an approval of hardly anything.
            weaker(
                    "approval.when",
                    "%s for %s %%".formatted(name(is.when()), declared.steps().getFirst()),
                    "%s for %s %%".formatted(name(wanted.when()), asked.steps().getFirst()));
        }
        weakerIf(
                wanted.onTimeout() == OnTimeout.APPROVE && is.onTimeout() == OnTimeout.REJECT,
                "approval.onTimeout",
                name(is.onTimeout()),
                name(wanted.onTimeout()));
        compareApprovers(is, wanted, is.onTimeout());
    }

    private void compareApprovers(Approval is, Approval wanted, OnTimeout silence) {
        weakerIf(wanted.by() == By.ANYONE && is.by() == By.OTHERS, "approval.by", name(is.by()), name(wanted.by()));
        boolean sooner = silence == OnTimeout.APPROVE && wanted.timeoutMinutes() < is.timeoutMinutes();
        boolean longer = silence == OnTimeout.REJECT && wanted.timeoutMinutes() > is.timeoutMinutes();
        weakerIf(sooner || longer, "approval.timeoutMinutes", is.timeoutMinutes(), wanted.timeoutMinutes());
    }

    private void compareVerdict(VerdictRules is, VerdictRules wanted) {
        weakerIf(
                wanted.maxErrorPercent() > is.maxErrorPercent(),
                "verdict.maxErrorPercent",
                is.maxErrorPercent(),
                wanted.maxErrorPercent());
        Integer slow = is.slowMillis();
        if (slow != null) {
            Integer wantedSlow = wanted.slowMillis();
            // One that all answers pass tells nothing apart.
            weakerIf(
                    wantedSlow == null || !wantedSlow.equals(slow),
                    "verdict.slowMillis",
                    slow,
                    wantedSlow == null ? "none" : wantedSlow);
            weakerIf(
                    wanted.maxSlowPercent() > is.maxSlowPercent(),
                    "verdict.maxSlowPercent",
                    is.maxSlowPercent(),
                    wanted.maxSlowPercent());
        }
        weakerIf(wanted.tolerance() > is.tolerance(), "verdict.tolerance", is.tolerance(), wanted.tolerance());
        weakerIf(
                wanted.harmlessPercent() > is.harmlessPercent(),
                "verdict.harmlessPercent",
                is.harmlessPercent(),
                wanted.harmlessPercent());
        // A longer one leaves minutes out; a shorter one counts minutes that say little of the release.
        weakerIf(
                wanted.warmUpSeconds() != is.warmUpSeconds(),
                "verdict.warmUpSeconds",
                is.warmUpSeconds(),
                wanted.warmUpSeconds());
        weakerIf(
                wanted.latencyWarmUpMinutes() != is.latencyWarmUpMinutes(),
                "verdict.latencyWarmUpMinutes",
                is.latencyWarmUpMinutes(),
                wanted.latencyWarmUpMinutes());
        weakerIf(wanted.probes() && !is.probes(), "verdict.probes", is.probes(), wanted.probes());
        // To roll back is the strictest and to promote the least strict; of the two between, one has people let
        // it pass and the other leaves the release where it is for longer.
        weakerIf(
                wanted.onNoEvidence() != is.onNoEvidence()
                        && wanted.onNoEvidence() != OnNoEvidence.ROLLBACK
                        && is.onNoEvidence() != OnNoEvidence.PROMOTE,
                "verdict.onNoEvidence",
                name(is.onNoEvidence()),
                name(wanted.onNoEvidence()));
        weakerIf(
                wanted.holdMinutes() > is.holdMinutes(), "verdict.holdMinutes", is.holdMinutes(), wanted.holdMinutes());
        for (Metric metric : is.metrics()) {
            Optional<Metric> kept = wanted.metrics().stream()
                    .filter(other -> isSame(metric, other))
                    .findFirst();
            weakerIf(
                    kept.isEmpty() || kept.get().max() > metric.max(),
                    "verdict.metrics." + metric.name(),
                    metric.max(),
                    kept.map(found -> (Object) found.max()).orElse("none"));
        }
    }

    private static boolean isSame(Metric a, Metric b) {
        return a.name().equals(b.name())
                && a.namespace().equals(b.namespace())
                && a.metric().equals(b.metric())
                && a.dimensions().equals(b.dimensions())
                && a.statistic().equals(b.statistic());
    }

    private void weakerIf(boolean weaker, String setting, Object from, Object to) {
        if (weaker) {
            weaker(setting, from.toString(), to.toString());
        }
    }

    private void weaker(String setting, String from, String to) {
        found.add(new Weakening("rollout." + setting, from, to));
    }

    private static String text(@Nullable Object value) {
        return value == null ? "none" : value.toString();
    }

    private static String text(List<Check> checks) {
        return checks.isEmpty()
                ? "none"
                : checks.stream()
                        .map(check -> "%s %s%s within %d ms"
                                .formatted(
                                        check.path(),
                                        check.codes(),
                                        check.contains() == null ? "" : " with \"" + check.contains() + "\"",
                                        check.latencyMillis()))
                        .collect(Collectors.joining(", "));
    }

    private static String text(RolloutSettings.@Nullable Before before) {
        return before == null
                ? "none"
                : "%s within %d s".formatted(String.join(" ", before.command()), before.timeoutSeconds());
    }

    /** As the spec spells it. */
    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
