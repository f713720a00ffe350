package dev.slipway.deployment;

import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.Canary;
import dev.slipway.deployment.RolloutSettings.Check;
import dev.slipway.deployment.RolloutSettings.Linear;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Basis;
import dev.slipway.verdict.Verdict.Outcome;
import dev.slipway.verdict.Verdict.VerdictStatistics;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Settings of a rollout, as a test wants them. */
public final class SettingsFixture {
    public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    public static final Check CHECK = new Check("/", "200-399", null, 1000);

    public Strategy strategy = Strategy.CANARY;
    int timeLimitSeconds = 600;
    int bakeMinutes = 10;
    int stableMinutes = 3;
    double canaryPercent = 10;
    double stepPercent = 20;
    int stepBakeMinutes = 15;
    public List<Check> checks = List.of();

    @Nullable
    public String checkFunction;

    public Approval.When when = Approval.When.NONE;
    public Approval.By by = Approval.By.OTHERS;
    public int approvalMinutes = 30;
    public Approval.OnTimeout onTimeout = Approval.OnTimeout.REJECT;
    public double maxErrorPercent = 5;

    @Nullable
    public Integer slowMillis;

    boolean probes;
    public VerdictRules.OnNoEvidence onNoEvidence = VerdictRules.OnNoEvidence.ROLLBACK;
    public List<VerdictRules.Metric> metrics = List.of();

    private SettingsFixture() {}

    public static RolloutSettings settings(Consumer<SettingsFixture> changes) {
        SettingsFixture given = new SettingsFixture();
        changes.accept(given);
        return new RolloutSettings(
                given.strategy,
                given.timeLimitSeconds,
                given.bakeMinutes,
                given.stableMinutes,
                new Canary(given.canaryPercent, given.stepBakeMinutes),
                new Linear(given.stepPercent, given.stepBakeMinutes),
                given.checks,
                given.checkFunction,
                new Approval(given.when, given.by, given.approvalMinutes, given.onTimeout),
                new VerdictRules(
                        given.maxErrorPercent,
                        given.slowMillis,
                        20,
                        3,
                        1.5,
                        60,
                        4,
                        given.probes,
                        60,
                        given.onNoEvidence,
                        given.metrics),
                List.of("orders"),
                null,
                null);
    }

    public static Verdict verdict(Outcome outcome, boolean probe) {
        VerdictStatistics none = new VerdictStatistics(0, 0, 0, 0, 0, 0, 0, 0);
        return new Verdict(outcome, Basis.COMPARISON, "It is " + outcome + ".", probe, null, none, none);
    }
}
