package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.sns.SnsMessage;
import dev.slipway.simulation.World;
import dev.slipway.status.HealthReason;
import dev.slipway.status.HealthState;
import dev.slipway.status.ServiceStatus;
import dev.slipway.status.StatusListing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** While two releases are there, what counts is where the production requests go. */
class StatusDuringShiftTest {
    private static final String TOPIC = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-releases";
    private static final String WAITING =
            "blue-green, approval: {when: before-production, timeoutMinutes: 240}, notifyTopic: '" + TOPIC + "'";

    private final World world = new World(21);

    private void live(String image, String rollout) {
        world.account.sns().createTopic(request -> request.name("slipway-shared-releases"));
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: %s}\n".formatted(rollout));
        assertThat(world.rollOut(WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(15));
    }

    private ServiceStatus status() {
        world.timeline.advance(Duration.ofSeconds(6)); // beyond what is cached
        return world.plane.statuses().of(WEB);
    }

    private static List<String> messages(ServiceStatus status) {
        return status.reasons().stream().map(HealthReason::message).toList();
    }

    private StatusListing.Listed listed() {
        return world.plane.statusListing().list(null, 10, null).items().getFirst();
    }

    private List<String> told() {
        return world.account.published().stream()
                .map(SnsMessage::message)
                .filter(message -> message.contains("STATE_CHANGED"))
                .map(message -> World.text(message, "message"))
                .toList();
    }

    private void until(BooleanSupplier condition) {
        for (int i = 0; i < 100_000 && !condition.getAsBoolean(); i++) {
            world.timeline.step();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private double percent(String rollout) {
        Rollout.Stage stage =
                world.plane.rollouts().rollout(WEB, rollout).progress().stage();
        return stage == null ? 0 : stage.percent();
    }

    private void noTaskStarts() {
        world.account.logs().deleteLogGroup(request -> request.logGroupName("/slipway/dev/web"));
    }

    private void stop(int release) {
        status().tasks().stream()
                .filter(task -> task.release() != null && task.release() == release)
                .forEach(task -> world.account
                        .ecs()
                        .stopTask(request -> request.cluster("slipway-dev").task(task.id())));
    }

    /** A load balancer does not send its requests to the new one for that. */
    @Test
    void aLiveReleaseWithoutTasksIsDownWhileTheNewOneWaitsForItsApproval() {
        live("v1-crash-after-40m", WAITING);
        world.started(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(10));
        assertThat(status().state()).isEqualTo(HealthState.CHANGING);
        noTaskStarts();
        world.timeline.advance(Duration.ofMinutes(30));

        ServiceStatus status = status();
        assertThat(status.state()).as(status.toString()).isEqualTo(HealthState.DOWN);
        assertThat(status.release()).isEqualTo(1);
        assertThat(messages(status).getFirst())
                .isEqualTo(
                        "All production requests go to release 1, of which the load balancer finds no task healthy.");
        assertThat(world.plane
                        .serviceDiagnosis()
                        .report(WEB, List.of())
                        .diagnosis()
                        .summary())
                .isEqualTo("The service's log group is gone, and no task starts without it.");
        assertThat(listed().state()).isEqualTo(HealthState.DOWN);
        assertThat(told())
                .singleElement()
                .isEqualTo(
                        "dev/web is down, and was changing. All production requests go to release 1, of which no task runs.");
    }

    @Test
    void ofACanaryWithoutTasksItSaysHowMuchIsNotServed() {
        live("v1", "canary");
        String rollout = world.started(World.WEB, "v2");
        until(() -> percent(rollout) > 0);
        noTaskStarts();
        stop(2);
        until(() -> world.ecs(WEB).runningCount() == 2);

        ServiceStatus status = status();
        assertThat(status.state()).as(status.toString()).isEqualTo(HealthState.DEGRADED);
        assertThat(status.release()).isEqualTo(1);
        assertThat(messages(status).getFirst())
                .startsWith(
                        "%d %% of the production requests go to release 2, of which the load balancer finds no task healthy"
                                .formatted((int) percent(rollout)));
    }

    @Test
    void aLiveReleaseWithoutTasksBesideACanaryTakesMostRequestsWithIt() {
        live("v1", "canary");
        String rollout = world.started(World.WEB, "v2");
        until(() -> percent(rollout) > 0);
        noTaskStarts();
        stop(1);
        until(() -> world.ecs(WEB).runningCount() == 2);

        ServiceStatus status = status();
        assertThat(status.state()).as(status.toString()).isEqualTo(HealthState.DEGRADED);
        assertThat(status.release()).isEqualTo(1);
        assertThat(messages(status).getFirst())
                .startsWith("%d %% of the production requests go to release 1, of which"
                        .formatted((int) (100 - percent(rollout))));
    }

    /** Also at the moments of the shift, and when it goes back. */
    @ParameterizedTest
    @ValueSource(strings = {"v2", "v2-errors-50", "cancelled"})
    void whoeverIsServedAllTheTimeIsNotDown(String image) {
        for (String strategy : List.of("blue-green, bakeMinutes: 5", "canary", "linear")) {
            World other = new World(5);
            other.apply(DEV, "terminationProtection: false\n");
            other.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: %s}\n".formatted(strategy));
            other.rollOut(WEB, "v1");
            other.timeline.advance(Duration.ofMinutes(15));
            String rollout = other.plane
                    .rollouts()
                    .rollOut(WEB, World.asking(image.equals("cancelled") ? "v2" : image), World.by("ann"))
                    .id();
            List<ServiceStatus> bad = new ArrayList<>();
            boolean cancelled = !image.equals("cancelled");
            while (other.plane.operations().findRunning(WEB).isPresent()) {
                other.timeline.advance(Duration.ofSeconds(6));
                Rollout.Stage stage =
                        other.plane.rollouts().rollout(WEB, rollout).progress().stage();
                if (!cancelled && stage != null && stage.percent() == 100) {
                    other.plane.rollouts().cancel(WEB, rollout, World.by("ann"));
                    cancelled = true;
                }
                ServiceStatus status = other.plane.statuses().of(WEB);
                if (status.state() == HealthState.DOWN
                        || status.release() == null
                        || messages(status).stream().anyMatch(message -> message.contains("production requests go"))) {
                    bad.add(status);
                }
            }
            assertThat(bad).as(strategy).isEmpty();
        }
    }
}
