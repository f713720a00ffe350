package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.dora.DeliveryMetrics;
import dev.slipway.dora.DeliveryMetrics.FailureRate;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.ledger.LedgerQueries;
import dev.slipway.ledger.LedgerQueries.Filter;
import dev.slipway.operation.IdGenerator;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a service's ledger and rollouts tell of the time behind. */
class DeliveryTest {
    private final World world = new World(31);

    private void shipped() {
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: rolling}\n");
        world.rollOut(WEB, "v1");
        world.rollOut(WEB, "v2");
        world.rollOut(WEB, "v3-crash");
        world.rollOut(WEB, "v4-crash-after-30s");
        world.settle();
        world.rollOut(WEB, "v5");
        world.plane.rollouts().rollBack(WEB, null, null, null, World.by("bob"));
        world.settle();
    }

    @Test
    void theFourFiguresAreThoseOfTheRollouts() {
        shipped();
        DeliveryMetrics metrics = world.plane.delivery().of(WEB, 30);

        assertThat(metrics.deploymentFrequency().deployments()).isEqualTo(3);
        assertThat(metrics.changeFailureRate()).isEqualTo(new FailureRate(3, 5, 60.0));
        assertThat(Objects.requireNonNull(metrics.timeToRestore()).known()).isEqualTo(3);
        assertThat(metrics.leadTime()).isNull();
        DeliveryMetrics all = world.plane.delivery().of(DEV, 30);
        assertThat(all.changeFailureRate()).isEqualTo(metrics.changeFailureRate());
        assertThat(all.service()).isNull();
    }

    /** ECS goes back by itself: the release was found to be bad when it began to, not when the rollout did. */
    @Test
    void whatEcsGoesBackFromIsRestoredFromWhenItBeganTo() {
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: rolling}\n");
        world.rollOut(WEB, "v1");
        Rollout bad = world.rollOut(WEB, "v2-crash");
        world.timeline.advance(Duration.ofMinutes(1));
        Instant ended = bad.requireOutcome().endedAt();
        Instant began = Objects.requireNonNull(bad.progress().rollbackAt());

        assertThat(bad.state()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.stop()).isNull();
        assertThat(began).isAfter(bad.progress().startedAt()).isBefore(ended);
        assertThat(Objects.requireNonNull(world.plane.delivery().of(WEB, 30).timeToRestore())
                        .medianSeconds())
                .isEqualTo(Duration.between(began, ended).toSeconds());
    }

    /** Of one from before that was kept, and where ECS does not say. */
    @Test
    void whereNothingTellsWhenItBeganToGoBackNoTimeIsGuessed() {
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: rolling}\n");
        world.rollOut(WEB, "v1");
        Rollout bad = world.rollOut(WEB, "v2-crash");
        world.timeline.advance(Duration.ofMinutes(1));
        Stored<Rollout> stored = world.store.get(Rollout.key(WEB, bad.id())).orElseThrow();
        world.store.write(List.of(new Write.Update<>(stored, bad.progressed(progress -> progress.rollbackAt(null)))));

        DeliveryMetrics metrics = world.plane.delivery().of(WEB, 30);

        assertThat(metrics.changeFailureRate().failed()).isEqualTo(1);
        assertThat(metrics.timeToRestore()).isNull();
    }

    /** Without a pipeline nothing tells when a commit was pushed; its rollout counts from its request. */
    @Test
    void aCommitThatACallerNamesCountsFromTheRequest() {
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: rolling}\n");
        String location = world.plane
                .rollouts()
                .rollOut(WEB, new RolloutRequest("v1", "abc", null, ConcurrencyPolicy.REJECT, null), World.by("ann"))
                .location();
        Rollout rollout = world.rolledOut(WEB, location);
        world.apply(WEB, "container: {port: 8000, environment: {A: b}}\ncount: 2\nrollout: {strategy: rolling}\n");
        world.timeline.advance(Duration.ofMinutes(1));

        DeliveryMetrics metrics = world.plane.delivery().of(WEB, 30);

        assertThat(metrics.deploymentFrequency().deployments()).isEqualTo(2);
        assertThat(metrics.leadTime()).as("other settings bring no commit").isEqualTo(lead(rollout));
    }

    private static DeliveryMetrics.Durations lead(Rollout rollout) {
        long took = Duration.between(
                        rollout.progress().startedAt(), rollout.requireOutcome().endedAt())
                .toSeconds();
        return new DeliveryMetrics.Durations(took, took, 1);
    }

    /** Nobody was served before, and nobody after: it is said that this does not count. */
    @Test
    void whatFailedBeforeAnythingWasDeployedIsNoFailedChange() {
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: rolling}\n");
        assertThat(world.rollOut(WEB, "v1-crash").state()).isEqualTo(Rollout.State.FAILED);
        Rollout first = world.rollOut(WEB, "v1");
        assertThat(first.state()).as(first.toString()).isEqualTo(Rollout.State.SUCCEEDED);
        world.account.logs().deleteLogGroup(request -> request.logGroupName("/slipway/dev/web"));
        world.rollOut(WEB, "v2"); // refused by the preflight
        world.timeline.advance(Duration.ofMinutes(1));

        DeliveryMetrics metrics = world.plane.delivery().of(WEB, 30);

        assertThat(metrics.changeFailureRate()).isEqualTo(new FailureRate(0, 1, 0.0));
        assertThat(metrics.definitions().get("changeFailureRate"))
                .contains("What failed before ECS was told to deploy does not count, nor a first release");
    }

    private List<LedgerEntry> found(Filter filter, int most) {
        LedgerQueries queries = world.plane.ledger();
        List<LedgerEntry> found = new ArrayList<>();
        String next = null;
        do {
            Page<LedgerEntry> page = queries.page(WEB, filter, most, next);
            page.items().forEach(entry -> found.add(entry.value()));
            next = page.next();
        } while (next != null);
        return found;
    }

    @Test
    void entriesAreFoundByActorKindAndTime() {
        shipped();
        List<LedgerEntry> all = Ledgers.of(world, WEB).reversed();

        assertThat(found(Filter.ALL, 3)).isEqualTo(all);
        assertThat(found(new Filter(null, null, "bob", Set.of()), 2))
                .isNotEmpty()
                .isEqualTo(all.stream()
                        .filter(entry -> entry.actor().equals("bob"))
                        .toList());
        assertThat(found(new Filter(null, null, null, Set.of(EventType.ROLLOUT_ENDED, EventType.STOPPED)), 2))
                .isEqualTo(all.stream()
                        .filter(entry -> entry.type() == EventType.ROLLOUT_ENDED || entry.type() == EventType.STOPPED)
                        .toList());
        Instant from = all.get(all.size() - 5).at();
        Instant to = all.get(2).at();
        assertThat(found(new Filter(from, to, null, Set.of()), 4))
                .isEqualTo(all.stream()
                        .filter(entry ->
                                !entry.at().isBefore(from) && entry.at().isBefore(to))
                        .toList());
        assertThat(found(new Filter(world.timeline.instant().plus(Duration.ofDays(1)), null, null, Set.of()), 4))
                .isEmpty();
        assertThatThrownBy(() -> world.plane.ledger().page(WEB, Filter.ALL, 3, "nonsense"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** More than are read for an answer, one each ten minutes: the figures are of the time that is read, and say so. */
    @Test
    void moreRolloutsThanAreReadGiveFiguresOfAShorterTimeAndSaySo() {
        shipped();
        List<Stored<Rollout>> shipped = world.store
                .list(WEB.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, 10, null)
                .items();
        world.store.write(shipped.stream().map(Write.Delete::new).toList());
        Rollout one = shipped.stream()
                .map(Stored::value)
                .filter(rollout -> rollout.state() == Rollout.State.SUCCEEDED
                        && rollout.request().reason() != Rollout.Reason.ROLLBACK)
                .findFirst()
                .orElseThrow();
        Instant now = world.timeline.instant();
        for (int i = 2_500; i > 0; i--) {
            Instant at = now.minus(Duration.ofMinutes(10L * i));
            String id = new IdGenerator(InstantSource.fixed(at), new Random(i)).next();
            Rollout copy = one.with(rollout -> rollout.id(id)
                    .progress(one.progress().with(progress -> progress.startedAt(at)))
                    .outcome(new Rollout.Outcome(at.plusSeconds(60), "live", null, null)));
            world.store.write(List.of(new Write.Create<>(Rollout.key(WEB, id), copy)));
        }

        DeliveryMetrics cut = world.plane.delivery().of(WEB, 30);
        DeliveryMetrics whole = world.plane.delivery().of(WEB, 7);

        assertThat(cut.cut()).isTrue();
        assertThat(cut.from()).isEqualTo(now.minus(Duration.ofMinutes(20_000)));
        assertThat(cut.deploymentFrequency()).isEqualTo(new DeliveryMetrics.Frequency(2_000, 144.0));
        assertThat(whole.cut()).isFalse();
        assertThat(whole.from()).isEqualTo(now.minus(Duration.ofDays(7)));
        assertThat(world.plane.delivery().of(DEV, 30).from()).isEqualTo(cut.from());
    }
}
