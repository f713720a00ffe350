package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.deploy.Rights;
import dev.slipway.firewall.FirewallReport;
import dev.slipway.firewall.FirewallReports;
import dev.slipway.firewall.FirewallSettings;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.logs.LogQueries;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Operation;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulated.traffic.HttpCall;
import dev.slipway.simulated.traffic.HttpCall.Client;
import dev.slipway.status.HealthReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudformation.model.StackResource;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetQueryResultsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.StartQueryRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.StopQueryRequest;

/** A firewall comes, changes and goes on a living environment: nothing is replaced, and nobody is refused who breaks no rule. */
class FirewallTest {
    private static final String PLAIN = "terminationProtection: false\n";
    private static final String COUNTING = PLAIN + "firewall: {rateLimit: {requests: 10}}\n";
    private static final String BLOCKING = PLAIN + """
            firewall:
              managedRules: {common: block, knownBadInputs: block, sql: block, ipReputation: block}
              rateLimit: {requests: 10, minutes: 1, action: block}
              allow: [192.0.2.0/24, '2001:db8:a::/48']
              block: [203.0.113.64/26, '2001:db8:b::/48']
              countries: {block: [KP]}
              exceptions: [{path: /upload/*, rules: [common]}, {path: /hook, rules: [common, sql, rateLimit]}]
              logs: {retentionDays: 7}
            """;
    private static final String GROUP = "aws-waf-logs-slipway-dev";
    private static final Set<String> LOG = Set.of("FirewallLog");
    private static final Set<String> NEVER_CHANGE = Set.of("FirewallAssociation", "FirewallLogging");
    private static final Client EUROPE = new Client("203.0.113.7", "DE");

    private final World world = new World(1);
    private int people = 1;

    private void living(String environment) {
        assertThat(world.apply(World.DEV, environment).failure()).isNull();
        assertThat(world.apply(World.WEB, "container: {port: 8000}\n").failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        serves();
    }

    /** Somebody who has not asked before asks for what is there. */
    private void serves() {
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        Client somebody = new Client("2001:db8:c::" + Integer.toHexString(people++ % 0xffff), "DE");
        assertThat(status("/", somebody, Map.of())).isEqualTo(200);
    }

    private int status(String path, Client client, Map<String, String> headers) {
        Map<String, String> sent = new HashMap<>(Map.of("User-Agent", "Mozilla/5.0"));
        sent.putAll(headers);
        String host = world.plane.environments().get(World.DEV).outputs().get("LoadBalancerDnsName");
        return world.account.http(new HttpCall(host, path, sent, "GET", client)).status();
    }

    private Operation apply(String yaml, Set<String> allowed) {
        Accepted accepted = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(yaml), World.anything(allowed), World.by("ann"));
        String id = accepted.id();
        Instant limit = world.timeline.instant().plusSeconds(100_000);
        while (world.plane.operations().findRunning(World.DEV).isPresent()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            serves();
        }
        world.settle();
        return world.plane.operations().find(World.DEV, id).orElseThrow();
    }

    private Map<String, String> resources(Target target) {
        Map<String, String> found = new HashMap<>();
        for (StackResource resource : world.account
                .cloudFormation()
                .describeStackResources(request -> request.stackName(target.stackName()))
                .stackResources()) {
            if (!resource.resourceStatusAsString().equals("DELETE_COMPLETE")) {
                found.put(resource.logicalResourceId(), resource.physicalResourceId());
            }
        }
        return found;
    }

