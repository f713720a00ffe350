package dev.slipway.simulation.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Before;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.ControlOverride;
import dev.slipway.plan.Declarations;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.preflight.Finding;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.stack.Risk;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever may deploy cannot switch the declared controls off; who is allowed to says why, and it is kept. */
class OverrideTest {
    private static final String SERVICE = """
            container: {port: 8000}
            freezes: [{name: lunch, start: 0 12 * * *, durationMinutes: 60, timeZone: UTC}]
            rollout: {strategy: blue-green, bakeMinutes: 5, checks: [{path: /health}], approval: {when: %s}}
            """;
    private static final ControlOverride ORDER = new ControlOverride(List.of(), "the shop is down");

    private final World world = new World(8);

    private void created(String approval) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted(approval)).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    private RolloutSettings declared() {
        return world.record(World.WEB).declared().rollout();
    }

    private Accepted rollOut(
            String image,
            @Nullable UnaryOperator<RolloutSettings> change,
            ConcurrencyPolicy policy,
            @Nullable ControlOverride override) {
        return world.plane
                .rollouts()
                .rollOut(
                        World.WEB,
                        new RolloutRequest(
                                image, null, change == null ? null : change.apply(declared()), policy, override),
                        World.by("ann"));
    }

    private List<LedgerEntry> weakened() {
        return Ledgers.of(world, World.WEB, EventType.CONTROLS_WEAKENED);
    }

    @Test
    void aRolloutThatWeakensADeclaredControlIsRefusedWithItsNameAndThePathToUse() {
        created("none");

        assertThatThrownBy(() -> rollOut(
                        "v2",
                        is -> is.withChecks(List.of()).withBefore(new Before(List.of("/bin/sh"), 60)),
                        ConcurrencyPolicy.QUEUE,
                        null))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(403);
                    assertThat(refused.problem().code()).isEqualTo("override-required");
                    assertThat(refused.problem().errors())
                            .extracting(error -> error.field())
                            .containsExactly("/rollout/checks", "/rollout/before");
                    assertThat(refused.problem().action()).contains("/v1/environments/dev/override/services/web");
                });
        assertThat(weakened()).isEmpty();
    }

    @Test
    void aStricterOneIsNobodysOrder() {
        created("none");

        Rollout rollout = world.rolledOut(
                World.WEB,
                rollOut("v2", is -> is.withBakeMinutes(20), ConcurrencyPolicy.REJECT, null)
                        .location());

        assertThat(rollout.state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout.settings().bakeMinutes()).isEqualTo(20);
        assertThat(rollout.request().weakened()).isEmpty();
    }

    @Test
    void anOrderIsInTheLedgerWithWhatItWeakensAndWhy() {
        created("none");

        Rollout rollout = world.rolledOut(
                World.WEB,
                rollOut("v2", is -> is.withBakeMinutes(0), ConcurrencyPolicy.REJECT, ORDER)
                        .location());

        assertThat(rollout.state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout.request().weakened())
                .containsExactly(new Weakening("rollout.strategy", "blue/green, 5 min bake", "blue/green, 0 min bake"));
        assertThat(weakened()).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("ann");
            assertThat(entry.rollout()).isEqualTo(rollout.id());
            assertThat(entry.message()).contains("5 min bake → blue/green, 0 min bake", "the shop is down");
        });
    }

    @Test
    void anOrderThatNamesAFreezeWindowThatThereIsNotIsRefused() {
        created("none");

        assertThatThrownBy(() -> rollOut(
                        "v2", null, ConcurrencyPolicy.REJECT, new ControlOverride(List.of("lunchh"), "because")))
                .hasMessageContaining("freeze-not-found");
    }

    /** As an apply would before its turn comes; here nobody applies while a rollout is under way. */
    private void stricterSpec() {
        Stored<ServiceRecord> record =
                world.store.get(ServiceRecord.key(World.WEB)).orElseThrow();
        ServiceSpec stricter =
                World.serviceSpec(SERVICE.formatted("none").replace("bakeMinutes: 5", "bakeMinutes: 30"));
        world.store.write(new Write.Update<>(record, record.value().withSpec(stricter, world.timeline.instant())));
    }

    private Rollout afterItsTurn(String location) {
        world.settle();
        world.timeline.advance(Duration.ofMinutes(10));
        return world.rolledOut(World.WEB, location);
    }

    @Test
    void oneThatWaitedTakesTheControlsOfWhenItStarts() {
        created("none");
        rollOut("v2-never-healthy", null, ConcurrencyPolicy.REJECT, null);
        String location = rollOut("v3", null, ConcurrencyPolicy.QUEUE, null).location();
        stricterSpec();

        Rollout ended = afterItsTurn(location);

        assertThat(ended.state()).isEqualTo(State.SUCCEEDED);
        assertThat(ended.settings().bakeMinutes()).isEqualTo(30);
    }

    @Test
    void oneThatWaitedDoesNotStartWhenItsOwnSettingsAreWeakerByThen() {
        created("none");
        rollOut("v2-never-healthy", null, ConcurrencyPolicy.REJECT, null);
        String location = rollOut("v3", is -> is.withBakeMinutes(6), ConcurrencyPolicy.QUEUE, null)
                .location();
        stricterSpec();

        Rollout ended = afterItsTurn(location);

        assertThat(ended.state()).isEqualTo(State.CANCELLED);
        assertThat(ended.requireOutcome().detail()).contains("30 min bake", "6 min bake");
    }

    @Test
    void aRollbackGoesOnlyToWhatOnceWasLive() {
        created("before-production");
        String id = rollOut("v2", null, ConcurrencyPolicy.REJECT, null).id();
        world.answerWhenAsked(World.WEB, id, false, "eve");
        assertThat(world.rolledOut(World.WEB, id).state()).isEqualTo(State.ROLLED_BACK);

        assertThatThrownBy(() -> world.plane.rollouts().rollBack(World.WEB, 2, null, null, World.by("ann")))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(403);
                    assertThat(refused.problem().errors().getFirst().field()).isEqualTo("/release");
                });
        assertThatThrownBy(() -> world.plane
                        .rollouts()
                        .rollBack(
                                World.WEB,
                                1,
                                declared().forRollback().withBefore(new Before(List.of("/bin/sh"), 60)),
                                null,
                                World.by("ann")))
                .hasMessageContaining("override-required");
        Accepted ordered = world.plane.rollouts().rollBack(World.WEB, 2, null, ORDER, World.by("ann"));

        assertThat(world.rolledOut(World.WEB, ordered.location()).state()).isEqualTo(State.SUCCEEDED);
        assertThat(weakened())
                .singleElement()
                .satisfies(entry ->
                        assertThat(entry.message()).contains("release 2, which never was", "the shop is down"));
        Accepted back = world.plane.rollouts().rollBack(World.WEB, 1, null, null, World.by("ann"));
        assertThat(world.rolledOut(World.WEB, back.location()).state()).isEqualTo(State.SUCCEEDED);
    }

    /** Else whoever may apply specs could have anything rolled out by them, and nobody asked. */
    @Test
    void aSpecThatDeclaresLessIsRefusedAndRollsNothingOutUnlessItIsOrdered() {
        created("before-production");
        String less = """
                container: {port: 8000, command: [sh, -c, evil]}
                freezes: [{name: lunch, start: 0 12 * * *, durationMinutes: 60, timeZone: UTC}]
                rollout: {strategy: rolling, before: {command: [evil]}}
                """;

        assertThatThrownBy(() -> world.plane
                        .services()
                        .apply(
                                World.WEB,
                                World.serviceSpec(less),
                                new Declarations.Order(null, Set.of(), null),
                                World.by("ann")))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(403);
                    assertThat(refused.problem().code()).isEqualTo("override-required");
                    assertThat(refused.problem().errors())
                            .extracting(error -> error.field())
                            .contains("/rollout/strategy", "/rollout/approval/when", "/rollout/before");
                    assertThat(refused.problem().action())
                            .contains("/v1/environments/dev/override/services/web", "?reason=…");
                });
        world.settle();

        assertThat(world.record(World.WEB).declared().container().command()).isEmpty();
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(weakened()).isEmpty();
    }

    @Test
    void aSpecThatDeclaresLessIsInTheLedgerAndARiskOfItsPlan() {
        created("before-production");
        String less = SERVICE.formatted("none").replace("lunch, start: 0 12", "lunch, start: 0 13");
        String id = world.plane
                .services()
                .plan(World.WEB, World.serviceSpec(less), World.by("ann"))
                .id();
        world.settle();
        Plan plan = Plans.get(world.store, World.WEB, id);

        assertThat(plan.risks())
                .filteredOn(risk -> !risk.blocking())
                .extracting(Risk::logicalId)
                .contains("rollout.approval.when", "freezes.lunch");
        assertThat(world.apply(World.WEB, less).failure()).isNull();
        assertThat(weakened())
                .singleElement()
                .satisfies(entry -> assertThat(entry.message())
                        .contains(
                                "ann declares controls weaker",
                                "rollout.approval.when before-production → none",
                                ": as the test wants it"));
        assertThat(world.apply(World.DEV, "terminationProtection: true\n").failure())
                .isNull();
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(Ledgers.of(world, World.DEV, EventType.CONTROLS_WEAKENED)).hasSize(1);
    }

    private void refusedFor(ThrowingCallable asked, String... settings) {
        assertThatThrownBy(asked).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.problem().code()).isEqualTo("override-required");
            assertThat(refused.problem().errors())
                    .extracting(error -> error.field())
                    .containsExactly(settings);
        });
    }

    private ThrowingCallable declaring(String spec) {
        return () -> world.plane
                .services()
                .apply(
                        World.WEB,
                        World.serviceSpec(spec),
                        new Declarations.Order(null, Set.of(), null),
                        World.by("ann"));
    }

    /** Else whoever may declare and delete, and not override, would be rid of the controls by both. */
    @Test
    void aServiceThatWasDeletedIsDeclaredAnewWithTheControlsThatItHadOrByAnOrder() {
        created("before-production");
        world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Declarations.Deletion(null, Set.of(), "web"), World.by("ann")));
        assertThat(world.plane.services().find(World.WEB)).isEmpty();
        String less = SERVICE.formatted("none");

        refusedFor(declaring(less), "/rollout/approval/when");
        assertThatThrownBy(declaring(less)).hasMessageContaining("before it was deleted");
        String accepted = world.plane
                .services()
                .plan(World.WEB, World.serviceSpec(less), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofMinutes(1));
        Plan plan = Plans.get(world.store, World.WEB, accepted);
        assertThat(plan.risks()).extracting(Risk::logicalId).contains("rollout.approval.when");
        refusedFor(
                () -> world.plane.services().applyPlan(World.WEB, plan.id(), Set.of(), null, World.by("ann")),
                "/rollout/approval/when");
        assertThat(weakened()).isEmpty();

        assertThat(world.apply(World.WEB, less).failure()).isNull();

        assertThat(weakened())
                .singleElement()
                .satisfies(entry -> assertThat(entry.message())
                        .contains("rollout.approval.when before-production → none", ": as the test wants it"));
    }

    @Test
    void aServiceThatWasDeletedIsDeclaredAnewAsItWasByAnybody() {
        created("before-production");
        world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Declarations.Deletion(null, Set.of(), "web"), World.by("ann")));

        assertThatCode(declaring(SERVICE.formatted("each-step"))).doesNotThrowAnyException();
        world.settle();

        refusedFor(declaring(SERVICE.formatted("before-production")), "/rollout/approval/when");
        assertThat(weakened()).isEmpty();
    }

    @Test
    void aNewEnvironmentOfTheNameKnowsNothingOfTheControlsBefore() {
        created("before-production");
        world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Declarations.Deletion(null, Set.of(), "web"), World.by("ann")));
        world.ended(
                World.DEV,
                world.plane
                        .environments()
                        .delete(World.DEV, new Declarations.Deletion(null, Set.of(), "dev"), World.by("ann")));
        world.apply(World.DEV, "terminationProtection: false\n");

        assertThatCode(declaring(SERVICE.formatted("none"))).doesNotThrowAnyException();
    }

    /** What is rolled out of a service without tasks is judged by nothing, and has all requests when it has tasks again. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            count: 0 | /count
            "scaling: {min: 1, max: 4, schedules: [{name: night, start: 0 22 * * *, timeZone: UTC, min: 0, max: 0}, {name: day, start: 0 6 * * *, timeZone: UTC, min: 1, max: 4}]}" | /scaling/schedules
            """, quoteCharacter = '"')
    void aServiceThatIsJudgedIsStoppedByAnOrderOnly(String stopped, String setting) {
        created("none");

        refusedFor(declaring(SERVICE.formatted("none") + stopped + "\n"), setting);
        assertThat(world.apply(World.WEB, SERVICE.formatted("none") + stopped + "\n")
                        .failure())
                .isNull();
        assertThat(weakened()).hasSize(1);
        assertThatCode(declaring(SERVICE.formatted("none"))).doesNotThrowAnyException();
    }

    /** Else whoever may change an environment, and not override, would close a freeze window first. */
    @Test
    void anEnvironmentsSpecThatDeclaresLessIsRefusedUnlessItIsOrdered() {
        String strict = """
                freezes: [{name: weekend, start: 0 18 * * FRI, durationMinutes: 3600, timeZone: UTC}]
                accessLogs: {retentionDays: 30}
                """;
        assertThat(world.apply(World.DEV, strict).failure()).isNull();
        Declarations.Order plain = new Declarations.Order(null, Set.of(), null);

        assertThatThrownBy(() -> world.plane
                        .environments()
                        .apply(
                                World.DEV,
                                World.environmentSpec("terminationProtection: false\naccessLogs: {retentionDays: 7}\n"),
                                plain,
                                World.by("ann")))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.problem().code()).isEqualTo("override-required");
                    assertThat(refused.problem().errors())
                            .extracting(error -> error.field())
                            .containsExactly("/freezes/weekend", "/terminationProtection", "/accessLogs/retentionDays");
                    assertThat(refused.problem().action()).contains("/v1/environments/dev/override, with ?reason=");
                });
        assertThat(Ledgers.of(world, World.DEV, EventType.CONTROLS_WEAKENED)).isEmpty();
        assertThatCode(() -> world.plane
                        .environments()
                        .apply(
                                World.DEV,
                                World.environmentSpec(strict + "tags: {team: shop}\n"),
                                plain,
                                World.by("ann")))
                .doesNotThrowAnyException();
        world.settle();

        assertThat(world.apply(World.DEV, "accessLogs: {retentionDays: 30}\n").failure())
                .isNull();
        assertThat(Ledgers.of(world, World.DEV, EventType.CONTROLS_WEAKENED))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message()).contains("freezes.weekend", ": as the test wants it"));
    }

    @Test
    void aDryRunForeseesAFreezeAndWhatIsUnderWay() {
        created("none");
        world.timeline.advance(Duration.between(world.timeline.instant(), Instant.parse("2026-01-02T12:05:00Z")));

        assertThat(world.plane.dryRun().rollOut(World.WEB, World.asking("v2")).findings())
                .anySatisfy(finding -> {
                    assertThat(finding.code()).isEqualTo("frozen");
                    assertThat(finding.blocks()).isTrue();
                });
        assertThat(world.plane
                        .dryRun()
                        .rollOut(
                                World.WEB,
                                new RolloutRequest(
                                        "v2",
                                        null,
                                        declared().withBakeMinutes(0),
                                        ConcurrencyPolicy.REJECT,
                                        new ControlOverride(List.of("lunch"), "because")))
                        .findings())
                .extracting(finding -> finding.code())
                .contains("controls-weakened")
                .doesNotContain("frozen");
    }

    @Test
    void anOrderThatWaitedWeakensNoMoreThanWasOrdered() {
        created("none");
        rollOut("v2-never-healthy", null, ConcurrencyPolicy.REJECT, null);
        String location = rollOut("v3", is -> is.withChecks(List.of()), ConcurrencyPolicy.QUEUE, ORDER)
                .location();
        stricterSpec();

        Rollout ended = afterItsTurn(location);

        assertThat(ended.state()).isEqualTo(State.CANCELLED);
        assertThat(ended.requireOutcome().detail())
                .contains("It did not start", "30 min bake")
                .doesNotContain("checks");
        assertThat(weakened()).isEmpty();
    }

    @Test
    void anOrderThatWaitedStartsWhenNothingElseWasDeclaredMeanwhile() {
        created("none");
        rollOut("v2-never-healthy", null, ConcurrencyPolicy.REJECT, null);
        String location = rollOut("v3", is -> is.withBakeMinutes(0), ConcurrencyPolicy.QUEUE, ORDER)
                .location();

        assertThat(afterItsTurn(location).state()).isEqualTo(State.SUCCEEDED);
        assertThat(weakened()).hasSize(1);
    }

    /** The dry run and the request, for each policy, while a rollback runs and while one waits. */
    @ParameterizedTest
    @EnumSource(ConcurrencyPolicy.class)
    void aDryRunForeseesWhatARollbackKeepsFromBeginning(ConcurrencyPolicy policy) {
        created("none");
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        foreseen("v3", policy); // and is begun
        world.timeline.advance(Duration.ofMinutes(3));
        foreseen("v4", ConcurrencyPolicy.REJECT);
        world.plane.rollouts().rollBack(World.WEB, 1, null, null, World.by("ann"));
        foreseen("v4", policy);
        for (int i = 0;
                i < 10_000
                        && world.plane
                                        .rollouts()
                                        .rollouts(World.WEB, 1, null)
                                        .items()
                                        .getFirst()
                                        .value()
                                        .state()
                                == State.QUEUED;
                i++) {
            world.timeline.step();
        }
        foreseen("v4", policy);
    }

    private void foreseen(String image, ConcurrencyPolicy policy) {
        RolloutRequest asked = new RolloutRequest(image, null, null, policy, null);
        List<String> blocking = world.plane.dryRun().rollOut(World.WEB, asked).findings().stream()
                .filter(Finding::blocks)
                .map(Finding::code)
                .toList();
        String refused = null;
        try {
            rollOut(image, null, policy, null);
        } catch (ProblemException e) {
            refused = e.problem().code();
        }
        assertThat(blocking).isEqualTo(refused == null ? List.of() : List.of(refused));
    }
}
