package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import dev.slipway.store.Write;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** However many services are late, what is written of them fits into transactions, and can be cut off between those. */
class LateFollowerChangesTest {
    private static final EnvironmentId DEV = new EnvironmentId("dev");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Store store = new MemoryStore(ControlPlane.json(), () -> NOW);

    private static ServiceId service(int i) {
        return new ServiceId("dev", "s" + i);
    }

    private static Operation ending(String id, FollowingState state, int services) {
        return Operation.accepted(id, DEV, Operation.Type.APPLY, "ann", NOW)
                .withServices(IntStream.range(100, 100 + services)
                        .mapToObj(i -> new FollowingService("s" + i, state, null))
                        .toList());
    }

    /** @return in how many transactions */
    private int written(Operation ending) {
        for (int times = 1; ; times++) {
            LateFollowerChanges changes = LateFollowerChanges.of(store, ending);
            assertThat(changes.transaction().writes()).hasSizeLessThan(90);
            if (!changes.transaction().isEmpty()) {
                store.write(changes.transaction().writes());
            }
            if (!changes.goesOn()) {
                return times;
            }
        }
    }

    private List<LateFollower> kept() {
        return store.stream(LateFollower.PARTITION, "", LateFollower.ITEM_TYPE, false)
                .map(found -> found.value())
                .toList();
    }

    private FollowingService told(String operation, int service) {
        return store.get(Operation.key(DEV, operation)).orElseThrow().value().services().stream()
                .filter(found -> found.service().equals("s" + service))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aHundredAndTwentyTakeFourTransactionsAtMost() {
        assertThat(written(ending("1", FollowingState.FROZEN, 120))).isLessThanOrEqualTo(4);

        assertThat(kept()).hasSize(120).allMatch(late -> late.operation().equals("1"));
        assertThat(LateFollowerChanges.of(store, ending("1", FollowingState.FROZEN, 120))
                        .transaction()
                        .isEmpty())
                .as("another look changes nothing")
                .isTrue();
    }

    /** Each of them is of an apply of its own, which tells that it was overtaken. */
    @Test
    void thoseOfAppliesBeforeAreReplacedOrGo() {
        for (int i = 100; i < 150; i++) {
            Operation before = ending("0" + i, FollowingState.LATER, 50);
            store.write(
                    new Write.Create<>(Operation.key(DEV, before.id()), before),
                    new Write.Create<>(LateFollower.key(service(i)), LateFollower.of(service(i), before.id())));
        }

        written(ending("1", FollowingState.LATER, 50));
        assertThat(kept()).hasSize(50).allMatch(late -> late.operation().equals("1"));
        assertThat(told("0149", 149).state()).isEqualTo(FollowingState.LATER);
        assertThat(told("0149", 149).finding()).isEqualTo("By a later apply: GET /v1/environments/dev/operations/1.");
        assertThat(told("0149", 148).finding()).isNull();

        store.write(new Write.Create<>(Operation.key(DEV, "1"), ending("1", FollowingState.LATER, 50)));
        written(ending("2", FollowingState.DONE, 50));
        assertThat(kept()).isEmpty();
        assertThat(told("1", 120).state()).isEqualTo(FollowingState.DONE);
    }

    /** One that is gone is none of the services that the apply has; another environment's are not touched. */
    @Test
    void whatIsGoneIsForgottenAndNoOtherEnvironmentsIs() {
        ServiceId gone = new ServiceId("dev", "gone");
        ServiceId other = new ServiceId("dev2", "s100");
        store.write(
                new Write.Create<>(LateFollower.key(gone), LateFollower.of(gone, "0")),
                new Write.Create<>(LateFollower.key(other), LateFollower.of(other, "0")));

        written(ending("1", FollowingState.DONE, 1));

        assertThat(kept()).containsExactly(LateFollower.of(other, "0"));
    }
}
