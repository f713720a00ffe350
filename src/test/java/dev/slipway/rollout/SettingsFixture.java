package dev.slipway.rollout;

import dev.slipway.rollout.RolloutSettings.Approval;
import dev.slipway.rollout.RolloutSettings.Canary;
import dev.slipway.rollout.RolloutSettings.Check;
import dev.slipway.rollout.RolloutSettings.Linear;
import dev.slipway.rollout.RolloutSettings.Strategy;
import dev.slipway.rollout.RolloutSettings.VerdictRules;
import dev.slipway.verdict.Basis;
import dev.slipway.verdict.Outcome;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.VerdictStatistics;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Settings of a rollout, as a test wants them. */
final class SettingsFixture {
    static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    static final Check CHECK = new Check("/", "200-399", null, 1000);

    Strategy strategy = Strategy.CANARY;
    int timeLimitSeconds = 600;
    int bakeMinutes = 10;
    double canaryPercent = 10;
    double stepPercent = 20;
    int stepBakeMinutes = 15;
    List<Check> checks = List.of();

    @Nullable
    String checkFunction;

    Approval.When when = Approval.When.NONE;
    Approval.OnTimeout onTimeout = Approval.OnTimeout.REJECT;
    double maxErrorPercent = 5;

    @Nullable
    Integer slowMillis;

    VerdictRules.LowTraffic lowTraffic = VerdictRules.LowTraffic.HOLD;
    List<VerdictRules.Metric> metrics = List.of();

    private SettingsFixture() {}

    static RolloutSettings settings(Consumer<SettingsFixture> changes) {
        SettingsFixture given = new SettingsFixture();
        changes.accept(given);
        return new RolloutSettings(
                given.strategy,
                given.timeLimitSeconds,
                given.bakeMinutes,
                new Canary(given.canaryPercent, given.stepBakeMinutes),
                new Linear(given.stepPercent, given.stepBakeMinutes),
                given.checks,
                given.checkFunction,
                new Approval(given.when, 30, given.onTimeout),
                new VerdictRules(given.maxErrorPercent, given.slowMillis, 20, 60, given.lowTraffic, 60, given.metrics),
                List.of("orders"),
                null,
                null);
    }

    static Verdict verdict(Outcome outcome, boolean probe) {
        VerdictStatistics none = new VerdictStatistics(0, 0, 0, 0, 0, 0, 0, 0);
        return new Verdict(outcome, Basis.COMPARISON, "It is " + outcome + ".", probe, null, none, none);
    }
}
