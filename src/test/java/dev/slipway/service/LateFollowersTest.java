package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.app.ControlPlane;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.Followers;
import dev.slipway.environment.LateFollower;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.RecordingQueue;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.WorkQueue;
import dev.slipway.problem.ProblemException;
import dev.slipway.simulated.aws.SimulatedErrors;
import dev.slipway.simulation.World;
import dev.slipway.store.ItemType;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;

/** What keeps services from following late is told, and keeps no other from it. */
class LateFollowersTest {
    private static final EnvironmentId DEV = new EnvironmentId("dev");
    private static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");

    private Instant now = BEGUN;
    private final Store store = new MemoryStore(ControlPlane.json(), () -> now);
    private final List<String> sent = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private final Map<String, FollowingState> states = new HashMap<>();
    private final Map<String, RuntimeException> faults = new HashMap<>();
    /** What others do while a service is looked at. */
    private final Map<String, Runnable> meanwhile = new HashMap<>();

    private final WorkQueue queue = new RecordingQueue(sent);
    private final Outbox outbox = new Outbox(store, queue);
    private final Operations operations = new Operations(store);

    private final Followers followers = new Followers() {
        @Override
        public FollowingService follow(ServiceId id, Operation applied, boolean start, Transaction beside) {
            asked.add(id.service());
            meanwhile.getOrDefault(id.service(), () -> {}).run();
            RuntimeException fault = faults.get(id.service());
            if (fault != null) {
                throw fault;
            }
            FollowingState state = states.getOrDefault(id.service(), FollowingState.BUSY);
            if (state == FollowingState.WAITING && start) {
                outbox.commit(operations.startWrites(
                        Operation.accepted(applied.id(), id, Operation.Type.APPLY, "ann", now), beside));
                states.put(id.service(), FollowingState.APPLYING);
            }
            return new FollowingService(id.service(), states.getOrDefault(id.service(), state), null);
        }

        @Override
        public boolean isAnyOutdated(EnvironmentId id) {
            return true;
        }
    };

    private final LateFollowers late = new LateFollowers(store, queue, outbox, operations, followers, () -> now);

    private void late(String... services) {
        Operation applied = Operation.accepted("1", DEV, Operation.Type.APPLY, "ann", BEGUN)
                .withState(Operation.State.SUCCEEDED)
                .withEndedAt(BEGUN)
                .withServices(List.of(services).stream()
                        .map(name -> new FollowingService(name, FollowingState.LATER, "It is busy."))
                        .toList());
        store.write(
                new Write.Create<>(Operation.key(DEV, "1"), applied),
                new Write.Create<>(
                        EnvironmentRecord.key(DEV),
                        new EnvironmentRecord(
                                DEV,
                                World.environmentSpec("terminationProtection: false\n"),
                                null,
                                1,
                                Map.of(),
                                Map.of(),
                                false,
                                BEGUN,
                                BEGUN)));
        for (String name : services) {
            ServiceId id = new ServiceId("dev", name);
            store.write(new Write.Create<>(LateFollower.key(id), LateFollower.of(id, "1")));
        }
    }

    private void look() {
        JsonNode message = World.json(Map.of("late-followers", "dev"));
        assertThat(late.handle(message)).isTrue();
    }

    private FollowingService told(String service) {
        return operations.find(DEV, "1").orElseThrow().services().stream()
                .filter(found -> found.service().equals(service))
                .findFirst()
                .orElseThrow();
    }

    private boolean isLate(String service) {
        return store.get(LateFollower.key(new ServiceId("dev", service))).isPresent();
    }

    private static RuntimeException throttled() {
        return SimulatedErrors.fill(
                        ProvisionedThroughputExceededException.builder(),
                        "DynamoDb",
                        "ProvisionedThroughputExceededException",
                        "throttled")
                .build();
    }

    @Test
    void aRefusalIsToldAndTriedAgainAtGrowingIntervalsForADay() {
        late("web");
        faults.put("web", new ProblemException(409, "some-refusal", "It may not have that.", null));
        List<Long> minutes = new ArrayList<>();
        for (int minute = 0; minute < 48 * 60; minute += 5) {
            now = BEGUN.plus(Duration.ofMinutes(minute));
            asked.clear();
            look();
            if (!asked.isEmpty()) {
                minutes.add((long) minute);
            }
            if (minute == 60) {
                assertThat(told("web").state()).isEqualTo(FollowingState.LATER);
                assertThat(told("web").finding())
                        .isEqualTo("It was refused 4 times since 2026-01-01T00:00:00Z, at last: It may not have that.");
            }
        }

        assertThat(minutes).startsWith(0L, 5L, 15L, 35L, 75L, 135L, 195L).endsWith(1455L);
        assertThat(isLate("web")).isFalse();
        assertThat(told("web").state()).isEqualTo(FollowingState.FAILED);
        assertThat(told("web").finding()).contains("It may not have that.", "PUT /v1/environments/dev/services/web");
    }

