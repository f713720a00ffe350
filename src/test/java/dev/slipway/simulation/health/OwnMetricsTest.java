package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.metrics.EmbeddedLine;
import dev.slipway.metrics.EmbeddedMetrics;
import dev.slipway.operation.Operation;
import dev.slipway.operation.WorkListener.Fault;
import dev.slipway.operation.WorkListener.Return;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

/** The lines that CloudWatch makes metrics of Slipway itself out of. */
class OwnMetricsTest {
    private static final String ENVIRONMENT = "terminationProtection: false\n";
    private static final String SERVICE =
            "container: {port: 8000, environment: {PASSWORD: hunter2}}\nrollout: {strategy: %s}\n";
    /** Each metric, with what it may be told apart by. */
    private static final Map<String, Map<String, Set<String>>> DOCUMENTED = Map.of(
            "OperationDuration", Map.of("Type", names(Operation.Type.values()), "State", Set.of("SUCCEEDED", "FAILED")),
            "RolloutDuration",
                    Map.of(
                            "Strategy",
                            names(Strategy.values()),
                            "State",
                            Set.of("SUCCEEDED", "ROLLED_BACK", "FAILED", "CANCELLED")),
            "TimeToVerdict",
                    Map.of(
                            "Strategy",
                            names(Strategy.values()),
                            "State",
                            Set.of("SUCCEEDED", "ROLLED_BACK", "FAILED", "CANCELLED")),
            "FailedPasses", Map.of("Fault", names(Fault.values())),
            "ReturnedMessages", Map.of("Reason", names(Return.values())),
            "OpenOperations", Map.of(),
            "StuckOperations", Map.of(),
            "ResyncInterval", Map.of());

    private final List<String> written = new ArrayList<>();
    private World world = world();

