package dev.slipway.service;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.LateFollower;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Worker;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Has services follow their environment that were busy for longer than its apply waited. Each look begins with what is recorded, so
 * that it can be cut off anywhere, and come twice.
 */
public final class LateFollowers implements Worker.MessageHandler {
    private static final Logger LOG = Logger.getLogger(LateFollowers.class);

    private final Store store;
    private final Outbox outbox;
    private final Operations operations;
    private final Services services;

    public LateFollowers(Store store, Outbox outbox, Operations operations, Services services) {
        this.store = store;
        this.outbox = outbox;
        this.operations = operations;
        this.services = services;
    }

    @Override
    public boolean handle(JsonNode message) {
        return false;
    }

    @Override
    public void resync() {
        store.stream(LateFollower.PARTITION, "", LateFollower.ITEM_TYPE, false).forEach(this::attempt);
    }

    /** What kept it busy may have ended. */
    @Override
    public void onReconciled(Target target) {
        if (target instanceof ServiceId service) {
            store.get(LateFollower.key(service)).ifPresent(this::attempt);
        }
    }

    /** Where somebody else was quicker, it is looked at again. */
    private void attempt(Stored<LateFollower> found) {
        try {
            look(found);
        } catch (ProblemException | WriteConflictException e) {
            LOG.infof(
                    "service=%s does not follow yet: %s",
                    found.value().service().key(), e.getMessage());
        }
    }

    private void look(Stored<LateFollower> found) {
        ServiceId service = found.value().service();
        EnvironmentId environment = service.environmentId();
        Optional<Operation> applied = operations.find(environment, found.value().operation());
        boolean stays = store.get(EnvironmentRecord.key(environment))
                .filter(record -> !record.value().deleting())
                .isPresent();
        if (applied.isEmpty() || !stays) {
            outbox.commit(new Transaction().delete(found));
            return;
        }
        if (operations.findChanging(environment).isPresent()) {
            return; // it has its services follow itself, or leaves everything as it was
        }
        switch (services.follow(service, applied.get(), true).state()) {
            case WAITING, APPLYING, BUSY, LATER, FROZEN -> {}
            case DONE, FAILED -> outbox.commit(new Transaction().delete(found));
        }
    }
}
