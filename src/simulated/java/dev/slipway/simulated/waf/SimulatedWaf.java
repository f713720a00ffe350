package dev.slipway.simulated.waf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.logs.SimulatedLogs;
import dev.slipway.simulated.traffic.HttpCall;
import dev.slipway.simulated.traffic.RequestFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * AWS WAF in memory, with the properties of its resources as CloudFormation has them. It sees the requests that somebody sends
 * ({@link HttpCall}); those that are made up for a minute are of people who break no rule. Changes hold at once, which on AWS takes
 * up to minutes.
 */
public final class SimulatedWaf implements RequestFilter {
    private static final String LOG_GROUPS = "aws-waf-logs-";
    private static final int LONGEST_PATTERN = 200;
    private static final int MOST_CAPACITY = 5000;
    private static final String ALLOW = "Allow";
    private static final String BLOCK = "Block";

    /** What WAF does not take; CloudFormation shows the message. */
    public static final class Invalid extends RuntimeException {
        private static final long serialVersionUID = 1;

        Invalid(String message) {
            super(message);
        }
    }

    private final SimulatedAws aws;
    private final SimulatedLogs logs;
    private final Map<String, JsonNode> sets = new TreeMap<>();
    private final Map<String, JsonNode> acls = new TreeMap<>();
    /** By ARN of a web ACL. */
    private final Map<String, JsonNode> logging = new TreeMap<>();
    /** ARNs of web ACLs by those of load balancers. */
    private final Map<String, String> associations = new TreeMap<>();

    private final RequestRates rates;

    public SimulatedWaf(SimulatedAws aws, SimulatedLogs logs) {
        this.aws = aws;
        this.logs = logs;
        this.rates = new RequestRates(aws.clock());
    }

    public void putSet(String arn, JsonNode properties) {
        for (JsonNode address : properties.path("Addresses")) {
            if (!address.asText().matches("[0-9a-fA-F.:]+/[1-9][0-9]{0,2}")) {
                throw new Invalid(
                        "Error reason: The parameter contains formatting that is not valid., field: IP_ADDRESS,"
                                + " parameter: " + address.asText());
            }
        }
        sets.put(arn, properties);
    }

    public void deleteSet(String arn) {
        if (acls.values().stream().anyMatch(acl -> acl.toString().contains('"' + arn + '"'))) {
            throw associated();
        }
        sets.remove(arn);
    }

    /** Its capacity. */
    public int putAcl(String arn, JsonNode properties) {
        for (JsonNode protection : properties.path("DataProtectionConfig").path("DataProtections")) {
            JsonNode field = protection.path("Field");
            boolean named = !field.path("FieldKeys").isEmpty();
            if (named == field.path("FieldType").asText().equals("QUERY_STRING")) {
                throw new Invalid("Error reason: FieldKeys does not fit " + field.path("FieldType"));
            }
        }
        int capacity = 0;
        for (JsonNode rule : properties.path("Rules")) {
            boolean group = rule.path("Statement").has("ManagedRuleGroupStatement");
            if (rule.has("OverrideAction") != group || rule.has("Action") == group) {
                throw new Invalid("Error reason: A reference in your rule statement is not valid., field: RULE");
            }
            capacity += capacity(rule.path("Statement"));
        }
        if (capacity > MOST_CAPACITY) {
            throw new Invalid("WAFLimitsExceededException: %d WCUs".formatted(capacity));
        }
        acls.put(arn, properties);
        return capacity;
    }

    /** Of the web ACL of this name. */
    public int capacityOf(String name) {
        return acls.values().stream()
                .filter(acl -> acl.path("Name").asText().equals(name))
                .flatMap(acl -> StreamSupport.stream(acl.path("Rules").spliterator(), false))
                .mapToInt(rule -> capacity(rule.path("Statement")))
                .sum();
    }

    public void deleteAcl(String arn) {
        if (associations.containsValue(arn)) {
            throw associated();
        }
        acls.remove(arn);
        logging.remove(arn);
    }

    private static Invalid associated() {
        return new Invalid(
                "AWS WAF couldn't perform the operation because your resource is being used by another resource");
    }

    public void associate(String loadBalancer, String acl) {
        if (!acls.containsKey(acl)) {
            throw new Invalid("AWS WAF couldn't perform the operation because your resource doesn't exist.");
        }
        associations.put(loadBalancer, acl);
    }

    public void disassociate(String loadBalancer) {
        associations.remove(loadBalancer);
    }

    public void log(String acl, JsonNode properties) {
        String group = group(properties);
        if (!group.startsWith(LOG_GROUPS) || !logs.exists(group)) {
            throw new Invalid(
                    "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information"
                            + " separated by colons or slashes., field: LOG_DESTINATION");
        }
        logging.put(acl, properties);
    }

    public void stopLogging(String acl) {
        logging.remove(acl);
    }

