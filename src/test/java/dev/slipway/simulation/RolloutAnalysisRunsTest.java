package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.preflight.Finding;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.verdict.Verdict.Basis;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What verdicts rest on, and what becomes of a rollout that cannot be rolled back. */
class RolloutAnalysisRunsTest {
    private static final ServiceId NEIGHBOUR = new ServiceId("dev", "api");

    private final World world = new World(2);

    private void created(String rollout) {
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        assertThat(world.apply(World.WEB, "container: {port: 8000}\nrollout: {%s}\n".formatted(rollout))
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(30));
    }

    private static @Nullable Cause cause(Rollout rollout) {
        return rollout.stop() == null ? null : rollout.stop().cause();
    }

    @ParameterizedTest
    @CsvSource({
        "onNoEvidence: rollback, 0, ROLLED_BACK, NO_EVIDENCE",
        "onNoEvidence: rollback, 10, ROLLED_BACK, NO_EVIDENCE",
        "onNoEvidence: approve, 10, ROLLED_BACK, NO_EVIDENCE",
        "onNoEvidence: wait, 0, ROLLED_BACK, NO_EVIDENCE",
        "onNoEvidence: promote, 0, SUCCEEDED, ",
        "onNoEvidence: promote, 60, SUCCEEDED, ",
        "probes: true, 0, SUCCEEDED, "
    })
    void withLittleTrafficTheSpecSaysHowItGoesOn(String way, int perMinute, State state, @Nullable Cause cause) {
        created("strategy: canary, verdict: {%s, holdMinutes: 20}".formatted(way));
        world.account.traffic().requestsPerMinute(perMinute);

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(state);
        assertThat(cause(rollout)).as(rollout.outcome().detail()).isEqualTo(cause);
    }

    /** In a final bake nothing serves beside the release but the environment's other services. */
    @ParameterizedTest
    @CsvSource({"v2, ROLLED_BACK", "v2-errors-20, SUCCEEDED"})
    void whatBefallsTheOtherServicesTooIsNoFaultOfTheRelease(String neighbour, State expected) {
        created("strategy: blue-green, bakeMinutes: 15, verdict: {holdMinutes: 20, onNoEvidence: promote}");
        assertThat(world.apply(
                                NEIGHBOUR,
                                "container: {port: 8000}\nrouting: {paths: [/api/*]}\nrollout: {stableMinutes: 0}\n")
                        .failure())
                .isNull();
        world.rollOut(NEIGHBOUR, "v1");
        world.timeline.advance(Duration.ofHours(1));
        world.plane.rollouts().rollOut(NEIGHBOUR, World.asking(neighbour), World.by("ann"));

        Rollout rollout = world.rollOut(World.WEB, "v2-errors-20");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(expected);
    }

