package dev.slipway.service;

import dev.slipway.digest.Sha256;
import dev.slipway.id.ServiceId;
import dev.slipway.logs.LogPage;
import dev.slipway.logs.LogQueries;
import dev.slipway.logs.LogReader;
import dev.slipway.logs.LogReport;
import dev.slipway.logs.LogReports;
import dev.slipway.logs.LogStreamName;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a service's containers have written. */
public final class ServiceLogs {
    private static final Duration USUAL = Duration.ofMinutes(15);
    private static final Duration USUAL_OF_REPORTS = Duration.ofHours(1);
    /** How far back a release is looked for that was live before. */
    private static final int RELEASES = 100;

    /** For as long a release is looked at coming up; longer it has only waited. */
    private static final Duration LONGEST_SHIFT = Duration.ofDays(1);

    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

    private final Services services;
    private final Rollouts rollouts;
    private final Store store;
    private final TaskDefinitions taskDefinitions;
    private final LogReader reader;
    private final LogReports reports;
    private final InstantSource clock;

    public ServiceLogs(
            Services services,
            Rollouts rollouts,
            Store store,
            Clients clients,
            LogQueries queries,
            InstantSource clock) {
        this.services = services;
        this.rollouts = rollouts;
        this.store = store;
        this.taskDefinitions = new TaskDefinitions(clients.ecs());
        this.reader = new LogReader(clients.logs());
        this.reports = new LogReports(queries);
        this.clock = clock;
    }

    /**
     * Which lines are asked for; null for all.
     *
     * @param since null: 15 minutes ago, or the start of the rollout
     * @param until exclusive; null: no end, or the end of the rollout
     * @param filter pattern of CloudWatch Logs
     * @param rollout its id: the lines of its release, from its start to its end
     */
    public record Filter(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String filter,
            @Nullable String task,
            @Nullable String container,
            @Nullable Integer release,
            @Nullable String rollout) {}

    /**
     * A page of lines. Throws {@link ProblemException} 400 when the filter is none, 404 when there is no such service or
     * rollout, 422 no such release, 409 when the release's lines cannot be told from others'.
     *
     * @param identity what the request asks for, in words: a cursor goes on with the same
     */
    public LogPage page(ServiceId id, Filter filter, String identity, int limit, @Nullable String cursor) {
        services.get(id);
        Span span = span(id, filter);
        if (cursor == null && span.until() != null) {
            requireLength(span.since(), span.until()); // of the first request: "15m" means a later time in each
        }
        LogReader.Lines lines = reader.read(
                new LogReader.Query(
                        id.logGroup(),
                        Sha256.hex(id.key() + "?" + identity, 16),
                        span.since(),
                        span.until(),
                        filter.filter(),
                        span.release() == null ? null : streams(id, rollouts.requireRelease(id, span.release())),
                        filter.container(),
                        filter.task(),
                        limit),
                cursor,
                clock.instant());
        Map<String, Optional<Integer>> numbers = new HashMap<>();
        return new LogPage(
                lines.lines().stream()
                        .map(line -> line(id, line, span.release(), numbers))
                        .toList(),
                lines.cursor(),
                lines.retryAfterSeconds());
    }

    private LogPage.Line line(
            ServiceId id, LogReader.Line line, @Nullable Integer asked, Map<String, Optional<Integer>> numbers) {
        LogStreamName stream = line.stream();
        if (stream == null) {
            return new LogPage.Line(line.at(), null, "", "", line.message());
        }
        Integer release = asked != null
                ? asked
                : stream.content()
                        .flatMap(content -> numbers.computeIfAbsent(content, key -> number(id, key)))
                        .orElse(null);
        return new LogPage.Line(line.at(), release, stream.container(), stream.task(), line.message());
    }

    private Optional<Integer> number(ServiceId id, String content) {
        return store.get(Release.ContentIndex.key(id, content))
                .map(found -> found.value().number());
    }

    /**
     * What a ready query finds. Throws {@link ProblemException} as {@link #page} does, and 503 when CloudWatch takes too long.
     *
     * @param release null: all, or for what is new the live one
     */
    public LogReport report(
            ServiceId id,
            LogReport.Kind kind,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Integer release) {
        ServiceRecord record = services.get(id);
        Instant end = until == null ? clock.instant() : known(until);
        Instant start = known(since == null ? end.minus(USUAL_OF_REPORTS) : since);
        requireLength(start, end);
        boolean compares = kind == LogReport.Kind.NEW_ERRORS;
        Integer number = release == null && compares ? record.live() : release;
        if (number == null && compares) {
            throw new ProblemException(
                    409,
                    "nothing-live",
                    "%s has no live release yet.".formatted(id.key()),
                    "Say which one is meant: ?release=1");
        }
        return reports.report(new LogReports.Question(
                kind,
                id.logGroup(),
                start,
                end,
                number,
                number == null ? null : streams(id, rollouts.requireRelease(id, number)),
                compares ? before(id, Objects.requireNonNull(number), start, end) : null,
                content -> number(id, content)));
    }

