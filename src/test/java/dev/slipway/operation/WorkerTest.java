package dev.slipway.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.Target;
import dev.slipway.notification.Notifications;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.simulation.World;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the worker has others look at beside operations. */
class WorkerTest {
    private static final EnvironmentId DEV = new EnvironmentId("dev");

    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = new MemoryStore(ControlPlane.json(), () -> now);
    private final List<String> sent = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private RuntimeException fault;

    private final WorkQueue queue = new RecordingQueue(sent);

    private final Worker.MessageHandler handler = new Worker.MessageHandler() {
        @Override
        public boolean handle(JsonNode message) {
            return false;
        }

        @Override
        public void onReconciled(Target target) {
            told.add("reconciled " + target.key());
        }

        @Override
        public void onIdle(Target target) {
            told.add("idle " + target.key());
        }

        @Override
        public void resync() {
            if (fault != null) {
                throw fault;
            }
        }
    };

    private Worker worker() {
        Workflow ending = (operation, at) -> ReconcileResult.proceed(operation.succeeded(at));
        return new Worker(
                store,
                queue,
                new Reconciler(
                        store,
                        queue,
                        WorkListener.NONE,
                        () -> now,
                        _ -> Instant.EPOCH,
                        new Reconciler.Workflows(ending, ending, ending)),
                WorkListener.NONE,
                new Notifications(store, new World(1).account.sns()),
                List.of(handler),
                () -> now,
                ControlPlane.json());
    }

    private void accept() {
        Operation operation = Operation.accepted("1", DEV, Operation.Type.APPLY, "ann", now);
        new Outbox(store, queue).commit(new Operations(store).startWrites(operation, new Transaction()));
        sent.clear();
    }

    @Test
    void aTargetIsIdleWhenNothingIsUnderWayThere() {
        accept();
        String look = Operations.reconcileMessage(DEV);

        worker().receive(look);
        assertThat(told).as("its operation ends").containsExactly("reconciled dev");
        assertThat(sent).as("and another look comes").containsExactly(look);
        worker().receive(look);

        assertThat(told).containsExactly("reconciled dev", "reconciled dev", "idle dev");
    }

    @Test
    void whatElseFailsKeepsNoOperationFromItsLook() {
        accept();
        fault = new IllegalStateException("as the test wants it");

        assertThatThrownBy(() -> worker().receive(Worker.RESYNC)).isSameAs(fault);

        assertThat(sent).containsExactly(Operations.reconcileMessage(DEV));
    }
}
