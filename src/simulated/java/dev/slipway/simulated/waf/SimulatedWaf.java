package dev.slipway.simulated.waf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.logs.SimulatedLogs;
import dev.slipway.simulated.traffic.HttpCall;
import dev.slipway.simulated.traffic.RequestFilter;
import dev.slipway.simulated.traffic.Senders;
import dev.slipway.simulated.traffic.SentRequests;
import dev.slipway.simulated.traffic.TrafficRandom;
import dev.slipway.simulated.traffic.ValueHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * AWS WAF in memory, with the properties of its resources as CloudFormation has them. It sees the requests that somebody sends
 * ({@link HttpCall}) and those that are made up ({@link Senders}), at any time that is over as it was then. Changes hold at once, which
 * on AWS takes up to minutes.
 */
public final class SimulatedWaf implements RequestFilter {
    private static final String LOG_GROUPS = "aws-waf-logs-";
    private static final int LONGEST_PATTERN = 200;
    private static final int MOST_CAPACITY = 5000;
    private static final long MINUTE = 60_000;
    private static final long LOOKED_BACK = Duration.ofHours(25).toMillis();
    /** Of one kind of senders in a minute. */
    private static final int MOST_LINES = 100;

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
    /** ARNs of web ACLs by names of load balancers. */
    private final Map<String, String> associations = new TreeMap<>();

    /** By name of a load balancer, what has stood before it at which time. */
    private final Map<String, ValueHistory<Optional<WebAcl>>> history = new TreeMap<>();

    private final RequestRates rates = new RequestRates();
    /** By web ACL, what was done and minute, the requests that somebody has sent on purpose. */
    private final Map<List<Object>, Integer> onPurpose = new HashMap<>();

    private SentRequests traffic = (balancer, time) -> List.of();
    private long writtenUntil;

    public SimulatedWaf(SimulatedAws aws, SimulatedLogs logs) {
        this.aws = aws;
        this.logs = logs;
        logs.beforeReads(this::writeUp);
    }

    /** The requests that are made up: they count for rates, and what they match is logged. */
    public void watch(SentRequests sent) {
        traffic = sent;
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
        changed();
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
        changed();
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
        associations.put(name(loadBalancer), acl);
        changed();
    }

    public void disassociate(String loadBalancer) {
        associations.remove(name(loadBalancer));
        changed();
    }

    public void log(String acl, JsonNode properties) {
        String group = group(properties);
        if (!group.startsWith(LOG_GROUPS) || !logs.exists(group)) {
            throw new Invalid(
                    "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information"
                            + " separated by colons or slashes., field: LOG_DESTINATION");
        }
        logging.put(acl, properties);
        changed();
    }

