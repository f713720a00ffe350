package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.operation.Phase;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.service.ServiceRecord;
import dev.slipway.simulated.sns.SnsMessage;
import dev.slipway.simulation.World;
import dev.slipway.status.EnvironmentStatus;
import dev.slipway.status.HealthReason;
import dev.slipway.status.HealthState;
import dev.slipway.status.ServiceStatus;
import dev.slipway.status.StatusListing;
import dev.slipway.status.StatusRecord;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.ecs.model.EcsException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ElasticLoadBalancingV2Exception;

/** How a service stands, from what AWS says of it. */
class StatusTest {
    private static final String SERVICE = "container: {port: 8000}\ncount: 2\nrollout: {strategy: %s}\n";

    private final World world = new World(21);

    private void created(String strategy) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
    }

    private void createdWithRelease(String strategy) {
        created(strategy);
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(20));
    }

    private ServiceStatus status() {
        world.timeline.advance(Duration.ofSeconds(10)); // beyond what is cached
        return world.plane.statuses().of(WEB);
    }

    private static List<String> messages(ServiceStatus status) {
        return status.reasons().stream().map(HealthReason::message).toList();
    }

    private String start(String image) {
        return world.plane
                .rollouts()
                .rollOut(
                        WEB,
                        new dev.slipway.service.RolloutRequest(image, null, null, ConcurrencyPolicy.REJECT, null),
                        World.by("ann"))
                .id();
    }

    private void until(BooleanSupplier condition) {
        for (int i = 0; i < 100_000 && !condition.getAsBoolean(); i++) {
            world.timeline.step();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private double percent(String id) {
        Rollout.Stage stage = world.plane.rollouts().rollout(WEB, id).progress().stage();
        return stage == null ? 0 : stage.percent();
    }

    private List<String> calls(Runnable look) {
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        world.chaos.watcher = (operation, request) -> {
            calls.add(operation);
            return () -> {};
        };
        look.run();
        world.chaos.watcher = (operation, request) -> () -> {};
        return calls;
    }

    @Test
    void aServiceAtRestIsHealthy() {
        createdWithRelease("rolling");
        ServiceStatus status = status();

        assertThat(status.state()).as(status.toString()).isEqualTo(HealthState.HEALTHY);
        assertThat(status.reasons()).isEmpty();
        assertThat(status.release()).isEqualTo(1);
        assertThat(status.counts()).isEqualTo(new ServiceStatus.TaskCounts(2, 2, 0));
        assertThat(status.tasks()).hasSize(2).allSatisfy(task -> {
            assertThat(task.release()).isEqualTo(1);
            assertThat(task.status()).isEqualTo("RUNNING");
            assertThat(task.target()).isEqualTo("healthy");
            assertThat(task.zone()).startsWith("eu-central-1");
            assertThat(task.startedAt()).isNotNull();
        });
        assertThat(status.targets().values())
                .containsExactly(new ServiceStatus.TargetCounts(1, 0, 0), new ServiceStatus.TargetCounts(1, 0, 0));
        assertThat(Objects.requireNonNull(status.alarms()).raised()).isEmpty();
        assertThat(status.since()).isNotNull();
    }

    /** It serves until then: its environment's state says that something is to be done. */
    /** A first release goes out as a rolling one does, and what is live already moves nothing: its tasks are in the first group. */
    @ParameterizedTest
    @ValueSource(strings = {"canary", "linear", "blue-green"})
    void itsTasksAreWhereTheNewestRolloutHasLeftThem(String strategy) {
        createdWithRelease(strategy);
        assertThat(status().state()).as("the first release").isEqualTo(HealthState.HEALTHY);

        world.rollOut(WEB, "v1");
        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(status().state()).as("live already").isEqualTo(HealthState.HEALTHY);

        assertThat(world.rollOut(WEB, "v2-crash").state()).isEqualTo(Rollout.State.ROLLED_BACK);
        world.timeline.advance(Duration.ofHours(2));
        assertThat(messages(status())).as("rolled back").noneMatch(message -> message.contains("knows none"));

        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(status().state()).as("moved").isEqualTo(HealthState.HEALTHY);
    }

    /** Who waits for what is seen in the list of all, without a call of AWS. */
    @Test
    void theListOfAllTellsWhatIsUnderWayAndWhatWaits() {
        createdWithRelease("canary");
        String running = start("v2");
        world.plane
                .rollouts()
                .rollOut(
                        WEB,
                        new dev.slipway.service.RolloutRequest("v3", null, null, ConcurrencyPolicy.QUEUE, null),
                        World.by("ann"));
        StatusListing.UnderWay now = world.plane
                .statusListing()
                .list(null, 10, null)
                .items()
                .getFirst()
                .underWay();
        assertThat(now).isNotNull();
        assertThat(now.operation()).isNotNull();
        assertThat(now.rollout()).extracting(Rollout::id).isEqualTo(running);

        world.plane.rollouts().cancel(WEB, running, World.by("ann"));
        until(() -> world.plane.rollouts().rollout(WEB, running).outcome() != null);
        assertThat(world.plane
                        .statusListing()
                        .list(null, 10, null)
                        .items()
                        .getFirst()
                        .underWay())
                .extracting(next -> next.rollout().request().tag())
                .isEqualTo("v3");
    }

    @Test
    void aCertificateThatRunsOutIsWorthKnowing() {
        createdWithRelease("rolling");
        String certificate = "slipway-dev/environment/certificate";
        world.account
                .cloudWatch()
                .putMetricAlarm(alarm -> alarm.alarmName(certificate)
                        .namespace("AWS/CertificateManager")
                        .metricName("DaysToExpiry")
                        .statistic("Minimum")
                        .period(86_400)
                        .evaluationPeriods(1)
                        .threshold(20.0)
                        .comparisonOperator("LessThanThreshold")
                        .treatMissingData("ignore"));
        world.account
                .cloudWatch()
                .setAlarmState(state ->
                        state.alarmName(certificate).stateValue("ALARM").stateReason("it runs out"));

        ServiceStatus status = status();
        assertThat(status.state()).isEqualTo(HealthState.HEALTHY);
        assertThat(status.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.level()).isEqualTo(HealthReason.Level.CERTIFICATE);
            assertThat(reason.message()).startsWith("A certificate of its environment runs out: " + certificate);
        });
        assertThat(Objects.requireNonNull(status.alarms()).raised()).isEmpty();
        assertThat(world.plane.statuses().of(DEV).state()).isEqualTo(HealthState.DEGRADED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "canary"})
    void aLookTakesSixCallsAtMostAndIsKeptForSeconds(String strategy) {
        createdWithRelease(strategy);
        world.timeline.advance(Duration.ofSeconds(10));
        assertThat(calls(() -> world.plane.statuses().of(WEB))).hasSizeLessThanOrEqualTo(6);
        assertThat(calls(() -> world.plane.statuses().of(WEB))).isEmpty();

        start("v2");
        for (int minute = 0; minute < 20; minute++) {
            world.timeline.advance(Duration.ofMinutes(1));
            assertThat(calls(() -> world.plane.statuses().of(WEB))).hasSizeLessThanOrEqualTo(6);
        }
    }

    @Test
    void oneWithoutAReleaseIsStopped() {
        created("rolling");
        ServiceStatus status = status();

        assertThat(status.state()).isEqualTo(HealthState.STOPPED);
        assertThat(messages(status)).containsExactly("It has no release yet.");
    }

    @Test
    void oneThatIsToHaveNoTasksIsStopped() {
        createdWithRelease("rolling");
        world.apply(WEB, "container: {port: 8000}\ncount: 0\nrollout: {strategy: rolling}\n");
        world.timeline.advance(Duration.ofMinutes(3));

        assertThat(status().state()).isEqualTo(HealthState.STOPPED);
        assertThat(status().release()).isNull();
    }

    /** What is shown as live is what has the traffic. */
    @ParameterizedTest
    @ValueSource(strings = {"canary", "linear", "blue-green"})
    void duringARolloutItIsChangingAndTellsWhatIsLive(String strategy) {
        createdWithRelease(strategy);
        String id = start("v2");
        if (!strategy.equals("blue-green")) {
            until(() -> percent(id) > 0);
            ServiceStatus first = status();
            assertThat(first.state()).as(first.toString()).isEqualTo(HealthState.CHANGING);
            assertThat(first.release()).isEqualTo(1);
            assertThat(first.tasks()).hasSize(4);
            assertThat(messages(first).getFirst())
                    .startsWith("A rollout of release 2 is under way, in phase monitor with");
        }
        until(() -> percent(id) > 50 && world.plane.rollouts().rollout(WEB, id).isRunning());
        assertThat(status().release()).isEqualTo(2);
    }

    @Test
    void duringARollingUpdateMostHealthyTasksSay() {
        createdWithRelease("rolling");
        start("v2");
        until(() -> world.plane
                .operations()
                .findRunning(WEB)
                .filter(operation -> operation.phase() == Phase.MONITOR)
                .isPresent());
        assertThat(world.plane.statuses().of(WEB).release()).isEqualTo(1);
        world.settle();
        assertThat(status().release()).isEqualTo(2);
    }

    @Test
    void tasksThatCrashAgainAndAgainDegradeIt() {
        created("rolling");
        world.rollOut(WEB, "v1-crash-after-4m");
        world.timeline.advance(Duration.ofMinutes(10));
        ServiceStatus status = status();

        assertThat(status.state()).as(status.toString()).isIn(HealthState.DEGRADED, HealthState.DOWN);
        assertThat(status.stops()).isNotEmpty().allSatisfy(stop -> {
            assertThat(stop.release()).isEqualTo(1);
            assertThat(stop.reason()).contains("exit code 1");
        });
        assertThat(messages(status))
                .anyMatch(message -> message.contains("stopped by themselves in the last 15 minutes"));
    }

    @Test
    void oneThatWasDeletedBeneathIsDown() {
        createdWithRelease("rolling");
        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster("slipway-dev").service("web").force(true));
        ServiceStatus status = status();

        assertThat(status.state()).isEqualTo(HealthState.DOWN);
        assertThat(messages(status).getFirst()).startsWith("ECS has no such service: somebody has deleted it.");
    }

    /** What AWS refuses is told, and the rest is known all the same. */
    @Test
    void aRefusedCallIsToldAndTheOthersCount() {
        createdWithRelease("rolling");
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("describeTargetHealth")) {
                throw ElasticLoadBalancingV2Exception.builder()
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("AccessDenied")
                                .errorMessage("not authorized")
                                .build())
                        .statusCode(403)
                        .build();
            }
            return () -> {};
        };
        ServiceStatus status = status();

        assertThat(status.state()).isEqualTo(HealthState.HEALTHY);
        assertThat(status.unread()).hasSize(1);
        assertThat(status.unread().getFirst()).startsWith("The load balancer did not tell of its targets:");
        assertThat(status.tasks()).hasSize(2);
    }

    @Test
    void whatFailedLastIsWorthKnowingAndChangesNothing() {
        createdWithRelease("rolling");
        Rollout bad = world.rollOut(WEB, "v2-crash");
        assertThat(bad.state()).isEqualTo(Rollout.State.ROLLED_BACK);
        world.timeline.advance(Duration.ofMinutes(20));
        ServiceStatus status = status();

        assertThat(status.state()).as(status.toString()).isEqualTo(HealthState.HEALTHY);
        assertThat(status.release()).isEqualTo(1);
        assertThat(status.reasons()).anySatisfy(reason -> {
            assertThat(reason.message()).startsWith("What was asked for last has failed: ");
            assertThat(reason.more()).isEqualTo(WEB.path() + "/rollouts/" + bad.id());
        });
    }

    @Test
    void aShareOfTheTrafficIsToldInTheFewestDigits() {
        createdWithRelease("canary");
        String id = start("v2");
        until(() -> percent(id) == 10);

        assertThat(messages(status())).anyMatch(message -> message.endsWith(" with 10 % of the traffic."));
    }

    @Test
    void whatWasCancelledHasNotFailed() {
        createdWithRelease("canary");
        String id = world.plane
                .rollouts()
                .rollOut(WEB, World.asking("v2"), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofMinutes(3));
        world.plane.rollouts().cancel(WEB, id, World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(20));

        assertThat(status().reasons())
                .extracting(HealthReason::message)
                .anyMatch(message -> message.startsWith("What was asked for last was cancelled: Cancelled by "))
                .noneMatch(message -> message.contains("failed"));
    }

    /** Such a rollback asks for what is so; where it stopped a rollout, it did what a cancellation does. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRollbackThatFindsItsReleaseLiveDoesNotHideWhatWasCancelled(boolean stopsIt) {
        createdWithRelease("canary");
        String bad = start("v2");
        world.timeline.advance(Duration.ofMinutes(3));
        if (!stopsIt) {
            world.plane.rollouts().cancel(WEB, bad, World.by("ann"));
            world.timeline.advance(Duration.ofMinutes(20));
        }
        Rollout back = rolledBackTo(1);
        Rollout again = rolledBackTo(1);

        assertThat(List.of(back, again))
                .extracting(rollout -> rollout.requireOutcome().detail())
                .containsOnly("Release 1 was live already.");
        assertThat(status().reasons()).anySatisfy(reason -> {
            assertThat(reason.message()).startsWith("What was asked for last was cancelled: ");
            assertThat(reason.more()).isEqualTo(WEB.path() + "/rollouts/" + bad);
        });
    }

    @Test
    void aRollbackThatFindsItsReleaseLiveDoesNotHideWhatFailedFromItsDiagnosis() {
        createdWithRelease("rolling");
        Rollout bad = world.rollOut(WEB, "v2-crash");
        rolledBackTo(1);

        assertThat(Objects.requireNonNull(world.plane
                                .serviceDiagnosis()
                                .report(WEB, List.of())
                                .lastFailure())
                        .rollout())
                .isEqualTo(WEB.path() + "/rollouts/" + bad.id());
    }

    /** A rollback that went back, or an image that was asked for, is what was asked for last. */
    @ParameterizedTest
    @ValueSource(strings = {"rollback", "image"})
    void whatWasAskedForAfterAFailureAndIsSoIsAllThereIsToSay(String asked) {
        createdWithRelease("rolling");
        world.rollOut(WEB, "v2");
        assertThat(world.rollOut(WEB, "v3-crash").state()).isEqualTo(Rollout.State.ROLLED_BACK);
        Rollout last = asked.equals("rollback") ? rolledBackTo(1) : world.rollOut(WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(20));

        assertThat(last.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(status().reasons())
                .extracting(HealthReason::message)
                .noneMatch(message -> message.startsWith("What was asked for last"));
    }

    private Rollout rolledBackTo(int release) {
        String id = world.plane
                .rollouts()
                .rollBack(WEB, release, null, null, World.by("ann"))
                .id();
        until(() -> !world.plane.rollouts().rollout(WEB, id).isOpen());
        return world.plane.rollouts().rollout(WEB, id);
    }

    /** Every five minutes all are looked at, and what changes is written down. */
    @Test
    void aChangeOfStateIsRecordedAndTold() {
        world.account.sns().createTopic(request -> request.name("slipway-shared-releases"));
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(
                WEB,
                "container: {port: 8000}\ncount: 2\nrollout: {strategy: rolling, notifyTopic: 'arn:aws:sns:eu-central-1:123456789012:slipway-shared-releases'}\n");
        world.rollOut(WEB, "v1");
        world.timeline.advance(Duration.ofMinutes(15));
        assertThat(listed(null)).containsExactly("dev/web HEALTHY");

        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster("slipway-dev").service("web").force(true));
        world.timeline.advance(Duration.ofMinutes(11));

        assertThat(listed(null)).containsExactly("dev/web DOWN");
        assertThat(listed(HealthState.DOWN)).containsExactly("dev/web DOWN");
        assertThat(listed(HealthState.HEALTHY)).isEmpty();
        StatusRecord record = Objects.requireNonNull(world.plane
                .statusListing()
                .list(null, 20, null)
                .items()
                .getFirst()
                .status());
        assertThat(record.changes().getFirst().from()).isEqualTo(HealthState.HEALTHY);
        assertThat(record.changes().getFirst().to()).isEqualTo(HealthState.DOWN);
        assertThat(world.account.published().stream().map(SnsMessage::message))
                .filteredOn(message -> message.contains("STATE_CHANGED"))
                .singleElement()
                .satisfies(message -> assertThat(World.text(message, "message"))
                        .startsWith("dev/web is down, and was healthy. ECS has no such service"));
        EnvironmentStatus environment = world.plane.statuses().of(DEV);
        assertThat(environment.state()).isEqualTo(HealthState.DOWN);
        assertThat(environment.services()).containsEntry(HealthState.DOWN, 1);

        world.apply(WEB, "container: {port: 8000}\ncount: 2\nrollout: {strategy: rolling}\n");
        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(listed(null)).containsExactly("dev/web HEALTHY");
    }

    private List<String> listed(HealthState state) {
        return world.plane.statusListing().list(state, 20, null).items().stream()
                .map(found -> found.service().id().key() + " " + found.state())
                .toList();
    }

    /** What is found like before is not written down; that somebody looked is. */
    @Test
    void theListOfAllTellsWhenItWasLookedAt() {
        createdWithRelease("rolling");
        world.timeline.advance(Duration.ofMinutes(20));
        Instant now = world.timeline.instant();

        StatusListing.Listed listed =
                world.plane.statusListing().list(null, 10, null).items().getFirst();

        assertThat(listed.checkedAt()).isBetween(now.minus(Duration.ofMinutes(6)), now);
        assertThat(Objects.requireNonNull(listed.status()).since()).isBefore(now.minus(Duration.ofMinutes(10)));
        assertThat(world.plane.statuses().of(World.DEV).servicesCheckedAt()).isEqualTo(listed.checkedAt());
    }

    /** A sweep that AWS refuses is none. */
    @Test
    void aLookThatFailsIsNoLook() {
        createdWithRelease("rolling");
        world.timeline.advance(Duration.ofMinutes(20));
        Instant before = world.plane
                .statusListing()
                .list(null, 10, null)
                .items()
                .getFirst()
                .checkedAt();
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("describeServices")) {
                throw EcsException.builder().message("You may not.").build();
            }
            return () -> {};
        };
        world.timeline.advance(Duration.ofMinutes(20));

        assertThat(world.plane
                        .statusListing()
                        .list(null, 10, null)
                        .items()
                        .getFirst()
                        .checkedAt())
                .isEqualTo(before);
    }

    /** A service that was made since the last sweep was not there to be looked at. */
    @Test
    void whatIsNewHasNotBeenLookedAt() {
        createdWithRelease("rolling");
        world.timeline.advance(Duration.ofMinutes(20));
        ServiceId api = new ServiceId("dev", "api");
        world.apply(api, "container: {port: 8000}\nrouting: {paths: [/api/*]}\n");

        assertThat(world.plane.statusListing().list(null, 10, null).items())
                .filteredOn(listed -> listed.status() == null)
                .allSatisfy(listed -> assertThat(listed.checkedAt()).isNull());
    }

    @Test
    void theListOfAllIsReadPageByPage() {
        world.apply(DEV, "terminationProtection: false\n");
        for (String name : List.of("api", "shop", "web")) {
            world.apply(new ServiceId("dev", name), "container: {port: 8000}\nrouting: {paths: ['/" + name + "/*']}\n");
        }
        world.timeline.advance(Duration.ofMinutes(6));
        List<String> found = new ArrayList<>();
        String next = null;
        do {
            StatusListing.Listing page = world.plane.statusListing().list(null, 2, next);
            assertThat(page.items()).hasSizeLessThanOrEqualTo(2);
            page.items().forEach(item -> found.add(item.service().id().service() + " " + item.state()));
            next = page.next();
        } while (next != null);

        assertThat(found).containsExactly("api STOPPED", "shop STOPPED", "web STOPPED");
        assertThat(calls(() -> world.plane.statusListing().list(null, 100, null)))
                .isEmpty();
    }

    /** However short it is: a read of the store for each service would be a thousand of them. */
    @Test
    void aPageOfWhatIsRareIsGivenUpAfterSomeReads() {
        created("rolling");
        ServiceRecord web =
                world.store.get(ServiceRecord.key(WEB)).orElseThrow().value();
        for (int i = 0; i < 60; i++) {
            ServiceId other = new ServiceId("dev", "web-" + i);
            world.store.write(new Write.Create<>(ServiceRecord.key(other), web.with(next -> next.id(other))));
        }

        StatusListing.Listing page = world.plane.statusListing().list(HealthState.DOWN, 1, null);

        assertThat(page.items()).isEmpty();
        assertThat(page.next()).isNotNull();
        assertThat(world.plane
                        .statusListing()
                        .list(HealthState.DOWN, 1, page.next())
                        .next())
                .isNull();
    }

    @Test
    void aServiceThatIsGoneIsForgotten() {
        createdWithRelease("rolling");
        assertThat(listed(null)).hasSize(1);
        world.plane
                .services()
                .delete(
                        WEB,
                        new dev.slipway.plan.Declarations.Deletion(null, java.util.Set.of(), "web"),
                        World.by("ann"));
        world.settle();
        assertThat(listed(null)).isEmpty();
        world.timeline.advance(Duration.ofMinutes(6));
        assertThat(world.plane.statuses().of(DEV).services()).isEmpty();
    }
}
