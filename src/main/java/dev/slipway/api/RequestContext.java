package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.digest.Sha256;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.lambda.CallerHeaders;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerQueries;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.plan.Declarations;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store.Page;
import dev.slipway.validation.Characters;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the path, the query and the headers of the present request say, and the answers that many of them get. */
@Singleton
class RequestContext {
    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private static final int DEFAULT_LIMIT = 20;
    private static final int DAY = 24;
    private static final int MONTH = 30;
    private static final Pattern KEY = Pattern.compile("[\\x20-\\x7e]{1,128}");
    private static final Pattern AGO = Pattern.compile("([1-9][0-9]{0,4})([smhd])");
    private static final String IN_UTC = "Write it like 2026-11-28T00:00:00Z, in UTC.";
    private static final Pattern REVISION = Pattern.compile("\"([0-9]{1,18})\"");

    private final HttpHeaders headers;
    private final UriInfo uri;
    private final jakarta.ws.rs.core.Request httpRequest;
    private final ObjectMapper json;
    private final InstantSource clock;

    RequestContext(
            HttpHeaders headers,
            UriInfo uri,
            jakarta.ws.rs.core.Request httpRequest,
            ObjectMapper json,
            InstantSource clock) {
        this.headers = headers;
        this.uri = uri;
        this.httpRequest = httpRequest;
        this.json = json;
        this.clock = clock;
    }

    /** The environment in the path. Throws {@link ProblemException} 422 when it cannot be one. */
    EnvironmentId environment() {
        return PathParameters.environment(path("environment"));
    }

    /** The service in the path. Throws {@link ProblemException} 422 when it cannot be one. */
    ServiceId service() {
        return PathParameters.service(path("environment"), path("service"));
    }

    /** The pipeline in the path. Throws {@link ProblemException} 422 when it cannot be one. */
    PipelineId pipeline() {
        return PathParameters.pipeline(path("pipeline"));
    }

    private String path(String name) {
        return Objects.requireNonNull(uri.getPathParameters().getFirst(name), name);
    }

    /** A number in the query; null when it is not there. */
    @Nullable
    Integer number(String name) {
        String text = queryValue(name);
        return text == null ? null : Integer.valueOf(text);
    }

    /** A time, or how long ago: {@code 15m}. */
    @Nullable
    Instant time(String name) {
        Matcher ago = AGO.matcher(Objects.requireNonNullElse(queryValue(name), ""));
        if (!ago.matches()) {
            return instant(name, "Write it like 2026-11-28T00:00:00Z, in UTC, or how long ago: 45s, 15m, 2h or 3d.");
        }
        long amount = Long.parseLong(ago.group(1));
        return clock.instant()
                .minus(
                        switch (ago.group(2)) {
                            case "s" -> Duration.ofSeconds(amount);
                            case "m" -> Duration.ofMinutes(amount);
                            case "h" -> Duration.ofHours(amount);
                            default -> Duration.ofDays(amount);
                        });
    }

    /** How many of the last hours are asked about. */
    int hours() {
        return Objects.requireNonNullElse(number("hours"), DAY);
    }

    /** How many items of a listing are asked for. */
    int limit() {
        return Objects.requireNonNullElse(number("limit"), DEFAULT_LIMIT);
    }

    /** How many of the last days are asked about. */
    int days() {
        return Objects.requireNonNullElse(number("days"), MONTH);
    }

    /** Which entries of a ledger are asked for. Throws {@link ProblemException} 400 when a time is none, or the end is before the beginning. */
    LedgerQueries.Filter ledgerFilter() {
        Instant from = instant("from", IN_UTC);
        Instant to = instant("to", IN_UTC);
        if (from != null && to != null && !from.isBefore(to)) {
            throw rejected(
                    "invalid-parameter",
                    "from=%s is not before to=%s.".formatted(from, to),
                    "Ask for a time that has a length.");
        }
        return new LedgerQueries.Filter(
                from,
                to,
                queryValue("actor"),
                queryValues("type").stream().map(LedgerEntry.EventType::valueOf).collect(Collectors.toSet()));
    }

