package dev.slipway.firewall;

import dev.slipway.firewall.FirewallReport.Action;
import dev.slipway.firewall.FirewallReport.Example;
import dev.slipway.firewall.FirewallReport.Match;
import dev.slipway.firewall.FirewallSettings.Mode;
import dev.slipway.firewall.FirewallSettings.Rule;
import dev.slipway.id.EnvironmentId;
import dev.slipway.logs.LogQueries;
import dev.slipway.problem.ProblemException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;

/**
 * Reads what firewalls have matched out of their logs, by CloudWatch Logs Insights: a day of attack is too much to page through, and
 * is counted where it lies. AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html; the fields are those of
 * waf/latest/developerguide/logging-fields.html.
 */
public final class FirewallReports {
    private static final int LONGEST_PATH = 200;

    private static final String WHERE = " | fields %s, entry.httpRequest.uri as path, entry.timestamp as time,"
            + " entry.httpRequest.httpMethod as httpMethod, entry.httpRequest.clientIp as clientIp,"
            + " entry.httpRequest.country as clientCountry, entry.httpRequest.requestId as traceId"
            + " | filter %s"
            + " | stats count(*) as requests, latest(time) as newest, latest(httpMethod) as method, latest(clientIp) as address,"
            + " latest(clientCountry) as country, latest(traceId) as request by %s, path"
            + " | sort requests desc | limit "
            + (FirewallReport.MOST + 1);
    private static final String ENTRY = "fields jsonParse(@message) as entry";

    /** What a group of AWS's has matched: it stops at the first of its rules. */
    private static final String OF_GROUPS = ENTRY + " | unnest entry.ruleGroupList into matched"
            + WHERE.formatted(
                    "matched.ruleGroupId as ruleGroup, matched.terminatingRule.ruleId as rule, entry.terminatingRuleId as endedBy",
                    "rule like /./",
                    "ruleGroup, rule, endedBy");
    /** What a group's rule has matched that is set to count by itself, and ends nothing. */
    private static final String WITHIN_GROUPS = ENTRY + " | unnest entry.ruleGroupList into matched"
            + WHERE.formatted(
                    "matched.ruleGroupId as ruleGroup, matched.nonTerminatingMatchingRules.0.ruleId as rule",
                    "rule like /./",
                    "ruleGroup, rule");
    /** What the lists, the countries and the rate have refused. */
    private static final String REFUSED = ENTRY
            + WHERE.formatted(
                    "entry.terminatingRuleId as rule, entry.action as ending",
                    "ending = \"BLOCK\" and rule in [\"block\", \"countries\", \"rateLimit\"]",
                    "rule, ending");
    /** What the rate would have refused. */
    private static final String COUNTED = ENTRY + " | unnest entry.nonTerminatingMatchingRules into matched"
            + WHERE.formatted("matched.ruleId as rule", "rule = \"rateLimit\"", "rule");

    private final CloudWatchLogsClient logs;
    private final InstantSource clock;
    private final LogQueries queries;

    public FirewallReports(CloudWatchLogsClient logs, LogQueries queries, InstantSource clock) {
        this.logs = logs;
        this.clock = clock;
        this.queries = queries;
    }

