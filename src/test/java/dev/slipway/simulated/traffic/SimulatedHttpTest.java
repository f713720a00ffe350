package dev.slipway.simulated.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ActionTypeEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleCondition;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

class SimulatedHttpTest {
    private final TrafficFixture account = new TrafficFixture();
    private final String host = account.base
            .elb
            .describeLoadBalancers(request -> {})
            .loadBalancers()
            .getFirst()
            .dnsName();

    private HttpAnswer get(String path) {
        return account.base.account.http(HttpCall.get(host, path));
    }

    private Map<Integer, Integer> statuses(String path, int times) {
        Map<Integer, Integer> found = new HashMap<>();
        for (int i = 0; i < times; i++) {
            found.merge(get(path).status(), 1, Integer::sum);
        }
        return found;
    }

    private String testRule(int priority, String group) {
        return account.base
                .elb
                .createRule(request -> request.listenerArn(account.base.listener)
                        .priority(priority)
                        .conditions(
                                RuleCondition.builder()
                                        .field("http-header")
                                        .httpHeaderConfig(header -> header.httpHeaderName("X-Slipway-Test")
                                                .values("secret"))
                                        .build(),
                                RuleCondition.builder()
                                        .field("path-pattern")
                                        .pathPatternConfig(path -> path.values("/p1*"))
                                        .build())
                        .actions(action -> action.type(ActionTypeEnum.FORWARD)
                                .forwardConfig(forward -> forward.targetGroups(TargetGroupTuple.builder()
                                        .targetGroupArn(group)
                                        .weight(1)
                                        .build()))))
                .rules()
                .getFirst()
                .ruleArn();
    }

    @Test
    void aGoodImageSaysSuccessAndWhichReleaseItIs() {
        account.running("v1");
        HttpAnswer answer = get("/p100");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).startsWith("Success!\nrelease: slipway-dev-web:1\nimage: 123456789012.dkr");
        assertThat(answer.latency()).isPositive();
    }

    @Test
    void aPathThatNoRuleWantsGetsTheListenersDefault() {
        account.running("v1");
        assertThat(get("/elsewhere").status()).isEqualTo(404);
    }

    @Test
    void anUnknownHostIsNotFound() {
        assertThatThrownBy(() -> account.base.account.http(HttpCall.get("nobody.example", "/p100")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("nobody.example");
    }

    @Test
    void aRuleThatAsksForAHostIsFoundByThatHost() {
        account.running("v1");
        account.base.elb.modifyRule(request -> request.ruleArn(account.base.productionRule)
                .conditions(RuleCondition.builder()
                        .field("host-header")
                        .hostHeaderConfig(hosts -> hosts.values("*.example.com"))
                        .build()));
        assertThat(account.base
                        .account
                        .http(HttpCall.get("shop.EXAMPLE.com", "/p100"))
                        .status())
                .isEqualTo(200);
        HttpCall direct = new HttpCall(host, "/any", Map.of("host", "shop.example.com"), "GET");
        assertThat(account.base.account.http(direct).status()).isEqualTo(200);
        assertThat(get("/p100").status()).isEqualTo(404);
    }

    @Test
    void theTestHeaderLeadsToTheTestRuleBeforeTheProductionRule() {
        account.running("v1").alsoRunning("v2");
        testRule(5, account.base.groupB);
        HttpCall test = new HttpCall(host, "/p100?x=1", Map.of("x-slipway-test", "secret"), "GET");
        assertThat(account.base.account.http(test).body()).contains("release: slipway-dev-web:2");
        assertThat(get("/p100").body()).contains("release: slipway-dev-web:1");
    }

    @Test
    void productionErrorsDoNotShowInTestRequests() {
        account.running("v1-prod-errors-50");
        testRule(5, account.base.groupA);
        for (int i = 0; i < 100; i++) {
            HttpCall test = new HttpCall(host, "/p100", Map.of("X-Slipway-Test", "secret"), "GET");
            assertThat(account.base.account.http(test).status()).isEqualTo(200);
        }
        assertThat(statuses("/p100", 100).get(500)).isBetween(25, 75);
    }

    @Test
    void weightsDecideWhoAnswers() {
        account.running("v1").alsoRunning("v2-errors-100");
        account.weights(75, 25);
        assertThat(statuses("/p100", 400).get(500)).isBetween(60, 140);
    }

    @Test
    void withoutTargetsTheLoadBalancerAnswers503AndForKilledConnections502() {
        assertThat(get("/p100").status()).isEqualTo(503);
        account.running("v1-lb-crashes-100");
        assertThat(get("/p100").status()).isEqualTo(502);
    }

    @Test
    void aTargetThatNeverListensIsAskedWhenThereIsNoOtherAndRefuses() {
        account.base.ecs.createService(account.base
                .service(account.base.definition("v1-never-healthy"), 1)
                .build());
        account.base.seconds(45);
        assertThat(get("/p100").status()).isEqualTo(502);
    }

    @Test
    void ourOwnRequestsAreCountedAlsoThoseOfTheTestRule() {
        account.running("v1-errors-100");
        account.base.account.traffic().requestsPerMinute(0);
        Instant start = account.base.timeline.instant();
        statuses("/p100", 7);
        statuses("/p99", 1);
        testRule(5, account.base.groupA);
        account.base.account.http(new HttpCall(host, "/p1", Map.of("X-Slipway-Test", "secret"), "GET"));
        account.minutes(1);
        String group = account.base.groupA;
        assertThat(account.sum("RequestCount", group, start, 1)).isEqualTo(8);
        assertThat(account.sum("HTTPCode_Target_5XX_Count", group, start, 1)).isEqualTo(8);
        assertThat(account.series(account.ofGroup("TargetResponseTime", group), "SampleCount", start, 1))
                .containsEntry(start, 8.0);
        assertThat(account.sum(account.ofLoadBalancer("HTTPCode_ELB_503_Count"), start, 1))
                .isEqualTo(1);
    }
}
