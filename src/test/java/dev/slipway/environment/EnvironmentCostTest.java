package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cost.Cost;
import dev.slipway.cost.PriceList;
import dev.slipway.validation.SpecFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By hand, from the prices of eu-central-1: NAT gateway $0.052, load balancer $0.027, public address $0.005 an hour. */
class EnvironmentCostTest {
    private static Cost of(String yaml) {
        return EnvironmentCost.of(SpecFixture.environment(yaml), 0, PriceList.load());
    }

    private static double part(Cost cost, String what) {
        return cost.parts().stream()
                .filter(part -> part.what().equals(what))
                .mapToDouble(Cost.Part::dollarsPerMonth)
                .sum();
    }

    @Test
    void aPlainEnvironmentIsMostlyNatGateways() {
        Cost cost = of("{}");

        assertThat(part(cost, "NAT gateways")).isEqualTo(75.92); // 2 × 730 × 0.052
        assertThat(part(cost, "public IPv4 addresses of the NAT gateways")).isEqualTo(7.3); // 2 × 730 × 0.005
        assertThat(part(cost, "load balancer")).isEqualTo(19.71); // 730 × 0.027
        assertThat(part(cost, "public IPv4 addresses of the load balancer")).isEqualTo(7.3); // 2 zones × 730 × 0.005
        assertThat(part(cost, "metrics that alarms look at")).isEqualTo(0.5); // 2 × 2 of the gateways, 1 rejected
        assertThat(part(cost, "dashboard")).isEqualTo(3);
        assertThat(cost.dollarsPerMonth()).isEqualTo(113.73);
        assertThat(cost.mostDollarsPerMonth()).isNull();
        assertThat(cost.prices()).startsWith("AWS list prices of eu-central-1, of ");
        assertThat(cost.usage())
                .contains(
                        new Cost.Usage("data through NAT gateways", 0.052, "GB"),
                        new Cost.Usage("requests to the load balancer", 0.008, "capacity unit (LCU) and hour"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            network: {natGateways: one}                    | 71.92  | 37.96 + 3.65 + 19.71 + 7.30 + 3 × 0.10 + 3
            network: {natGateways: none}                   | 30.11  | 19.71 + 7.30 + 0.10 + 3
            network: {natGateways: per-zone, zones: 3}     | 159.19 | 113.88 + 10.95 + 19.71 + 10.95 + 7 × 0.10 + 3
            alarms: {enabled: false}                       | 110.23 | 113.73 − 0.50 − 3
            alarms: {dashboard: false}                     | 110.73 | 113.73 − 3
            firewall: {}                                   | 122.73 | 113.73 + 5 + 4 rules
            domain: {name: example.com, hostedZoneId: Z0123456789ABC} | 113.83 | 113.73 + the alarm of the certificate
            """)
    void whatASwitchCostsIsCounted(String yaml, double dollars, String how) {
        assertThat(of(yaml).dollarsPerMonth()).as(how).isEqualTo(dollars);
    }

    @Test
    void logsAreCountedByUse() {
        assertThat(of("flowLogs: {enabled: true}").unpriced()).contains("flow logs, written to S3");
        assertThat(of("flowLogs: {enabled: false}").unpriced()).doesNotContain("flow logs, written to S3");
    }

    /** Where there is no gateway, every task has an address of its own: 3 × 730 × 0.005. */
    @Test
    void withoutAGatewayTheTasksHaveAddresses() {
        EnvironmentSpec spec = SpecFixture.environment("network: {natGateways: none}");

        assertThat(part(EnvironmentCost.of(spec, 3, PriceList.load()), "public IPv4 addresses of tasks"))
                .isEqualTo(10.95);
        assertThat(part(
                        EnvironmentCost.of(SpecFixture.environment(), 3, PriceList.load()),
                        "public IPv4 addresses of tasks"))
                .isZero();
    }
}
