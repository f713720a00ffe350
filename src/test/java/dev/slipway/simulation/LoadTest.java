package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.rollout.Rollout;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many services of which all want something at once. */
@Tag("slow")
class LoadTest {
    private static final int SERVICES = 60;

    private static final Logger LOGS = Logger.getLogger("dev.slipway");

    private Load load = new Load(0);

    @BeforeEach
    void withoutLogs() {
        LOGS.setLevel(Level.WARN); // a million lines tell nobody anything
    }

    @AfterEach
    void logsAgain() {
        LOGS.setLevel(null);
    }

    private List<Rollout.State> rolledOut(String spec) {
        load = new Load(SERVICES);
        load.applyAll(spec);
        load.world.account.traffic().requestsPerMinute(2000);
        List<String> all = load.rollOutAll("v1");
        load.world.timeline.advance(Duration.ofHours(1));
        assertThat(load.states(all)).containsOnly(Rollout.State.SUCCEEDED);
        Instant before = load.now();
        List<String> second = load.rollOutAll("v2");
        load.world.timeline.advance(Duration.ofHours(3));
        assertThat(load.throttled(before))
                .as("calls that AWS would have throttled")
                .isEmpty();
        assertThat(load.peaks()).as("which service of AWS took each call").containsKeys("ECS", "CloudWatch");
        return load.states(second);
    }

    @Test
    void aRolloutOfEachServiceAtOnceIsNeverThrottled() {
        assertThat(rolledOut("")).containsOnly(Rollout.State.SUCCEEDED);
    }

    @Test
    void norIsACanaryOfEach() {
        assertThat(rolledOut("rollout: {strategy: canary}\n")).containsOnly(Rollout.State.SUCCEEDED);
    }

    /** Every five minutes: ten services a call, one environment after the other. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 10_000})
    void theLookAtAllIsNeverThrottled(int services) {
        load = Load.idle(services);
        load.forget();
        Instant before = load.now();
        load.world.timeline.advance(Duration.ofMinutes(30));

        assertThat(load.calls("describeServices").all()).isBetween(services / 2, services);
        assertThat(load.throttled(before)).isEmpty();
        assertThat(load.calls("describeServices").inASecond()).isLessThanOrEqualTo(10);
        assertThat(load.calls("detectStackDrift").inASecond())
                .as("stacks of which drift is detected")
                .isBetween(1, 10);
        assertThat(load.peaks()).containsKeys("ECS", "CloudWatch", "CloudFormation");
        assertThat(load.waited).allSatisfy(waited -> assertThat(waited).isLessThan(Duration.ofSeconds(5)));
    }

    /** The last of many would begin only in minutes. */
    @Test
    void whoCancelsOneThatWaitsForItsStartDoesNotWaitForIt() {
        load = new Load(SERVICES);
        load.applyAll("");
        List<String> rollouts = load.rollOutAll("v1");
        load.world.timeline.advance(Duration.ofSeconds(20));
        int last = SERVICES - 1;
        ServiceId id = load.services.get(last);
        Rollout waiting = load.world.plane.rollouts().rollout(id, rollouts.get(last));
        assertThat(load.world.plane.rollouts().holdUp(waiting))
                .hasValueSatisfying(why -> assertThat(why).startsWith("Its start, at 2026-"));

        load.world.plane.rollouts().cancel(id, rollouts.get(last), World.by("ann"));
        load.world.timeline.advance(Duration.ofSeconds(15));

        assertThat(load.world.plane.rollouts().rollout(id, rollouts.get(last)).state())
                .isEqualTo(Rollout.State.CANCELLED);
    }
}
