package dev.slipway.simulated.waf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.traffic.HttpCall;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What WAF writes down of a request: waf/latest/developerguide/logging-fields.html. */
final class WafLogEntry {
    private static final String REDACTED = "REDACTED";
    private static final String COUNT = "COUNT";

    private final ObjectNode entry = JsonNodeFactory.instance.objectNode();
    private final ArrayNode groups;
    private final ArrayNode counted;
    private final Set<String> actions = new HashSet<>();
    /** What the web ACL's rules did with it, by their names. */
    private final Map<String, String> rules = new TreeMap<>();

    /** @param loadBalancer {@code app/name/id} */
    WafLogEntry(String acl, String loadBalancer, long at) {
        entry.put("timestamp", at);
        entry.put("formatVersion", 1);
        entry.put("webaclId", acl);
        entry.put("terminatingRuleId", "Default_Action");
        entry.put("terminatingRuleType", "REGULAR");
        entry.put("action", "ALLOW");
        entry.putArray("terminatingRuleMatchDetails");
        entry.put("httpSourceName", "ALB");
        entry.put("httpSourceId", loadBalancer);
        groups = entry.putArray("ruleGroupList");
        entry.putArray("rateBasedRuleList");
        counted = entry.putArray("nonTerminatingMatchingRules");
        entry.putNull("requestHeadersInserted");
        entry.putNull("responseCodeSent");
    }

    /** A group has looked; assumed (docs/assumptions.md): the rule that ended it stands here also where the group only counts. */
    void group(String name, Optional<String> matched, List<String> overridden) {
        ObjectNode group = groups.addObject();
        group.put("ruleGroupId", "AWS#" + name);
        if (matched.isEmpty()) {
            group.putNull("terminatingRule");
        } else {
            ObjectNode rule = group.putObject("terminatingRule");
            rule.put("ruleId", matched.get());
            rule.put("action", "BLOCK");
            rule.putNull("ruleMatchDetails");
        }
        ArrayNode passed = group.putArray("nonTerminatingMatchingRules");
        overridden.forEach(rule -> {
            ObjectNode one = passed.addObject();
            one.put("ruleId", rule);
            one.put("action", COUNT);
            one.put("overriddenAction", "BLOCK");
            one.putNull("ruleMatchDetails");
            actions.add(COUNT);
        });
        group.putNull("excludedRules");
    }

    void counted(String rule) {
        ObjectNode one = counted.addObject();
        one.put("ruleId", rule);
        one.put("action", COUNT);
        one.putArray("ruleMatchDetails");
        actions.add(COUNT);
        rules.put(rule, COUNT);
    }

    void ended(String rule, String type, String action) {
        entry.put("terminatingRuleId", rule);
        entry.put("terminatingRuleType", type);
        entry.put("action", action);
        actions.add(action);
        rules.put(rule, action);
    }

    Map<String, String> rules() {
        return rules;
    }

    /** Whether it was allowed or refused by a rule, or else by the web ACL's default. */
    boolean isEnded() {
        return !entry.get("terminatingRuleId").asText().equals("Default_Action");
    }

    boolean isBlock() {
        return entry.get("action").asText().equals("BLOCK");
    }

    /** Of all rules that matched. */
    Set<String> actions() {
        return actions;
    }

    String text(HttpCall call, JsonNode protection, String requestId) {
        Set<String> headers = new HashSet<>();
        boolean query = false;
        for (JsonNode one : protection.path("DataProtections")) {
            one.path("Field").path("FieldKeys").forEach(key -> headers.add(key.asText()));
            query |= one.path("Field").path("FieldType").asText().equals("QUERY_STRING");
        }
        ObjectNode request = entry.putObject("httpRequest");
        request.put("clientIp", call.client().address());
        request.put("country", call.client().country());
        ArrayNode sent = request.putArray("headers");
        call.headers().forEach((name, value) -> {
            ObjectNode header = sent.addObject();
            header.put("name", name);
            header.put("value", headers.contains(name.toLowerCase(Locale.ROOT)) ? REDACTED : value);
        });
        request.put("uri", call.pathOnly());
        String args = call.path().substring(call.pathOnly().length()).replaceFirst("^\\?", "");
        request.put("args", query && !args.isEmpty() ? REDACTED : args);
        request.put("httpVersion", "HTTP/1.1");
        request.put("httpMethod", call.method());
        request.put("requestId", "1-" + requestId.substring(0, 8) + "-" + requestId);
        return entry.toString();
    }
}