    /** Load balancers that have a firewall. */
    public List<String> protectedBalancers() {
        return List.copyOf(associations.keySet());
    }

    private static String group(JsonNode logging) {
        String arn = logging.path("LogDestinationConfigs").path(0).asText();
        return arn.substring(arn.indexOf("log-group:") + "log-group:".length());
    }

    /** waf/latest/developerguide/aws-waf-capacity-units.html and the page of each statement. */
    private int capacity(JsonNode statement) {
        String kind = statement.fieldNames().next();
        JsonNode inner = statement.get(kind);
        return switch (kind) {
            case "OrStatement" ->
                StreamSupport.stream(inner.path("Statements").spliterator(), false)
                        .mapToInt(this::capacity)
                        .sum();
            case "NotStatement" -> capacity(inner.path("Statement"));
            case "IPSetReferenceStatement" -> {
                if (!sets.containsKey(inner.path("Arn").asText())) {
                    throw new Invalid("AWS WAF couldn't perform the operation because your resource doesn't exist.");
                }
                yield 1;
            }
            case "GeoMatchStatement" -> 1;
            case "RegexMatchStatement" -> {
                if (inner.path("RegexString").asText().length() > LONGEST_PATTERN) {
                    throw new Invalid("Error reason: the regular expression is too long");
                }
                yield 3 + 10 * inner.path("TextTransformations").size();
            }
            case "RateBasedStatement" -> 2 + scoped(inner);
            case "ManagedRuleGroupStatement" -> {
                String name = inner.path("Name").asText();
                if (!ManagedRuleGroups.exists(name)) {
                    throw new Invalid("AWS WAF couldn't perform the operation because your resource doesn't exist.");
                }
                yield ManagedRuleGroups.capacity(name) + scoped(inner);
            }
            default -> throw new UnsupportedOperationException("not modelled: " + kind);
        };
    }

    private int scoped(JsonNode statement) {
        return statement.has("ScopeDownStatement") ? capacity(statement.path("ScopeDownStatement")) : 0;
    }

    @Override
    public boolean admits(String loadBalancer, HttpCall call) {
        String arn = associations.get(loadBalancer);
        if (arn == null) {
            return true;
        }
        JsonNode acl = Objects.requireNonNull(acls.get(arn), "an ACL stays while it is associated");
        WafLogEntry entry = new WafLogEntry(arn, loadBalancer, aws.clock().instant());
        List<JsonNode> rules = new ArrayList<>();
        acl.path("Rules").forEach(rules::add);
        rules.sort(Comparator.comparing(rule -> rule.path("Priority").asInt()));
        for (JsonNode rule : rules) {
            if (ends(arn, rule, call, entry)) {
                break;
            }
        }
        JsonNode wanted = logging.get(arn);
        if (wanted != null && isKept(wanted.path("LoggingFilter"), entry)) {
            String stream = aws.region() + "_" + acl.path("Name").asText() + "_0";
            logs.write(group(wanted), stream, entry.text(call, acl.path("DataProtectionConfig"), aws.hex(24)));
        }
        return !entry.action().equals("BLOCK");
    }

    private static boolean isKept(JsonNode filter, WafLogEntry entry) {
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

    private boolean ends(String acl, JsonNode rule, HttpCall call, WafLogEntry entry) {
        String name = rule.path("Name").asText();
        JsonNode group = rule.path("Statement").path("ManagedRuleGroupStatement");
        if (group.isObject()) {
            Set<String> counting = new HashSet<>();
            group.path("RuleActionOverrides")
                    .forEach(one -> counting.add(
                            one.path("ActionToUse").has("Count")
                                    ? one.path("Name").asText()
                                    : ""));
            List<String> matches = isInScope(acl, name, group, call)
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
        if (!matches(acl, name, rule.path("Statement"), call)) {
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

    private boolean isInScope(String acl, String rule, JsonNode statement, HttpCall call) {
        return !statement.has("ScopeDownStatement") || matches(acl, rule, statement.path("ScopeDownStatement"), call);
    }

    private boolean matches(String acl, String rule, JsonNode statement, HttpCall call) {
        String kind = statement.fieldNames().next();
        JsonNode inner = statement.get(kind);
        return switch (kind) {
            case "OrStatement" ->
                StreamSupport.stream(inner.path("Statements").spliterator(), false)
                        .anyMatch(one -> matches(acl, rule, one, call));
            case "NotStatement" -> !matches(acl, rule, inner.path("Statement"), call);
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
                isInScope(acl, rule, inner, call)
                        && rates.count(
                                        acl + rule + call.client().address(),
                                        Duration.ofSeconds(inner.path("EvaluationWindowSec")
                                                .asInt()))
                                > inner.path("Limit").asInt();
            default -> throw new UnsupportedOperationException("not modelled: " + kind);
        };
    }
}
