package dev.slipway.api;

import static dev.slipway.api.RequestRules.QueryParameter.ACTOR;
import static dev.slipway.api.RequestRules.QueryParameter.ALLOW;
import static dev.slipway.api.RequestRules.QueryParameter.CONFIRM;
import static dev.slipway.api.RequestRules.QueryParameter.CONTAINER;
import static dev.slipway.api.RequestRules.QueryParameter.CURSOR;
import static dev.slipway.api.RequestRules.QueryParameter.DAYS;
import static dev.slipway.api.RequestRules.QueryParameter.DRY_RUN;
import static dev.slipway.api.RequestRules.QueryParameter.FORMAT;
import static dev.slipway.api.RequestRules.QueryParameter.FREEZES;
import static dev.slipway.api.RequestRules.QueryParameter.FROM;
import static dev.slipway.api.RequestRules.QueryParameter.HOURS;
import static dev.slipway.api.RequestRules.QueryParameter.KEEP;
import static dev.slipway.api.RequestRules.QueryParameter.LIMIT;
import static dev.slipway.api.RequestRules.QueryParameter.LINES;
import static dev.slipway.api.RequestRules.QueryParameter.LINE_FILTER;
import static dev.slipway.api.RequestRules.QueryParameter.LOG_LIMIT;
import static dev.slipway.api.RequestRules.QueryParameter.NEXT;
import static dev.slipway.api.RequestRules.QueryParameter.OF_RELEASE;
import static dev.slipway.api.RequestRules.QueryParameter.OF_ROLLOUT;
import static dev.slipway.api.RequestRules.QueryParameter.OF_TASK;
import static dev.slipway.api.RequestRules.QueryParameter.REASON;
import static dev.slipway.api.RequestRules.QueryParameter.SINCE;
import static dev.slipway.api.RequestRules.QueryParameter.STATE;
import static dev.slipway.api.RequestRules.QueryParameter.TO;
import static dev.slipway.api.RequestRules.QueryParameter.TYPE;
import static dev.slipway.api.RequestRules.QueryParameter.UNTIL;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.problem.ProblemException;
import dev.slipway.validation.Suggestions;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;

/**
 * What every request may say in its query and in the headers that mean something here, and whether it has a body. All else is
 * refused: a parameter that is misspelled must not turn a dry run into a rollout. What is not named here takes none.
 */
class RequestRules {
    // Before the first parameter, whose pattern it is.
    private static final String TYPES =
            Arrays.stream(LedgerEntry.EventType.values()).map(Enum::name).collect(Collectors.joining("|"));

    private static final Set<QueryParameter> PAGE = Set.of(LIMIT, NEXT);

    /** By method of a resource, or by class and method where the name alone would not do. */
    private static final Map<String, Set<QueryParameter>> QUERY = Map.ofEntries(
            Map.entry("environments", PAGE),
            Map.entry("pipelines", PAGE),
            Map.entry("services", PAGE),
            Map.entry("plans", PAGE),
            Map.entry("operations", PAGE),
            Map.entry("ledger", Set.of(LIMIT, NEXT, FROM, TO, ACTOR, TYPE, LINES)),
            Map.entry(
                    "logs",
                    Set.of(SINCE, UNTIL, LINE_FILTER, OF_TASK, OF_RELEASE, CONTAINER, OF_ROLLOUT, LOG_LIMIT, CURSOR)),
            Map.entry("query", Set.of(SINCE, UNTIL, OF_RELEASE)),
            Map.entry("dora", Set.of(DAYS)),
            Map.entry("rollouts", PAGE),
            Map.entry("releases", PAGE),
            Map.entry("list", PAGE),
            Map.entry("allServices", Set.of(LIMIT, NEXT, STATE)),
            Map.entry("firewall", Set.of(HOURS)),
            Map.entry("openapi", Set.of(FORMAT)),
            Map.entry("rollOut", Set.of(DRY_RUN)),
            Map.entry("promote", Set.of(DRY_RUN)),
            Map.entry("apply", Set.of(ALLOW)),
            Map.entry("OverrideResource.apply", Set.of(ALLOW, FREEZES, REASON)),
            Map.entry("EnvironmentOverrideResource.apply", Set.of(ALLOW, REASON)),
            Map.entry("ServiceResource.delete", Set.of(KEEP, CONFIRM)),
            Map.entry("PipelineResource.delete", Set.of(CONFIRM)));

    private static final Set<String> SPECS = Set.of("apply", "plan");
    private static final Set<String> JSON =
            Set.of("applyPlan", "rollOut", "promote", "rollBack", "overrideRestart", "approve", "reject", "mendDrift");
    private static final Set<String> CONDITIONAL = Set.of("apply", "delete");
    /** Nothing is kept of what they were asked. */
    private static final Set<String> KEYLESS = Set.of("redrive", "redriveAll");
    /** Headers without which a request may do more than its sender wants. */
    private static final List<String> PROTECTING =
            List.of(RequestContext.IDEMPOTENCY_KEY, HttpHeaders.IF_MATCH, HttpHeaders.IF_NONE_MATCH);
    /** What curl says of data, and what JSON is. */
    private static final Set<String> JSON_TYPES = Set.of("", "application/json", "application/x-www-form-urlencoded");