    /**
     * What was matched in the last hours. Throws {@link ProblemException} 404 where there is no log, and 503 when it was not looked
     * through in time.
     *
     * @param firewall as it is declared; null for none
     */
    public FirewallReport report(EnvironmentId id, @Nullable FirewallSettings firewall, Duration span) {
        String group = "aws-waf-logs-" + id.stackName();
        Instant to = clock.instant();
        Instant made = group(group)
                .map(found -> Instant.ofEpochMilli(found.creationTime()))
                .orElseThrow(() -> new ProblemException(
                        404,
                        "firewall-not-found",
                        firewall == null
                                ? "%s has no firewall.".formatted(id.key())
                                : "The firewall of %s has no log yet.".formatted(id.key()),
                        firewall == null
                                ? "Declare one: firewall: {} in its spec counts and refuses nothing."
                                : "Wait for the environment's apply to end: GET " + id.path()));
        Instant asked = to.minus(span);
        Instant from = made.isAfter(asked) ? made : asked;
        Map<Row, Match> rows = new LinkedHashMap<>();
        boolean cut = false;
        for (List<Map<String, String>> results : run(group, from, to)) {
            cut |= results.size() > FirewallReport.MOST;
            results.forEach(result -> {
                Match match = match(result);
                rows.merge(
                        new Row(match.rule(), match.managedRule(), match.action(), match.path()),
                        match,
                        FirewallReports::together);
            });
        }
        List<Match> matches = rows.values().stream()
                .sorted(Comparator.comparing(Match::requests)
                        .reversed()
                        .thenComparing(Match::rule)
                        .thenComparing(Match::path))
                .toList();
        cut |= matches.size() > FirewallReport.MOST;
        return new FirewallReport(
                id.environment(),
                from,
                to,
                modes(firewall),
                matches.stream().limit(FirewallReport.MOST).toList(),
                cut);
    }

    private static Map<String, Mode> modes(@Nullable FirewallSettings firewall) {
        Map<String, Mode> modes = new TreeMap<>();
        if (firewall != null) {
            for (Rule rule : Rule.values()) {
                modes.put(rule.key(), firewall.mode(rule));
            }
        }
        return modes;
    }

    private Optional<LogGroup> group(String name) {
        return logs.describeLogGroups(request -> request.logGroupNamePrefix(name)).logGroups().stream()
                .filter(found -> found.logGroupName().equals(name))
                .findFirst();
    }

    private List<List<Map<String, String>>> run(String group, Instant from, Instant to) {
        return queries.run(
                group,
                Stream.of(OF_GROUPS, WITHIN_GROUPS, REFUSED, COUNTED)
                        .map(text -> new LogQueries.Query(text, from, to))
                        .toList(),
                reason -> new ProblemException(
                        503, "firewall-report-late", reason, "Try again, or ask for less: ?hours=1"));
    }

    private record Row(String rule, @Nullable String managedRule, Action action, String path) {}

    private static Match match(Map<String, String> result) {
        String group = result.get("ruleGroup");
        String rule = result.getOrDefault("rule", "");
        String path = shown(result.getOrDefault("path", ""));
        long requests = new BigDecimal(result.getOrDefault("requests", "0")).longValue();
        Example newest = new Example(
                Instant.ofEpochMilli(new BigDecimal(result.getOrDefault("newest", "0")).longValue()),
                result.get("method"),
                result.get("address"),
                result.get("country"),
                result.get("request"));
        if (group == null) {
            Action action = "BLOCK".equals(result.get("ending")) ? Action.BLOCK : Action.COUNT;
            return new Match(rule, null, action, path, requests, newest);
        }
        String name = name(group);
        String ours = Rule.ofManagedGroup(name).map(Rule::key).orElse(name);
        Action action = ours.equals(result.get("endedBy")) ? Action.BLOCK : Action.COUNT;
        return new Match(ours, rule, action, path, requests, newest);
    }

    /** Paths are made up by whoever asks, up to the load balancer's limit. */
    private static String shown(String path) {
        return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH) + "…";
    }

    /** Without the vendor before and the version behind it: {@code AWS#AWSManagedRulesCommonRuleSet#Version_1.3}. */
    private static String name(String group) {
        String[] parts = group.split("#", -1);
        return parts.length > 1 ? parts[1] : group;
    }

    private static Match together(Match one, Match other) {
        Example newest = one.newest().at().isBefore(other.newest().at()) ? other.newest() : one.newest();
        return new Match(
                one.rule(), one.managedRule(), one.action(), one.path(), one.requests() + other.requests(), newest);
    }
}