    @Test
    void aRefusalThatHasPassedIsForgotten() {
        late("web");
        faults.put("web", new IllegalStateException("a fault of our own"));
        look();
        assertThat(told("web").finding())
                .startsWith("It was refused at 2026-01-01T00:00:00Z: ")
                .contains("a fault of our own");

        faults.clear();
        now = BEGUN.plus(Duration.ofMinutes(5));
        look();
        assertThat(store.get(LateFollower.key(new ServiceId("dev", "web")))
                        .orElseThrow()
                        .value()
                        .refusals())
                .isNull();
        states.put("web", FollowingState.DONE);
        look();

        assertThat(isLate("web")).isFalse();
        assertThat(told("web")).isEqualTo(new FollowingService("web", FollowingState.DONE, null));
    }

    @Test
    void oneThatFailsKeepsNoOtherFromItsTurnAndTroubleOfAwsIsTheQueues() {
        late("aa", "bb", "cc", "dd");
        faults.put("aa", throttled());
        faults.put("bb", new IllegalStateException("a fault of our own"));
        faults.put("cc", new Store.WriteConflictException("somebody was quicker"));
        states.put("dd", FollowingState.DONE);

        assertThatThrownBy(this::look).isInstanceOf(ProvisionedThroughputExceededException.class);

        assertThat(isLate("dd")).isFalse();
        assertThat(told("dd").state()).isEqualTo(FollowingState.DONE);
        assertThat(told("bb").finding()).contains("a fault of our own");
        assertThat(told("aa").finding()).as("it passes").isEqualTo("It is busy.");
        assertThat(told("cc").finding()).as("it passes").isEqualTo("It is busy.");
        faults.remove("aa");
        look();
    }

    /** A freeze ends for fifty at once. */
    @Test
    void tenBeginAtOnceAndTheOthersWhenThoseHaveEnded() {
        String[] all = IntStream.range(10, 35).mapToObj(i -> "s" + i).toArray(String[]::new);
        late(all);
        for (String name : all) {
            states.put(name, FollowingState.WAITING);
        }

        look();

        assertThat(states.values()).filteredOn(FollowingState.APPLYING::equals).hasSize(10);
        assertThat(told("s10").state()).isEqualTo(FollowingState.APPLYING);
        assertThat(told("s34").state()).isEqualTo(FollowingState.LATER);
        assertThat(told("s34").finding()).contains("10 of the services");
        ServiceId first = new ServiceId("dev", "s10");
        states.put("s10", FollowingState.DONE);
        store.write(new Write.Delete<>(store.stream("lock", "dev/s10", new ItemType<>("lock", JsonNode.class, 1), false)
                .findFirst()
                .orElseThrow()));

        late.onIdle(first);

        assertThat(isLate("s10")).isFalse();
        assertThat(told("s20").state()).isEqualTo(FollowingState.APPLYING);
        assertThat(told("s21").state()).isEqualTo(FollowingState.LATER);
    }

    /** An apply of the environment has its services follow itself. */
    /** It was read before that apply ended, and its operation afterwards. */
    @Test
    void whatALaterApplyHasTakenOverIsNotToldAnewByTheOneBefore() {
        late("api", "web");
        ServiceId web = new ServiceId("dev", "web");
        FollowingService overtaken = new FollowingService("web", FollowingState.LATER, "By a later apply: GET …");
        meanwhile.put(
                "api",
                () -> outbox.commit(new Transaction()
                        .update(store.get(LateFollower.key(web)).orElseThrow(), LateFollower.of(web, "2"))
                        .update(operation(), operation().value().withFollowing(overtaken))));

        states.put("web", FollowingState.FROZEN);
        look();

        assertThat(asked).containsExactly("api", "web");
        assertThat(operation().value().services()).contains(overtaken);
    }

    private Stored<Operation> operation() {
        return store.get(Operation.key(DEV, "1")).orElseThrow();
    }

    @Test
    void nothingIsLookedAtWhileTheEnvironmentIsApplied() {
        late("web");
        outbox.commit(operations.startWrites(
                Operation.accepted("2", DEV, Operation.Type.APPLY, "ann", now), new Transaction()));

        look();

        assertThat(asked).isEmpty();
        assertThat(isLate("web")).isTrue();
    }

    @Test
    void aResyncSendsOneMessageForEachEnvironment() {
        late("aa", "bb");

        late.resync();

        assertThat(sent).containsExactly("{\"late-followers\":\"dev\"}");
    }
}
