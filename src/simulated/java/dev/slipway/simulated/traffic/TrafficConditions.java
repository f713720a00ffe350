package dev.slipway.simulated.traffic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;

/** Whether a request meets a rule's conditions ("Condition types for listener rules"): all of them, any value of each. */
final class TrafficConditions {
    private TrafficConditions() {}

    static boolean met(Rule rule, HttpCall call) {
        return rule.conditions().stream().allMatch(condition -> met(condition, call));
    }

    private static boolean met(RuleCondition condition, HttpCall call) {
        return switch (condition.field()) {
            case "path-pattern" ->
                any(
                        condition.pathPatternConfig() == null
                                ? condition.values()
                                : condition.pathPatternConfig().values(),
                        call.pathOnly(),
                        0);
            case "host-header" -> any(hosts(condition), host(call), Pattern.CASE_INSENSITIVE);
            case "http-header" ->
                any(
                        condition.httpHeaderConfig().values(),
                        call.headers().getOrDefault(condition.httpHeaderConfig().httpHeaderName(), ""),
                        Pattern.CASE_INSENSITIVE);
            case "http-request-method" ->
                condition.httpRequestMethodConfig().values().contains(call.method());
            case "query-string" ->
                condition.queryStringConfig().values().stream()
                        .anyMatch(pair -> query(call).entrySet().stream()
                                .anyMatch(given -> (pair.key() == null
                                                || matches(pair.key(), given.getKey(), Pattern.CASE_INSENSITIVE))
                                        && matches(pair.value(), given.getValue(), Pattern.CASE_INSENSITIVE)));
            default -> false; // source-ip: nobody sends from an address here
        };
    }

    static List<String> hosts(RuleCondition condition) {
        return condition.hostHeaderConfig() == null
                ? condition.values()
                : condition.hostHeaderConfig().values();
    }

    static String host(HttpCall call) {
        return call.headers().getOrDefault("Host", call.host());
    }

    private static Map<String, String> query(HttpCall call) {
        Map<String, String> found = new LinkedHashMap<>();
        int query = call.path().indexOf('?');
        if (query >= 0) {
            for (String pair : call.path().substring(query + 1).split("&")) {
                int equals = pair.indexOf('=');
                found.put(equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
            }
        }
        return found;
    }

    private static boolean any(List<String> patterns, String value, int flags) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, value, flags));
    }

    /** {@code *} is any number of characters, {@code ?} is one. */
    private static boolean matches(String pattern, String value, int flags) {
        StringBuilder expression = new StringBuilder();
        pattern.chars()
                .forEach(character -> expression.append(
                        switch (character) {
                            case '*' -> ".*";
                            case '?' -> ".";
                            default -> Pattern.quote(String.valueOf((char) character));
                        }));
        return Pattern.compile(expression.toString(), flags).matcher(value).matches();
    }
}
