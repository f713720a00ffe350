package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.Environments.Expiry;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulated.sns.SnsMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Environments that carry an end date: the world begins on 2026-01-01 at midnight. */
class ExpiryTest {
    private static final EnvironmentId PR = new EnvironmentId("pr-7");
    private static final ServiceId WEB = new ServiceId("pr-7", "web");
    private static final ServiceId API = new ServiceId("pr-7", "api");
    private static final String SPEC = "network: {cidr: 172.18.0.0/16}\nterminationProtection: false\n";
    private static final String END = "2026-01-04T00:00:00Z";
    private static final String ENDS = SPEC + "expires: " + END + "\n";

    private World world = new World(1).withoutAlarms();

    private void living(String spec) {
        assertThat(world.apply(PR, spec).failure()).isNull();
        String topic = world.account
                .sns()
                .createTopic(request -> request.name("slipway-pr-7-people"))
                .topicArn();
        assertThat(world.apply(WEB, "container: {port: 8000}\nrollout: {notifyTopic: '" + topic + "'}\n")
                        .failure())
                .isNull();
        assertThat(world.apply(API, "container: {port: 8000}\nrouting: {paths: [/api/*]}\n")
                        .failure())
                .isNull();
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private void until(String time) {
        world.timeline.advance(Duration.between(world.timeline.instant(), Instant.parse(time)));
    }

    private boolean isThere() {
        return world.plane.environments().find(PR).isPresent();
    }

    private List<String> warnings() {
        return Ledgers.of(world, PR, EventType.EXPIRY_WARNED).stream()
                .map(LedgerEntry::message)
                .toList();
    }

    private List<String> stacks() {
        return world.account.cloudFormation().describeStacks().stacks().stream()
                .filter(stack -> !stack.stackStatusAsString().startsWith("DELETE"))
                .map(stack -> stack.stackName())
                .toList();
    }

    @Test
    void itWarnsADayBeforeAndThenRemovesItsServicesAndItself() {
        living(ENDS);
        until("2026-01-02T23:50:00Z");
        assertThat(warnings()).isEmpty();

        until("2026-01-03T00:10:00Z");
        assertThat(warnings())
                .singleElement()
                .asString()
                .contains("pr-7 removes itself", "images and logs", END, "api, web", "PUT /v1/environments/pr-7");
        assertThat(world.account.published())
                .filteredOn(message -> message.message().contains("EXPIRY_WARNED"))
                .as("the alarms' topic and the service's")
                .hasSize(2)
                .extracting(SnsMessage::subject)
                .allSatisfy(subject -> assertThat(subject).startsWith("pr-7: removes itself at " + END));

        until("2026-01-03T23:55:00Z");
        assertThat(stacks()).contains("slipway-pr-7", "slipway-pr-7-web", "slipway-pr-7-api");
        until("2026-01-04T02:00:00Z");

        assertThat(isThere()).isFalse();
        assertThat(stacks()).isEmpty();
        assertThat(warnings()).hasSize(1);
        assertThat(Ledgers.of(world, WEB, EventType.DELETION_ACCEPTED))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.actor()).isEqualTo(LedgerEntry.SLIPWAY);
                    assertThat(entry.message()).contains("registry", "release 1");
                });
        world.timeline.advance(Duration.ofHours(1));
        assertThat(world.store.stream(Expiry.PARTITION, "", Expiry.ITEM_TYPE, false)
                        .toList())
                .isEmpty();
    }

    /** By default no service names a topic. */
    @Test
    void whoeverIsToldOfItsAlarmsIsWarnedToo() {
        world = new World(1);
        assertThat(world.apply(PR, ENDS + "alarms: {email: ops@example.com}\n").failure())
                .isNull();
        assertThat(world.apply(WEB, "container: {port: 8000}\n").failure()).isNull();
        until("2026-01-03T00:10:00Z");

        assertThat(world.account.published())
                .filteredOn(message -> message.message().contains("EXPIRY_WARNED"))
                .singleElement()
                .satisfies(message -> assertThat(message.topicArn()).endsWith(":slipway-pr-7-alarms"));
    }

    @Test
    void aLaterEndPutsItOffAndIsWarnedOfAgain() {
        living(ENDS);
        until("2026-01-03T00:10:00Z");

        assertThat(world.apply(PR, SPEC + "expires: 2026-01-06T00:00:00Z\n").failure())
                .isNull();
        until("2026-01-04T12:00:00Z");
        assertThat(isThere()).isTrue();
        assertThat(warnings()).hasSize(1);
        until("2026-01-05T00:10:00Z");
        assertThat(warnings()).hasSize(2);
        until("2026-01-06T02:00:00Z");
        assertThat(isThere()).isFalse();
    }

    @Test
    void withoutAnEndItStays() {
        living(ENDS);
        until("2026-01-03T00:10:00Z");

        assertThat(world.apply(PR, SPEC).failure()).isNull();
        until("2026-01-06T00:00:00Z");
        assertThat(isThere()).isTrue();
        assertThat(stacks()).contains("slipway-pr-7-web", "slipway-pr-7-api");
    }

    /** Whoever may PUT an environment, and not delete it, must not be able to delete it by a date. */
    @Test
    void anEndComesWithTheEnvironmentOnly() {
        living(SPEC);

        for (String change : List.of("expires: " + END, "expires: 2026-01-01T12:00:00Z")) {
            ProblemException refused =
                    catchThrowableOfType(ProblemException.class, () -> world.apply(PR, SPEC + change));
            assertThat(refused.problem().code()).isEqualTo("immutable");
            ProblemException planned = catchThrowableOfType(
                    ProblemException.class,
                    () -> world.plane.environments().plan(PR, World.environmentSpec(SPEC + change), World.by("eve")));
            assertThat(planned.problem().code()).isEqualTo("immutable");
        }
        until("2026-01-06T00:00:00Z");
        assertThat(isThere()).isTrue();
    }

    @Test
    void terminationProtectionAndAnEndExcludeEachOther() {
        ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> World.environmentSpec("expires: " + END));

        assertThat(refused.problem().errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo("/expires");
            assertThat(error.message()).contains("terminationProtection: false");
        });
        EnvironmentSpec spec = World.environmentSpec("preset: development\nexpires: " + END);
        assertThat(spec.end()).isEqualTo(Instant.parse(END));
    }

    @Test
    void whatIsUnderWayIsWaitedForAndNothingNewComesIn() {
        living(ENDS);
        assertThat(world.apply(WEB, "container: {port: 8000}\nrollout: {strategy: blue-green, bakeMinutes: 60}\n")
                        .failure())
                .isNull();
        until("2026-01-03T23:30:00Z");
        String location = world.plane
                .rollouts()
                .rollOut(WEB, World.asking("v2"), World.by("ann"))
                .location();
        until("2026-01-04T00:20:00Z");
        assertThat(stacks()).contains("slipway-pr-7-web").doesNotContain("slipway-pr-7-api");
        ProblemException refused = catchThrowableOfType(
                ProblemException.class,
                () -> world.plane
                        .services()
                        .apply(
                                new ServiceId("pr-7", "late"),
                                World.serviceSpec("container: {port: 8000}\nrouting: {paths: [/late]}\n"),
                                new Order(null, Set.of(), null),
                                World.by("ann")));
        assertThat(refused.problem().code()).isEqualTo("environment-expired");

        until("2026-01-04T04:00:00Z");
        assertThat(location).contains("pr-7");
        assertThat(isThere()).isFalse();
    }

    @Test
    void whoNobodyCouldWarnStaysForAnHourAfterTheWarning() {
        living(ENDS);
        world.queue.consumer(_ -> {}); // the control plane is down for days
        until("2026-01-05T00:00:00Z");
        assertThat(warnings()).isEmpty();

        world.queue.consumer(world.plane.worker()::receive);
        until("2026-01-05T00:30:00Z");
        assertThat(warnings()).hasSize(1);
        assertThat(stacks()).hasSize(3);
        until("2026-01-05T03:00:00Z");
        assertThat(isThere()).isFalse();
    }

    /** Just when the deletion of the first service is written, somebody puts the end off. */
    @Test
    void whatIsPutOffAtTheLastMomentStays() {
        living(ENDS);
        until("2026-01-03T23:59:00Z");
        boolean[] putOff = new boolean[1];
        world.chaos.beforeWrite = () -> {
            if (!putOff[0] && !world.timeline.instant().isBefore(Instant.parse(END))) {
                putOff[0] = true;
                world.plane
                        .environments()
                        .apply(
                                PR,
                                World.environmentSpec(SPEC + "expires: 2026-02-01T00:00:00Z\n"),
                                new Order(null, Set.of(), null),
                                World.by("ann"));
            }
        };

        until("2026-01-06T00:00:00Z");

        assertThat(putOff[0]).isTrue();
        assertThat(stacks()).contains("slipway-pr-7", "slipway-pr-7-web", "slipway-pr-7-api");
        assertThat(Ledgers.of(world, API, EventType.DELETION_ACCEPTED)).isEmpty();
    }

    /** Whatever the step after which the worker dies, what was begun goes on, once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 28, 35, 44, 55})
    void itCanBeCutOffAnywhere(int step) {
        living(ENDS);
        until("2026-01-02T23:59:00Z");
        world.chaos.dieAt = world.chaos.steps + step;
        until("2026-01-03T12:00:00Z");
        assertThat(warnings()).hasSize(1);
        world.chaos.dieAt = world.chaos.steps + step;

        until("2026-01-04T06:00:00Z");

        assertThat(isThere()).isFalse();
        assertThat(stacks()).isEmpty();
        for (ServiceId service : List.of(WEB, API)) {
            assertThat(Ledgers.of(world, service, EventType.DELETION_ACCEPTED)).hasSize(1);
        }
    }

    @Test
    void anEndIsToldWhoeverDeclaresSomethingThere() {
        var accepted = world.plane
                .environments()
                .apply(PR, World.environmentSpec(ENDS), new Order(null, Set.of(), null), World.by("ann"));
        world.settle();

        assertThat(accepted.warnings())
                .contains("pr-7 removes itself with all its services, their images and logs from " + END + " on.");
        assertThat(world.plane
                        .services()
                        .apply(
                                WEB,
                                World.serviceSpec("container: {port: 8000}"),
                                new Order(null, Set.of(), null),
                                World.by("ann"))
                        .warnings())
                .anyMatch(warning -> warning.startsWith("pr-7 removes itself"));
    }
}
