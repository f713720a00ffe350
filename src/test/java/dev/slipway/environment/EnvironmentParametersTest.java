package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.environment.EnvironmentWorkflow.EnvironmentStack;
import dev.slipway.id.EnvironmentId;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.TemplateParameters;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentParametersTest {
    /** Of the firewall, which are there whether it is or not. */
    private static final int FIREWALL = 21;

    private static final String BOUNDARY = "arn:aws:iam::123456789012:policy/slipway-boundary-eu-central-1";

    @Test
    void theTemplateHasTheseParametersAndNoOthers() throws IOException {
        Set<String> keys = new TreeSet<>(of(SpecFixture.environment()).keySet());
        keys.addAll(Set.of("Playbooks", "KmsKey")); // the same for every environment: EnvironmentStack knows them

        assertThat(keys).containsExactlyInAnyOrderElementsOf(TemplateParameters.of("environment"));
    }

    @Test
    void aPlainEnvironmentHasTheFoundingNetwork() {
        assertThat(of(SpecFixture.environment()))
                .containsEntry("Environment", Parameter.of("prod"))
                .containsEntry("Cidr", Parameter.of("172.17.0.0/16"))
                .containsEntry("SubnetBits", Parameter.of("8"))
                .containsEntry("Zones", Parameter.of("2"))
                .containsEntry("NatGateways", Parameter.of("per-zone"))
                .containsEntry("CertificateArn", Parameter.of(""))
                .containsEntry("DomainName", Parameter.of(""))
                .containsEntry("HostedZoneId", Parameter.of(""))
                .containsEntry("AccessLogs", Parameter.of("true"))
                .containsEntry("FlowLogs", Parameter.of("false"))
                .containsEntry("FlowLogDays", Parameter.of("30"))
                .containsEntry("AccessLogDays", Parameter.of("90"))
                .containsEntry("PermissionsBoundary", Parameter.of(BOUNDARY))
                .containsEntry("ContainerInsights", Parameter.of("disabled"))
                .containsEntry("Alarms", Parameter.of("true"))
                .containsEntry("GivenAlarmTopic", Parameter.of("none"))
                .containsEntry("AlarmEmail", Parameter.of(""))
                .containsEntry("Dashboard", Parameter.of("true"))
                .containsEntry("Firewall", Parameter.of("false"))
                .hasSize(32 + FIREWALL);
    }

    @Test
    void aFirewallReachesTheStack() {
        EnvironmentSpec spec = SpecFixture.environment("""
                firewall:
                  managedRules: {common: block, sql: none}
                  rateLimit: {requests: 500, minutes: 1, action: block}
                  allow: ['2001:db8::/32', 192.0.2.0/24]
                  countries: {allow: [FR, DE]}
                  exceptions: [{path: /upload/*, rules: [common, rateLimit]}, {path: /a.b, rules: [common]}]
                  logs: {retentionDays: 7}
                """);

        assertThat(of(spec))
                .containsEntry("Firewall", Parameter.of("true"))
                .containsEntry("FirewallCommon", Parameter.of("block"))
                .containsEntry("FirewallSql", Parameter.of("none"))
                .containsEntry("FirewallIpReputation", Parameter.of("count"))
                .containsEntry("FirewallRateLimit", Parameter.of("block"))
                .containsEntry("FirewallRequests", Parameter.of("500"))
                .containsEntry("FirewallSeconds", Parameter.of("60"))
                .containsEntry("FirewallAllowIpv4", Parameter.of("192.0.2.0/24"))
                .containsEntry("FirewallAllowIpv6", Parameter.of("2001:db8::/32"))
                .containsEntry("FirewallBlockIpv4", Parameter.of(""))
                .containsEntry("FirewallCountries", Parameter.of("DE,FR"))
                .containsEntry("FirewallCountriesAre", Parameter.of("allowed"))
                .containsEntry("FirewallCommonExcept", Parameter.of("^(?:/a\\.b|/upload/[^%;\\\\]*)$"))
                .containsEntry("FirewallRateLimitExcept", Parameter.of("^(?:/upload/[^%;\\\\]*)$"))
                .containsEntry("FirewallSqlExcept", Parameter.of(""))
                .containsEntry("FirewallLogDays", Parameter.of("7"));
    }

    @Test
    void aDomainAndInsightsReachTheStack() {
        EnvironmentSpec spec = SpecFixture.environment(
                "{domain: {name: a.example.com, hostedZoneId: Z1}, containerInsights: true, network: {natGateways: none}}");

        assertThat(of(spec))
                .containsEntry("DomainName", Parameter.of("a.example.com"))
                .containsEntry("HostedZoneId", Parameter.of("Z1"))
                .containsEntry("NatGateways", Parameter.of("none"))
                .containsEntry("ContainerInsights", Parameter.of("enabled"));
    }

    @ParameterizedTest
    @CsvSource({"16, 8", "20, 8", "21, 8", "22, 7", "23, 6", "24, 5"})
    void sixSubnetsFitIntoEveryNetwork(int prefix, int bits) {
        Cidr network = Cidr.parse("10.0.0.0/" + prefix);

        assertThat(EnvironmentStack.subnetBits(network)).isEqualTo(bits);
        assertThat(6L << bits).isLessThanOrEqualTo(network.size());
    }

    private static Map<String, Parameter> of(EnvironmentSpec spec) {
        return EnvironmentStack.parameters(new EnvironmentId("prod"), spec, Map.of(), BOUNDARY);
    }
}