    private List<String> log() {
        List<String> lines = new ArrayList<>();
        world.account
                .logs()
                .filterLogEvents(request -> request.logGroupName(GROUP))
                .events()
                .forEach(event -> lines.add(event.message()));
        return lines;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /?q=1'%20or%201=1          |                       | 203.0.113.7   | DE
            /?q=<script>               |                       | 203.0.113.7   | DE
            /                          | X-Api: ${jndi:ldap}   | 203.0.113.7   | DE
            /                          |                       | 198.51.100.9  | DE
            /                          | Content-Length: 9000  | 203.0.113.7   | DE
            """)
    void whatIsCountedIsLetThroughAndLoggedAndWhatBlocksIsRefused(
            String path, String header, String address, String country) {
        living(COUNTING);
        Map<String, String> headers = header == null
                ? Map.of()
                : Map.of(header.substring(0, header.indexOf(':')), header.substring(header.indexOf(' ') + 1));
        Client client = new Client(address, country);

        assertThat(status(path, client, headers)).isEqualTo(200);
        assertThat(log())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("\"action\":\"COUNT\"", "\"terminatingRuleId\":\"Default_Action\"")
                        .doesNotContain("jndi:dap", "<script>"));

        assertThat(apply(BLOCKING, Set.of()).failure()).isNull();
        assertThat(status(path, client, headers)).isEqualTo(403);
        assertThat(log()).hasSize(2);
    }

    @Test
    void headersThatProveWhoSomebodyIsAndQueriesAreNotLogged() {
        living(COUNTING);

        status(
                "/?q=1'%20or%201=1&token=t0ken",
                EUROPE, Map.of("Authorization", "Bearer s3cret", "Cookie", "session=s3cret"));

        assertThat(log())
                .singleElement()
                .satisfies(
                        line -> assertThat(line).contains("REDACTED", "Mozilla").doesNotContain("s3cret", "t0ken"));
    }

    @Test
    void addressesCountriesRatesAndExceptionsAreAsDeclared() {
        living(BLOCKING);
        Client allowed = new Client("192.0.2.9", "KP");
        Client blocked = new Client("203.0.113.65", "DE");
        Map<String, String> large = Map.of("Content-Length", "100000");

        assertThat(status("/?q=1'%20or%201=1", allowed, Map.of())).isEqualTo(200);
        assertThat(status("/", blocked, Map.of())).isEqualTo(403);
        assertThat(status("/", new Client("2001:db8:b::1", "DE"), Map.of())).isEqualTo(403);
        assertThat(status("/", new Client("203.0.113.8", "KP"), Map.of())).isEqualTo(403);
        assertThat(status("/upload/a", EUROPE, large)).isEqualTo(200);
        assertThat(status("/upload/%2e%2e/login", EUROPE, large)).isEqualTo(403);
        assertThat(status("/upload/a?q=1'%20or%201=1", EUROPE, Map.of()))
                .as("only common is excepted there")
                .isEqualTo(403);
        Client busy = new Client("203.0.113.9", "DE");
        for (int request = 0; request < 10; request++) {
            assertThat(status("/", busy, Map.of())).isEqualTo(200);
            assertThat(status("/hook?q=1'%20or%201=1", busy, Map.of())).isEqualTo(200);
        }
        assertThat(status("/", busy, Map.of())).isEqualTo(403);
        assertThat(status("/hook", busy, Map.of())).isEqualTo(200);
        world.timeline.advance(Duration.ofMinutes(2));
        assertThat(status("/", busy, Map.of())).isEqualTo(200);
    }

    /** All of it on costs what is included in AWS's price for requests, and Slipway's own checks get through. */
    @Test
    void allOfItFitsAndRolloutsGoOn() {
        living(BLOCKING);

        assertThat(world.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: canary, checks: [{path: /}]}\n")
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.account.firewallCapacity("slipway-dev")).isBetween(1200, 1500);
    }

    @Test
    void eachSwitchChangesItInPlace() {
        living(PLAIN);
        Map<String, String> before = resources(World.DEV);
        List<String> specs = List.of(
                COUNTING,
                PLAIN
                        + "firewall: {managedRules: {common: none, knownBadInputs: none, sql: none, ipReputation: none}}\n",
                BLOCKING,
                PLAIN + "firewall: {countries: {allow: [DE]}}\n",
                PLAIN
                        + "firewall: {countries: {block: [FR]}, block: ['2001:db8:d::/48'], allow: ['2001:db8:a::/48']}\n",
                PLAIN + "firewall: {block: [192.0.2.0/24], allow: [192.0.2.0/25]}\n",
                COUNTING);
        Map<String, String> made = null;
        for (String spec : specs) {
            assertThat(apply(spec, Set.of()).failure()).as(spec).isNull();
            Map<String, String> now = resources(World.DEV);
            assertThat(now).containsAllEntriesOf(before);
            if (made != null) {
                assertThat(now).isEqualTo(made);
            }
            made = now;
        }

        Operation refused = apply(PLAIN, Set.of());
        assertThat(refused.failure())
                .isNotNull()
                .satisfies(problem -> assertThat(problem.code()).isEqualTo("replacement-refused"));
        assertThat(world.plane.environments().get(World.DEV).declared().firewall())
                .isNotNull();
        assertThat(apply(PLAIN, LOG).failure()).isNull();
        assertThat(resources(World.DEV)).isEqualTo(before);
        assertThat(apply(COUNTING, Set.of()).failure()).isNull();
        assertThat(apply(PLAIN, LOG).failure()).isNull();
    }

    /** At every resource that a change touches, there and further. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "FirewallAllowIpv4Set",
                "FirewallAllowIpv6Set",
                "FirewallBlockIpv4Set",
                "FirewallBlockIpv6Set",
                "FirewallAcl",
                "FirewallAssociation",
                "FirewallLog",
                "FirewallLogging",
                "LoadBalancer"
            })
    void aChangeThatFailsLeavesItAsItWas(String resource) {
        living(PLAIN);
        Map<String, String> before = resources(World.DEV);
        world.account.stacks().failNext("slipway-dev", resource, "as the test wants it");

        assertThat(apply(COUNTING, Set.of()).failure()).isNotNull();
        assertThat(resources(World.DEV)).isEqualTo(before);
        assertThat(world.plane.environments().get(World.DEV).declared().firewall())
                .isNull();
        assertThat(apply(COUNTING, Set.of()).failure()).isNull();

        if (!NEVER_CHANGE.contains(resource)) {
            world.account.stacks().failNext("slipway-dev", resource, "as the test wants it");
            assertThat(apply(BLOCKING, Set.of()).failure()).isNotNull();
            assertThat(status("/?q=1'%20or%201=1", EUROPE, Map.of()))
                    .as("it counts as before")
                    .isEqualTo(200);
        }
        assertThat(apply(BLOCKING, Set.of()).failure()).isNull();
        assertThat(status("/?q=1'%20or%201=1", EUROPE, Map.of())).isEqualTo(403);
    }

    /** What CloudFormation has still to delete when all else is done cannot fail an update any more. */
    @Test
    void aRemovalThatFailsLeavesItAsItWas() {
        living(COUNTING);
        world.account.stacks().failNext("slipway-dev", "LoadBalancer", "as the test wants it");

        assertThat(apply(PLAIN, LOG).failure()).isNotNull();
        assertThat(status("/?q=1'%20or%201=1", EUROPE, Map.of())).isEqualTo(200);
        assertThat(log()).hasSize(1);
        assertThat(apply(PLAIN, LOG).failure()).isNull();
        assertThatThrownBy(this::log).hasMessageContaining("does not exist");
    }

    private void cannotBeDeleted(int times) {
        for (int i = 0; i < times; i++) {
            world.account.stacks().failNext("slipway-dev", "FirewallAcl", "it is being used by another resource");
        }
    }

    private List<String> status() {
        world.timeline.advance(Duration.ofMinutes(10));
        return world.plane.statuses().of(World.DEV).reasons().stream()
                .map(HealthReason::message)
                .toList();
    }

    private List<String> causes() {
        return world.plane.serviceDiagnosis().report(World.WEB, List.of()).diagnosis().causes().stream()
                .map(cause -> cause.code() + " " + cause.cause())
                .toList();
    }

    /** A clean-up has three tries, and goes on past what it cannot delete. */
    @Test
    void aWebAclThatCannotBeDeletedIsToldUntilTheSpecIsAppliedAgain() {
        living(COUNTING);
        cannotBeDeleted(2);
        assertThat(apply(PLAIN, LOG)).satisfies(done -> {
            assertThat(done.failure()).isNull();
            assertThat(done.leftovers()).isEmpty();
        });
        assertThat(apply(COUNTING, Set.of()).failure()).isNull();

        cannotBeDeleted(3);
        Operation left = apply(PLAIN, LOG);

        assertThat(left.failure()).isNull();
        assertThat(left.leftovers()).singleElement().satisfies(leftover -> {
            assertThat(leftover.resource()).isEqualTo("FirewallAcl");
            assertThat(leftover.type()).isEqualTo("AWS::WAFv2::WebACL");
            assertThat(leftover.physicalId()).startsWith("slipway-dev|");
            assertThat(leftover.reason()).isEqualTo("it is being used by another resource");
        });
        assertThat(left.notes())
                .anyMatch(note -> note.startsWith("FirewallAcl (AWS::WAFv2::WebACL, slipway-dev|")
                        && note.contains("Delete them by hand"));
        assertThat(status()).anyMatch(reason -> reason.startsWith("FirewallAcl ("));
        assertThat(causes()).anyMatch(cause -> cause.startsWith("left-behind ") && cause.contains("FirewallAcl"));
        assertThat(apply(COUNTING, Set.of()).failure())
                .isNotNull()
                .satisfies(problem -> assertThat(problem.code()).isEqualTo("already-exists"));
        assertThat(status()).as("after an apply that failed").anyMatch(reason -> reason.startsWith("FirewallAcl ("));

        Operation other = apply(PLAIN + "tags: {team: blue}\n", Set.of());

        assertThat(other.failure()).isNull();
        assertThat(other.leftovers()).as("an apply of something else").isEqualTo(left.leftovers());
        assertThat(status()).anyMatch(reason -> reason.startsWith("FirewallAcl ("));
        assertThat(causes()).anyMatch(cause -> cause.startsWith("left-behind ") && cause.contains("FirewallAcl"));

        assertThat(apply(PLAIN + "tags: {team: blue}\n", Set.of()).leftovers())
                .as("an apply that finds nothing to change")
                .isEmpty();

        assertThat(status()).noneMatch(reason -> reason.contains("FirewallAcl"));
        assertThat(causes()).noneMatch(cause -> cause.startsWith("left-behind"));
    }

    @Test
    void whatARollbackCannotDeleteIsPartOfTheFailure() {
        living(PLAIN);
        world.account.stacks().failNext("slipway-dev", "FirewallLogging", "as the test wants it");
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(COUNTING), World.anything(), World.by("ann"))
                .id();
        while (Objects.requireNonNullElse(resources(World.DEV).get("FirewallAcl"), "")
                .isEmpty()) {
            world.timeline.step();
        }
        cannotBeDeleted(3);
        world.settle();

        assertThat(world.plane.operations().find(World.DEV, id).orElseThrow().failure())
                .isNotNull()
                .satisfies(problem -> assertThat(problem.detail())
                        .startsWith("FirewallLogging (AWS::WAFv2::LoggingConfiguration): as the test wants it")
                        .contains("FirewallAcl (AWS::WAFv2::WebACL, slipway-dev|"));
    }

    @Test
    void whatIsWeakerIsToldInTheAnswerAndInTheLedger() {
        living(BLOCKING);

        Accepted accepted = world.plane
                .environments()
                .apply(
                        World.DEV,
                        World.environmentSpec(BLOCKING.replace("sql: block", "sql: count")),
                        World.anything(),
                        World.by("ann"));
        world.settle();

        assertThat(accepted.warnings())
                .anyMatch(warning -> warning.equals("firewall.managedRules.sql is declared weaker: block → count."));
        assertThat(Ledgers.of(world, World.DEV, EventType.CONTROLS_WEAKENED))
                .anyMatch(entry -> entry.message().contains("firewall.managedRules.sql block → count"));
    }

    private FirewallReport report(Duration span) {
        CloudWatchLogsClient logs = world.chaos.around(CloudWatchLogsClient.class, world.account.logs());
        return new FirewallReports(logs, new LogQueries(logs, world.timeline, () -> {}), world.timeline)
                .report(
                        World.DEV,
                        world.plane.environments().get(World.DEV).declared().firewall(),
                        span);
    }

    private static String text(FirewallReport.Match match) {
        return "%s %s %s %s %d"
                .formatted(match.action(), match.rule(), match.managedRule(), match.path(), match.requests());
    }

    @Test
    void theReportHasWhatWouldHaveBeenRefusedAndWhatWasByRuleAndPath() {
        living(COUNTING);
        for (int request = 0; request < 3; request++) {
            status("/?q=1'%20or%201=1&token=t0ken", EUROPE, Map.of("Cookie", "session=s3cret"));
        }
        status("/upload", EUROPE, Map.of("Content-Length", "9000"));
        status("/?q=<script>", new Client("198.51.100.9", "KP"), Map.of());

        FirewallReport counted = report(Duration.ofHours(24));

        assertThat(counted.matches().stream().map(FirewallTest::text))
                .containsExactly(
                        "COUNT sql SQLi_QUERYARGUMENTS / 3",
                        "COUNT common CrossSiteScripting_QUERYARGUMENTS / 1",
                        "COUNT common SizeRestrictions_BODY /upload 1",
                        "COUNT ipReputation AWSManagedIPReputationList / 1");
        assertThat(counted.matches().getFirst().newest())
                .isEqualTo(new FirewallReport.Example(
                        world.timeline.instant(),
                        "GET",
                        "203.0.113.7",
                        "DE",
                        counted.matches().getFirst().newest().requestId()));
        assertThat(World.json(counted).toString()).doesNotContain("t0ken", "s3cret", "script");
        assertThat(counted.cut()).isFalse();
        assertThat(counted.rules().values()).containsOnly(FirewallSettings.Mode.COUNT);

        apply(BLOCKING, Set.of());
        world.timeline.advance(Duration.ofHours(2));
        status("/?q=1'%20or%201=1", EUROPE, Map.of());
        status("/", new Client("203.0.113.65", "DE"), Map.of());
        status("/", new Client("203.0.113.8", "KP"), Map.of());
        for (int request = 0; request < 12; request++) {
            status("/fast", EUROPE, Map.of());
        }

        assertThat(report(Duration.ofHours(1)).matches().stream().map(FirewallTest::text))
                .containsExactly(
                        "BLOCK rateLimit null /fast 3",
                        "BLOCK block null / 1",
                        "BLOCK countries null / 1",
                        "BLOCK sql SQLi_QUERYARGUMENTS / 1");
        assertThat(report(Duration.ofHours(24)).matches()).hasSize(8);
        assertThat(report(Duration.ofHours(24)).from()).isAfter(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /** Whatever else a request does is looked at as before, in the part of the body that is seen. */
    @Test
    void bodiesThatAreTooLargePassWhereTheSpecSaysSoAndAreReported() {
        String blocking = PLAIN + "firewall: {managedRules: {common: block}}\n";
        Map<String, String> large = Map.of("Content-Length", "9000");
        living(blocking);
        assertThat(status("/upload", EUROPE, large)).isEqualTo(403);

        assertThat(apply(blocking.replace("block}", "block, largeBodies: count}"), Set.of())
                        .failure())
                .isNull();

        world.timeline.advance(Duration.ofHours(2));
        assertThat(status("/upload", EUROPE, large)).isEqualTo(200);
        assertThat(status("/upload?q=<script>", EUROPE, large)).isEqualTo(403);
        assertThat(report(Duration.ofHours(1)).matches().stream().map(FirewallTest::text))
                .containsExactly(
                        "COUNT common SizeRestrictions_BODY /upload 2",
                        "BLOCK common CrossSiteScripting_QUERYARGUMENTS /upload 1");
        assertThat(apply(blocking, Set.of()).failure()).isNull();
        assertThat(status("/upload", EUROPE, large)).isEqualTo(403);
    }

    @Test
    void oneGroupThatCountsBeforeAnotherThatBlocksIsToldSo() {
        living(PLAIN + "firewall: {managedRules: {sql: block}}\n");

        status("/?q=<script>1'%20or%201=1", EUROPE, Map.of());

        assertThat(report(Duration.ofHours(24)).matches().stream().map(FirewallTest::text))
                .containsExactly(
                        "COUNT common CrossSiteScripting_QUERYARGUMENTS / 1", "BLOCK sql SQLi_QUERYARGUMENTS / 1");
    }

    @Test
    void theRateIsCountedLikewise() {
        living(COUNTING);
        for (int request = 0; request < 12; request++) {
            status("/fast", EUROPE, Map.of());
        }

        assertThat(report(Duration.ofHours(24)).matches().stream().map(FirewallTest::text))
                .containsExactly("COUNT rateLimit null /fast 2");
    }

    @Test
    void pathsWithoutEndAreCutAndSaidToBe() {
        living(COUNTING);
        for (int request = 0; request < 250; request++) {
            status(
                    "/" + request + "a".repeat(300) + "?q=<script>",
                    new Client("2001:db8:e::" + request, "DE"),
                    Map.of());
        }

        FirewallReport report = report(Duration.ofHours(24));

        assertThat(report.matches()).hasSize(200);
        assertThat(report.cut()).isTrue();
        assertThat(report.matches().getFirst().path()).hasSize(201).endsWith("a…");
    }

    @Test
    void aReportThatTakesTooLongIsStoppedAndSaysWhatToDo() {
        living(COUNTING);
        world.account.rawLogs().slowQueries(15);
        assertThat(report(Duration.ofHours(24)).matches()).isEmpty();
        world.account.rawLogs().slowQueries(16);

        assertThatThrownBy(() -> report(Duration.ofHours(24)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        late -> assertThat(late.problem().code()).isEqualTo("firewall-report-late"));
        assertThat(world.account.rawLogs().queryRuns()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"startQuery", "getQueryResults"})
    void aQueryThatAwsDoesNotAnswerLeavesNoneRunning(String call) {
        living(COUNTING);
        world.account.rawLogs().slowQueries(3);
        Map<String, Integer> calls = new HashMap<>();
        List<String> once = new ArrayList<>(List.of(call));
        world.aws.faults(new Faults() {
            @Override
            public Call on(String service, String operation) {
                return calls.merge(operation, 1, Integer::sum) == 2 && once.remove(operation)
                        ? Call.THROTTLED
                        : Call.ANSWERED;
            }

            @Override
            public List<Duration> deliveries() {
                return Faults.NONE.deliveries();
            }
        });

        assertThatThrownBy(() -> report(Duration.ofHours(24))).isInstanceOf(RuntimeException.class);
        assertThat(world.account.rawLogs().queryRuns()).isFalse();
    }

    @Test
    void withoutOneThereIsNoReport() {
        living(PLAIN);

        assertThatThrownBy(() -> report(Duration.ofHours(24)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        none -> assertThat(none.problem().code()).isEqualTo("firewall-not-found"));
    }

    @Test
    void theApisRoleMayAskForReportsAndReadsNoLineOfTheLog() {
        for (String call : List.of("startQuery", "filterLogEvents")) {
            assertThat(Rights.missing(
                                    "ApiRole",
                                    "CloudWatchLogsClient",
                                    call,
                                    call.equals("startQuery")
                                            ? StartQueryRequest.builder()
                                                    .logGroupName(GROUP)
                                                    .build()
                                            : FilterLogEventsRequest.builder()
                                                    .logGroupName(GROUP)
                                                    .build())
                            .isEmpty())
                    .as(call)
                    .isEqualTo(call.equals("startQuery"));
        }
        assertThat(Rights.missing(
                        "ApiRole",
                        "CloudWatchLogsClient",
                        "startQuery",
                        StartQueryRequest.builder()
                                .logGroupName("/aws/lambda/slipway-api")
                                .build()))
                .isPresent();
        assertThat(Rights.missing(
                        "ApiRole",
                        "CloudWatchLogsClient",
                        "getQueryResults",
                        GetQueryResultsRequest.builder().queryId("1").build()))
                .isEmpty();
        assertThat(Rights.missing(
                        "ApiRole",
                        "CloudWatchLogsClient",
                        "stopQuery",
                        StopQueryRequest.builder().queryId("1").build()))
                .isEmpty();
    }

    @Test
    void withoutOneThereIsNoLog() {
        living(PLAIN);

        assertThat(status("/?q=1'%20or%201=1", EUROPE, Map.of())).isEqualTo(200);
        assertThatThrownBy(this::log).hasMessageContaining("does not exist");
    }
}
