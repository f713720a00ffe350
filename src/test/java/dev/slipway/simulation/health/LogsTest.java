package dev.slipway.simulation.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.logs.LogPage;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What containers have written is found by release, shown once, however late it comes, and without credentials. */
class LogsTest {
    private static final Filter ALL = new Filter(null, null, null, null, null, null, null);
    private static final String TASK = "0123456789abcdef0123456789abcdef";

    private final World world = new World(1);
    private final ServiceLogs logs = new ServiceLogs(
            world.plane.services(),
            world.plane.rollouts(),
            world.store,
            new Clients(
                    world.account.ecs(),
                    world.account.elb(),
                    world.account.ecr(),
                    world.account.logs(),
                    world.account.cloudWatch(),
                    world.account.lambda(),
                    world.account.sns(),
                    world.account.scaling(),
                    world.account.lookups()),
            world.timeline,
            () -> {});

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
