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
import org.junit.jupiter.api.Test;

/** Many services of which all want something at once. */
class LoadTest {
    private static final int SERVICES = 60;

    private static final Logger LOGS = Logger.getLogger("dev.slipway");

    private final Load load;

    LoadTest() {
        LOGS.setLevel(Level.WARN); // a million lines tell nobody anything
        load = new Load(SERVICES);
    }

    @AfterEach
    void logsAgain() {
        LOGS.setLevel(null);
    }

    private List<Rollout.State> rolledOut(String spec) {
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

    /** The last of many would begin only in minutes. */
    @Test
    void whoCancelsOneThatWaitsForItsTurnDoesNotWaitForIt() {
        load.applyAll("");
        List<String> rollouts = load.rollOutAll("v1");
        load.world.timeline.advance(Duration.ofSeconds(20));
        int last = SERVICES - 1;
        ServiceId id = load.services.get(last);
        Rollout waiting = load.world.plane.rollouts().rollout(id, rollouts.get(last));
        assertThat(load.world.plane.rollouts().holdUp(waiting))
                .hasValueSatisfying(why -> assertThat(why).startsWith("Its turn, at 2026-"));

        load.world.plane.rollouts().cancel(id, rollouts.get(last), World.by("ann"));
        load.world.timeline.advance(Duration.ofSeconds(15));

        assertThat(load.world.plane.rollouts().rollout(id, rollouts.get(last)).state())
                .isEqualTo(Rollout.State.CANCELLED);
    }
}
