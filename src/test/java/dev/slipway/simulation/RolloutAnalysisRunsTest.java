package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.verdict.Verdict.Basis;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What verdicts rest on, and what becomes of a rollout that cannot be rolled back. */
class RolloutAnalysisRunsTest {
    private final World world = new World(1);

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
        "hold, 0, ROLLED_BACK, NO_EVIDENCE",
        "hold, 10, ROLLED_BACK, NO_EVIDENCE",
        "absolute, 0, ROLLED_BACK, NO_EVIDENCE",
        "absolute, 60, SUCCEEDED, ",
        "probe, 0, SUCCEEDED, "
    })
    void withLittleTrafficTheSpecSaysHowItGoesOn(String way, int perMinute, State state, @Nullable Cause cause) {
        created("strategy: canary, verdict: {lowTraffic: %s, holdMinutes: 20}".formatted(way));
        world.account.traffic().requestsPerMinute(perMinute);

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(state);
        assertThat(cause(rollout)).as(rollout.outcome().detail()).isEqualTo(cause);
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

    @Test
    void whatCrashesOnlyAfterSomeMinutesIsSeenByItsUsersAndRolledBack() {
        created("strategy: canary");

        Rollout rollout = world.rollOut(World.WEB, "v2-crash-after-10m");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
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

        Rollout back = world.rolledOut(
                World.WEB,
                world.plane
                        .rollouts()
                        .rollBack(World.WEB, 1, null, null, World.by("ann"))
                        .location());
        assertThat(back.state()).as(back.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.traffic(World.WEB).byTaskDefinition())
                .containsOnlyKeys(world.ecs(World.WEB).taskDefinition());
    }
}
