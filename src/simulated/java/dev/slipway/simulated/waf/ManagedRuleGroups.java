package dev.slipway.simulated.waf;

import dev.slipway.simulated.traffic.HttpCall;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A few rules of AWS's groups, by their names: waf/latest/developerguide/aws-managed-rule-groups-baseline.html,
 * aws-managed-rule-groups-use-case.html and aws-managed-rule-groups-ip-rep.html. What AWS's rules look for in detail it does not tell;
 * these look for the plainest examples.
 */
final class ManagedRuleGroups {
    /** Of the body that a load balancer hands over: waf/latest/developerguide/limits.html. */
    private static final int INSPECTED = 8 * 1024;

    private static final Pattern SQL =
            Pattern.compile("('|\\b)\\s*(or|union)\\s+('?\\w+'?\\s*=\\s*'?\\w+|(all\\s+)?select\\b)");
    /** TEST-NET-2, in which the simulated attackers live: RFC 5737. */
    private static final String ATTACKERS = "198.51.100.";

    private record Group(int capacity, Map<String, Predicate<HttpCall>> rules) {}

    private static final Map<String, Group> GROUPS = Map.of(
            "AWSManagedRulesCommonRuleSet", new Group(700, common()),
            "AWSManagedRulesKnownBadInputsRuleSet", new Group(200, knownBadInputs()),
            "AWSManagedRulesSQLiRuleSet",
                    new Group(
                            200,
                            Map.of(
                                    "SQLi_QUERYARGUMENTS",
                                    call -> SQL.matcher(query(call)).find())),
            "AWSManagedRulesAmazonIpReputationList",
                    new Group(
                            25,
                            Map.of(
                                    "AWSManagedIPReputationList",
                                    call -> call.client().address().startsWith(ATTACKERS))));

    private ManagedRuleGroups() {}

    private static Map<String, Predicate<HttpCall>> common() {
        Map<String, Predicate<HttpCall>> rules = new LinkedHashMap<>();
        rules.put("NoUserAgent_HEADER", call -> !call.headers().containsKey("User-Agent"));
        rules.put(
                "SizeRestrictions_BODY",
                call -> Long.parseLong(call.headers().getOrDefault("Content-Length", "0")) > INSPECTED);
        rules.put("GenericLFI_URIPATH", call -> decoded(call.pathOnly()).contains("../"));
        rules.put("RestrictedExtensions_URIPATH", call -> call.pathOnly().matches(".*\\.(log|ini|bak)"));
        rules.put("CrossSiteScripting_QUERYARGUMENTS", call -> query(call).contains("<script"));
        return rules;
    }

    private static Map<String, Predicate<HttpCall>> knownBadInputs() {
        Map<String, Predicate<HttpCall>> rules = new LinkedHashMap<>();
        rules.put("ExploitablePaths_URIPATH", call -> call.pathOnly().startsWith("/WEB-INF"));
        rules.put(
                "Log4JRCE_HEADER",
                call -> call.headers().values().stream().anyMatch(value -> value.contains("${jndi:")));
        return rules;
    }

    static boolean exists(String name) {
        return GROUPS.containsKey(name);
    }

    static int capacity(String name) {
        return group(name).capacity();
    }

    /** The rules of a group that match, in their order: the first of them that is not set to count ends the group. */
    static List<String> matches(String name, HttpCall call) {
        return group(name).rules().entrySet().stream()
                .filter(rule -> rule.getValue().test(call))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static Group group(String name) {
        Group group = GROUPS.get(name);
        if (group == null) {
            throw new IllegalArgumentException("no managed rule group " + name);
        }
        return group;
    }

    private static String query(HttpCall call) {
        int at = call.path().indexOf('?');
        return at < 0 ? "" : decoded(call.path().substring(at + 1)).toLowerCase(Locale.ROOT);
    }

    static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a % with nothing behind it
        }
    }
}
