package dev.slipway.simulation.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.app.ControlPlane;
import dev.slipway.health.DeadLetter;
import dev.slipway.health.DeadLetterQueue;
import dev.slipway.health.DeadLetters;
import dev.slipway.health.Health;
import dev.slipway.health.HealthReader;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerQueries;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.problem.ProblemException;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What Slipway says of itself, and what was given up. */
class ControlPlaneHealthTest {
    private final World world = new World(11);

    private Health health() {
        return world.plane.health().read("1.2.3");
    }

    private Health.Check check(String name) {
        return health().checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void atRestAllIsWellOnceTheWorkerHasLookedAtEverything() {
        assertThat(check("resync").state()).isEqualTo(Health.State.WARNING);

        world.timeline.advance(Duration.ofMinutes(6));

        assertThat(health().version()).isEqualTo("1.2.3");
        assertThat(health().checks())
                .allSatisfy(check -> assertThat(check.state()).isEqualTo(Health.State.OK));
        assertThat(health().state()).isEqualTo(Health.State.OK);
    }

    @Test
    void aWorkerThatStandsStillIsSeenByTheTimeOfItsLastResync() {
        world.timeline.advance(Duration.ofMinutes(6));
        world.queue.consumer(body -> {
            throw new IllegalStateException("the function is throttled");
        });

        world.timeline.advance(Duration.ofMinutes(25));
        assertThat(check("resync").state()).isEqualTo(Health.State.WARNING);

        world.timeline.advance(Duration.ofMinutes(60));
        assertThat(check("resync").state()).isEqualTo(Health.State.FAILED);
    }

    /** The message is given up while the worker fails; mended and sent again, it brings its operation to an end. */
    @Test
    void aPoisonMessageIsListedAndSentAgainAndItsOperationEnds() {
        world.queue.consumer(body -> {
            throw new IllegalStateException("a fault of this release");
        });
        String accepted = world.plane
                .environments()
                .apply(
                        World.DEV,
                        World.environmentSpec("terminationProtection: false\n"),
                        World.anything(),
                        World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofMinutes(61));

        List<DeadLetter> listed = world.plane.deadLetters().list();
        DeadLetter letter = listed.stream()
                .filter(found -> "dev".equals(found.target()))
                .findFirst()
                .orElseThrow();
        assertThat(letter.redrivable()).isTrue();
        assertThat(world.plane.deadLetters().list()).as("a look hides nothing").hasSameSizeAs(listed);
        assertThat(check("dead-letters").state()).isEqualTo(Health.State.WARNING);

        world.queue.consumer(world.plane.worker()::receive);
        assertThat(world.plane.deadLetters().redrive(letter.id(), "eve").redriven())
                .containsExactly(letter.id());
        assertThatThrownBy(() -> world.plane.deadLetters().redrive(letter.id(), "ann"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("no-such-dead-letter");

        world.settle();
        assertThat(world.plane.operations().find(World.DEV, accepted).map(Operation::state))
                .contains(Operation.State.SUCCEEDED);
    }

    @Test
    void whatFailsAgainIsADeadLetterAgain() {
        world.queue.deadLetter(Operations.reconcileMessage(World.DEV));
        world.queue.consumer(body -> {
            throw new IllegalStateException("still broken");
        });

        assertThat(world.plane.deadLetters().redriveAll("ann").redriven()).hasSize(1);
        assertThat(world.plane.deadLetters().redriveAll("eve").redriven())
                .as("twice, by two people")
                .isEmpty();
        world.timeline.advance(Duration.ofMinutes(61));

        assertThat(world.plane.deadLetters().list())
                .extracting(DeadLetter::target)
                .contains("dev");
    }

    private List<LedgerEntry> redriven() {
        return new LedgerQueries(world.store)
                        .page(
                                World.DEV,
                                new LedgerQueries.Filter(null, null, null, Set.of(LedgerEntry.EventType.REDRIVEN)),
                                10,
                                null)
                        .items()
                        .stream()
                        .map(Stored::value)
                        .toList();
    }

    /** Who sent what again, and when; of what never was, no ledger begins. */
    @Test
    void whoSendsAMessageAgainIsInTheLedgerOfItsTarget() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.queue.deadLetter(Operations.reconcileMessage(World.DEV));
        world.queue.deadLetter("{\"target\":\"nowhere/web\"}");
        world.queue.deadLetter("{\"target\":\"no name at all\"}");
        world.queue.deadLetter("{\"target\":{\"target\":7},\"__proto__\":{}}");

        assertThat(world.plane.deadLetters().redriveAll("eve").redriven()).hasSize(4);

        assertThat(redriven()).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("eve");
            assertThat(entry.message()).contains("dead-");
        });
        assertThat(new LedgerQueries(world.store)
                        .page(new ServiceId("nowhere", "web"), LedgerQueries.Filter.ALL, 1, null)
                        .items())
                .isEmpty();
    }

