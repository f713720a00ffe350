package dev.slipway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.aws.AwsErrors;
import dev.slipway.id.ServiceId;
import dev.slipway.logs.LogPage;
import dev.slipway.logs.LogReport;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.ServiceLogs;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What a service's containers have written. */
@Path("/v1/environments/{environment}/services/{service}/logs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class LogResource {
    static final String LAST_EVENT = "Last-Event-ID";
    static final String EVENTS = "text/event-stream";

    private static final Logger LOG = Logger.getLogger(LogResource.class);
    private static final int DEFAULT_LIMIT = 100;
    private static final Duration LATER = Duration.ofSeconds(5);
    private static final List<String> FILTERS =
            List.of("since", "until", "filter", "task", "container", "release", "rollout");

    /** The id of the last event of all. */
    private static final String END = "end";

    private final ServiceLogs logs;
    private final RequestContext context;
    private final LogStreams streams;
    private final RoutingContext routing;
    private final HttpHeaders headers;
    private final ObjectMapper json;

    LogResource(
            ServiceLogs logs,
            LogStreams streams,
            RoutingContext routing,
            RequestContext context,
            HttpHeaders headers,
            ObjectMapper json) {
        this.logs = logs;
        this.streams = streams;
        this.routing = routing;
        this.context = context;
        this.headers = headers;
        this.json = json;
    }

    /**
     * A page, as JSON or as server-sent events. A stream goes on where there is a place for it, and says when to come again where it
     * ends after its page: an EventSource does so by itself, with the last cursor.
     */
    @GET
    @Produces({MediaType.APPLICATION_JSON, EVENTS})
    public Response logs() {
        boolean events = accepts(EVENTS);
        String resumed = events ? headers.getHeaderString(LAST_EVENT) : null;
        if (END.equals(resumed)) {
            return Response.noContent().build(); // an EventSource asks no more then: HTML, 9.2.3
        }
        @Nullable String cursor = resumed == null || resumed.isEmpty() ? context.queryValue("cursor") : resumed;
        if (!events) {
            return Response.ok(page(cursor), MediaType.APPLICATION_JSON).build();
        }
        HttpServerResponse response = routing.response();
        ServiceId service = context.service();
        ServiceLogs.Filter filter = filter();
        String identity = identity();
        int limit = limit();
        LogStreams.Part first = part(() -> logs.page(service, filter, identity, limit, cursor), cursor);
        return Response.ok(
                        streams.areHeld()
                                ? (StreamingOutput) out -> streams.write(
                                        first,
                                        next -> following(
                                                () -> logs.page(service, filter, identity, limit, next), next),
                                        out,
                                        response::closed)
                                : first.text(),
                        EVENTS)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    private LogPage page(@Nullable String cursor) {
        return logs.page(context.service(), filter(), identity(), limit(), cursor);
    }

    private int limit() {
        return Objects.requireNonNullElse(context.number("limit"), DEFAULT_LIMIT);
    }

    /** What cannot be told within a stream ends it: who comes again is told. */
    private LogStreams.@Nullable Part following(Supplier<LogPage> page, String cursor) {
        try {
            return part(page, cursor);
        } catch (RuntimeException e) {
            LOG.warn("a stream of a log ends", e);
            return null;
        }
    }

    /** Where AWS is throttling the stream has no page: an EventSource comes again after a 200 alone. HTML, 9.2.2 */
    private LogStreams.Part part(Supplier<LogPage> read, @Nullable String cursor) {
        try {
            LogPage page = read.get();
            return new LogStreams.Part(events(page), page.cursor(), Duration.ofSeconds(page.retryAfterSeconds()));
        } catch (RuntimeException e) {
            if (AwsErrors.failure(e).filter(AwsErrors.Failure::isTransient).isEmpty()) {
                throw e;
            }
            LOG.warn("a page of a log cannot be read now", e);
            return new LogStreams.Part(
                    "retry: %d\n%s: AWS is throttling or not answering just now\n\n"
                            .formatted(LATER.toMillis(), cursor == null ? "" : "id: " + cursor + "\n"),
                    cursor,
                    LATER);
        }
    }

    private ServiceLogs.Filter filter() {
        if (context.queryValue("release") != null && context.queryValue("rollout") != null) {
            throw RequestContext.rejected(
                    "invalid-parameter",
                    "release and rollout are both in the query.",
                    "A rollout has one release: say one of them.");
        }
        return new ServiceLogs.Filter(
                context.time("since"),
                context.time("until"),
                context.queryValue("filter"),
                context.queryValue("task"),
                context.queryValue("container"),
                context.number("release"),
                context.queryValue("rollout"));
    }

    /** What is asked for, in words. */
    private String identity() {
        return FILTERS.stream()
                .map(name -> name + "=" + Objects.requireNonNullElse(context.queryValue(name), ""))
                .collect(Collectors.joining("&"));
    }

    private boolean accepts(String type) {
        String accept = headers.getHeaderString(HttpHeaders.ACCEPT);
        return accept != null && accept.contains(type);
    }

    private String events(LogPage page) {
        String cursor = page.cursor() == null ? END : page.cursor();
        try {
            return "retry: %d\nid: %s\nevent: page\ndata: %s\n\n"
                    .formatted(
                            Duration.ofSeconds(page.retryAfterSeconds()).toMillis(),
                            cursor,
                            json.writeValueAsString(page));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GET
    @Path("queries/{query}")
    @Produces(MediaType.APPLICATION_JSON)
    public LogReport query(@PathParam("query") String query) {
        return logs.report(
                context.service(),
                Arrays.stream(LogReport.Kind.values())
                        .filter(kind -> name(kind).equals(query))
                        .findFirst()
                        .orElseThrow(() -> new ProblemException(
                                404,
                                "no-such-query",
                                "There is no query %s.".formatted(query),
                                "There is: "
                                        + Arrays.stream(LogReport.Kind.values())
                                                .map(LogResource::name)
                                                .collect(Collectors.joining(", ")))),
                context.time("since"),
                context.time("until"),
                context.number("release"));
    }

    private static String name(LogReport.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
