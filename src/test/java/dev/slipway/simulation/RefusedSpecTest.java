package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.stack.Risk;
import dev.slipway.validation.SpecFixture;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A spec that was refused when it was to be applied is not the declared one: its freezes hold nothing up. */
class RefusedSpecTest {
    private static final String FROZEN =
            "freezes: [{name: always, start: '* * * * *', durationMinutes: 60, timeZone: UTC}]\n";
    private static final String SERVICE = "container: {port: 8000}\nrouting: {paths: [%s]}\n%s";

    private final World world = new World(5);

    private void created() {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted("/a/*", "")).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    @Test
    void ofAServiceTheSpecBeforeIsDeclaredAgainWithItsRoutes() {
        created();
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");

        Operation refused = world.apply(World.WEB, SERVICE.formatted("/b/*", "logs: {retentionDays: 3}\n" + FROZEN));

        assertThat(refused.state()).isEqualTo(Operation.State.FAILED);
        assertThat(world.record(World.WEB).declared().routing().paths()).containsExactly("/a/*");
        assertThat(world.record(World.WEB).declared().freezes()).isEmpty();
        assertThat(world.record(World.WEB).revision()).isEqualTo(3);
        assertThat(world.plane
                        .environments()
                        .get(World.DEV)
                        .services()
                        .get("web")
                        .toString())
                .contains("/a/*")
                .doesNotContain("/b/*");
        assertThat(Ledgers.of(world, World.WEB, EventType.SPEC_REVERTED)).hasSize(1);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.apply(World.WEB, SERVICE.formatted("/b/*", "logs: {retentionDays: 3}\n"))
                        .failure())
                .isNull();
        assertThat(world.record(World.WEB).fallback()).isNull();
        assertThat(world.record(World.WEB).declared().routing().paths()).containsExactly("/b/*");
    }

    @Test
    void ofAnEnvironmentLikewise() {
        created();
        String change = "terminationProtection: false\naccessLogs: {retentionDays: 5}\n";
        world.account.stacks().failNext("slipway-dev", "AccessLogBucket", "as the test wants it");

        assertThat(world.apply(World.DEV, change + FROZEN).state()).isEqualTo(Operation.State.FAILED);

        assertThat(world.plane.environments().get(World.DEV).declared().freezes())
                .isEmpty();
        assertThat(Ledgers.of(world, World.DEV, EventType.SPEC_REVERTED)).hasSize(1);
        assertThat(world.apply(World.DEV, change).failure()).isNull();
        assertThat(world.plane.environments().get(World.DEV).fallback()).isNull();
    }

    @Test
    void aPlanWithARiskThatBlocksIsRefusedAtOnceUnlessItIsAllowed() {
        created();
        String id = world.plane
                .environments()
                .plan(World.DEV, World.environmentSpec("network: {zones: 3}\n"), World.by("ann"))
                .id();
        world.settle();
        Plan plan = Plans.get(world.store, World.DEV, id);
        Plan risky = plan.ready(
                java.util.Objects.requireNonNull(plan.stack()),
                java.util.List.of(new Risk("Vpc", "Vpc is replaced.", true)));
        world.store.write(new dev.slipway.store.Write.Update<>(
                world.store.get(Plan.key(World.DEV, id)).orElseThrow(), risky));

        assertThatThrownBy(() -> world.plane.environments().applyPlan(World.DEV, id, Set.of(), null, World.by("ann")))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(409);
                    assertThat(refused.problem().code()).isEqualTo("replacement-refused");
                });
        assertThat(world.plane.operations().findRunning(World.DEV)).isEmpty();
        world.plane.environments().applyPlan(World.DEV, id, Set.of("Vpc"), null, World.by("ann"));
        world.settle();
    }

    /** Whether the spec without it can be applied is not known before it has been. */
    @Test
    void aFreezeWindowHoldsUntilTheSpecWithoutItHasBeenApplied() {
        created();
        String calm = "terminationProtection: false\n";
        assertThat(world.apply(World.DEV, calm + FROZEN).failure()).isNull();

        world.plane
                .environments()
                .apply(
                        World.DEV,
                        SpecFixture.environment(calm + "accessLogs: {retentionDays: 7}\n"),
                        World.anything(),
                        World.by("ann"));
        assertThatThrownBy(() -> world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("frozen"));

        world.settle();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
    }

    /** The freeze that somebody saw declared is gone again, and the rollout less gradual: the ledger says which and from what to what. */
    @Test
    void controlsThatGoAgainWithARefusedSpecAreAnEntryOfTheirOwn() {
        created();
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");

        world.apply(World.WEB, SERVICE.formatted("/b/*", "rollout: {strategy: blue-green}\n" + FROZEN));

        assertThat(Ledgers.of(world, World.WEB, EventType.CONTROLS_WEAKENED))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message())
                        .startsWith("Revision 3 declares controls weaker than revision 2, which was not applied: ")
                        .contains(
                                "rollout.strategy blue/green",
                                "→ rolling",
                                "freezes.always * * * * * UTC for 60 min → none"))
                .satisfies(entry -> assertThat(entry.actor()).isEqualTo("slipway"));
        world.account.stacks().failNext("slipway-dev", "AccessLogBucket", "as the test wants it");
        world.apply(World.DEV, "terminationProtection: true\naccessLogs: {retentionDays: 120}\n");
        assertThat(Ledgers.of(world, World.DEV, EventType.CONTROLS_WEAKENED))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message())
                        .endsWith("terminationProtection true → false, accessLogs.retentionDays 120 → 90"));
    }

    @Test
    void whatAnEnvironmentDeclaresWeakerIsNamedInTheAnswerAndInTheLedger() {
        world.apply(World.DEV, "accessLogs: {retentionDays: 90}\npromoteTo: [prod]\n");

        Acceptance.Accepted answer = world.plane
                .environments()
                .apply(
                        World.DEV,
                        World.environmentSpec(
                                "terminationProtection: false\naccessLogs: {retentionDays: 7}\npromoteTo: [prod, qa]\n"),
                        World.anything(),
                        World.by("ann"));

        for (String weaker : List.of(
                "accessLogs.retentionDays%s90 → 7",
                "promoteTo%sprod → prod, qa", "terminationProtection%strue → false")) {
            assertThat(answer.warnings())
                    .anyMatch(warning -> warning.contains(weaker.formatted(" is declared weaker: ")));
            assertThat(Ledgers.of(world, World.DEV, EventType.CONTROLS_WEAKENED))
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.message()).contains(weaker.formatted(" ")));
        }
    }

    @Test
    void aReversionThatWeakensNothingSaysNothingOfTheKind() {
        created();
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");

        world.apply(World.WEB, SERVICE.formatted("/b/*", ""));

        assertThat(Ledgers.of(world, World.WEB, EventType.SPEC_REVERTED)).hasSize(1);
        assertThat(Ledgers.of(world, World.WEB, EventType.CONTROLS_WEAKENED)).isEmpty();
    }

    /** It stops watching a change of the stack that goes on, and CloudFormation carries it out. */
    private Operation givenUp(Supplier<Operation> applied) {
        boolean[] executed = new boolean[1];
        world.chaos.watcher = (operation, request) -> {
            if (executed[0] && operation.equals("describeStacks")) {
                throw new IllegalStateException("a fault of our own");
            }
            executed[0] |= operation.equals("executeChangeSet");
            return () -> {};
        };
        Operation ended = applied.get();
        world.chaos.watcher = (operation, request) -> () -> {};
        assertThat(ended.failure()).isNotNull();
        assertThat(ended.failure().code()).isEqualTo("internal-error");
        world.timeline.advance(Duration.ofMinutes(10));
        return ended;
    }

    @Test
    void afterAnApplyThatWasGivenUpARefusedSpecDoesNotGoBackBehindIt() {
        created();
        givenUp(() -> world.apply(World.WEB, SERVICE.formatted("/b/*", "logs: {retentionDays: 3}\n")));
        assertThat(world.parameter(World.WEB, "LogRetentionDays")).isEqualTo("3");
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");

        assertThat(world.apply(World.WEB, SERVICE.formatted("/c/*", "")).state())
                .isEqualTo(Operation.State.FAILED);

        assertThat(world.record(World.WEB).declared().routing().paths()).containsExactly("/b/*");
        assertThat(world.record(World.WEB).declared().logs().retentionDays()).isEqualTo(3);
    }

    @Test
    void norDoesOneOfAnEnvironment() {
        created();
        String given = "terminationProtection: false\naccessLogs: {retentionDays: %d}\n";
        givenUp(() -> world.apply(World.DEV, given.formatted(5)));
        world.account.stacks().failNext("slipway-dev", "AccessLogBucket", "as the test wants it");

        assertThat(world.apply(World.DEV, given.formatted(6)).state()).isEqualTo(Operation.State.FAILED);

        assertThat(world.plane
                        .environments()
                        .get(World.DEV)
                        .declared()
                        .accessLogs()
                        .retentionDays())
                .isEqualTo(5);
    }

    @Test
    void oneThatWasGivenUpBeforeItTouchedTheStackIsNoneToGoBackTo() {
        created();
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("describeServices")) {
                throw new IllegalStateException("a fault of our own");
            }
            return () -> {};
        };
        Operation given = world.apply(World.WEB, SERVICE.formatted("/b/*", ""));
        assertThat(given.phase()).isEqualTo(Phase.OBSERVE);
        assertThat(given.state()).isEqualTo(Operation.State.FAILED);
        world.chaos.watcher = (operation, request) -> () -> {};
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");

        assertThat(world.apply(World.WEB, SERVICE.formatted("/c/*", "")).state())
                .isEqualTo(Operation.State.FAILED);

        assertThat(world.record(World.WEB).declared().routing().paths()).containsExactly("/a/*");
    }
}
