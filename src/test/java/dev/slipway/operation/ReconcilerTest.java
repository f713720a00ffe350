package dev.slipway.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import dev.slipway.store.Store.NewerSchemaException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Workers that get in each other's way. */
class ReconcilerTest {
    private static final EnvironmentId DEV = new EnvironmentId("dev");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = new MemoryStore(ControlPlane.json(), () -> now);
    private final List<String> passes = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private Workflow work = ending();

    private Instant nextStart = Instant.EPOCH;
    private boolean urgent;
    private boolean calm;

    private Workflow ending() {
        return (operation, at) -> {
            passes.add(operation.id());
            return ReconcileResult.proceed(operation.succeeded(at));
        };
    }

    private final WorkQueue queue = new RecordingQueue(sent);

    private Reconciler worker(Store through) {
        Workflow current = new Workflow() {
            @Override
            public ReconcileResult reconcile(Operation operation, Instant at) {
                return work.reconcile(operation, at);
            }

            @Override
            public boolean isUrgent(Operation operation) {
                return urgent;
            }
        };
        return new Reconciler(
                through,
                queue,
                WorkListener.NONE,
                () -> now,
                given -> given == null ? nextStart : calm ? now : given,
                new Reconciler.Workflows(current, current, current));
    }

    private void accept(String id) {
        Operation operation = Operation.accepted(id, DEV, Operation.Type.APPLY, "ann", now);
        new Outbox(store, queue).commit(new Operations(store).startWrites(operation, new Transaction()));
    }

    private String underWay() {
        return store.get(OperationLock.key(DEV)).orElseThrow().value().operation();
    }

    /** The store as a slow worker sees it: something happens just before its nth call of a method. */
    private Store before(String method, int nth, Runnable happens) {
        int[] calls = new int[1];
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, called, arguments) -> {
                    if (called.getName().equals(method) && ++calls[0] == nth) {
                        happens.run();
                    }
                    try {
                        return called.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void theFirstEndsAndASecondIsAccepted() {
        worker(store).reconcile(DEV, null);
        accept("2");
    }

    private OperationLock lock() {
        return store.get(OperationLock.key(DEV)).orElseThrow().value();
    }

    @Test
    void anOperationBeginsAtItsStartAndIsGivenOnlyOne() {
        accept("1");
        Instant begins = now.plus(Duration.ofMinutes(20));
        nextStart = begins;

        worker(store).reconcile(DEV, null);
        nextStart = begins.plus(Duration.ofHours(1)); // what the next would get
        for (int looks = 0; looks < 9; looks++) {
            assertThat(lock().nextReconcileAt()).isEqualTo(now.plus(Reconciler.ASK_AGAIN));
            now = now.plus(Reconciler.ASK_AGAIN);
            worker(store).reconcile(DEV, null);
        }
        assertThat(lock().nextReconcileAt()).isEqualTo(begins);
        assertThat(passes).isEmpty();

        now = begins;
        worker(store).reconcile(DEV, null);
        assertThat(passes).containsExactly("1");
    }

    /** The others were cancelled. */
    @Test
    void oneWhoseStartIsFarOffBeginsWithinTwoMinutesWhenNobodyIsBeforeItAnyMore() {
        accept("1");
        nextStart = now.plus(Duration.ofMinutes(20));
        work = (operation, at) -> {
            passes.add("look");
            return ReconcileResult.requeue(operation, Duration.ofMinutes(1));
        };
        worker(store).reconcile(DEV, null);

        calm = true;
        now = now.plus(Duration.ofMinutes(2));
        worker(store).reconcile(DEV, null);
        assertThat(passes).containsExactly("look");
        calm = false; // it has begun
        now = now.plus(Duration.ofMinutes(1));
        worker(store).reconcile(DEV, null);

        assertThat(passes).containsExactly("look", "look");
    }

    @Test
    void oneThatIsUrgentDoesNotWaitForItsStart() {
        accept("1");
        nextStart = now.plus(Duration.ofMinutes(20));
        worker(store).reconcile(DEV, null);
        assertThat(passes).isEmpty();

        urgent = true; // somebody cancels it
        worker(store).reconcile(DEV, null);

        assertThat(passes).containsExactly("1");
    }

    @Test
    void oneThatHasBegunHasNoStartToWaitFor() {
        accept("1");
        work = (operation, at) -> {
            passes.add("look");
            return ReconcileResult.requeue(operation, Duration.ofMinutes(1));
        };
        worker(store).reconcile(DEV, null);
        nextStart = now.plus(Duration.ofMinutes(20));
        now = now.plus(Duration.ofMinutes(1));

        worker(store).reconcile(DEV, null);

        assertThat(passes).containsExactly("look", "look");
    }

    /** The second operation's marker has the version that the first one's had: only the check of the first tells. */
    @Test
    void aLateClaimOfAnOperationThatHasEndedDoesNotTakeTheNextOnesPlace() {
        accept("1");
        Store slow = before("write", 1, this::theFirstEndsAndASecondIsAccepted);

        worker(slow).reconcile(DEV, null);

        assertThat(sent).last().isEqualTo("{\"target\":\"dev\",\"since\":\"%s\"}".formatted(now));
        assertThat(passes).containsExactly("1");
        assertThat(underWay()).isEqualTo("2");
    }

    @Test
    void norDoesOneThatReadsTheOperationOnlyAfterItHasEnded() {
        accept("1");
        Store slow = before("get", 2, this::theFirstEndsAndASecondIsAccepted);

        worker(slow).reconcile(DEV, null);

        assertThat(passes).containsExactly("1");
        assertThat(underWay()).isEqualTo("2");
    }

    @Test
    void aPassThatHasLostItsLeaseRecordsNothing() {
        accept("1");
        boolean[] nested = new boolean[1];
        work = (operation, at) -> {
            if (!nested[0]) {
                nested[0] = true;
                now = now.plus(Reconciler.LEASE).plusSeconds(1);
                worker(store).reconcile(DEV, null);
                accept("2");
            }
            passes.add(operation.id());
            return ReconcileResult.proceed(operation.succeeded(at));
        };

        worker(store).reconcile(DEV, null);

        assertThat(passes).containsExactly("1", "1");
        assertThat(underWay()).isEqualTo("2");
        assertThat(store.get(Operation.key(DEV, "2")).orElseThrow().value().isRunning())
                .isTrue();
    }

    /** During an upgrade an older worker meets what a newer one wrote; it must not end what that one will finish. */
    @Test
    void whatANewerVersionWroteIsLeftToIt() {
        accept("1");
        work = (operation, at) -> {
            throw new NewerSchemaException("the item has schema 2");
        };
        for (int i = 0; i < 2 * Reconciler.MAX_FAILURES; i++) {
            worker(store).reconcile(DEV, null);
            now = now.plusSeconds(60);
        }
        assertThat(underWay()).isEqualTo("1");

        now = now.plus(Reconciler.MAX_AWS_ERRORS);
        worker(store).reconcile(DEV, null);

        Operation ended = store.get(Operation.key(DEV, "1")).orElseThrow().value();
        assertThat(ended.failure().code()).isEqualTo("newer-version");
        assertThat(store.get(OperationLock.key(DEV))).isEmpty();
    }
}
