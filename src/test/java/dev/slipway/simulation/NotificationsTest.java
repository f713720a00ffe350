package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulated.sns.SnsMessage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** People are told of a rollout's start, its verdict, a wanted approval and its end. */
class NotificationsTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: canary,"
            + " approval: {when: before-production}, notifyTopic: %s}\n";
    private static final String MISSING = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-missing";

    private static World created(String topic) {
        World world = new World(8);
        world.account.sns().createTopic(request -> request.name("slipway-shared-releases"));
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(World.WEB, SERVICE.formatted(topic)).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(1));
        return world;
    }

    private static String topic(World world) {
        return world.account
                .sns()
                .createTopic(request -> request.name("slipway-shared-releases"))
                .topicArn();
    }

    private static String topic() {
        return MISSING.replace("missing", "releases");
    }

    private static Rollout approved(World world) {
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        String id = World.idOf(location);
        for (int minute = 0; minute < 30 && !waits(world, id); minute++) {
            world.timeline.advance(Duration.ofMinutes(1));
        }
        world.answer(World.WEB, id, true, null, "eve");
        return world.rolledOut(World.WEB, location);
    }

    private static boolean waits(World world, String id) {
        Rollout rollout = world.plane.rollouts().rollout(World.WEB, id);
        return world.plane
                .rollouts()
                .gate(rollout)
                .flatMap(gate -> gate.awaitingApproval())
                .isPresent();
    }

    /** What rollouts have said; alarms have a topic of their own. */
    private static List<SnsMessage> published(World world) {
        return world.account.published().stream()
                .filter(message -> !message.topicArn().endsWith("-alarms"))
                .toList();
    }

    private static List<String> told(World world, int from) {
        return published(world).stream()
                .skip(from)
                .map(SnsMessage::message)
                .map(message -> World.text(message, "type"))
                .toList();
    }

    @Test
    void eachIsToldOnce() {
        World world = created(topic());
        assertThat(topic(world)).isEqualTo(topic());
        int before = published(world).size();

        assertThat(approved(world).state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(30));

        List<String> told = told(world, before);
        assertThat(told).startsWith("ROLLOUT_STARTED").endsWith("ROLLOUT_ENDED");
        assertThat(told).containsOnlyOnce("ROLLOUT_STARTED", "APPROVAL_REQUESTED", "ROLLOUT_ENDED");
        assertThat(told).contains("VERDICT");
        assertThat(published(world).getLast().subject()).startsWith("dev/web: rollout ended");
    }

    @Test
    void aMissingTopicStopsNoRollout() {
        World world = created(MISSING);

        assertThat(approved(world).state()).isEqualTo(State.SUCCEEDED);
        assertThat(published(world)).isEmpty();
    }

    @Test
    void messagesThatAreLostAreMadeUpForByTheResync() {
        World world = created(topic());
        int before = published(world).size();
        world.queue.consumer(body -> {
            if (!body.contains("notification")) {
                world.plane.worker().receive(body);
            }
        });
        assertThat(approved(world).state()).isEqualTo(State.SUCCEEDED);
        assertThat(told(world, before)).isEmpty();

        world.queue.consumer(world.plane.worker()::receive);
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(told(world, before))
                .containsOnlyOnce("ROLLOUT_STARTED", "APPROVAL_REQUESTED", "ROLLOUT_ENDED")
                .contains("VERDICT");
    }

    @Test
    void aWorkerThatDiesAtAnyPointLosesNone() {
        for (int step = 1; step <= 20; step++) {
            World world = created(topic());
            int before = published(world).size();
            String location = world.plane
                    .rollouts()
                    .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                    .location();
            String id = World.idOf(location);
            world.timeline.advance(Duration.ofMinutes(2));
            world.plane.rollouts().cancel(World.WEB, id, World.by("eve"));
            world.chaos.dieAt = world.chaos.steps + 3 * step;
            world.rolledOut(World.WEB, location);
            world.timeline.advance(Duration.ofMinutes(30));

            assertThat(told(world, before)).as("died at %d", 3 * step).contains("ROLLOUT_STARTED", "ROLLOUT_ENDED");
        }
    }

    /** Requests come in one minute of fifteen: what was known is too old for a few minutes, until the metrics of the next are there. */
    @Test
    void evidenceThatComesAndGoesWithTheTrafficIsToldOnce() {
        World world = new World(8);
        world.account.sns().createTopic(request -> request.name("slipway-shared-releases"));
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(
                                World.WEB,
                                "container: {port: 8000}\nrollout: {strategy: canary, canary: {percent: 50, bakeMinutes: 360}, notifyTopic: %s}\n"
                                        .formatted(topic()))
                        .failure())
                .isNull();
        world.account.traffic().requestsPerMinute(6000);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(10));
        int before = published(world).size();
        world.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(20));
        for (int i = 0; i < 20; i++) {
            world.account.traffic().requestsPerMinute(0);
            world.timeline.advance(Duration.ofMinutes(14));
            world.account.traffic().requestsPerMinute(6000);
            world.timeline.advance(Duration.ofMinutes(1));
        }

        assertThat(published(world).stream()
                        .skip(before)
                        .map(SnsMessage::message)
                        .filter(message -> World.text(message, "type").equals("VERDICT"))
                        .map(message -> World.text(message, "verdict")))
                .containsExactly("HEALTHY", "NOT_ENOUGH_EVIDENCE");
    }
}
