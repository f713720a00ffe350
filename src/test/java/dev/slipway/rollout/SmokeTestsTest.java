package dev.slipway.rollout;

import static dev.slipway.deployment.SettingsFixture.NOON;
import static dev.slipway.deployment.SettingsFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Check;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.verdict.Sample;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;

class SmokeTestsTest {
    private static final TargetGroups GROUPS =
            new TargetGroups("lb", "a", "b", "rule", "http://web.example", "lb.example");

    private final List<String> sent = new ArrayList<>();
    private RuleCondition condition = RuleCondition.builder()
            .httpHeaderConfig(config -> config.httpHeaderName("X-Test").values("secret"))
            .build();
    private Probe.Result answer = new Probe.Result.Response(200, "all is well", Duration.ofMillis(100));

    private final SmokeTests checks = new SmokeTests(
            new ElasticLoadBalancingV2Client() {
                @Override
                public DescribeRulesResponse describeRules(DescribeRulesRequest request) {
                    return DescribeRulesResponse.builder()
                            .rules(rule -> rule.ruleArn(request.ruleArns().getFirst())
                                    .conditions(
                                            RuleCondition.builder()
                                                    .field("path-pattern")
                                                    .build(),
                                            condition))
                            .build();
                }

                @Override
                public String serviceName() {
                    return SERVICE_NAME;
                }

                @Override
                public void close() {}
            },
            request -> {
                sent.add("%s: %s%s %s %s"
                        .formatted(
                                request.address(),
                                request.url(),
                                request.path(),
                                request.headers(),
                                request.timeout()));
                return answer;
            });

    private GateRecord.CheckResult run(String codes, @Nullable String contains, int latencyMillis) {
        return checks.run(GROUPS, List.of(new Check("/health", codes, contains, latencyMillis)))
                .getFirst();
    }

    @Test
    void aCheckGoesThroughTheTestRuleWithItsSecretHeader() {
        assertThat(run("200", "well", 500))
                .isEqualTo(new GateRecord.CheckResult("/health", true, "answered as it should"));
        assertThat(sent).containsExactly("lb.example: http://web.example/health {X-Test=secret} PT0.5S");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThat(run("201-399", null, 500).message()).isEqualTo("answered 200, not 201-399");
        assertThat(run("200", "bad", 500).message()).isEqualTo("the body does not contain \"bad\"");
        assertThat(run("200", null, 99))
                .isEqualTo(new GateRecord.CheckResult("/health", false, "took 100 ms, more than 99"));
        assertThat(run("200", null, 100).passed()).isTrue();
        answer = new Probe.Result.NoResponse("refused");
        assertThat(run("200", null, 99)).isEqualTo(new GateRecord.CheckResult("/health", false, "no answer: refused"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "200 200 true",
                "200 201 false",
                "200-399 199 false",
                "200-399 200 true",
                "200-399 399 true",
                "200-399 400 false",
                "200,204 204 true",
                "200,300-302 301 true",
                "200,300-302 303 false"
            })
    void codesAreListsAndRanges(String codes, int status, boolean matches) {
        assertThat(SmokeTests.matches(codes, status)).isEqualTo(matches);
    }

    @Test
    void probesCountAsUsersRequestsWould() {
        RolloutSettings timed = settings(given -> {
            given.slowMillis = 100;
            given.checks = List.of(new Check("/cart", "200", null, 1000));
        });

        assertThat(probed(timed)).isEqualTo(new Sample(20, 0, 20, 0));
        assertThat(sent)
                .hasSize(20)
                .allMatch(call -> call.startsWith("lb.example: http://web.example/cart {X-Test=secret}"));
        answer = new Probe.Result.Response(500, "", Duration.ofMillis(101));
        assertThat(probed(timed)).isEqualTo(new Sample(20, 20, 20, 20));
        assertThat(probed(settings(given -> {}))).isEqualTo(new Sample(20, 20, 0, 0));
        answer = new Probe.Result.Response(499, "", Duration.ofMillis(1));
        assertThat(probed(settings(given -> {}))).isEqualTo(new Sample(20, 0, 0, 0));
        answer = new Probe.Result.NoResponse("cut off");
        assertThat(probed(timed)).isEqualTo(new Sample(20, 20, 0, 0));
    }

    private Sample probed(RolloutSettings settings) {
        Map<Instant, Sample> sent = checks.probe(GROUPS, settings, () -> NOON.plusSeconds(59));
        assertThat(sent).containsOnlyKeys(NOON);
        return sent.values().iterator().next();
    }

    @Test
    void probesCountInTheMinuteInWhichEachIsSent() {
        InstantSource clock = () -> NOON.plusSeconds(45 + sent.size());

        assertThat(checks.probe(GROUPS, settings(given -> {}), clock))
                .isEqualTo(Map.of(NOON, new Sample(15, 0, 0, 0), NOON.plusSeconds(60), new Sample(5, 0, 0, 0)));
    }

    @Test
    void aTestRuleWithoutAHeaderIsAFaultOfOurs() {
        condition = RuleCondition.builder().field("host-header").build();

        assertThatThrownBy(() -> checks.run(GROUPS, List.of(new Check("/", "200", null, 500))))
                .hasMessageContaining("matches no header");
        assertThat(sent).isEmpty();
    }
}
