package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.Environments;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operations;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Preflight;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Images;
import dev.slipway.release.Images.Image;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells what a rollout would meet and take, and changes nothing. */
public final class DryRun {
    private final Operations operations;
    private final Services services;
    private final Environments environments;
    private final Images images;
    private final Preflight preflight;
    private final InstantSource clock;

    public DryRun(
            Operations operations,
            Services services,
            Environments environments,
            Images images,
            Preflight preflight,
            InstantSource clock) {
        this.operations = operations;
        this.services = services;
        this.environments = environments;
        this.images = images;
        this.preflight = preflight;
        this.clock = clock;
    }

    /**
     * Looks as a rollout of the image would.
     *
     * @param image a tag, a digest, tag@digest, or the registry's URI with one of them; that there is none is a finding
     * @param settings for this rollout; null for the spec's
     * @throws ProblemException 404 or 409 where the service is not there yet, 422 when the image's name is none
     */
    public PreflightReport rollOut(ServiceId id, String image, @Nullable RolloutSettings settings) {
        ServiceRecord record = Rollouts.applied(services, id).value();
        Map<String, String> environment = environments.get(id.environmentId()).outputs();
        Image resolved = null;
        Finding unresolved = null;
        try {
            resolved = images.resolve(id, record.output("RepositoryUri"), image);
        } catch (ProblemException e) {
            if (!e.problem().code().equals("image-not-found")) {
                throw e;
            }
            unresolved = finding(e.problem(), true);
        }
        PreflightReport report = preflight
                .run(
                        new Preflight.Input(
                                id,
                                false,
                                resolved == null ? image : resolved.uri(),
                                resolved == null ? null : resolved.manifest(),
                                unresolved,
                                record.declared().container(),
                                settings == null ? record.declared().rollout() : settings,
                                record.live() == null,
                                record.declared().count(),
                                record.outputs(),
                                environment),
                        clock.instant())
                .report();
        List<Finding> findings = new ArrayList<>(report.findings());
        inProgress(id).ifPresent(findings::addFirst);
        return new PreflightReport(findings, report.forecast());
    }

    /** What would have the request refused now. */
    private java.util.Optional<Finding> inProgress(ServiceId id) {
        try {
            operations.requireUnlocked(id);
            return java.util.Optional.empty();
        } catch (ProblemException e) {
            return java.util.Optional.of(finding(e.problem(), true));
        }
    }

    private static Finding finding(Problem problem, boolean blocks) {
        return new Finding(problem.code(), blocks, problem.detail(), problem.action());
    }
}
