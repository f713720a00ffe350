package dev.slipway.simulation.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.slipway.aws.AwsErrors;
import dev.slipway.id.ServiceId;
import dev.slipway.logs.LogPage;
import dev.slipway.logs.LogQueries;
import dev.slipway.logs.LogReport;
import dev.slipway.logs.LogReport.Kind;
import dev.slipway.logs.LogStreamName;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.Clients;
import dev.slipway.service.ServiceLogs;
import dev.slipway.service.ServiceLogs.Filter;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CloudWatchLogsException;
import software.amazon.awssdk.services.cloudwatchlogs.model.LimitExceededException;
import software.amazon.awssdk.services.ecs.model.TaskDefinition;

/** What containers have written is found by release, shown once, however late it comes, and without credentials. */
class LogsTest {
    private static final Filter ALL = new Filter(null, null, null, null, null, null, null);
    private static final String TASK = "0123456789abcdef0123456789abcdef";

    private final World world = new World(1);
    private final ServiceLogs logs = on(world.account.logs());

    private ServiceLogs on(CloudWatchLogsClient cloudWatchLogs) {
        return new ServiceLogs(
                world.plane.services(),
                world.plane.rollouts(),
                world.store,
                new Clients(
                        world.account.ecs(),
                        world.account.elb(),
                        world.account.ecr(),
                        cloudWatchLogs,
                        world.account.cloudWatch(),
                        world.account.lambda(),
                        world.account.sns(),
                        world.account.scaling(),
                        world.account.lookups()),
                new LogQueries(cloudWatchLogs, world.timeline, () -> {}),
                world.timeline);
    }

