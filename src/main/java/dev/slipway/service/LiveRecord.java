package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Transaction;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.stack.StackPhase;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.StackState;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Optional;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.Service;

/** Which release is recorded as the live one, after a rollout was given up. */
record LiveRecord(Store store, EcsDeployments deployments, StackReconciler stacks, IdGenerator ids) {
    private static final int RELEASES = 50;

    /**
     * Has the record say what ECS runs. A release that went live so has passed no control: it does not count as one that
     * was live before.
     *
     * @return what to record; nothing when it is right; empty while ECS or the stack that makes the ECS service is under way, or stuck
     */
    Optional<Transaction> repair(ServiceId id, Instant now) {
        Optional<Stored<ServiceRecord>> found = store.get(ServiceRecord.key(id));
        if (found.isEmpty()) {
            return Optional.of(new Transaction());
        }
        Optional<StackState> stack = stacks.observe(id.stackName());
        if (stack.filter(LiveRecord::isUnsettled).isPresent()) {
            return Optional.empty(); // it may still make the service, and may still take it away
        }
        Optional<Service> service = deployments.findActive(id);
        if (service.isEmpty()) {
            // ECS may not show yet what the stack has just made.
            return stack.filter(LiveRecord::makesService).isPresent()
                    ? Optional.empty()
                    : Optional.of(new Transaction());
        }
        if (!EcsDeployments.isSteady(service.get())) {
            return Optional.empty(); // under way, or neither gone on nor gone back
        }
        if (OutOfBandDeployments.latest(store, id).stream()
                .findFirst()
                .filter(newest -> newest.state() == Rollout.State.SUCCEEDED)
                .isPresent()) {
            return Optional.of(new Transaction()); // a later rollout has settled it
        }
        Stored<ServiceRecord> record = found.orElseThrow();
        Integer before = record.value().live();
        return Optional.of(release(id, service.get().deployments().getFirst())
                .filter(release -> before == null || release.number() != before)
                .map(release -> new Transaction()
                        .update(record, record.value().releasing(release.number()))
                        .entry(new LedgerEntry(
                                ids.next(),
                                id,
                                now,
                                LedgerEntry.SLIPWAY,
                                LedgerEntry.EventType.LIVE_CORRECTED,
                                null,
                                null,
                                release.number(),
                                "Release %d is live: ECS finished its deployment after the rollout was given up. %s"
                                        .formatted(
                                                release.number(),
                                                before == null
                                                        ? "It is the service's first."
                                                        : "Before, release %d was.".formatted(before)))))
                .orElseGet(Transaction::new));
    }

    private static boolean isUnsettled(StackState stack) {
        return stack.phase() == StackPhase.IN_PROGRESS || stack.phase() == StackPhase.ROLLBACK_FAILED;
    }

    private static boolean makesService(StackState stack) {
        return stack.phase().holdsResources()
                && !stack.parameters().getOrDefault("TaskDefinition", "").isEmpty();
    }

    /** The newest release of the deployment's task definition. */
    private Optional<Release> release(ServiceId id, Deployment deployment) {
        return store.list(id.partition(), Release.SORT, Release.ITEM_TYPE, true, RELEASES, null).items().stream()
                .map(Stored::value)
                .filter(release -> release.isTaskDefinition(deployment.taskDefinition()))
                .findFirst();
    }
}
