package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.environment.Environments;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operations;
import dev.slipway.preflight.Finding;
import dev.slipway.preflight.Preflight;
import dev.slipway.preflight.PreflightReport;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Images;
import dev.slipway.release.Images.Image;
import dev.slipway.rollout.Rollout;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells what a rollout would meet and take, and changes nothing. */
public final class DryRun {
    private final Operations operations;
    private final Services services;
    private final Environments environments;
    private final RolloutQueue queue;
    private final Images images;
    private final Preflight preflight;
    private final InstantSource clock;

    public DryRun(
            Operations operations,
            Services services,
            Environments environments,
            RolloutQueue queue,
            Images images,
            Preflight preflight,
            InstantSource clock) {
        this.operations = operations;
        this.services = services;
        this.environments = environments;
        this.queue = queue;
        this.images = images;
        this.preflight = preflight;
        this.clock = clock;
    }

    /**
     * Looks as a rollout of the image would. What would have the request refused now is a finding, and so is that there is no such
     * image.
     *
     * @throws ProblemException 404 or 409 where the service is not there yet, 422 when the image's name is none, 403 when it
     *     would weaken controls without an order
     */
    public PreflightReport rollOut(ServiceId id, RolloutRequest asked) {
        ServiceRecord record = Rollouts.applied(services, id).value();
        Instant now = clock.instant();
        String image = asked.image();
        RolloutSettings settings = asked.settings() == null ? record.declared().rollout() : asked.settings();
        Rollout rollout = queue.controlGuard()
                .resolved(Rollouts.asked("dry-run", record, asked, LedgerEntry.SLIPWAY, image, null, now), record);
        queue.controlGuard().enforce(rollout);
        queue.freezeGuard().requireKnown(record, asked.override());
        Map<String, String> environment = environments.get(id.environmentId()).outputs();
        Image resolved = null;
        Finding unresolved = null;
        try {
            resolved = images.resolve(id, record.output("RepositoryUri"), image);
        } catch (ProblemException e) {
            if (!e.problem().code().equals(Images.NOT_FOUND)) {
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
                                settings,
                                record.live(),
                                record.declared().startCount(now),
                                record.outputs(),
                                environment),
                        now)
                .report();
        List<Finding> findings = new ArrayList<>();
        inProgress(id, asked.concurrencyPolicy()).ifPresent(findings::add);
        queue.freezeGuard()
                .refusal(id, queue.freezeGuard().open(record, now), asked.override())
                .ifPresent(frozen -> findings.add(finding(frozen, true)));
        if (!rollout.request().weakened().isEmpty()) {
            findings.add(new Finding(
                    "controls-weakened",
                    false,
                    "It would weaken "
                            + WeakeningPolicy.describe(rollout.request().weakened()) + ".",
                    null));
        }
        findings.addAll(report.findings());
        return new PreflightReport(findings, report.forecast());
    }

    /** What would have the request refused now, because something else is under way, or what it would wait for. */
    private Optional<Finding> inProgress(ServiceId id, RolloutRequest.ConcurrencyPolicy policy) {
        return queue.refusal(id, Rollout.Reason.DEPLOY, policy)
                .map(problem -> finding(problem, true))
                .or(() -> operations.findRunning(id).map(running -> finding(Operations.inProgress(running), false)));
    }

    private static Finding finding(Problem problem, boolean blocks) {
        return new Finding(problem.code(), blocks, problem.detail(), problem.action());
    }
}