    /** What was sent is told, and the rest can be seen at once. */
    @Test
    void whereTheQueueFailsInTheMiddleTheAnswerSaysHowFarItCame() {
        for (int i = 0; i < 5; i++) {
            world.queue.deadLetter("{\"resync\":true}");
        }
        AtomicInteger deletions = new AtomicInteger();
        DeadLetterQueue flaky = (DeadLetterQueue) Proxy.newProxyInstance(
                DeadLetterQueue.class.getClassLoader(),
                new Class<?>[] {DeadLetterQueue.class},
                (self, method, given) -> {
                    if (method.getName().equals("delete") && deletions.incrementAndGet() == 3) {
                        throw SdkClientException.create("SQS is throttling");
                    }
                    return method.invoke(world.queue, given);
                });
        DeadLetters letters = new DeadLetters(
                flaky,
                new Outbox(world.store, world.queue),
                new LedgerQueries(world.store),
                new IdGenerator(world.timeline, new Random(1)),
                world.timeline,
                ControlPlane.json());

        DeadLetters.Redriven done = letters.redriveAll("ann");

        assertThat(done.redriven()).hasSize(3);
        assertThat(done.left()).isEqualTo(2);
        assertThat(world.plane.deadLetters().list()).as("seen at once").hasSize(2);
        world.timeline.advance(Duration.ofMinutes(1));
        assertThat(world.plane.deadLetters().list())
                .as("the one that was sent and not deleted, too")
                .hasSize(3);
    }

