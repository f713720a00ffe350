package dev.slipway.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cost.PriceList;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirewallCostTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                                               | 9  | 4 rules
            {managedRules: {common: none, knownBadInputs: none, sql: none, ipReputation: block}}             | 6  | 1 rule
            {rateLimit: {requests: 100}, allow: [192.0.2.0/24, '2001:db8::/32'], countries: {block: [DE]}}   | 12 | 7 rules
            {rateLimit: {requests: 100}, allow: [192.0.2.0/24], block: [192.0.2.0/25], countries: {allow: [DE]}, exceptions: [{path: /a, rules: [sql]}]} | 13 | 8 rules
            """)
    void aWebAclAndItsRulesCostByTheMonth(String settings, double dollars, String rules) {
        FirewallCost cost = FirewallCost.of(
                Objects.requireNonNull(FirewallPolicyTest.settings(settings)),
                PriceList.load().in("us-east-1"));

        assertThat(cost.dollarsPerMonth()).isEqualTo(dollars);
        assertThat(cost.parts()).extracting(FirewallCost.Part::what).contains("web ACL", rules);
        assertThat(cost.parts().stream()
                        .filter(part -> part.per().equals("month"))
                        .mapToDouble(FirewallCost.Part::dollars)
                        .sum())
                .isEqualTo(dollars);
    }
}
