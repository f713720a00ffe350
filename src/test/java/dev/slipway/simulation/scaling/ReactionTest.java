package dev.slipway.simulation.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/**
 * How soon five times the load has its tasks, and how long they run on when it has gone, against what metrics and the start of tasks
 * allow. {@code make bench} puts the table into docs/performance.md.
 */
class ReactionTest {
    private static final int BEFORE = 2;
    private static final int NEEDED = 10;
    /** A task of a quarter of a vCPU is busy with 1,200 requests a minute, so that 60 % are 720: 10 tasks for five times these. */
    private static final int REQUESTS = 1340;

    private static final Map<String, String> TARGETS = Map.of(
            "requests per task", "requestsPerTask: 720",
            "CPU", "cpuPercent: 60",
            "both", "requestsPerTask: 720, cpuPercent: 60");
    private static final int LOAD_MINUTES = 45;
    private static final int CANARY_MINUTES = 90;

    /** Target tracking's alarms: three minutes above the target, fifteen below nine tenths of it. */
    private static final int MINUTES_ABOVE = 3;

    private static final int MINUTES_BELOW = 15;
    /** Load balancers' data points come at most so much late, and alarms are looked at once a minute. */
    private static final int MINUTES_LATE = 3;

    private static final int MINUTES_UNTIL_SEEN = 1;
    /** From the new number to healthy tasks; and until one that is to stop has let its requests end. */
    private static final int MINUTES_TO_START = 1;

    private static final int MINUTES_TO_STOP = 1;

    private static final int SOONEST_OUT = MINUTES_ABOVE + MINUTES_LATE + MINUTES_UNTIL_SEEN + MINUTES_TO_START;
    private static final int SOONEST_IN = MINUTES_BELOW + MINUTES_LATE + MINUTES_UNTIL_SEEN + MINUTES_TO_STOP;

    /**
     * What was measured.
     *
     * @param releases that run beside each other
     * @param steps in which tasks were added
     * @param out minutes from the step of load to enough healthy tasks
     * @param deploying minutes for which ECS went on deploying after the load had gone
     * @param extra task-minutes above what ran before, from the end of the load on
     */
    private record Reaction(int releases, int steps, long out, long deploying, long extra) {
        /** CPU tells no more than 100 %, so that a large step is answered in several. */
        long soonestOut() {
            return (long) steps * SOONEST_OUT;
        }

        /** Nothing is scaled in while ECS deploys, and each release has as many tasks. */
        long leastExtra() {
            return (NEEDED - BEFORE) * (releases * deploying + Math.max(0, SOONEST_IN - deploying));
        }
    }

    private static final class Service {
        final World world = new World(1).withoutAlarms();

        Service(String target) {
            assertThat(world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\n")
                            .failure())
                    .isNull();
            String spec =
                    "container: {port: 8000}\nscaling: {min: 2, max: 20, " + target + "}\nrollout: {strategy: canary,"
                            + " canary: {percent: 10, bakeMinutes: " + CANARY_MINUTES + "}, verdict: {metrics: []}}\n";
            assertThat(world.apply(World.WEB, spec).failure()).isNull();
            assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
            world.account.traffic().requestsPerMinute("web", REQUESTS);
            world.timeline.advance(Duration.ofMinutes(30));
            assertThat(desired()).isEqualTo(BEFORE);
        }

        int desired() {
            return world.ecs(World.WEB).desiredCount();
        }

        long healthy() {
            return Stream.of("TargetGroupA", "TargetGroupB")
                    .map(group -> Objects.requireNonNull(
                            world.record(World.WEB).outputs().get(group)))
                    .flatMap(group -> world
                            .account
                            .elb()
                            .describeTargetHealth(request -> request.targetGroupArn(group))
                            .targetHealthDescriptions()
                            .stream())
                    .filter(target -> target.targetHealth().state() == TargetHealthStateEnum.HEALTHY)
                    .count();
        }

        boolean deploying() {
            return world.ecs(World.WEB).deployments().stream()
                    .anyMatch(deployment -> deployment.rolloutState() == DeploymentRolloutState.IN_PROGRESS);
        }

        void toTheMinute() {
            Instant now = world.timeline.instant();
            world.timeline.advanceTo(now.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES));
        }
    }

    private static Reaction measure(String target, boolean midCanary) {
        Service web = new Service(target);
        if (midCanary) {
            web.world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
            Instant limit = web.world.timeline.instant().plus(Duration.ofHours(1));
            while (web.world.traffic(World.WEB).byTaskDefinition().size() < 2) {
                assertThat(web.world.timeline.instant()).isBefore(limit);
                web.world.timeline.step();
            }
            web.world.timeline.advance(Duration.ofMinutes(5));
        }
        int releases = midCanary ? 2 : 1;
        web.toTheMinute();
        assertThat(web.healthy()).isEqualTo((long) releases * BEFORE);
        Instant start = web.world.timeline.instant();
        web.world.account.traffic().requestsPerMinute("web", 5 * REQUESTS);
        long out = -1;
        int steps = 0;
        int desired = web.desired();
        for (int minute = 1; minute <= LOAD_MINUTES; minute++) {
            web.world.timeline.advanceTo(start.plus(minute, ChronoUnit.MINUTES));
            steps += web.desired() > desired ? 1 : 0;
            desired = web.desired();
            if (out < 0 && web.healthy() >= (long) releases * NEEDED) {
                out = minute;
            }
        }
        assertThat(desired).as("neither more nor fewer").isEqualTo(NEEDED);
        Instant gone = web.world.timeline.instant();
        web.world.account.traffic().requestsPerMinute("web", REQUESTS);
        long deploying = 0;
        long extra = 0;
        for (int minute = 1; minute <= 3 * 60; minute++) {
            web.world.timeline.advanceTo(gone.plus(minute, ChronoUnit.MINUTES));
            deploying = web.deploying() ? minute : deploying;
            extra += Math.max(0, web.healthy() - (web.deploying() ? releases : 1) * (long) BEFORE);
        }
        assertThat(web.desired()).isEqualTo(BEFORE);
        assertThat(web.world.traffic(World.WEB).allServed()).isTrue();
        return new Reaction(releases, steps, out, deploying, extra);
    }

    @Test
    void tasksFollowAStepOfLoadAndItsEndAsSoonAsMetricsAllow() throws IOException {
        ArrayNode rows = new ObjectMapper().createArrayNode();
        for (boolean midCanary : List.of(false, true)) {
            for (String target : List.of("requests per task", "CPU", "both")) {
                Reaction reaction = measure(Objects.requireNonNull(TARGETS.get(target)), midCanary);
                String what = target + (midCanary ? ", mid-canary" : "");
                rows.addObject()
                        .put("target", target)
                        .put("midCanary", midCanary)
                        .put("steps", reaction.steps())
                        .put("out", reaction.out())
                        .put("soonestOut", reaction.soonestOut())
                        .put("deploying", reaction.deploying())
                        .put("extra", reaction.extra())
                        .put("leastExtra", reaction.leastExtra());
                assertThat(reaction.out()).as(what).isBetween(1L, reaction.soonestOut());
                assertThat(reaction.extra()).as(what).isLessThanOrEqualTo(reaction.leastExtra());
                if (!target.equals("CPU")) {
                    assertThat(reaction.steps()).as(what).isOne();
                }
            }
        }
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/reaction.json"), rows.toPrettyString());
    }
}