    /** As AWS answers who may not, or asks too often. */
    private ServiceLogs refusing(String operation, String code, String sentence) {
        return on((CloudWatchLogsClient) Proxy.newProxyInstance(
                CloudWatchLogsClient.class.getClassLoader(),
                new Class<?>[] {CloudWatchLogsClient.class},
                (self, method, given) -> {
                    if (method.getName().equals(operation)) {
                        throw CloudWatchLogsException.builder()
                                .statusCode(400)
                                .message(sentence)
                                .awsErrorDetails(AwsErrorDetails.builder()
                                        .errorCode(code)
                                        .errorMessage(sentence)
                                        .build())
                                .build();
                    }
                    try {
                        return given.length == 1 && given[0] instanceof Consumer<?>
                                ? InvocationHandler.invokeDefault(self, method, given)
                                : method.invoke(world.account.logs(), given);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private void live() {
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\n");
        world.rollOut(World.WEB, "v1");
        world.timeline.advance(Duration.ofHours(1));
    }

    private Instant now() {
        return world.timeline.instant();
    }

    private void write(int release, String line, Duration late) {
        String content = world.store
                .get(Release.key(World.WEB, release))
                .orElseThrow()
                .value()
                .contentHash();
        world.account
                .rawLogs()
                .write(
                        World.WEB.logGroup(),
                        new LogStreamName(LogStreamName.prefix(content), "web", TASK).toString(),
                        line,
                        late);
    }

    private void write(String line) {
        write(1, line, Duration.ZERO);
    }

    private LogPage page(Filter filter, int limit, @Nullable String cursor) {
        return logs.page(World.WEB, filter, filter.toString(), limit, cursor);
    }

    /** All that is there now, by pages of so many. */
    private LogPage read(Filter filter, int limit, @Nullable String cursor) {
        List<LogPage.Line> lines = new ArrayList<>();
        LogPage page = page(filter, limit, cursor);
        lines.addAll(page.lines());
        while (page.cursor() != null && page.retryAfterSeconds() == 0) {
            assertThat(page.lines()).hasSizeLessThanOrEqualTo(limit);
            page = page(filter, limit, page.cursor());
            lines.addAll(page.lines());
        }
        return new LogPage(lines, page.cursor(), page.retryAfterSeconds());
    }

    private static List<String> messages(LogPage page) {
        return page.lines().stream().map(LogPage.Line::message).toList();
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line " + i).toList();
    }

    @Test
    void aLineSaysWhichReleaseAndTaskWroteIt() {
        live();
        write("hello");
        world.timeline.advance(Duration.ofSeconds(10));

        assertThat(page(ALL, 100, null).lines())
                .containsExactly(new LogPage.Line(now().minusSeconds(10), 1, "web", TASK, "hello"));
    }

    /** Many of them at the same millisecond: where a page ends among them, the next goes on among them. */
    @ParameterizedTest
    @CsvSource({"1, 1000000", "3, 1000000", "7, 2", "100, 1", "1, 1"})
    void pagesHaveEveryLineOnceInOrder(int limit, int lookedAt) {
        live();
        for (int i = 0; i < 23; i++) {
            write("line " + i);
            if (i % 5 == 4) {
                world.timeline.advance(Duration.ofMillis(1));
            }
        }
        world.timeline.advance(Duration.ofSeconds(10));
        world.account.rawLogs().lookedAt(lookedAt);

        assertThat(messages(read(ALL, limit, null))).isEqualTo(numbered(0, 23));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 100})
    void whoFollowsSeesWhatComesLateAndNothingTwice(int limit) {
        live();
        List<String> seen = new ArrayList<>();
        String cursor = null;
        for (int i = 0; i < 60; i++) {
            write(1, "line " + i, Duration.ofSeconds(i % 7 == 3 ? 40 : i % 3));
            world.timeline.advance(Duration.ofSeconds(2));
            LogPage page = read(ALL, limit, cursor);
            seen.addAll(messages(page));
            cursor = page.cursor();
        }
        world.timeline.advance(Duration.ofMinutes(2));
        seen.addAll(messages(read(ALL, limit, cursor)));

        assertThat(seen).hasSize(60).containsExactlyInAnyOrderElementsOf(numbered(0, 60));
    }

    /** What is late by minutes comes with the next wide look, and what is later than a quarter of an hour not at all. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 100})
    void whoFollowsSeesWhatComesMinutesLateToo(int limit) {
        live();
        List<String> seen = new ArrayList<>();
        String cursor = page(ALL, limit, null).cursor();
        int[] late = {0, 50, 61, 200, 5, 600, 840, 59, 60};
        for (int i = 0; i < 180; i++) {
            write(1, "line " + i, Duration.ofSeconds(late[i % late.length]));
            world.timeline.advance(Duration.ofSeconds(7));
            LogPage page = read(ALL, limit, cursor);
            seen.addAll(messages(page));
            cursor = page.cursor();
        }
        write(1, "far too late", Duration.ofMinutes(40));
        for (int i = 0; i < 20; i++) {
            world.timeline.advance(Duration.ofMinutes(3));
            LogPage page = read(ALL, limit, cursor);
            seen.addAll(messages(page));
            cursor = page.cursor();
        }

        assertThat(seen).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(numbered(0, 180));
    }

    /** The last look of a time that is over goes far back, too. */
    @Test
    void aTimeThatIsOverHasItsLateLinesInTheLastLook() {
        live();
        Filter over = new Filter(now(), now().plusSeconds(120), null, null, null, null, null);
        write(1, "late", Duration.ofSeconds(150));
        world.timeline.advance(Duration.ofSeconds(100));
        LogPage early = page(over, 100, null);
        assertThat(early.lines()).isEmpty();
        world.timeline.advance(Duration.ofSeconds(100));

        LogPage last = page(over, 100, early.cursor());

        assertThat(messages(last)).containsExactly("late");
        assertThat(last.cursor()).isNull();
    }

    /** Also when clocks differ: an instance of the function that is a second behind gives the caller a cursor that goes on. */
    @Test
    void whoAsksAgainAtOnceIsNotStuckThere() {
        live();
        LogPage first = page(ALL, 100, null);
        LogPage again = page(ALL, 100, first.cursor());
        write("hello");
        world.timeline.advance(Duration.ofSeconds(10));

        assertThat(messages(page(ALL, 100, again.cursor()))).containsExactly("hello");
    }

    /** "15m" and a fixed end: a while later the one is past the other. */
    @Test
    void aTimeWithAFixedEndIsReadToItsEndHoweverLongThatTakes() {
        live();
        for (int i = 0; i < 30; i++) {
            write("line " + i);
        }
        Instant since = now().minusSeconds(60);
        Instant until = now().plusSeconds(60);
        world.timeline.advance(Duration.ofSeconds(10));
        LogPage first = logs.page(World.WEB, new Filter(since, until, null, null, null, null, null), "15m", 5, null);
        world.timeline.advance(Duration.ofMinutes(30));

        LogPage next = logs.page(
                World.WEB,
                new Filter(now().minusSeconds(60), until, null, null, null, null, null),
                "15m",
                5,
                first.cursor());

        assertThat(messages(next)).isEqualTo(numbered(5, 10));
    }

    /** Lambda's answers have 6 MB at most. */
    @Test
    void aPageOfHugeLinesIsShorterAndTheNextGoesOn() {
        live();
        for (int i = 0; i < 400; i++) {
            write("line " + i + " \"".repeat(3000));
        }
        world.timeline.advance(Duration.ofSeconds(10));

        LogPage page = page(ALL, 1000, null);

        assertThat(page.lines()).hasSizeBetween(150, 200);
        assertThat(page.retryAfterSeconds()).isZero();
        assertThat(messages(read(ALL, 1000, null)).stream()
                        .map(line -> line.substring(0, line.indexOf(" \"")))
                        .toList())
                .isEqualTo(numbered(0, 400));
    }

    /** Times far off are no errors of AWS's: there is nothing before, and no end beyond. */
    @ParameterizedTest
    @CsvSource({
        "0001-01-01T00:00:00Z, ''",
        "'', +1000000000-12-31T23:59:59.999999999Z",
        "1700-01-01T00:00:00Z, 2600-01-01T00:00:00Z"
    })
    void timesAreAsFarApartAsTheyMayBe(String since, String until) {
        live();
        write("hello");
        world.timeline.advance(Duration.ofSeconds(10));
        Instant from = since.isEmpty() ? null : Instant.parse(since);
        Instant to = until.isEmpty() ? null : Instant.parse(until);

        assertThat(messages(read(new Filter(from, to, null, null, null, 1, null), 100, null)))
                .contains("hello");
        assertThat(logs.report(World.WEB, Kind.ERRORS, from, to, null).rows()).isEmpty();
    }

    @Test
    void aReportOfATimeBeforeThereWasALogHasNoRows() {
        live();
        Instant before = Instant.parse("2020-01-01T00:00:00Z");

        assertThat(logs.report(World.WEB, Kind.ERRORS, before, before.plusSeconds(60), null)
                        .rows())
                .isEmpty();
    }

    /** A cursor is text in the caller's hands: whatever stands in it, it moves within this log or is refused. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "%s|-5|0|-5|0|-1|-1|1|100|0|0|",
                "%s|0|0|0|-9|-1|-1|1|100|0|0|",
                "%s|0|0|0|2147483647|-1|-1|1|100|0|0|",
                "%s|0|0|0|0|5|9|1|100|0|0|",
                "%s|0|0|9223372036854775807|0|-1|-1|1|100|0|0|",
                "%s|9|0|1|0|-1|-1|1|100|0|0|",
                "%s|0|0|0|0|-1|-1|1|9999999999999|0|0|token of another log",
                "%s|0|0|0|0|-1|-1|1|100|0"
            })
    void aCursorThatWasMadeByHandIsRefused(String made) {
        live();
        String cursor = Objects.requireNonNull(page(ALL, 100, null).cursor());
        String request = new String(Base64.getUrlDecoder().decode(cursor), UTF_8).split("\\|")[0];
        String mine = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(made.formatted(request).getBytes(UTF_8));

        refused("invalid-parameter", "cursor", () -> page(ALL, 100, mine));
    }

    /** The one of another service is another request's. */
    @Test
    void aCursorIsOfOneLog() {
        live();
        ServiceId api = new ServiceId("dev", "api");
        world.apply(api, "container: {port: 8000}\nrouting: {paths: [/api/*]}\n");
        String cursor = Objects.requireNonNull(page(ALL, 100, null).cursor());

        refused("invalid-parameter", "another request", () -> logs.page(api, ALL, ALL.toString(), 100, cursor));
    }

    /** "The last 15 minutes" are those of the first request, however long the next ones come after it. */
    @Test
    void whoPausesInMidReadingMissesNothing() {
        live();
        for (int i = 0; i < 30; i++) {
            write("line " + i);
            world.timeline.advance(Duration.ofSeconds(1));
        }
        world.timeline.advance(Duration.ofSeconds(10));
        LogPage first = page(ALL, 5, null);
        world.timeline.advance(Duration.ofMinutes(20));
        write("line 30");
        world.timeline.advance(Duration.ofSeconds(10));

        LogPage rest = read(ALL, 5, first.cursor());
        LogPage last = read(ALL, 5, rest.cursor());

        assertThat(Stream.of(first, rest, last).flatMap(page -> messages(page).stream()))
                .containsExactlyElementsOf(numbered(0, 31));
    }

    @Test
    void aTimeThatIsOverHasAnEnd() {
        live();
        write("hello");
        Filter over = new Filter(now().minusSeconds(5), now().plusSeconds(5), null, null, null, null, null);
        world.timeline.advance(Duration.ofSeconds(20));
        LogPage early = page(over, 100, null);
        assertThat(messages(early)).containsExactly("hello");
        assertThat(early.cursor()).isNotNull();
        world.timeline.advance(Duration.ofMinutes(2));

        LogPage late = page(over, 100, early.cursor());

        assertThat(late.lines()).isEmpty();
        assertThat(late.cursor()).isNull();
    }

    @Test
    void aRolloutHasItsReleasesLinesOnly() {
        live();
        Rollout second = world.rollOut(World.WEB, "v2");
        write(1, "old", Duration.ZERO);
        world.timeline.advance(Duration.ofMinutes(10));

        LogPage page = page(new Filter(null, null, null, null, null, null, second.id()), 100, null);

        assertThat(page.lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.release()).isEqualTo(2));
        assertThat(page.cursor()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "hello; hello world|hello error",
                "hello -error; hello world",
                "?error ?world; hello world|hello error",
                "\"hello w\"; hello world",
                "{ $.status >= 500 }; {\"status\": 503, \"path\": \"/pay\"}",
                "{ $.status = 503 && $.path = \"/p*\" }; {\"status\": 503, \"path\": \"/pay\"}"
            })
    void linesAreFilteredAsCloudWatchDoes(String filter, String expected) {
        live();
        Stream.of("hello world", "hello error", "{\"status\": 503, \"path\": \"/pay\"}", "{\"status\": 200}")
                .forEach(this::write);
        world.timeline.advance(Duration.ofSeconds(10));

        assertThat(messages(page(new Filter(null, null, filter, null, null, null, null), 100, null)))
                .containsExactly(expected.split("\\|"));
    }

    @Test
    void taskAndContainerAreFiltersToo() {
        live();
        write("hello");
        world.timeline.advance(Duration.ofSeconds(10));

        assertThat(messages(page(new Filter(null, null, null, TASK, "web", null, null), 1, null)))
                .containsExactly("hello");
        assertThat(messages(page(new Filter(null, null, null, TASK.substring(0, 8), null, null, null), 1, null)))
                .containsExactly("hello");
        assertThat(read(new Filter(null, null, null, "f".repeat(32), null, null, null), 1, null)
                        .lines())
                .isEmpty();
        assertThat(read(new Filter(null, null, null, null, "proxy", null, null), 1, null)
                        .lines())
                .isEmpty();
    }

    @Test
    void credentialsAreNotShown() {
        live();
        write("login with password=hunter2   ok");
        world.timeline.advance(Duration.ofSeconds(10));

        assertThat(messages(page(ALL, 100, null))).containsExactly("login with password=***   ok");
    }

    private static void refused(String code, String detail, Runnable request) {
        assertThatThrownBy(request::run).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.problem().code()).isEqualTo(code);
            assertThat(refused.problem().detail()).contains(detail);
        });
    }