    private @Nullable Instant instant(String name, String allowed) {
        String text = queryValue(name);
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw rejected("invalid-parameter", "%s=%s is not a time.".formatted(name, text), allowed);
        }
    }

    /** Whether a line for each item is wanted. */
    boolean isJsonLines() {
        return "jsonl".equals(queryValue("format"));
    }

    /** A line for each item, and one with {@code next} where more follow. https://jsonlines.org */
    Response lines(Items<?> items) {
        StringBuilder text = new StringBuilder();
        try {
            for (Object item : items.items()) {
                text.append(json.writeValueAsString(item)).append('\n');
            }
            if (items.next() != null) {
                text.append(json.writeValueAsString(Map.of("next", items.next())))
                        .append('\n');
            }
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        return Response.ok(text.toString(), "application/jsonl").build();
    }

    /** Where the part of a listing that is asked for begins; null: at its beginning. */
    @Nullable
    String next() {
        return uri.getQueryParameters().getFirst("next");
    }

    static ProblemException invalidNext() {
        return rejected(
                "invalid-parameter", "next is not what the page before has given.", "Leave it out to begin anew.");
    }

    /** Lists at most so many items from there on. */
    interface Listing<T> {
        Page<T> page(int most, @Nullable String from);
    }

    /** The page that is asked for. Throws {@link ProblemException} 400 when {@code next} is none that a page has given. */
    <T, V> Items<V> page(Listing<T> list, Function<T, V> view) {
        int most = limit();
        String next = next();
        Page<T> page;
        try {
            page = list.page(most, next);
        } catch (IllegalArgumentException e) {
            if (next == null) {
                throw e;
            }
            throw invalidNext();
        }
        return new Items<>(
                page.items().stream().map(item -> view.apply(item.value())).toList(), page.next());
    }

    /** Who asks for what. Throws {@link ProblemException} 400 when the Idempotency-Key is none. */
    Request request(byte @Nullable [] body) {
        String actor = headers.getHeaderString(CallerHeaders.ACTOR);
        String key = headers.getHeaderString(IDEMPOTENCY_KEY);
        if (key != null && !KEY.matcher(key).matches()) {
            throw rejected(
                    "invalid-idempotency-key",
                    "The Idempotency-Key must have 1 to 128 printable ASCII characters.",
                    "Send a UUID, for example.");
        }
        return new Request(actor == null ? "local" : actor, key, fingerprint(body == null ? new byte[0] : body));
    }

    private String fingerprint(byte[] body) {
        String query = uri.getRequestUri().getRawQuery();
        String line =
                httpRequest.getMethod() + " " + uri.getRequestUri().getRawPath() + (query == null ? "" : "?" + query);
        return Acceptance.Request.fingerprint(line, HexFormat.of().formatHex(Sha256.of(body)));
    }

    @Nullable
    String contentType() {
        return headers.getHeaderString(HttpHeaders.CONTENT_TYPE);
    }

    /**
     * The revision that the caller expects; 0: there must be none yet; {@link Declarations.Order#ANY_REVISION}: there must be
     * one; null: any will do.
     */
    @Nullable
    Long expectedRevision() {
        String match = headers.getHeaderString(HttpHeaders.IF_MATCH);
        String none = headers.getHeaderString(HttpHeaders.IF_NONE_MATCH);
        if (match != null && none != null) {
            throw malformed("Send If-Match or If-None-Match, not both.");
        }
        if (none != null) {
            if (!none.trim().equals("*")) {
                throw malformed("If-None-Match can only be *: that there must be none yet.");
            }
            return 0L;
        }
        if (match == null) {
            return null;
        }
        if (match.trim().equals("*")) {
            return Declarations.Order.ANY_REVISION;
        }
        Matcher revision = REVISION.matcher(match.trim());
        if (!revision.matches()) {
            throw malformed(
                    "If-Match is %s; it must be one ETag as a GET gives it, such as \"3\", with the quotes, or * for any."
                            .formatted(match));
        }
        return Long.valueOf(revision.group(1));
    }

    private static ProblemException malformed(String detail) {
        return rejected("malformed-precondition", detail, null);
    }

    /** The values of a query parameter that may be repeated. */
    Set<String> queryValues(String name) {
        return new TreeSet<>(uri.getQueryParameters().getOrDefault(name, List.of()));
    }

    /** The value of a query parameter; null when it is not there. */
    @Nullable
    String queryValue(String name) {
        return uri.getQueryParameters().getFirst(name);
    }

    /**
     * The order to override controls that {@code ?freezes=name&reason=…} is; the name may be repeated. Throws
     * {@link ProblemException} 400 when it has no reason.
     */
    ControlOverride override() {
        String reason = queryValue("reason");
        if (reason == null) {
            throw rejected(
                    "invalid-parameter", "An override of controls needs a reason.", "Say it in the query: ?reason=…");
        }
        Characters.refused(reason, false).ifPresent(message -> {
            throw rejected("invalid-parameter", "reason " + message + ".", null);
        });
        return new ControlOverride(List.copyOf(queryValues("freezes")), reason);
    }

    /**
     * 202 with the path to watch. A path and no URI: how the caller reached us, by which host and stage, is not to be seen
     * from here (RFC 9110, section 10.2.2, allows a reference).
     */
    Response accepted(Accepted accepted) {
        return Response.accepted(accepted)
                .type(MediaType.APPLICATION_JSON)
                .header(HttpHeaders.LOCATION, accepted.location())
                .build();
    }

    static ProblemException rejected(String code, String detail, @Nullable String action) {
        return new ProblemException(400, code, detail, action);
    }

    /**
     * One page of a listing.
     *
     * @param next to be passed as the query parameter {@code next} for what follows; absent at the end
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Items<V>(List<V> items, @Nullable String next) {}
}
