package dev.slipway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.release.ContainerSettings;
import dev.slipway.rollout.Rollout.Stop;
import dev.slipway.service.ServiceSpec;
import dev.slipway.validation.SpecFixture;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How far a deployment is, ECS is asked where nobody tells us: each time costs a call. */
class TrafficShiftPollingTest {
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:30Z");
    private static final ServiceSpec SPEC =
            SpecFixture.service("container: {port: 8000}\nrollout: {strategy: canary, bakeMinutes: 10}\n");

    private static Rollout at(String stage, double percent, int secondsAgo) {
        ContainerSettings container = SPEC.container();
        return Rollout.requested(
                        "1",
                        new ServiceId("dev", "web"),
                        new Rollout.Request(
                                Rollout.Reason.DEPLOY, "ann", "image", null, null, container, SPEC.rollout(), null),
                        1,
                        NOW.minus(Duration.ofHours(1)))
                .progressed(progress ->
                        progress.release(2).stage(new Rollout.Stage(stage, percent, NOW.minusSeconds(secondsAgo))));
    }

    private static @Nullable Instant ago(@Nullable Integer seconds) {
        return seconds == null ? null : NOW.minusSeconds(seconds);
    }

    @ParameterizedTest(name = "{0} at {1} % since {2} s, asked {3} s ago, held {4}, passed {5} s ago: {6} ({7})")
    @CsvSource(delimiter = '|', textBlock = """
            SCALE_UP                      | 0   | 60  | 60  | false |     | true  | tasks may fail
            SCALE_UP                      | 0   | 60  | 60  | true  |     | true  | where the gate holds it is not seen yet
            PRE_PRODUCTION_TRAFFIC_SHIFT  | 0   | 60  | 60  | true  |     | false | our own gate holds it
            PRE_PRODUCTION_TRAFFIC_SHIFT  | 0   | 900 | 300 | true  |     | true  | ECS may have acted by itself
            PRE_PRODUCTION_TRAFFIC_SHIFT  | 10  | 60  | 60  | true  | 600 | false | our own gate holds the second step
            PRE_PRODUCTION_TRAFFIC_SHIFT  | 0   | 90  | 60  | true  | 30  | true  | it let a step pass and holds the next, without a bake between
            PRE_PRODUCTION_TRAFFIC_SHIFT  | 10  | 60  | 30  | false | 20  | true  | the gate let it pass
            PRE_PRODUCTION_TRAFFIC_SHIFT  | 10  | 60  | 30  | false | 60  | true  | it has not moved on yet
            PRODUCTION_TRAFFIC_SHIFT      | 10  | 60  | 60  | false | 90  | false | a step bakes
            PRODUCTION_TRAFFIC_SHIFT      | 10  | 960 | 60  | false | 990 | false | the gate tells at the end of the bake
            PRODUCTION_TRAFFIC_SHIFT      | 10  | 960 | 60  | false | 20  | true  | the gate has told
            PRODUCTION_TRAFFIC_SHIFT      | 10  | 960 | 60  | false | 60  | true  | at the same moment
            BAKE_TIME                     | 100 | 840 | 60  | false | 860 | false | the last bake
            BAKE_TIME                     | 100 | 900 | 60  | false | 920 | true  | its end
            CLEAN_UP                      | 100 | 20  | 20  | false | 620 | true  | done in a moment
            """)
    void ecsIsAskedWhereNobodyTells(
            String stage,
            double percent,
            int since,
            @Nullable Integer asked,
            boolean held,
            @Nullable Integer passed,
            boolean asks,
            String why) {
        assertThat(TrafficShiftPolicy.mustPoll(at(stage, percent, since), ago(asked), held, ago(passed), NOW))
                .as(why)
                .isEqualTo(asks);
    }

    @Test
    void ecsIsAskedAtFirstAndOnceItIsToStop() {
        Rollout baking = at("BAKE_TIME", 100, 30);
        assertThat(TrafficShiftPolicy.mustPoll(baking, null, false, null, NOW)).isTrue();
        assertThat(TrafficShiftPolicy.mustPoll(
                        baking.progressed(progress -> progress.stage(null)), ago(1), true, null, NOW))
                .isTrue();
        Rollout stopping = baking.stopping(new Stop(Stop.Cause.CANCELLED, "ann", "Cancelled by ann.", NOW));
        assertThat(TrafficShiftPolicy.mustPoll(stopping, ago(1), true, null, NOW))
                .isTrue();
    }
}