    /** A query parameter: its values by a pattern, and whether it may be repeated. */
    enum QueryParameter {
        LIMIT("limit", "[1-9][0-9]?|100", "must be a number from 1 to 100"),
        LOG_LIMIT("limit", "[1-9][0-9]{0,2}|1000", "must be a number from 1 to 1000"),
        CURSOR("cursor", "[A-Za-z0-9_-]{1,4000}", "must be what the page before has given"),
        SINCE("since", ".{1,40}", "must be a time such as 2026-11-28T00:00:00Z, or how long ago: 15m"),
        UNTIL("until", ".{1,40}", "must be a time such as 2026-11-28T00:00:00Z, or how long ago: 15m"),
        LINE_FILTER(
                "filter", "(?=.*\\S).{1,1024}", "must be a filter pattern of CloudWatch Logs, of 1 to 1024 characters"),
        OF_TASK(
                "task",
                "[0-9a-f]{8,32}",
                "must be the id of a task, the last part of its ARN, or its first characters, 8 at least"),
        OF_RELEASE("release", "[1-9][0-9]{0,7}", "must be the number of a release"),
        CONTAINER("container", "[A-Za-z0-9_-]{1,255}", "must be the name of a container"),
        OF_ROLLOUT("rollout", "[a-z0-9]{1,40}", "must be the id of a rollout"),
        NEXT("next", ".+", "must be what the page before has given"),
        HOURS("hours", "[1-9]|1[0-9]|2[0-4]", "must be a number from 1 to 24"),
        DAYS("days", "[1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-5]", "must be a number from 1 to 365"),
        FROM("from", ".{1,40}", "must be a time such as 2026-11-28T00:00:00Z"),
        TO("to", ".{1,40}", "must be a time such as 2026-11-28T00:00:00Z"),
        ACTOR("actor", ".{1,300}", "must be who decided, as the ledger names them"),
        TYPE("type", types(), "must be a type of entries such as CONTROLS_WEAKENED", true),
        LINES("format", "json|jsonl", "may be json or jsonl"),
        STATE(
                "state",
                "(?i)healthy|degraded|down|changing|stopped|unknown",
                "may be HEALTHY, DEGRADED, DOWN, CHANGING, STOPPED or UNKNOWN"),
        FORMAT("format", "json|yaml", "may be json or yaml"),
        DRY_RUN("dryRun", "true|false", "may be true or false"),
        CONFIRM("confirm", ".+", "must be the name of the service"),
        REASON("reason", "(?=.*\\S).{1,500}", "must have 1 to 500 characters: it stands in the ledger"),
        ALLOW("allow", "[A-Za-z0-9]{1,255}", "must be the logical id of a resource", true),
        KEEP("keep", "registry|logs", "may be registry or logs", true),
        FREEZES("freezes", "[a-z][a-z0-9-]{0,62}", "must be the name of a freeze window", true);

        private final String key;
        private final Pattern values;
        private final String rule;
        private final boolean repeatable;

        QueryParameter(String key, String values, String rule) {
            this(key, values, rule, false);
        }

        QueryParameter(String key, String values, String rule, boolean repeatable) {
            this.key = key;
            this.values = Pattern.compile(values, Pattern.DOTALL);
            this.rule = rule;
            this.repeatable = repeatable;
        }

        /** Not a field of the class around: neither of both may need the other before it is there. */
        private static String types() {
            return Arrays.stream(LedgerEntry.EventType.values()).map(Enum::name).collect(Collectors.joining("|"));
        }

        String key() {
            return key;
        }

        boolean isRepeatable() {
            return repeatable;
        }
    }

    /** The query parameters that a method of a resource takes. */
    static Set<QueryParameter> query(Class<?> resource, String method) {
        Set<QueryParameter> own = QUERY.get(resource.getSimpleName() + "." + method);
        return own != null ? own : QUERY.getOrDefault(method, Set.of());
    }

    /** Throws {@link ProblemException} 400 or 415 when a request says what its resource does not take. */
    @ServerRequestFilter
    public void check(ContainerRequestContext request, SimpleResourceInfo resource) {
        Class<?> type = resource.getResourceClass();
        if (!type.getPackageName().equals(RequestRules.class.getPackageName())) {
            return; // the simulated account's own
        }
        String method = resource.getMethodName();
        request.getUriInfo()
                .getQueryParameters()
                .forEach((key, values) -> checkParameter(key, values, query(type, method)));
        checkHeaders(request, method);
        checkBody(request, method);
    }