    private static Set<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).collect(toSet());
    }

    private World world() {
        World made = new World(1);
        made.metrics = new EmbeddedMetrics(written::add, made.timeline);
        return made;
    }

    private List<EmbeddedLine> lines(String metric) {
        return written.stream()
                .map(EmbeddedLine::read)
                .filter(line -> line.values().containsKey(metric))
                .toList();
    }

    private void created(String strategy) {
        assertThat(world.apply(DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private String start(String image, ConcurrencyPolicy policy) {
        return world.plane
                .rollouts()
                .rollOut(WEB, new RolloutRequest(image, null, null, policy, null), World.by("ann"))
                .id();
    }

    private List<Operation> operations() {
        return Stream.of(DEV, WEB)
                .flatMap(target -> world.plane.operations().list(target, 100, null).items().stream())
                .map(Stored::value)
                .toList();
    }

    /** Whatever has ended is told of by one line, with how it did. */
    private void eachEndIsToldOnce() {
        assertThat(lines("OperationDuration"))
                .extracting(line -> String.join(
                        " ",
                        line.root().path("target").asText(),
                        line.root().path("operation").asText(),
                        line.dimensions().get("Type"),
                        line.dimensions().get("State")))
                .containsExactlyInAnyOrderElementsOf(operations().stream()
                        .filter(operation -> !operation.isRunning())
                        .map(operation -> String.join(
                                " ",
                                operation.target().key(),
                                operation.id(),
                                operation.type().name(),
                                operation.state().name()))
                        .toList());
        assertThat(lines("RolloutDuration"))
                .extracting(line -> line.root().path("rollout").asText() + " "
                        + line.dimensions().get("State"))
                .containsExactlyInAnyOrderElementsOf(
                        world
                                .store
                                .list(WEB.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, 100, null)
                                .items()
                                .stream()
                                .map(Stored::value)
                                .filter(rollout -> !rollout.isOpen())
                                .map(rollout -> rollout.id() + " " + rollout.state())
                                .toList());
    }

    @Test
    void eachEndIsOneLineThoughEveryMessageComesTwice() {
        created("canary");
        world.queue.consumer(body -> {
            world.plane.worker().receive(body);
            world.plane.worker().receive(body);
        });
        assertThat(world.rollOut(WEB, "v2-prod-errors-20").state()).isEqualTo(State.ROLLED_BACK);
        start("v3", ConcurrencyPolicy.REJECT);
        world.plane.rollouts().cancel(WEB, start("v4", ConcurrencyPolicy.QUEUE), World.by("ann"));
        world.settle();

        eachEndIsToldOnce();
        assertThat(lines("RolloutDuration"))
                .extracting(line -> line.dimensions().get("State"))
                .contains("SUCCEEDED", "ROLLED_BACK", "CANCELLED");
    }

    @Test
    void aRolloutTellsHowLongItTookAndWhenItsVerdictCame() {
        created("canary");
        Rollout bad = world.rollOut(WEB, "v2-prod-errors-20");

        EmbeddedLine line = lines("RolloutDuration").getLast();
        assertThat(line.dimensions()).isEqualTo(Map.of("Strategy", "CANARY", "State", "ROLLED_BACK"));
        assertThat(line.values())
                .containsEntry(
                        "RolloutDuration",
                        seconds(bad.progress().startedAt(), bad.outcome().endedAt()))
                .containsEntry(
                        "TimeToVerdict",
                        seconds(bad.progress().calledAt(), bad.stop().at()));
        assertThat(lines("TimeToVerdict")).as("nothing was judged at the first").hasSize(1);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }

    /** The process ends at each of its steps in turn: a line may be missing then, and none comes twice. */
    @Test
    void whoDiesTellsOfNoEndTwice() {
        int missing = 0;
        int died = 0;
        for (int step = 1; step <= 45; step++) {
            written.clear();
            world = world();
            world.chaos.dieAt = step;
            world.apply(DEV, ENVIRONMENT);
            world.timeline.advance(Duration.ofMinutes(10));

            died += world.chaos.steps > step ? 1 : 0;
            assertThat(operations()).as("step %d", step).allMatch(operation -> !operation.isRunning());
            assertThat(lines("OperationDuration")).as("step %d", step).hasSizeLessThanOrEqualTo(1);
            missing += lines("OperationDuration").isEmpty() ? 1 : 0;
        }
        assertThat(died).isGreaterThan(20);
        assertThat(missing).as("between the write of the end and its line").isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aPassThatFailsIsToldWithWhy(Fault fault) {
        boolean[] failed = new boolean[1];
        world.chaos.watcher = (operation, request) -> {
            if (!failed[0] && operation.equals("describeStacks")) {
                failed[0] = true;
                throw switch (fault) {
                    case TRANSIENT -> SdkClientException.create("the connection broke");
                    case REFUSED ->
                        CloudFormationException.builder()
                                .statusCode(403)
                                .awsErrorDetails(AwsErrorDetails.builder()
                                        .errorCode("AccessDenied")
                                        .errorMessage("no, hunter2")
                                        .build())
                                .build();
                    case INTERNAL -> new IllegalStateException("a fault of our own, hunter2");
                };
            }
            return () -> {};
        };

        assertThat(world.apply(DEV, ENVIRONMENT).failure()).isNull();

        assertThat(lines("FailedPasses")).singleElement().satisfies(line -> {
            assertThat(line.dimensions()).isEqualTo(Map.of("Fault", fault.name()));
            assertThat(line.root().path("target").asText()).isEqualTo("dev");
        });
        eachEndIsToldOnce();
        assertThat(written).noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void aMessageThatComesAgainIsToldWithWhy() {
        world.plane.messageReceiver().putBack("{\"target\":\"dev\"}");
        assertThatThrownBy(() -> world.plane.messageReceiver().receive("no JSON", 1));

        assertThat(lines("ReturnedMessages"))
                .extracting(line -> line.dimensions().get("Reason"))
                .containsExactly("NO_TIME", "FAILED");
    }

    @Test
    void eachResyncTellsWhatIsOpenAndStuckAndHowLongTheLastWasAgo() {
        world.timeline.advance(Duration.ofMinutes(16));
        assertThat(lines("ResyncInterval"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.values()).containsEntry("ResyncInterval", 300.0));
        assertThat(lines("OpenOperations").getLast().values())
                .isEqualTo(Map.of("OpenOperations", 0.0, "StuckOperations", 0.0));
        created("rolling");
        start("v2", ConcurrencyPolicy.REJECT);
        start("v3", ConcurrencyPolicy.QUEUE);

        world.queue.consumer(body -> {
            if (body.contains("resync")) {
                world.plane.worker().receive(body); // and nothing else is handled
            }
        });
        world.timeline.advance(Duration.ofMinutes(6));
        assertThat(lines("OpenOperations").getLast().values())
                .as("one is under way, and one waits")
                .containsEntry("OpenOperations", 2.0);

        world.chaos.watcher = (operation, request) -> {
            throw SdkClientException.create("the connection broke");
        };
        world.queue.consumer(world.plane.worker()::receive);
        world.timeline.advance(Duration.ofMinutes(11));

        assertThat(lines("OpenOperations").getLast().values()).containsEntry("StuckOperations", 1.0);
    }

    /** What is a dimension is paid for by each of its values. */
    @Test
    void nothingSecretIsWrittenAndNothingUnboundedIsADimension() {
        created("blue-green");
        world.rollOut(WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(30));

        assertThat(written).isNotEmpty().noneMatch(line -> line.contains("hunter2") || line.contains("PASSWORD"));
        Set<String> seen = new HashSet<>();
        for (String text : written) {
            EmbeddedLine line = EmbeddedLine.read(text);
            seen.addAll(line.values().keySet());
            line.values().keySet().forEach(metric -> {
                Map<String, Set<String>> may = DOCUMENTED.get(metric);
                assertThat(may).as(metric).isNotNull();
                assertThat(line.dimensions().keySet()).as(metric).isEqualTo(may.keySet());
                line.dimensions()
                        .forEach((name, value) -> assertThat(may.get(name)).contains(value));
            });
            line.root()
                    .fieldNames()
                    .forEachRemaining(
                            name -> assertThat(Set.of("_aws", "target", "operation", "rollout", "failure", "phase")
                                                    .contains(name)
                                            || line.dimensions().containsKey(name)
                                            || line.values().containsKey(name))
                                    .as(name)
                                    .isTrue());
        }
        assertThat(seen).contains("OperationDuration", "RolloutDuration", "OpenOperations", "ResyncInterval");
    }

    @Test
    void eachMetricIsDescribed() throws IOException {
        String page = Files.readString(Path.of("docs/operations.md"));

        assertThat(Stream.concat(DOCUMENTED.keySet().stream(), Stream.of("ThrottledCalls")))
                .allSatisfy(metric -> assertThat(page).contains("`" + metric + "`"));
    }
}