    /**
     * The release that this one replaced, or the newest before it that has been live, and the time in which it is compared: as long as
     * what is asked for, an hour at least, and up to the moment when another had become live. What it wrote while the other came up
     * counts, too: it may have had its traffic to the end of that, or none any more since its beginning.
     */
    private LogReports.@Nullable Before before(ServiceId id, int number, Instant since, Instant until) {
        List<Release> releases =
                store.list(id.partition(), Release.SORT, Release.ITEM_TYPE, true, RELEASES, null).items().stream()
                        .map(Stored::value)
                        .toList();
        Optional<Integer> replaced = replaced(id, number);
        List<Release> older = releases.stream()
                .filter(release -> release.number() < number && release.liveAt() != null)
                .toList();
        Release before = older.stream()
                .filter(release -> replaced.filter(is -> is == release.number()).isPresent())
                .findFirst()
                .orElse(older.isEmpty() ? null : older.getFirst());
        if (before == null) {
            return null;
        }
        Instant lived = Objects.requireNonNull(before.liveAt());
        Optional<Release> next = releases.stream()
                .filter(release -> release.number() >= number // one in between was rolled back
                        && release.liveAt() != null
                        && release.liveAt().isAfter(lived))
                .min(Comparator.comparing(release -> Objects.requireNonNull(release.liveAt())));
        Instant left = next.map(Release::liveAt).orElse(until);
        Instant end = left.isBefore(until) ? left : until;
        Duration shift = next.map(release -> Duration.between(release.createdAt(), left))
                .filter(taken -> taken.compareTo(LONGEST_SHIFT) < 0)
                .orElse(next.isPresent() ? LONGEST_SHIFT : Duration.ZERO);
        Duration asked = Duration.between(since, until);
        Instant start = end.minus(shift).minus(asked.compareTo(USUAL_OF_REPORTS) < 0 ? USUAL_OF_REPORTS : asked);
        Instant made = before.createdAt();
        Instant first = start.isBefore(made) && made.isBefore(end) ? made : start;
        return new LogReports.Before(
                before.number(),
                streams(id, before),
                known(first),
                end,
                lived.isAfter(end) ? Duration.ZERO : Duration.between(lived.isAfter(first) ? lived : first, end));
    }

    /**
     * Which release was live before this one was rolled out: after a rollback not the newest. A rollback to it does not count; it came
     * from a later one.
     */
    private Optional<Integer> replaced(ServiceId id, int number) {
        return store.list(id.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, RELEASES, null).items().stream()
                .map(Stored::value)
                .filter(rollout -> Objects.equals(rollout.release(), number))
                .flatMap(rollout -> Stream.ofNullable(rollout.progress().previous()))
                .filter(previous -> previous < number)
                .findFirst();
    }

    /** What the names of a release's streams begin with, as its task definition has it. */
    private String streams(ServiceId id, Release release) {
        return taskDefinitions
                        .logPrefix(release.taskDefinition())
                        .filter(LogStreamName::isOwn)
                        .orElseThrow(() -> new ProblemException(
                                409,
                                "logs-not-by-release",
                                "The lines of release %d of %s cannot be told from others'."
                                        .formatted(release.number(), id.key()),
                                "Its task definition was registered before each release had log streams of its own, or was"
                                        + " deleted. Ask by time or by task: ?since=…&task=…"))
                + "/";
    }

    private record Span(
            Instant since,
            @Nullable Instant until,
            @Nullable Integer release) {}

    private Span span(ServiceId id, Filter filter) {
        Rollout rollout = filter.rollout() == null ? null : rollouts.rollout(id, filter.rollout());
        Integer release = rollout == null ? filter.release() : rollout.release();
        if (rollout != null && release == null) {
            throw new ProblemException(
                    409,
                    "rollout-without-release",
                    "The rollout %s has no release yet.".formatted(rollout.id()),
                    "Ask again when its task definition has been registered.");
        }
        Instant start = rollout == null
                ? clock.instant().minus(USUAL)
                : rollout.progress().startedAt();
        Instant end = rollout == null || rollout.outcome() == null
                ? null
                : rollout.outcome().endedAt();
        Instant until = filter.until() == null ? end : filter.until();
        return new Span(
                known(filter.since() == null ? start : filter.since()), until == null ? null : known(until), release);
    }

    /** There are no lines before, and none beyond; AWS takes no other times. */
    private static Instant known(Instant time) {
        return time.isBefore(EARLIEST) ? EARLIEST : time.isAfter(LATEST) ? LATEST : time;
    }

    private static void requireLength(Instant since, Instant until) {
        if (!since.isBefore(until)) {
            throw new ProblemException(
                    400,
                    "invalid-parameter",
                    "since=%s is not before until=%s.".formatted(since, until),
                    "Ask for a time that has a length.");
        }
    }
}