    private static void checkParameter(String key, List<String> values, Set<QueryParameter> known) {
        QueryParameter parameter = known.stream()
                .filter(candidate -> candidate.key.equals(key))
                .findFirst()
                .orElseThrow(() -> unknown(key, known));
        if (values.size() > 1 && !parameter.repeatable) {
            throw rejected(
                    "invalid-parameter", "%s is in the query %d times.".formatted(key, values.size()), "Say it once.");
        }
        for (String value : values) {
            if (!parameter.values.matcher(value).matches()) {
                throw rejected(
                        "invalid-parameter",
                        "%s=%s is not allowed.".formatted(key, value),
                        "%s %s.".formatted(key, parameter.rule));
            }
        }
    }

    private static ProblemException unknown(String key, Set<QueryParameter> known) {
        List<String> keys = known.stream().map(QueryParameter::key).sorted().toList();
        List<String> elsewhere =
                Arrays.stream(QueryParameter.values()).map(QueryParameter::key).toList();
        String action = keys.isEmpty()
                ? "This request takes no query parameter."
                : Suggestions.closest(keys, key)
                        .map("Did you mean %s?"::formatted)
                        .orElse("There is: " + String.join(", ", keys));
        String what = elsewhere.contains(key) ? "%s has no meaning here." : "There is no query parameter %s.";
        return rejected("invalid-parameter", what.formatted(key), action);
    }

    private static void checkHeaders(ContainerRequestContext request, String method) {
        for (String header : List.of(
                RequestContext.IDEMPOTENCY_KEY,
                HttpHeaders.IF_MATCH,
                HttpHeaders.IF_NONE_MATCH,
                HttpHeaders.CONTENT_TYPE)) {
            if (request.getHeaders().getOrDefault(header, List.of()).size() > 1) {
                throw rejected("malformed-request", "The header %s is there twice.".formatted(header), "Send it once.");
            }
        }
        if (!request.getMethod().equals("GET")) {
            request.getHeaders().forEach(RequestRules::checkSpelling);
        }
        boolean conditional = Stream.of(HttpHeaders.IF_MATCH, HttpHeaders.IF_NONE_MATCH)
                .anyMatch(header -> request.getHeaderString(header) != null);
        if (conditional && !request.getMethod().equals("GET") && !CONDITIONAL.contains(method)) {
            throw rejected(
                    "malformed-precondition",
                    "This request cannot be made conditional by If-Match or If-None-Match.",
                    "A PUT of a spec and a DELETE can.");
        }
        if (KEYLESS.contains(method) && request.getHeaderString(RequestContext.IDEMPOTENCY_KEY) != null) {
            throw rejected(
                    "malformed-request",
                    "This request takes no Idempotency-Key.",
                    "Send it without: sent twice, it finds nothing more to do.");
        }
    }

    /**
     * A key or a condition under another name protects nothing: {@code If-Mach}, {@code X-Idempotency-Key}. Neither does a query
     * parameter that is sent as a header: {@code X-Dry-Run}, {@code Prefer: dry-run}.
     */
    private static void checkSpelling(String header, List<String> values) {
        String name = letters(header).replaceFirst("^x", "");
        String preferred = header.equalsIgnoreCase("Prefer") ? letters(String.join("", values)) : "";
        Arrays.stream(QueryParameter.values())
                .map(QueryParameter::key)
                .filter(key -> name.equals(letters(key)) || preferred.contains(letters(key)))
                .findFirst()
                .ifPresent(key -> {
                    throw rejected(
                            "malformed-request",
                            "The header %s has no meaning here.".formatted(header),
                            "Where it has one, %s is in the query.".formatted(key));
                });
        String bare = header.toLowerCase(Locale.ROOT).replace('_', '-').replaceFirst("^x-", "");
        Suggestions.closest(PROTECTING, bare)
                .or(() -> Optional.of(PermissionCheck.HEADER).filter(meant -> PermissionCheck.isMeantBy(bare)))
                .filter(meant -> !meant.equalsIgnoreCase(header))
                .ifPresent(meant -> {
                    throw rejected(
                            "malformed-request",
                            "The header %s has no meaning here.".formatted(header),
                            "Did you mean %s?".formatted(meant));
                });
    }

    private static String letters(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    }

    private static void checkBody(ContainerRequestContext request, String method) {
        if (SPECS.contains(method)) {
            return; // their reader looks at the type
        }
        if (JSON.contains(method)) {
            String given = request.getHeaderString(HttpHeaders.CONTENT_TYPE);
            String type = given == null ? "" : given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
            if (!JSON_TYPES.contains(type)) {
                throw new ProblemException(
                        415, "unsupported-media-type", "The body cannot be %s.".formatted(type), "Send JSON.");
            }
        } else if (request.getLength() > 0 || request.getHeaderString("Transfer-Encoding") != null) {
            throw rejected("malformed-body", "This request takes no body.", "Leave it out.");
        }
    }

    /** All that there are, for the test that holds the description of the API against them. */
    static Set<String> methods() {
        return Stream.of(QUERY.keySet(), SPECS, JSON, CONDITIONAL, KEYLESS)
                .flatMap(Set::stream)
                .map(name -> name.substring(name.indexOf('.') + 1))
                .collect(Collectors.toSet());
    }

    private static ProblemException rejected(String code, String detail, String action) {
        return new ProblemException(400, code, detail, action);
    }
}
