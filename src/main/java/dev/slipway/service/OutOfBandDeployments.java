package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Transaction;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.Service;

/**
 * Deployments that somebody started by other means than the control plane: the console, Terraform, a script. They are
 * recorded and shown, and otherwise left alone.
 */
record OutOfBandDeployments(Store store, EcsDeployments deployments, IdGenerator ids) {
    /** How far ECS's clock may differ from ours. */
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(5);
    /** ECS keeps its own deployments as long. */
    private static final Duration KEPT = Duration.ofDays(90);

    private static final int ROLLOUTS = 10;

    /**
     * One that was seen; kept so that it is recorded once.
     *
     * @param deployment its id in ECS
     */
    @RegisterForReflection
    record Recorded(String deployment, String taskDefinition, Instant startedAt, Instant seenAt) {
        private static final ItemType<Recorded> ITEM_TYPE = new ItemType<>("out-of-band", Recorded.class, 1);

        static Key<Recorded> key(ServiceId service, String deployment) {
            return new Key<>(service.partition(), "out-of-band#" + deployment, ITEM_TYPE);
        }
    }

    /** Looks once; what is to be recorded, when there is something new. ECS is asked first, so that a rollout of ours that
     * has deployed by then is known to the store. */
    Transaction record(ServiceId id, Instant now) {
        Optional<ServiceRecord> record = store.get(ServiceRecord.key(id)).map(Stored::value);
        if (record.isEmpty() || record.get().live() == null) {
            return new Transaction();
        }
        Optional<Service> service = deployments.findActive(id);
        Optional<Deployment> found = service.flatMap(active -> find(store, record.get(), active));
        if (found.isEmpty() || store.get(Recorded.key(id, found.get().id())).isPresent()) {
            return new Transaction();
        }
        Deployment deployment = found.get();
        Recorded seen = new Recorded(deployment.id(), deployment.taskDefinition(), deployment.createdAt(), now);
        String sentence = "A deployment of %s was started outside Slipway at %s."
                .formatted(deployment.taskDefinition(), deployment.createdAt());
        return new Transaction()
                .create(Recorded.key(id, deployment.id()), seen, now.plus(KEPT))
                .entry(LedgerEntry.of(
                        ids.next(), id, LedgerEntry.EventType.DEPLOYED_OUT_OF_BAND, LedgerEntry.ECS, sentence, now));
    }

    /** The deployment that makes another release live than ours, or is about to, without being one of ours. */
    static Optional<Deployment> find(Store store, ServiceRecord record, Service service) {
        Optional<Deployment> primary = service.deployments().stream()
                .filter(deployment -> "PRIMARY".equals(deployment.status()))
                .findFirst();
        Integer live = record.live();
        if (primary.isEmpty() || live == null) {
            return Optional.empty();
        }
        boolean same = store.get(Release.key(record.id(), live))
                .filter(release ->
                        release.value().isTaskDefinition(primary.get().taskDefinition()))
                .isPresent();
        if (same && !isUnderWay(primary.get())) {
            return Optional.empty();
        }
        List<Rollout> rollouts = latest(store, record.id());
        boolean goesBack = same
                && !rollouts.isEmpty()
                && rollouts.getFirst().state() == Rollout.State.FAILED; // ECS rolls back what we gave up
        return goesBack || rollouts.stream().anyMatch(rollout -> made(rollout, primary.get()))
                ? Optional.empty()
                : primary;
    }

    static boolean isUnderWay(Deployment deployment) {
        return deployment.rolloutState() == DeploymentRolloutState.IN_PROGRESS;
    }

    private static boolean made(Rollout rollout, Deployment deployment) {
        Instant at = deployment.createdAt();
        return !at.isBefore(rollout.progress().startedAt().minus(CLOCK_SKEW))
                && (rollout.outcome() == null
                        || !at.isAfter(rollout.outcome().endedAt().plus(CLOCK_SKEW)));
    }

    /** The latest that have started, newest first. */
    static List<Rollout> latest(Store store, ServiceId id) {
        return store.list(id.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, ROLLOUTS, null).items().stream()
                .map(Stored::value)
                .filter(rollout -> rollout.progress().operation() != null)
                .sorted(Comparator.comparing(
                                (Rollout rollout) -> rollout.progress().startedAt())
                        .reversed())
                .toList();
    }
}
