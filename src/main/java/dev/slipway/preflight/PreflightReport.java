package dev.slipway.preflight;

import java.util.List;

/** What a rollout would find, and what it would take. */
public record PreflightReport(List<Finding> findings, Forecast forecast) {
    public PreflightReport {
        findings = List.copyOf(findings);
    }
}
