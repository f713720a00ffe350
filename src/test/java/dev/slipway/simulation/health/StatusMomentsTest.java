package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.sns.SnsMessage;
import dev.slipway.simulation.World;
import dev.slipway.status.HealthReason;
import dev.slipway.status.HealthState;
import dev.slipway.status.ServiceStatus;
import dev.slipway.status.StatusRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;

/** Moments at which a service has no task, or AWS does not tell, and nobody is to be woken for it. */
class StatusMomentsTest {
    private static final String TOPIC = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-releases";
    private static final String SERVICE =
            "container: {port: 8000}\ncount: %d\nrollout: {strategy: %s, notifyTopic: '" + TOPIC + "'}\n";

    private final World world = new World(9);
    private final List<String> reasons = new ArrayList<>();

    private void created(int count, String strategy) {
        world.account.sns().createTopic(request -> request.name("slipway-shared-releases"));
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(count, strategy)).failure())
                .isNull();
    }

    private void live(int count, String strategy) {
        created(count, strategy);
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(20));
    }

    private ServiceStatus status() {
        return world.plane.statuses().of(WEB);
    }

    private List<String> told() {
        return world.account.published().stream()
                .map(SnsMessage::message)
                .filter(message -> message.contains("STATE_CHANGED"))
                .map(message -> World.text(message, "message"))
                .toList();
    }

    /** Every ten seconds, for so long. */
    private Set<HealthState> seen(Duration time) {
        Set<HealthState> seen = new LinkedHashSet<>();
        for (long second = 0; second < time.toSeconds(); second += 10) {
            world.timeline.advance(Duration.ofSeconds(10));
            ServiceStatus status = status();
            if (seen.add(status.state())) {
                reasons.add(world.timeline.instant() + " " + status.state() + " " + status.reasons());
            }
        }
        return seen;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "canary"})
    void aFirstReleaseOnItsWayIsNotDown(String strategy) {
        created(2, strategy);
        world.plane.rollouts().rollOut(WEB, World.asking("v1"), World.by("ann"));

        assertThat(seen(Duration.ofMinutes(12)))
                .as(() -> String.join("\n", reasons))
                .doesNotContain(HealthState.DOWN)
                .contains(HealthState.CHANGING, HealthState.HEALTHY);
        assertThat(told()).isEmpty();
    }

    /** Its alarms come with it, and the one that no task is healthy begins in ALARM: whenever the sweep comes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void aFirstReleaseThatDoesWellIsNotDegraded(int minutes) {
        created(2, "rolling");
        world.timeline.advance(Duration.ofMinutes(minutes));
        world.plane.rollouts().rollOut(WEB, World.asking("v1"), World.by("ann"));

        Set<HealthState> listed = new LinkedHashSet<>();
        for (int second = 0; second < 900; second += 10) {
            world.timeline.advance(Duration.ofSeconds(10));
            listed.add(world.plane
                    .statusListing()
                    .list(null, 10, null)
                    .items()
                    .getFirst()
                    .state());
            assertThat(status().state()).as(status().toString()).isNotEqualTo(HealthState.DEGRADED);
        }
        assertThat(listed).contains(HealthState.HEALTHY).doesNotContain(HealthState.DEGRADED, HealthState.DOWN);
    }

    @Test
    void oneThatIsBeingDeletedIsNotDown() {
        live(2, "rolling");
        world.plane.services().delete(WEB, new Deletion(null, Set.of(), "web"), World.by("ann"));
        List<HealthState> seen = new ArrayList<>();
        while (world.plane.operations().findRunning(WEB).isPresent()) {
            seen.add(status().state());
            world.timeline.advance(Duration.ofSeconds(10));
        }

        assertThat(seen).isNotEmpty().doesNotContain(HealthState.DOWN);
        assertThat(told()).isEmpty();
    }

    @Test
    void oneThatStartsFromNoneIsNotDown() {
        live(0, "rolling");
        assertThat(status().state()).isEqualTo(HealthState.STOPPED);
        for (int time = 0; time < 12; time++) { // the sweep comes every five minutes
            world.plane
                    .services()
                    .apply(WEB, World.serviceSpec(SERVICE.formatted(2, "rolling")), World.anything(), World.by("ann"));
            assertThat(seen(Duration.ofSeconds(430)))
                    .as(() -> String.join("\n", reasons))
                    .doesNotContain(HealthState.DOWN);
            world.apply(WEB, SERVICE.formatted(0, "rolling"));
            world.timeline.advance(Duration.ofMinutes(5));
        }
        assertThat(told()).isEmpty();
    }

    /** Beyond a hundred tasks AWS is not asked for all; those that stopped are looked at all the same. */
    @Test
    void inAServiceOfManyTasksThoseThatStopAreSeen() {
        live(150, "rolling");
        world.scaleByHand(WEB, 150);
        world.timeline.advance(Duration.ofMinutes(5));
        assertThat(status().state()).isEqualTo(HealthState.HEALTHY);
        assertThat(world.rollOut(WEB, "v2-crash-after-2h").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(124));

        assertThat(status().stops()).isNotEmpty();
        assertThat(status().state()).isEqualTo(HealthState.DEGRADED);
    }

    @Test
    void anEnvironmentWhoseAlarmsAreNotToldIsToldAllTheSame() {
        live(2, "rolling");
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("describeAlarms")) {
                throw CloudWatchException.builder()
                        .message("not authorized")
                        .statusCode(403)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("AccessDenied")
                                .errorMessage("not authorized")
                                .build())
                        .build();
            }
            return () -> {};
        };

        var environment = world.plane.statuses().of(DEV);

        assertThat(environment.state()).isEqualTo(HealthState.HEALTHY);
        assertThat(environment.reasons())
                .extracting(HealthReason::message)
                .anyMatch(message -> message.startsWith("CloudWatch did not tell"));
    }

    /** Whoever swaps the target groups outside Slipway has not taken the service down. */
    @Test
    void aDeploymentOutsideSlipwayThatMovesTheTrafficIsNotDown() {
        live(2, "blue-green");
        String before = world.ecs(WEB).taskDefinition();
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(20));
        world.account
                .ecs()
                .updateService(
                        request -> request.cluster(DEV.cluster()).service("web").taskDefinition(before));

        assertThat(seen(Duration.ofMinutes(60))).doesNotContain(HealthState.DOWN);
        assertThat(status().state()).isEqualTo(HealthState.HEALTHY);
        assertThat(told()).isEmpty();
    }

    /** Whoever is not told of alarms is not left without the rest. */
    @Test
    void theLookGoesOnWithoutAlarms() {
        live(2, "rolling");
        world.chaos.refused = operation -> operation.equals("describeAlarms");
        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster("slipway-dev").service("web").force(true));
        world.timeline.advance(Duration.ofMinutes(11));

        assertThat(told())
                .singleElement()
                .satisfies(message -> assertThat(message).startsWith("dev/web is down"));
    }

    private StatusRecord recorded() {
        return Objects.requireNonNull(world.plane
                .statusListing()
                .list(null, 10, null)
                .items()
                .getFirst()
                .status());
    }

    /** What was not told clears nothing: neither alarms, nor tasks that crash again and again. */
    @Test
    void aLookThatIsNotToldAllClearsNothing() {
        created(2, "rolling, stableMinutes: 0");
        world.rollOut(WEB, "v1-crash-after-4m");
        world.timeline.advance(Duration.ofMinutes(40));
        StatusRecord before = recorded();
        assertThat(before.state()).isEqualTo(HealthState.DEGRADED);
        Instant checked = world.plane
                .statusListing()
                .list(null, 10, null)
                .items()
                .getFirst()
                .checkedAt();

        world.chaos.refused = operation -> operation.equals("describeAlarms") || operation.equals("listTasks");
        world.timeline.advance(Duration.ofMinutes(10));

        StatusRecord untold = recorded();
        assertThat(untold.state()).isEqualTo(HealthState.DEGRADED);
        assertThat(untold.since()).isEqualTo(before.since());
        assertThat(untold.changes()).isEqualTo(before.changes());
        assertThat(world.plane
                        .statusListing()
                        .list(HealthState.DEGRADED, 10, null)
                        .items()
                        .getFirst()
                        .checkedAt())
                .isEqualTo(checked);

        world.chaos.refused = operation -> false;
        world.timeline.advance(Duration.ofMinutes(6));
        assertThat(recorded().changes()).isEqualTo(before.changes());
        assertThat(world.plane
                        .statusListing()
                        .list(null, 10, null)
                        .items()
                        .getFirst()
                        .checkedAt())
                .isAfter(checked);
    }

    /** And what was told counts: one of which tasks run again is not down, whatever its alarms say. */
    @Test
    void whatIsToldClearsWhatItIsAbout() {
        live(2, "rolling");
        world.chaos.refused = operation -> operation.equals("describeAlarms");
        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster("slipway-dev").service("web").force(true));
        world.timeline.advance(Duration.ofMinutes(11));
        assertThat(recorded().state()).isEqualTo(HealthState.DOWN);

        world.apply(WEB, SERVICE.formatted(2, "rolling"));
        world.timeline.advance(Duration.ofMinutes(20));

        assertThat(recorded().state()).isEqualTo(HealthState.HEALTHY);
        assertThat(recorded().reason()).isEqualTo("CloudWatch did not tell of its alarms.");
    }

    /** A service that does not come up when it is to is down, once it has had its minutes. */
    @Test
    void oneThatDoesNotStartFromNoneIsDownAfterTheNextLook() {
        live(2, "rolling");
        world.apply(WEB, SERVICE.formatted(0, "rolling"));
        world.timeline.advance(Duration.ofMinutes(12));
        world.account.logs().deleteLogGroup(request -> request.logGroupName("/slipway/dev/web"));
        world.scaleByHand(WEB, 2); // no task starts without it

        assertThat(seen(Duration.ofMinutes(12))).contains(HealthState.CHANGING, HealthState.DOWN);
        assertThat(told())
                .singleElement()
                .satisfies(message -> assertThat(message).startsWith("dev/web is down, and was changing."));
    }
}
