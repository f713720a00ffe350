package dev.slipway.simulated.ecs;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;
import software.amazon.awssdk.services.ecs.model.DeploymentStrategy;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;

/** A service deployment: the way from the revisions a service had to one target revision, and back if it failed. */
final class EcsServiceDeployment {
    final String arn;
    final EcsServiceRecord service;
    final EcsDeployment target;
    final List<EcsRevision> sources;
    /** What served when it began and what it goes back to: the last that completed. Null for a first deployment. */
    final @Nullable EcsDeployment source;

    final DeploymentConfiguration configuration;
    final Instant createdAt;
    ServiceDeploymentStatus status = ServiceDeploymentStatus.PENDING;
    Instant updatedAt;

    @Nullable
    String statusReason;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant finishedAt;

    @Nullable
    Instant stoppedAt;

    @Nullable
    EcsDeployment rollbackTo;

    @Nullable
    Instant rollbackStartedAt;

    int failures;
    /** "Once a service deployment has one or more successfully running tasks, … stops being evaluated" (Deployment). */
    boolean failuresCount = true;

    boolean circuitBroken;
    /** In ALARM when it began. */
    final Set<String> ignoredAlarms = new LinkedHashSet<>();

    final Set<String> triggeredAlarms = new LinkedHashSet<>();
    /** Of a deployment in stages. */
    @Nullable
    private EcsProgress progress;

    EcsServiceDeployment(
            String arn,
            EcsServiceRecord service,
            EcsDeployment target,
            List<EcsRevision> sources,
            @Nullable EcsDeployment source,
            DeploymentConfiguration configuration,
            Instant createdAt) {
        this.arn = arn;
        this.service = service;
        this.target = target;
        this.sources = sources;
        this.source = source;
        this.configuration = configuration;
        this.createdAt = createdAt;
        this.updatedAt = createdAt;
    }

    void become(ServiceDeploymentStatus next, Instant now) {
        status = next;
        updatedAt = now;
    }

    boolean running() {
        return switch (status) {
            case PENDING, IN_PROGRESS, STOP_REQUESTED, ROLLBACK_REQUESTED, ROLLBACK_IN_PROGRESS -> true;
            default -> false;
        };
    }

    /** Whether it shifts traffic in stages rather than replacing task by task. */
    boolean staged() {
        return configuration.strategy() != null && configuration.strategy() != DeploymentStrategy.ROLLING;
    }

    /** Ended in stages somewhere on the way, so that both revisions may have traffic. */
    boolean abandoned() {
        return staged()
                && (status == ServiceDeploymentStatus.STOPPED || status == ServiceDeploymentStatus.ROLLBACK_FAILED);
    }

    EcsProgress progress() {
        return Objects.requireNonNull(progress);
    }

    void progress(EcsProgress next) {
        progress = next;
    }

    /** Still on its way forward, so that failures count and a stop can turn it around. */
    boolean forward() {
        return status == ServiceDeploymentStatus.PENDING || status == ServiceDeploymentStatus.IN_PROGRESS;
    }
}
