package dev.slipway.preflight;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;

/** What a rollout would find, and what it would take. */
@RegisterForReflection
public record PreflightReport(List<Finding> findings, Forecast forecast) {
    public PreflightReport {
        findings = List.copyOf(findings);
    }

    /** Whether the service has no tasks. */
    @JsonIgnore
    public boolean isStopped() {
        return findings.stream().anyMatch(finding -> finding.code().equals(PreflightPolicy.STOPPED));
    }

    /** The same for a service that was found to have no tasks since. */
    public PreflightReport stopped() {
        if (isStopped()) {
            return this;
        }
        List<Finding> more = new ArrayList<>(findings);
        more.add(PreflightPolicy.stopped());
        return new PreflightReport(more, forecast);
    }
}