    @Test
    void inDoubtSomebodyElseIsAskedAndMayLetItPass() {
        created("strategy: canary, verdict: {holdMinutes: 20}");
        world.account.traffic().requestsPerMinute(5);
        world.timeline.advance(Duration.ofHours(2));
        String id = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .id();
        for (int minutes = 0; minutes < 120 && asked(id).isEmpty(); minutes++) {
            world.timeline.advance(Duration.ofMinutes(1));
        }

        assertThat(world.plane.rollouts().rollout(World.WEB, id).preflight().findings())
                .extracting(Finding::code)
                .contains("little-evidence");
        assertThat(asked(id).orElseThrow().waitsFor())
                .startsWith("There was still too little to judge by, 20 min after the step's bake: ")
                .contains("Release 2 waits for an approval before it gets 100 % of the traffic, until ");
        assertThatThrownBy(() -> world.answer(World.WEB, id, true, null, "ann"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("own-rollout"));
        world.answer(World.WEB, id, true, "looked at it", "eve");
        world.timeline.advance(Duration.ofMinutes(30));

        assertThat(world.plane.rollouts().rollout(World.WEB, id).state()).isEqualTo(State.SUCCEEDED);
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPROVED)
                        .getLast()
                        .actor())
                .contains("eve");
    }

    private Optional<GateRecord.Checkpoint> asked(String id) {
        return world.plane
                .rollouts()
                .gate(world.plane.rollouts().rollout(World.WEB, id))
                .flatMap(GateRecord::awaitingApproval);
    }

    @Test
    void whatWaitsOrGoesOnWithoutEvidenceIsInTheLedgerOnce() {
        created("strategy: canary, verdict: {onNoEvidence: promote, holdMinutes: 20}");
        world.account.traffic().requestsPerMinute(0);

        world.rollOut(World.WEB, "v2");

        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.VERDICT))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message())
                        .startsWith("NOT_ENOUGH_EVIDENCE: There was still too little to judge by, 20 min")
                        .endsWith("It goes on, since nothing was found against it (onNoEvidence: promote)."));
    }

    @Test
    void aRollbackNeverWaitsForEvidence() {
        created("strategy: canary");
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        world.account.traffic().requestsPerMinute(0);

        RolloutSettings back = world.record(World.WEB).declared().rollout().forRollback();

        assertThat(back.steps()).containsExactly(100.0);
        assertThat(back.verdict().onNoEvidence()).isEqualTo(RolloutSettings.VerdictRules.OnNoEvidence.PROMOTE);
        Rollout rollback = world.rollBack(World.WEB, 1);
        assertThat(rollback.state()).isEqualTo(State.SUCCEEDED);
    }

    @ParameterizedTest
    @CsvSource({
        "canary, v2-slow-8, COMPARISON",
        "linear, v2-slow-8, COMPARISON",
        "canary, v2-slow-under-load-8, ABSOLUTE",
        "blue-green, v2-slow-8, BEFORE_AFTER",
        "blue-green, v2-prod-errors-20, BEFORE_AFTER"
    })
    void slowAndWrongAnswersAreHeldAgainstWhatThereIs(String strategy, String image, Basis basis) {
        created("strategy: %s, verdict: {slowMillis: 400}".formatted(strategy));
        world.account.traffic().requestsPerMinute(3000);
        world.timeline.advance(Duration.ofHours(2));

        Rollout rollout = world.rollOut(World.WEB, image);

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(cause(rollout)).isEqualTo(Cause.UNHEALTHY);
        assertThat(rollout.progress().verdict().basis()).isEqualTo(basis);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    /** The metrics of the last bake's last minutes come when it would be over. */
    @Test
    void whatTurnsBadInTheLastMinutesOfTheLastBakeIsRolledBack() {
        created("strategy: blue-green, verdict: {slowMillis: 400}");
        world.account.traffic().requestsPerMinute(400);
        world.timeline.advance(Duration.ofHours(2));
        String id = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2-slow-under-load-8"), World.by("ann"))
                .id();
        for (int seconds = 0; seconds < 1800 && !isBaking(id); seconds += 10) {
            world.timeline.advance(Duration.ofSeconds(10));
        }
        assertThat(isBaking(id)).isTrue();

        world.timeline.advance(Duration.ofMinutes(5));
        world.account.traffic().requestsPerMinute(3_000);
        world.timeline.advance(Duration.ofMinutes(30));

        Rollout rollout = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(cause(rollout)).isEqualTo(Cause.UNHEALTHY);
    }

    private boolean isBaking(String id) {
        Rollout.Stage stage =
                world.plane.rollouts().rollout(World.WEB, id).progress().stage();
        return stage != null && stage.name().equals("BAKE_TIME");
    }

    /** One whose tasks crash every ten minutes fails half a percent of its requests, which may be harmless; its tasks tell. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatCrashesOnlyAfterSomeMinutesIsRolledBack(long seed) {
        World other = new World(seed);
        other.apply(World.DEV, "terminationProtection: false\n");
        other.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: canary}\n");
        assertThat(other.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);

        Rollout rollout = other.rollOut(World.WEB, "v2-crash-after-10m");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(cause(rollout)).isIn(Cause.FAILED_TASKS, Cause.UNHEALTHY);
    }

    /** Too few requests fail there to tell, and ECS counts no failed tasks once all have run. */
    @Test
    void whereHardlyAnybodyComesItsTasksTell() {
        created("strategy: canary, verdict: {onNoEvidence: promote, holdMinutes: 10}");
        world.account.traffic().requestsPerMinute(20);

        Rollout rollout = world.rollOut(World.WEB, "v2-crash-after-10m");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(cause(rollout)).isEqualTo(Cause.FAILED_TASKS);
        assertThat(rollout.stop().message())
                .endsWith("have stopped by themselves while it served, and 0 of the old release's in the last hour.");
    }

    /** Who always lives so may go on living so. */
    @Test
    void whatCrashesAsTheOldReleaseDoesIsNotRolledBackForIt() {
        World other = new World(1);
        other.apply(World.DEV, "terminationProtection: false\n");
        other.apply(
                World.WEB, "container: {port: 8000}\nrollout: {strategy: canary, verdict: {onNoEvidence: promote}}\n");
        assertThat(other.rollOut(World.WEB, "v1-crash-after-10m").state()).isEqualTo(State.SUCCEEDED);
        other.timeline.advance(Duration.ofHours(2));

        Rollout rollout = other.rollOut(World.WEB, "v2-crash-after-10m");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void aRollbackThatFailsIsAnOutcomeOfItsOwnAndTheNextReleaseMendsIt() {
        created("strategy: canary");
        world.account.failNextRollback(World.WEB.service());

        Rollout stuck = world.rollOut(World.WEB, "v2-prod-errors-20");

        assertThat(stuck.state()).as(stuck.outcome().detail()).isEqualTo(State.FAILED);
        assertThat(stuck.outcome().failure().code()).isEqualTo("rollback-failed");
        assertThat(stuck.outcome().failure().action()).contains("/rollback");
        assertThat(stuck.stop().cause()).isEqualTo(Cause.UNHEALTHY);
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.ROLLOUT_ENDED)
                        .getLast()
                        .message())
                .contains("so did its rollback");
        assertThat(world.queries()
                        .drift(world.record(World.WEB), world.queries().live(world.record(World.WEB)))
                        .orElseThrow())
                .contains("failed; release 1 has 90 % of the requests, release 2 has 10 %");

        Rollout back = world.rollBack(World.WEB, 1);
        assertThat(back.state()).as(back.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.traffic(World.WEB).byTaskDefinition())
                .containsOnlyKeys(world.ecs(World.WEB).taskDefinition());
    }
}
