package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.SettingsFixture;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.rollout.Rollout;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TargetStateTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final Operation ACCEPTED = Operation.accepted("o1", WEB, Operation.Type.ROLLOUT, "ann", NOW);
    private static final Operation FAILED = ACCEPTED.failed(Problem.user("rolled-back", "It was bad.", null), NOW);

    private static Rollout rollout(Rollout.State state) {
        ContainerSettings container = new ContainerSettings(
                8000,
                256,
                512,
                ContainerSettings.Architecture.X86_64,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                null,
                false,
                null,
                null,
                false,
                30,
                null);
        return Rollout.requested(
                        "r1",
                        WEB,
                        new Rollout.Request(
                                Rollout.Reason.DEPLOY,
                                "ann",
                                "image",
                                null,
                                null,
                                container,
                                SettingsFixture.settings(given -> {}),
                                null),
                        1,
                        NOW)
                .withState(state);
    }

    @Test
    void whileSomethingIsUnderWayTheEndOfTheOneBeforeIsNotShown() {
        assertThat(TargetState.of(true, FAILED, rollout(Rollout.State.ROLLED_BACK)))
                .isEqualTo(TargetState.IN_PROGRESS);
        assertThat(TargetState.of(true, null, null)).isEqualTo(TargetState.IN_PROGRESS);
    }

    @ParameterizedTest
    @CsvSource({"ROLLED_BACK, ROLLED_BACK", "CANCELLED, CANCELLED", "FAILED, FAILED"})
    void aFailedOperationTellsHowItsRolloutEnded(Rollout.State rollout, TargetState state) {
        assertThat(TargetState.of(false, FAILED, rollout(rollout))).isEqualTo(state);
        assertThat(TargetState.of(false, FAILED, null)).isEqualTo(TargetState.FAILED);
    }

    @ParameterizedTest
    @EnumSource(Rollout.State.class)
    void whatSucceededSucceeded(Rollout.State rollout) {
        Operation done = ACCEPTED.withState(Operation.State.SUCCEEDED);

        assertThat(TargetState.of(false, done, rollout(rollout))).isEqualTo(TargetState.SUCCEEDED);
    }

    @Test
    void whereNothingWasEverAskedForThereIsNoState() {
        assertThat(TargetState.of(false, null, null)).isNull();
    }
}
