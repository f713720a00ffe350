package dev.slipway.simulation.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Plans;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.stack.Risk;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Freeze windows hold rollouts, however they come about, and nothing else. The clock begins on Thursday, 2026-01-01. */
class FrozenTest {
    private static final String ENVIRONMENT = """
            terminationProtection: false
            freezes: [{name: weekend, start: 0 18 * * FRI, durationMinutes: 3600, timeZone: Europe/Berlin,
              reason: nobody is here}]
            """;
    private static final String SERVICE = """
            container: {port: 8000, environment: {MODE: %s}}
            gracePeriodSeconds: %d
            freezes: [{name: lunch, start: 0 12 * * *, durationMinutes: 60, timeZone: UTC}]
            """;
    private static final Instant SATURDAY = Instant.parse("2026-01-03T09:00:00Z");
    private static final Instant MONDAY = Instant.parse("2026-01-05T05:00:00Z");
    private static final ControlOverride OVERRIDE = new ControlOverride(List.of("weekend"), "the shop is down");

    private final World world = new World(6).withoutAlarms();

    private void created() {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted("a", 60)).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
    }

    private void at(Instant when) {
        world.timeline.advance(Duration.between(world.timeline.instant(), when));
    }

    private Accepted rollOut(String image, ConcurrencyPolicy concurrencyPolicy, @Nullable ControlOverride override) {
        return world.plane
                .rollouts()
                .rollOut(
                        World.WEB, new RolloutRequest(image, null, null, concurrencyPolicy, override), World.by("ann"));
    }

    private Accepted apply(String mode, int grace, @Nullable ControlOverride override) {
        return world.plane
                .services()
                .apply(
                        World.WEB,
                        World.serviceSpec(SERVICE.formatted(mode, grace)),
                        new Declarations.Order(null, Set.of(), override),
                        World.by("ann"));
    }

    private List<LedgerEntry> overridden() {
        return Ledgers.of(world, World.WEB, LedgerEntry.EventType.FREEZE_OVERRIDDEN);
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    @Test
    void aRolloutInAWindowIsRefusedWithItsNameItsEndAndTheWayOn() {
        created();
        at(SATURDAY);

        assertThatThrownBy(() -> rollOut("v3", ConcurrencyPolicy.QUEUE, null))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(409);
                    assertThat(refused.problem().code()).isEqualTo("frozen");
                    assertThat(refused.problem().detail())
                            .contains("weekend (until 2026-01-05T05:00:00Z: nobody is here)");
                    assertThat(refused.problem().action())
                            .contains("/v1/environments/dev/override/services/web", "\"freezes\": [\"weekend\"]");
                });
        at(MONDAY);
        assertThat(world.rolledOut(
                                World.WEB,
                                rollOut("v3", ConcurrencyPolicy.REJECT, null).location())
                        .state())
                .isEqualTo(State.SUCCEEDED);
        assertThat(overridden()).isEmpty();
    }

    @Test
    void anOrderByNameAndReasonStandsOnTheRolloutAndInTheLedger() {
        created();
        at(SATURDAY);

        Rollout rollout = world.rolledOut(
                World.WEB, rollOut("v3", ConcurrencyPolicy.REJECT, OVERRIDE).location());

        assertThat(rollout.state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout.request().override()).isEqualTo(OVERRIDE);
        assertThat(overridden()).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("ann");
            assertThat(entry.rollout()).isEqualTo(rollout.id());
            assertThat(entry.message()).contains("weekend", "the shop is down");
        });
    }

    @Test
    void anOrderOverridesOnlyWhatItNames() {
        created();
        at(SATURDAY.plus(Duration.ofHours(3)).plusSeconds(1)); // noon

        assertThatThrownBy(() -> rollOut("v3", ConcurrencyPolicy.REJECT, OVERRIDE))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().detail())
                                .contains("lunch")
                                .doesNotContain("weekend"));
    }

    @Test
    void aRollbackIsNeverHeld() {
        created();
        at(SATURDAY);

        var back = world.plane.rollouts().rollBack(World.WEB, null, null, null, World.by("ann"));

        assertThat(world.rolledOut(World.WEB, back.location()).state()).isEqualTo(State.SUCCEEDED);
        assertThat(overridden()).isEmpty();
    }

    @Test
    void anApplyIsHeldOnlyWhenItWouldRollOut() {
        created();
        at(SATURDAY);

        assertThat(world.ended(World.WEB, apply("a", 30, null)).failure()).isNull();
        assertThatThrownBy(() -> apply("b", 30, null)).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.problem().code()).isEqualTo("frozen");
            assertThat(refused.problem().action())
                    .contains("/v1/environments/dev/override/services/web", "?freezes=…&reason=");
        });
        assertThat(world.record(World.WEB).declared().container().environment()).containsEntry("MODE", "a");

        Operation ended = world.ended(World.WEB, apply("b", 30, OVERRIDE));

        assertThat(ended.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(world.plane
                        .rollouts()
                        .rollout(World.WEB, ended.rollout())
                        .request()
                        .override())
                .isEqualTo(OVERRIDE);
        assertThat(overridden()).hasSize(1);
        assertThat(world.record(World.WEB).live()).isEqualTo(3);
    }

    @Test
    void anApplyIntoWhichAWindowOpensRollsNothingOut() {
        created();
        at(Instant.parse("2026-01-02T16:59:50Z")); // ten seconds before the window

        Operation ended = world.ended(World.WEB, apply("b", 30, null));

        assertThat(ended.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(ended.rollout()).isNull();
        assertThat(ended.notes()).anySatisfy(note -> assertThat(note).contains("a freeze has opened", "weekend"));
        assertThat(world.record(World.WEB).live()).isEqualTo(2);

        at(MONDAY);
        assertThat(world.ended(World.WEB, apply("b", 30, null)).rollout()).isNotNull();
        assertThat(world.record(World.WEB).live()).isEqualTo(3);
    }

    @Test
    void oneWhoseTurnComesInAWindowWaitsForItsEnd() {
        created();
        at(Instant.parse("2026-01-02T16:59:00Z")); // a minute before the window
        rollOut("v3-never-healthy", ConcurrencyPolicy.REJECT, null); // takes some
        String location = rollOut("v4", ConcurrencyPolicy.QUEUE, null).location();
        String id = World.idOf(location);

        at(Instant.parse("2026-01-02T20:00:00Z"));
        Rollout waiting = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(waiting.state()).isEqualTo(State.QUEUED);
        assertThat(waiting.progress().waitsFor()).contains("weekend (until 2026-01-05T05:00:00Z: nobody is here)");
        at(MONDAY.plus(Duration.ofMinutes(6)));
        Rollout ended = world.rolledOut(World.WEB, location);

        assertThat(ended.state()).isEqualTo(State.SUCCEEDED);
        assertThat(ended.progress().startedAt()).isBetween(MONDAY, MONDAY.plus(Duration.ofMinutes(6)));
    }

    @Test
    void aRollbackTakesThePlaceOfOneThatIsFrozen() {
        created();
        at(Instant.parse("2026-01-02T16:59:00Z"));
        rollOut("v3-never-healthy", ConcurrencyPolicy.REJECT, null);
        String frozen = rollOut("v4", ConcurrencyPolicy.QUEUE, null).location();
        at(SATURDAY);

        var back = world.plane.rollouts().rollBack(World.WEB, 1, null, null, World.by("ann"));

        assertThat(world.rolledOut(World.WEB, back.location()).state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.rolledOut(World.WEB, frozen).state()).isEqualTo(State.CANCELLED);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @Test
    void oneThatIsFrozenEndsWithItsService() {
        created();
        at(Instant.parse("2026-01-02T16:59:00Z"));
        rollOut("v3-never-healthy", ConcurrencyPolicy.REJECT, null);
        String frozen = rollOut("v4", ConcurrencyPolicy.QUEUE, null).location();
        at(SATURDAY);

        world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Deletion(null, Set.of(), World.WEB.service()), World.by("ann")));
        world.timeline.advance(Duration.ofDays(3));

        assertThat(world.rolledOut(World.WEB, frozen).state()).isEqualTo(State.CANCELLED);
        assertThat(world.plane.operations().findQueued(World.WEB)).isEmpty();
    }

    @Test
    void aPlanInAWindowTellsOfItWhereItsApplyWouldRollOut() {
        created();
        at(SATURDAY);

        assertThat(risks("b", 60))
                .anySatisfy(risk -> assertThat(risk).contains("weekend (until 2026-01-05T05:00:00Z", "is refused"));
        assertThat(risks("a", 90)).noneMatch(risk -> risk.contains("weekend"));
        at(MONDAY.plus(Duration.ofMinutes(1)));
        assertThat(risks("b", 60)).noneMatch(risk -> risk.contains("weekend"));
    }

    private List<String> risks(String mode, int grace) {
        String id = world.plane
                .services()
                .plan(World.WEB, World.serviceSpec(SERVICE.formatted(mode, grace)), World.by("ann"))
                .id();
        world.settle();
        return Plans.get(world.store, World.WEB, id).risks().stream()
                .map(Risk::message)
                .toList();
    }
}