    @Test
    void whatCannotBeAnsweredSaysWhy() {
        live();
        String cursor = Objects.requireNonNull(page(ALL, 100, null).cursor());
        Filter words = new Filter(null, null, "a", null, null, null, null);

        refused("invalid-parameter", "another request", () -> page(words, 100, cursor));
        refused("invalid-parameter", "cursor", () -> page(ALL, 100, "bm9uZQ"));
        refused(
                "invalid-parameter",
                "filter={ $.a",
                () -> page(new Filter(null, null, "{ $.a", null, null, null, null), 100, null));
        refused(
                "invalid-parameter",
                "'a.b'.",
                () -> page(new Filter(null, null, "a.b", null, null, null, null), 100, null));
        refused(
                "release-not-found",
                "no release 9",
                () -> page(new Filter(null, null, null, null, null, 9, null), 100, null));
        refused(
                "invalid-parameter",
                "not before",
                () -> page(new Filter(now(), now().minusSeconds(1), null, null, null, null, null), 100, null));
        world.account.rawLogs().deleteLogGroup(request -> request.logGroupName(World.WEB.logGroup()));
        refused("log-not-found", World.WEB.logGroup(), () -> page(ALL, 100, null));
        refused("log-not-found", World.WEB.logGroup(), () -> report(Kind.ERRORS));
    }