    public void stopLogging(String acl) {
        logging.remove(acl);
        changed();
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
    public boolean admits(String loadBalancerArn, HttpCall call) {
        String balancer = name(loadBalancerArn);
        long now = aws.clock().instant().toEpochMilli();
        WebAcl acl = acl(balancer, now);
        if (acl == null) {
            return true;
        }
        WafLogEntry entry = new WafLogEntry(acl.arn(), balancer, now);
        String address = call.client().address();
        acl.judge(
                call,
                (rule, window, counted) -> {
                    rates.add(acl.arn() + rule + address, now);
                    return requests(acl, balancer, rule, address, now, window, counted);
                },
                entry);
        acl.matches(entry)
                .forEach(
                        match -> onPurpose.merge(List.of(acl.metric(), match, now / MINUTE * MINUTE), 1, Integer::sum));
        if (acl.keeps(entry)) {
            logs.write(
                    group(Objects.requireNonNull(acl.logging(), "what is kept is logged")),
                    stream(acl),
                    text(acl, call, entry));
        }
        return !entry.isBlock();
    }

    @Override
    public boolean admits(String balancer, Senders senders, long time) {
        WebAcl acl = acl(balancer, time);
        return acl == null || !judged(acl, balancer, senders, time).isBlock();
    }

    private WafLogEntry judged(WebAcl acl, String balancer, Senders senders, long time) {
        WafLogEntry entry = new WafLogEntry(acl.arn(), balancer, time);
        String address = senders.call().client().address();
        acl.judge(
                senders.call(),
                (rule, window, counted) -> requests(acl, balancer, rule, address, time, window, counted),
                entry);
        return entry;
    }

    /** Those that somebody has sent on purpose, and those that are made up. */
    private double requests(
            WebAcl acl,
            String balancer,
            String rule,
            String address,
            long time,
            Duration window,
            Predicate<HttpCall> counted) {
        return rates.count(acl.arn() + rule + address, time, window)
                + traffic.ofAddress(balancer, address, time, window, counted);
    }

    /**
     * How many requests of a minute a rule of a web ACL has done something with: all of them, while the log has a part of those that
     * are made up.
     *
     * @param metric that the web ACL is measured by
     * @param rule likewise, {@code ALL}, or {@code Default_Action}
     * @param action ALLOW, BLOCK or COUNT
     */
    public double matched(String metric, String rule, String action, long minute) {
        String match = WebAcl.match(rule, action);
        double requests = onPurpose.getOrDefault(List.of(metric, match, minute), 0);
        for (String balancer : history.keySet()) {
            WebAcl acl = acl(balancer, minute);
            if (acl == null || !acl.metric().equals(metric)) {
                continue;
            }
            for (SentRequests.Sent sent : traffic.at(balancer, minute)) {
                int all = requests(balancer, sent, minute);
                int looks = Math.min(all, MOST_LINES);
                for (int look = 0; look < looks; look++) {
                    WafLogEntry entry = judged(acl, balancer, sent.senders(), minute + look * MINUTE / looks);
                    requests += acl.matches(entry).contains(match) ? (double) all / looks : 0;
                }
            }
        }
        return Math.round(requests);
    }

    private static int requests(String balancer, SentRequests.Sent sent, long minute) {
        return TrafficRandom.of(balancer + sent.senders().call().path(), minute).poisson(sent.perMinute());
    }

    /** Writes what the log is to have of the minutes that are over: as much as WAF writes "on a best effort basis". */
    private void writeUp() {
        long now = aws.clock().instant().toEpochMilli();
        long from = Math.max(writtenUntil, (now - LOOKED_BACK) / MINUTE * MINUTE);
        for (writtenUntil = from; writtenUntil + MINUTE <= now; writtenUntil += MINUTE) {
            long minute = writtenUntil;
            history.keySet().forEach(balancer -> {
                WebAcl acl = acl(balancer, minute);
                if (acl != null && acl.logging() != null) {
                    traffic.at(balancer, minute).forEach(sent -> write(acl, balancer, sent, minute));
                }
            });
        }
    }

    private void write(WebAcl acl, String balancer, SentRequests.Sent sent, long minute) {
        Senders senders = sent.senders();
        if (!acl.keeps(judged(acl, balancer, senders, minute))) {
            return;
        }
        int requests = requests(balancer, sent, minute);
        for (int request = 0; request < Math.min(requests, MOST_LINES); request++) {
            long at = minute + request * MINUTE / requests;
            WafLogEntry entry = judged(acl, balancer, senders, at);
            logs.write(
                    group(Objects.requireNonNull(acl.logging(), "what is kept is logged")),
                    stream(acl),
                    text(acl, senders.call(), entry),
                    Instant.ofEpochMilli(at));
        }
    }

    private String stream(WebAcl acl) {
        return aws.region() + "_" + acl.properties().path("Name").asText() + "_0";
    }

    private String text(WebAcl acl, HttpCall call, WafLogEntry entry) {
        return entry.text(call, acl.properties().path("DataProtectionConfig"), aws.hex(24));
    }

    @Override
    public void changes(String balancer, long from, long to, LongConsumer each) {
        ValueHistory<Optional<WebAcl>> acls = history.get(balancer);
        if (acls != null) {
            acls.changes(from, to, each);
        }
    }

    private @Nullable WebAcl acl(String balancer, long time) {
        ValueHistory<Optional<WebAcl>> acls = history.get(balancer);
        Optional<WebAcl> acl = acls == null ? null : acls.at(time);
        return acl == null ? null : acl.orElse(null);
    }

    /** Notes what stands before each load balancer from now on. */
    private void changed() {
        long now = aws.clock().instant().toEpochMilli();
        associations.keySet().forEach(balancer -> history.computeIfAbsent(balancer, key -> new ValueHistory<>()));
        history.forEach((balancer, acls) -> {
            Optional<WebAcl> acl = Optional.ofNullable(associations.get(balancer))
                    .map(arn -> new WebAcl(
                            arn,
                            Objects.requireNonNull(this.acls.get(arn), "an ACL stays while it is associated"),
                            sets,
                            logging.get(arn)));
            if (!acl.equals(acls.last())) {
                acls.put(now, acl);
            }
        });
    }

    /** {@code app/name/id} of a load balancer's ARN. */
    private static String name(String arn) {
        return arn.substring(arn.indexOf("app/"));
    }
}