    /** A body is shown as a document is: by its keys, too. */
    @Test
    void aBodyShowsNoVariablesOfContainers() {
        world.queue.deadLetter(
                "{\"detail\":{\"overrides\":[{\"environment\":[{\"name\":\"A\",\"value\":\"hunter2hunter2\"}]}],\"secret\":[\"hunter2hunter2\"]}}");

        DeadLetter letter = world.plane.deadLetters().list().getFirst();

        assertThat(letter.redrivable()).isTrue();
        assertThat(letter.body()).contains("overrides").doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "7", "[]", "\"text\"", "{\"a\":", "<xml/>"})
    void whatIsNoJsonObjectIsListedAndNotSent(String body) {
        world.queue.deadLetter(body);

        assertThat(world.plane.deadLetters().list())
                .singleElement()
                .satisfies(letter -> assertThat(letter.redrivable()).isFalse());
        assertThat(world.plane.deadLetters().redriveAll("ann").left()).isEqualTo(1);
    }

    /** As deep as a message of SQS may be. */
    @Test
    void aBodyOfAHundredThousandBracketsIsNoJson() {
        world.queue.deadLetter("[".repeat(100_000));

        assertThat(world.plane.deadLetters().list()).hasSize(1);
    }

    @Test
    void whatIsNoMessageOfSlipwaysStaysWhereItIs() {
        world.queue.deadLetter("hello");

        assertThat(world.plane.deadLetters().redriveAll("ann").left()).isEqualTo(1);
        String id = world.plane.deadLetters().list().getFirst().id();
        assertThatThrownBy(() -> world.plane.deadLetters().redrive(id, "ann"))
                .hasMessageContaining("dead-letter-unreadable");
        assertThat(world.queue.bodiesOfDead()).containsExactly("hello");
    }

    @Test
    void whoeverIsGivenAMessageHasItAloneForHalfAMinute() {
        world.queue.deadLetter("{\"resync\":true}");
        DeadLetterQueue.Message taken = world.queue.receive().getFirst();

        assertThat(world.plane.deadLetters().redriveAll("ann").redriven()).isEmpty();
        assertThat(taken.receives()).isEqualTo(1);
        world.queue.release(taken);
        assertThat(world.plane.deadLetters().redriveAll("ann").redriven()).hasSize(1);
    }

    @Test
    void theSupportBundleHasWhatIsWrongAndNoSecret() {
        String secret = "hunter2hunter2hunter2";
        String arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf";
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(World.WEB, "container: {port: 8000, environment: {DB_PASSWORD: " + secret + "}}\n")
                        .failure())
                .isNull();
        world.rollOut(World.WEB, "v1");
        world.queue.deadLetter("{\"target\":\"dev/web\",\"password\":\"" + secret + "\",\"arn\":\"" + arn + "\"}");
        String group = "/aws/lambda/slipway-worker";
        world.account.logs().createLogGroup(request -> request.logGroupName(group));
        world.account.rawLogs().write(group, "1", "ERROR Authorization: Basic " + secret);
        world.account
                .rawLogs()
                .write(
                        group,
                        "1",
                        "{\"level\":\"ERROR\",\"message\":\"the pass failed, " + arn
                                + "\",\"mdc\":{\"target\":\"dev/web\",\"token\":\"" + secret + "\"}}");
        world.account.rawLogs().write(group, "1", "INFO nothing of note");
        world.queue.deadLetter("Authorization: Bearer " + secret);

        String bundle = world.plane.supportBundle().read("1.2.3").toString();

        assertThat(bundle)
                .contains("\"version\":\"1.2.3\"", "dev/web", "\"checks\"", "the pass failed")
                .doesNotContain(secret, "prod/db-AbCdEf", "nothing of note");
        assertThat(bundle.length()).isLessThan(4_000_000);
    }

    /** The first by name are not those that matter: here none of the first fifty does. */
    @Test
    void theSupportBundleShowsThoseInTroubleFirstHoweverManyEnvironmentsThereAre() {
        for (int i = 0; i < 60; i++) {
            world.apply(
                    new EnvironmentId("a%02d".formatted(i)),
                    "network: {cidr: 10.%d.0.0/16}\nterminationProtection: false\n".formatted(i));
        }
        EnvironmentId last = new EnvironmentId("zoo");
        world.apply(last, "network: {cidr: 172.30.0.0/16}\nterminationProtection: false\n");
        ServiceId service = new ServiceId("zoo", "web");
        world.apply(service, "container: {port: 8000}\n");
        world.plane.rollouts().rollOut(service, World.asking("v1"), World.by("ann"));
        world.timeline.advance(Duration.ofSeconds(5));

        JsonNode targets = world.plane.supportBundle().read("1.2.3").path("targets");

        assertThat(targets.path("environments").asInt()).isEqualTo(61);
        assertThat(targets.path("shown")).hasSize(50);
        JsonNode first = targets.path("shown").path(0);
        assertThat(first.path("target").asText()).isEqualTo("zoo/web");
        assertThat(first.at("/stack/status").asText()).matches("[A-Z_]+_(COMPLETE|IN_PROGRESS)");
        assertThat(first.at("/operations/0/state").asText()).isEqualTo("RUNNING");
    }

    @Test
    void theSupportBundleHasWhatCanBeReadWhenTheRestCannot() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.account.logs().createLogGroup(request -> request.logGroupName("/aws/lambda/slipway-api"));

        JsonNode bundle = world.plane.supportBundle().read("1.2.3");

        assertThat(bundle.at("/logs/api")).isEmpty();
        assertThat(bundle.at("/logs/worker").asText()).startsWith("cannot be read: ");
        assertThat(bundle.at("/targets/shown/0/target").asText()).isEqualTo("dev");
    }

    @Test
    void whatDoesNotAnswerIsToldAndTheRestAllTheSame() {
        world.timeline.advance(Duration.ofMinutes(6));
        DeadLetterQueue broken = (DeadLetterQueue) Proxy.newProxyInstance(
                DeadLetterQueue.class.getClassLoader(),
                new Class<?>[] {DeadLetterQueue.class},
                (self, method, given) -> {
                    throw SdkClientException.create("no route to SQS");
                });

        Health seen = new HealthReader(world.store, world.plane.operations(), broken, world.timeline).read("1.2.3");

        assertThat(seen.state()).isEqualTo(Health.State.FAILED);
        assertThat(seen.checks())
                .extracting(Health.Check::name, Health.Check::state)
                .containsExactly(
                        tuple("table", Health.State.OK),
                        tuple("queue", Health.State.FAILED),
                        tuple("dead-letters", Health.State.FAILED),
                        tuple("resync", Health.State.OK),
                        tuple("operations", Health.State.OK));
    }

    /** CloudWatch gives the oldest first. */
    @Test
    void theSupportBundleHasTheLastErrorsHoweverManyThereWere() {
        String group = "/aws/lambda/slipway-api";
        world.account.logs().createLogGroup(request -> request.logGroupName(group));
        for (int i = 100; i < 190; i++) {
            world.account.rawLogs().write(group, "1", "ERROR number " + i);
            world.timeline.advance(Duration.ofSeconds(30));
        }
        world.timeline.advance(Duration.ofMinutes(20));

        List<String> lines = world.plane
                .supportBundle()
                .read("1.2.3")
                .path("logs")
                .path("api")
                .findValuesAsText("message");

        assertThat(lines).hasSize(50).startsWith("ERROR number 140").endsWith("ERROR number 189");
    }
}