    private static AwsErrors.Failure failure(Runnable request) {
        return AwsErrors.failure(catchThrowable(request::run)).orElseThrow();
    }

    /** What the api function may not do names the right that it lacks, and where to look for it. */
    @ParameterizedTest
    @CsvSource({
        "filterLogEvents, logs:FilterLogEvents",
        "startQuery, logs:StartQuery",
        "getQueryResults, logs:GetQueryResults"
    })
    void whatIsDeniedNamesTheRight(String operation, String right) {
        live();
        ServiceLogs denied = refusing(
                operation,
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/slipway-api/a is not authorized to perform: " + right
                        + " on resource: " + World.WEB.logGroup());

        AwsErrors.Failure failure = failure(() -> {
            denied.report(World.WEB, Kind.ERRORS, null, null, null);
            denied.page(World.WEB, ALL, "", 100, null);
        });

        assertThat(failure.isTransient()).isFalse();
        assertThat(failure.problem().code()).isEqualTo("access-denied");
        assertThat(failure.problem().detail()).contains(right, World.WEB.logGroup());
        assertThat(failure.problem().action()).contains("roles", "service control policies");
        assertThat(world.account.rawLogs().queryRuns())
                .as("a query whose results nobody may read")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"filterLogEvents", "startQuery", "getQueryResults"})
    void whatIsThrottledIsWorthAnotherAttempt(String operation) {
        live();
        String cursor = page(ALL, 100, null).cursor();
        write("hello");
        world.timeline.advance(Duration.ofSeconds(10));
        ServiceLogs throttled = refusing(operation, "ThrottlingException", "Rate exceeded");

        AwsErrors.Failure failure = failure(() -> {
            throttled.report(World.WEB, Kind.NEW_ERRORS, null, null, null);
            throttled.page(World.WEB, ALL, ALL.toString(), 100, cursor);
        });

        assertThat(failure.isTransient()).isTrue();
        assertThat(failure.problem().code()).isEqualTo("aws-unavailable");
        assertThat(world.account.rawLogs().queryRuns()).isFalse();
        assertThat(messages(page(ALL, 100, cursor))).as("with the same cursor").containsExactly("hello");
    }

    @Test
    void moreQueriesThanTheAccountMayHaveAtOnceAreLate() {
        live();
        ServiceLogs full = on((CloudWatchLogsClient) Proxy.newProxyInstance(
                CloudWatchLogsClient.class.getClassLoader(),
                new Class<?>[] {CloudWatchLogsClient.class},
                (self, method, given) -> {
                    if (given[0] instanceof Consumer<?>) {
                        return InvocationHandler.invokeDefault(self, method, given);
                    }
                    throw LimitExceededException.builder().build();
                }));

        refused("logs-query-late", "as many queries", () -> full.report(World.WEB, Kind.ERRORS, null, null, null));
    }

    @Test
    void whatWasNeverRolledOutHasNothingToCompare() {
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\n");

        refused("nothing-live", "dev/web has no live release", () -> report(Kind.NEW_ERRORS));
        refused("release-not-found", "no release 1", () -> logs.report(World.WEB, Kind.NEW_ERRORS, null, null, 1));
    }

    @Test
    void aRolloutThatHasNoReleaseYetIsAskedForLater() {
        live();
        String id = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .id();

        refused(
                "rollout-without-release",
                id,
                () -> page(new Filter(null, null, null, null, null, null, id), 100, null));

        world.settle();
        assertThat(page(new Filter(null, null, null, null, null, null, id), 100, null)
                        .lines())
                .isNotEmpty();
    }

    /** Its task definition is gone, or was registered with a prefix that all have. */
    @ParameterizedTest
    @ValueSource(strings = {"release", "release-\" or @message like \"", ""})
    void aReleaseWithoutStreamsOfItsOwnCannotBeAskedFor(String prefix) {
        live();
        Release first = world.store.get(Release.key(World.WEB, 1)).orElseThrow().value();
        TaskDefinition definition = world.account
                .ecs()
                .describeTaskDefinition(request -> request.taskDefinition(first.taskDefinition()))
                .taskDefinition();
        String shared = prefix.isEmpty()
                ? first.taskDefinition().replaceFirst(":\\d+$", ":999")
                : world.account
                        .ecs()
                        .registerTaskDefinition(request -> request.family(definition.family())
                                .requiresCompatibilities(definition.requiresCompatibilities())
                                .networkMode(definition.networkMode())
                                .cpu(definition.cpu())
                                .memory(definition.memory())
                                .executionRoleArn(definition.executionRoleArn())
                                .taskRoleArn(definition.taskRoleArn())
                                .containerDefinitions(definition.containerDefinitions().stream()
                                        .map(container -> container.toBuilder()
                                                .logConfiguration(log -> log.logDriver("awslogs")
                                                        .options(Map.of(
                                                                "awslogs-group",
                                                                World.WEB.logGroup(),
                                                                "awslogs-region",
                                                                "eu-central-1",
                                                                "awslogs-stream-prefix",
                                                                prefix)))
                                                .build())
                                        .toList()))
                        .taskDefinition()
                        .taskDefinitionArn();
        Stored<Release> stored = world.store.get(Release.key(World.WEB, 1)).orElseThrow();
        world.store.write(
                List.of(new Write.Update<>(stored, stored.value().with(copy -> copy.taskDefinition(shared)))));

        refused(
                "logs-not-by-release",
                "release 1 of dev/web",
                () -> page(new Filter(null, null, null, null, null, 1, null), 100, null));
        refused("logs-not-by-release", "release 1", () -> report(Kind.NEW_ERRORS));
    }

    private LogReport report(Kind kind) {
        return logs.report(World.WEB, kind, null, null, null);
    }

    @Test
    void errorsAreCountedByRelease() {
        live();
        world.rollOut(World.WEB, "v2");
        write(1, "an error", Duration.ZERO);
        write(2, "{\"level\": \"error\", \"message\": \"a\"}", Duration.ZERO);
        write(2, "{\"status\": 502}", Duration.ZERO);
        write(2, "{\"level\": \"info\", \"message\": \"no error\"}", Duration.ZERO);

        assertThat(report(Kind.ERRORS).rows())
                .containsExactly(new LogReport.Row(2, 2, null, null, null), new LogReport.Row(1, 1, null, null, null));
    }

    @Test
    void theSlowestRequestsComeFirst() {
        live();
        Stream.of(12, 2500, 300).forEach(ms -> write("{\"path\": \"/a\", \"duration\": %d}".formatted(ms)));

        assertThat(report(Kind.SLOWEST).rows())
                .extracting(LogReport.Row::durationMs)
                .containsExactly(2500.0, 300.0, 12.0);
    }

    @Test
    void anErrorIsNewWhenTheReleaseBeforeHasNotWrittenItsLike() {
        live();
        write(1, "error: order 17 is lost", Duration.ZERO);
        world.rollOut(World.WEB, "v2");
        write(2, "error: order 23 is lost", Duration.ZERO);
        write(2, "error: no column price_2", Duration.ZERO);
        write(2, "error: no column price_3", Duration.ZERO);

        LogReport report = report(Kind.NEW_ERRORS);

        assertThat(report.release()).isEqualTo(2);
        assertThat(report.comparedWith()).isEqualTo(1);
        assertThat(report.rows()).hasSize(1).first().satisfies(row -> {
            assertThat(row.message()).startsWith("error: no column");
            assertThat(row.count()).isEqualTo(2);
        });
    }

    /** Its lines are of another time than those of the release before. */
    @Test
    void anErrorOfTheReleaseBeforeIsNotNewHoursLater() {
        live();
        write(1, "error: order 17 is lost", Duration.ZERO);
        world.rollOut(World.WEB, "v2");
        Instant took = now();
        world.timeline.advance(Duration.ofHours(3));
        write(2, "error: order 23 is lost", Duration.ZERO);
        write(2, "error: no column price_2", Duration.ZERO);

        LogReport report = report(Kind.NEW_ERRORS);

        assertThat(report.rows()).extracting(LogReport.Row::message).containsExactly("error: no column price_2");
        assertThat(report.comparedWith()).isEqualTo(1);
        assertThat(report.comparedUntil()).isBeforeOrEqualTo(took);
        assertThat(Duration.between(report.comparedSince(), report.comparedUntil()))
                .isGreaterThanOrEqualTo(Duration.ofHours(1));
        assertThat(report.note()).isNull();
    }

    @Test
    void aLongTimeIsComparedWithOneThatIsAsLong() {
        live();
        write(1, "error: order 17 is lost", Duration.ZERO);
        world.timeline.advance(Duration.ofHours(6));
        world.rollOut(World.WEB, "v2");
        world.timeline.advance(Duration.ofHours(8));
        write(2, "error: order 23 is lost", Duration.ZERO);

        assertThat(report(Kind.NEW_ERRORS).rows()).hasSize(1);
        assertThat(logs.report(World.WEB, Kind.NEW_ERRORS, now().minus(Duration.ofHours(9)), null, null)
                        .rows())
                .isEmpty();
    }

    /** A release that never came to be live, long after: the one before still has the traffic. */
    @Test
    void aReleaseThatFailedIsComparedWithTheOneThatStayed() {
        live();
        world.rollOut(World.WEB, "v2-crash");
        write(1, "error: order 17 is lost", Duration.ZERO);
        write(2, "error: order 23 is lost", Duration.ZERO);

        LogReport report = logs.report(World.WEB, Kind.NEW_ERRORS, null, null, 2);

        assertThat(report.rows()).extracting(LogReport.Row::message).doesNotContain("error: order 23 is lost");
        assertThat(report.comparedUntil()).isEqualTo(report.until());
    }

    @Test
    void whatHasExpiredCannotBeComparedAndTheAnswerSaysSo() {
        live();
        write(1, "error: order 17 is lost", Duration.ZERO);
        world.rollOut(World.WEB, "v2");
        world.account
                .rawLogs()
                .putRetentionPolicy(
                        request -> request.logGroupName(World.WEB.logGroup()).retentionInDays(1));
        world.timeline.advance(Duration.ofHours(30));
        write(2, "error: order 23 is lost", Duration.ZERO);

        LogReport report = report(Kind.NEW_ERRORS);

        assertThat(report.rows()).hasSize(1);
        assertThat(report.note())
                .startsWith("Release 1 has no lines of that time")
                .endsWith("All errors are shown.");
    }

    @Test
    void aReleaseThatWasLiveForMomentsOnlySaysLittle() {
        live();
        world.rollOut(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(2));
        world.rollOut(World.WEB, "v3");

        assertThat(report(Kind.NEW_ERRORS).note()).matches("Release 2 was live for \\d+ minutes only: .*");
    }

    /** The time that is asked for may end before the release came to be live. */
    @Test
    void aReleaseWasNotLiveForLessThanNothing() {
        live();
        write(1, "hello", Duration.ZERO);
        world.rollOut(World.WEB, "v2");
        Stored<Release> first = world.store.get(Release.key(World.WEB, 1)).orElseThrow();
        Instant lived = now().plus(Duration.ofMinutes(35));
        world.store.write(List.of(new Write.Update<>(first, first.value().withLiveAt(lived))));

        assertThat(report(Kind.NEW_ERRORS).note()).startsWith("Release 1 was live for 0 minutes only: ");
    }

    /** The one before by its number had been rolled back long before. */
    @Test
    void anErrorIsNewWhenTheReleaseThatWasReplacedHasNotWrittenItsLike() {
        live();
        world.rollOut(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(10));
        world.rollBack(World.WEB, null);
        world.timeline.advance(Duration.ofHours(20));
        write(1, "error: order 17 is lost", Duration.ZERO);
        world.rollOut(World.WEB, "v3");
        Instant took = now();
        write(3, "error: order 23 is lost", Duration.ZERO);
        world.timeline.advance(Duration.ofMinutes(10));

        LogReport report = report(Kind.NEW_ERRORS);

        assertThat(report.release()).isEqualTo(3);
        assertThat(report.comparedWith()).isEqualTo(1);
        assertThat(report.comparedUntil()).isBetween(took.minus(Duration.ofMinutes(30)), took);
        assertThat(report.rows()).isEmpty();
        assertThat(report.note()).isNull();
        assertThat(logs.report(World.WEB, Kind.NEW_ERRORS, null, null, 1).comparedWith())
                .as("what it replaced as it came back is a later one")
                .isNull();
    }

    @Test
    void aQueryThatTakesTooLongIsStopped() {
        live();
        world.account.rawLogs().slowQueries(100);

        refused("logs-query-late", "in time", () -> report(Kind.SLOWEST));
        assertThat(world.account.rawLogs().queryRuns()).isFalse();
    }

    private int calls() {
        return world.calls().values().stream().mapToInt(Integer::intValue).sum();
    }

    /** As many calls for a page of a service as of any other, and however many lines there are. */
    @Test
    void aPageTakesOneCallAndOneMoreForARelease() {
        live();
        IntStream.range(0, 500).forEach(i -> write("line " + i));
        world.timeline.advance(Duration.ofSeconds(10));
        int before = calls();

        page(ALL, 100, null);
        int all = calls() - before;
        page(new Filter(null, null, null, null, null, 1, null), 100, null);

        assertThat(all).isEqualTo(1);
        assertThat(calls() - before - all).isEqualTo(2);
    }
}
