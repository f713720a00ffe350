package dev.slipway.simulated.waf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.traffic.HttpCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A web ACL as it is at some time, and what it makes of a request.
 *
 * @param sets by ARN, the IP sets that there are
 * @param logging null where it logs nothing
 */
record WebAcl(
        String arn,
        JsonNode properties,
        Map<String, JsonNode> sets,
        @Nullable JsonNode logging) {
    private static final String ALLOW = "Allow";
    private static final String BLOCK = "Block";

    WebAcl {
        sets = Map.copyOf(sets);
    }

    /** How many requests there were lately from the address that a request comes from, with that one. */
    interface Rates {
        /**
         * @param rule that counts them
         * @param counted which of them it counts
         */
        double count(String rule, Duration window, Predicate<HttpCall> counted);
    }

    /** Goes through the rules in the order of their priorities, until one lets through or refuses. */
    void judge(HttpCall call, Rates rates, WafLogEntry entry) {
        List<JsonNode> rules = new ArrayList<>();
        properties.path("Rules").forEach(rules::add);
        rules.sort(Comparator.comparing(rule -> rule.path("Priority").asInt()));
        for (JsonNode rule : rules) {
            if (ends(rule, call, rates, entry)) {
                return;
            }
        }
    }

    /** The name by which it is measured. */
    String metric() {
        return properties.path("VisibilityConfig").path("MetricName").asText();
    }

    static String match(String rule, String action) {
        return rule + " " + action;
    }

    /** What a request counts for, by the names by which rules are measured: for each rule, for the default, and for all together. */
    Set<String> matches(WafLogEntry entry) {
        Set<String> matches = new HashSet<>();
        matches.add(match("ALL", entry.isBlock() ? "BLOCK" : "ALLOW"));
        if (!entry.isEnded()) {
            matches.add(match("Default_Action", "ALLOW"));
        }
        for (JsonNode rule : properties.path("Rules")) {
            String action = entry.rules().get(rule.path("Name").asText());
            if (action != null) {
                matches.add(
                        match(rule.path("VisibilityConfig").path("MetricName").asText(), action));
                if (action.equals("COUNT")) {
                    matches.add(match("ALL", action));
                }
            }
        }
        return matches;
    }

    /** Whether the log is to have it. */
    boolean keeps(WafLogEntry entry) {
        if (logging == null) {
            return false;
        }
        JsonNode filter = logging.path("LoggingFilter");
        for (JsonNode one : filter.path("Filters")) {
            for (JsonNode condition : one.path("Conditions")) {
                if (entry.actions()
                        .contains(
                                condition.path("ActionCondition").path("Action").asText())) {
                    return one.path("Behavior").asText().equals("KEEP");
                }
            }
        }
        return !filter.path("DefaultBehavior").asText().equals("DROP");
    }

    private boolean ends(JsonNode rule, HttpCall call, Rates rates, WafLogEntry entry) {
        String name = rule.path("Name").asText();
        JsonNode group = rule.path("Statement").path("ManagedRuleGroupStatement");
        if (group.isObject()) {
            return groupEnds(rule, name, group, call, rates, entry);
        }
        if (!matches(name, rule.path("Statement"), call, rates)) {
            return false;
        }
        String action = rule.path("Action").fieldNames().next();
        if (action.equals(ALLOW) || action.equals(BLOCK)) {
            boolean rate = rule.path("Statement").has("RateBasedStatement");
            entry.ended(name, rate ? "RATE_BASED" : "REGULAR", action.equals(BLOCK) ? "BLOCK" : "ALLOW");
            return true;
        }
        entry.counted(name);
        return false;
    }

    private boolean groupEnds(
            JsonNode rule, String name, JsonNode group, HttpCall call, Rates rates, WafLogEntry entry) {
        Set<String> counting = new HashSet<>();
        group.path("RuleActionOverrides")
                .forEach(one -> counting.add(
                        one.path("ActionToUse").has("Count") ? one.path("Name").asText() : ""));
        List<String> matches = isInScope(name, group, call, rates)
                ? ManagedRuleGroups.matches(group.path("Name").asText(), call)
                : List.of();
        Optional<String> matched =
                matches.stream().filter(each -> !counting.contains(each)).findFirst();
        List<String> passed = matches.stream()
                .takeWhile(each -> !matched.equals(Optional.of(each)))
                .toList();
        entry.group(group.path("Name").asText(), matched, passed);
        if (matched.isEmpty()) {
            return false;
        }
        if (rule.path("OverrideAction").has("Count")) {
            entry.counted(name);
            return false;
        }
        entry.ended(name, "MANAGED_RULE_GROUP", "BLOCK");
        return true;
    }

    private boolean isInScope(String rule, JsonNode statement, HttpCall call, Rates rates) {
        return !statement.has("ScopeDownStatement") || matches(rule, statement.path("ScopeDownStatement"), call, rates);
    }

    private boolean matches(String rule, JsonNode statement, HttpCall call, Rates rates) {
        String kind = statement.fieldNames().next();
        JsonNode inner = statement.get(kind);
        return switch (kind) {
            case "OrStatement" ->
                StreamSupport.stream(inner.path("Statements").spliterator(), false)
                        .anyMatch(one -> matches(rule, one, call, rates));
            case "NotStatement" -> !matches(rule, inner.path("Statement"), call, rates);
            case "IPSetReferenceStatement" ->
                StreamSupport.stream(
                                Objects.requireNonNull(
                                                sets.get(inner.path("Arn").asText()), "a set stays while it is used")
                                        .path("Addresses")
                                        .spliterator(),
                                false)
                        .anyMatch(range ->
                                Ranges.contains(range.asText(), call.client().address()));
            case "GeoMatchStatement" ->
                StreamSupport.stream(inner.path("CountryCodes").spliterator(), false)
                        .anyMatch(code -> code.asText().equals(call.client().country()));
            case "RegexMatchStatement" ->
                Transformations.apply(inner.path("TextTransformations"), call.pathOnly())
                        .matches(inner.path("RegexString").asText());
            case "RateBasedStatement" ->
                isInScope(rule, inner, call, rates)
                        && rates.count(
                                        rule,
                                        Duration.ofSeconds(inner.path("EvaluationWindowSec")
                                                .asInt()),
                                        other -> isInScope(rule, inner, other, rates))
                                > inner.path("Limit").asInt();
            default -> throw new UnsupportedOperationException("not modelled: " + kind);
        };
    }
}
