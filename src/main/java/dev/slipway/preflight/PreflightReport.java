package dev.slipway.preflight;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/** What a rollout would find, and what it would take. */
@RegisterForReflection
public record PreflightReport(List<Finding> findings, Forecast forecast) {
    public PreflightReport {
        findings = List.copyOf(findings);
    }
}
