package dev.slipway.rollout;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.verdict.Sample;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;

/** Requests of our own through a service's test rule, which matches a secret header: to the load balancer itself, and nowhere else. */
record SmokeTests(ElasticLoadBalancingV2Client elb, Probe probe) {
    private static final int PROBES = 20;
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

    /** One round of all checks. */
    List<GateRecord.CheckResult> run(TargetGroups groups, List<RolloutSettings.Check> checks) {
        Map<String, String> header = header(groups.testRule());
        List<GateRecord.CheckResult> results = new ArrayList<>();
        for (RolloutSettings.Check check : checks) {
            Duration most = Duration.ofMillis(check.latencyMillis());
            Probe.Result answer =
                    probe.get(new Probe.Request(groups.address(), groups.url(), check.path(), header, most));
            String wrong = mismatch(check, answer);
            results.add(new GateRecord.CheckResult(
                    check.path(), wrong == null, wrong == null ? "answered as it should" : wrong));
        }
        return results;
    }

    private static @Nullable String mismatch(RolloutSettings.Check check, Probe.Result answer) {
        return switch (answer) {
            case Probe.Result.NoResponse none -> "no answer: " + none.reason();
            case Probe.Result.Response response -> {
                if (!matches(check.codes(), response.status())) {
                    yield "answered %d, not %s".formatted(response.status(), check.codes());
                }
                if (check.contains() != null && !response.body().contains(check.contains())) {
                    yield "the body does not contain \"%s\"".formatted(check.contains());
                }
                yield response.duration().toMillis() > check.latencyMillis()
                        ? "took %d ms, more than %d"
                                .formatted(response.duration().toMillis(), check.latencyMillis())
                        : null;
            }
        };
    }

    /** Whether a status is among {@code 200-399} or {@code 200,204}. */
    static boolean matches(String codes, int status) {
        for (String part : codes.split(",")) {
            String[] ends = part.split("-");
            int from = Integer.parseInt(ends[0]);
            int to = ends.length == 1 ? from : Integer.parseInt(ends[1]);
            if (status >= from && status <= to) {
                return true;
            }
        }
        return false;
    }

    /** Requests in place of users', who send too few, by the minute in which each was sent. What fails is what would count as a failure of theirs. */
    Map<Instant, Sample> probe(TargetGroups groups, RolloutSettings settings, InstantSource clock) {
        Map<String, String> header = header(groups.testRule());
        String path =
                settings.checks().isEmpty() ? "/" : settings.checks().getFirst().path();
        Integer slow = settings.verdict().slowMillis();
        Map<Instant, Sample> sent = new TreeMap<>();
        for (int i = 0; i < PROBES; i++) {
            Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
            Sample one =
                    switch (probe.get(new Probe.Request(groups.address(), groups.url(), path, header, PROBE_TIMEOUT))) {
                        case Probe.Result.NoResponse none -> new Sample(1, 1, 0, 0);
                        case Probe.Result.Response response ->
                            new Sample(
                                    1,
                                    response.status() >= 500 ? 1 : 0,
                                    slow == null ? 0 : 1,
                                    slow != null && response.duration().toMillis() > slow ? 1 : 0,
                                    slow != null && response.duration().toMillis() > 2 * slow ? 1 : 0);
                    };
            sent.merge(minute, one, Sample::plus);
        }
        return sent;
    }

    /** Name and secret value of the header, from the rule itself: nothing else keeps the secret. */
    private Map<String, String> header(String rule) {
        return elb.describeRules(DescribeRulesRequest.builder().ruleArns(rule).build()).rules().stream()
                .flatMap(found -> found.conditions().stream())
                .map(RuleCondition::httpHeaderConfig)
                .filter(config -> config != null && !config.values().isEmpty())
                .findFirst()
                .map(config -> Map.of(config.httpHeaderName(), config.values().getFirst()))
                .orElseThrow(() -> new IllegalStateException("the test rule " + rule + " matches no header"));
    }
}
