package dev.slipway.app;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What Jackson reads and writes, for native images, where nothing is found by reflection that is not named, and what is
 * not annotated itself. By name, because some are their package's own.
 */
@RegisterForReflection(
        classNames = {
            "dev.slipway.rollout.Finding",
            "dev.slipway.rollout.Forecast",
            "dev.slipway.rollout.Forecast$Evidence",
            "dev.slipway.rollout.Forecast$Extra",
            "dev.slipway.rollout.Forecast$Part",
            "dev.slipway.rollout.Forecast$Saving",
            "dev.slipway.rollout.GateRecord",
            "dev.slipway.rollout.GateRecord$Approval",
            "dev.slipway.rollout.GateRecord$CheckResult",
            "dev.slipway.rollout.GateRecord$Checkpoint",
            "dev.slipway.rollout.AnalysisState",
            "dev.slipway.rollout.AnalysisState$Probes",
            "dev.slipway.rollout.AnalysisState$TrafficShift",
            "dev.slipway.rollout.Rollout",
            "dev.slipway.rollout.Rollout$TargetGroups",
            "dev.slipway.rollout.Rollout$Reason",
            "dev.slipway.rollout.Rollout$Stage",
            "dev.slipway.rollout.Rollout$State",
            "dev.slipway.rollout.Rollout$Stop",
            "dev.slipway.rollout.Rollout$Stop$Cause",
            "dev.slipway.rollout.Rollout$Task",
            "dev.slipway.verdict.Basis",
            "dev.slipway.verdict.Evidence",
            "dev.slipway.verdict.VerdictStatistics",
            "dev.slipway.verdict.Limit",
            "dev.slipway.verdict.Outcome",
            "dev.slipway.verdict.MetricWindow",
            "dev.slipway.verdict.Sample",
            "dev.slipway.verdict.Tally",
            "dev.slipway.verdict.SignalEvidence",
            "dev.slipway.verdict.Verdict",
            "dev.slipway.verdict.EProcess"
        })
final class Reflection {
    private Reflection() {}
}
