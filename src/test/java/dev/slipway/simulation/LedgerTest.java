package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.rollout.Rollout.State;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ledger has every decision, and tells what is. */
class LedgerTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s%s}\n";

    private final World world = new World(7);

    private void created(String strategy, String more) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy, more)).failure())
                .isNull();
        Ledgers.replay(world, World.WEB);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        Ledgers.replay(world, World.WEB);
    }

    @Test
    void aServicesLifeIsInItFromFirstToLastAndAfterwards() {
        created("rolling", "");
        world.rollOut(World.WEB, "v2-crash");
        world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Deletion(null, Set.of(), World.WEB.service()), World.by("bob")));
        Ledgers.replay(world, World.WEB);
        world.apply(World.WEB, SERVICE.formatted("rolling", ""));
        world.rollOut(World.WEB, "v3");

        assertThat(Ledgers.kinds(world, World.WEB))
                .containsExactly(
                        EventType.SPEC_ACCEPTED,
                        EventType.ROLLOUT_STARTED,
                        EventType.ROLLOUT_ENDED,
                        EventType.ROLLOUT_STARTED,
                        EventType.ROLLOUT_ENDED,
                        EventType.DELETION_ACCEPTED,
                        EventType.DELETED,
                        EventType.SPEC_ACCEPTED,
                        EventType.ROLLOUT_STARTED,
                        EventType.ROLLOUT_ENDED);
        assertThat(Ledgers.of(world, World.WEB).get(5).actor()).isEqualTo("bob");
        Ledgers.replay(world, World.WEB);
    }

    @Test
    void anEnvironmentHasOneOfItsOwn() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.ended(
                World.DEV,
                world.plane.environments().delete(World.DEV, new Deletion(null, Set.of(), null), World.by("bob")));

        assertThat(Ledgers.kinds(world, World.DEV))
                .containsExactly(EventType.SPEC_ACCEPTED, EventType.DELETION_ACCEPTED, EventType.DELETED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v2", "v2-prod-errors-20", "v2-crash", "v2-never-healthy"})
    void itReplaysToWhatIsAtEveryMomentOfARollout(String image) {
        created("canary", ", checks: [{path: /}]");
        world.plane.rollouts().rollOut(World.WEB, World.asking(image), World.by("ann"));
        for (int minute = 0; minute < 60; minute++) {
            Ledgers.replay(world, World.WEB);
            world.timeline.advance(Duration.ofMinutes(1));
        }
        world.settle();
        Ledgers.replay(world, World.WEB);
    }

    @Test
    void aRolloutThatIsGivenUpIsInIt() {
        created("rolling", "");
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
        world.chaos.beforeWrite = () -> {
            throw new IllegalStateException("a fault of our own");
        };
        for (int minute = 0; minute < 4; minute++) {
            world.timeline.advance(Duration.ofMinutes(1));
        }
        world.chaos.beforeWrite = () -> {};
        world.settle();

        Ledgers.replay(world, World.WEB);
    }

    @Test
    void everyKindOfDecisionIsWrittenBySomebody() {
        Set<EventType> elsewhere = EnumSet.of(
                EventType.DRIFTED,
                EventType.DRIFT_ENDED,
                EventType.REDRIVEN,
                EventType.MEND_ACCEPTED,
                EventType.FREEZE_OVERRIDDEN,
                EventType.APPLIED_AGAIN,
                EventType.EXPIRY_WARNED,
                EventType.SPEC_REVERTED,
                EventType.DEPLOYED_OUT_OF_BAND,
                EventType.LIVE_CORRECTED,
                EventType.OTHER,
                EventType.PROMOTED,
                EventType.GRANTED,
                EventType.GRANT_REVOKED,
                EventType.GRANT_LAPSED,
                EventType.ROLLOUT_QUEUED,
                EventType.DELETED,
                EventType.DELETION_ACCEPTED);
        created("canary", ", before: {command: [migrate]}");
        String asking = SERVICE.formatted("canary", ", checks: [{path: /}], approval: {when: before-production}");
        assertThat(world.apply(World.WEB, asking).failure()).isNull();
        for (boolean yes : new boolean[] {true, false}) {
            String location = world.plane
                    .rollouts()
                    .rollOut(World.WEB, World.asking(yes ? "v2" : "v3"), World.by("ann"))
                    .location();
            world.timeline.advance(Duration.ofMinutes(15));
            String id = World.idOf(location);
            world.answer(World.WEB, id, yes, "because", "eve");
            world.rolledOut(World.WEB, location);
            Ledgers.replay(world, World.WEB);
        }
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v4"), World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofMinutes(2));
        world.plane.rollouts().cancel(World.WEB, World.idOf(location), World.by("eve"));
        world.rolledOut(World.WEB, location);
        Ledgers.replay(world, World.WEB);

        List<LedgerEntry> entries = Ledgers.of(world, World.WEB);
        assertThat(entries)
                .extracting(LedgerEntry::type)
                .contains(EnumSet.complementOf(EnumSet.copyOf(elsewhere)).toArray(EventType[]::new));
        assertThat(entries).allSatisfy(entry -> assertThat(entry.message()).isNotBlank());
    }
}
