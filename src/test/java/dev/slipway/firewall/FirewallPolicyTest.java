package dev.slipway.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.validation.SpecFixture;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirewallPolicyTest {
    static @Nullable FirewallSettings settings(@Nullable String yaml) {
        return SpecFixture.environment(yaml == null ? "{}" : "{firewall: " + yaml + "}")
                .firewall();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {managedRules: {common: block}}                     |                                                     | firewall common block, knownBadInputs count, sql count, ipReputation count → none
            {managedRules: {common: block}}                     | {}                                                  | firewall.managedRules.common block → count
            {managedRules: {common: block}}                     | {managedRules: {common: block, largeBodies: count}} | firewall.managedRules.largeBodies block → count
            {managedRules: {sql: count}}                        | {managedRules: {sql: none}}                         | firewall.managedRules.sql count → none
            {rateLimit: {requests: 100, action: block}}         | {rateLimit: {requests: 100}}                        | firewall.rateLimit block → count
            {rateLimit: {requests: 100}}                        | {}                                                  | firewall.rateLimit count → none
            {rateLimit: {requests: 100}}                        | {rateLimit: {requests: 101}}                        | firewall.rateLimit 100 in 5 min → 101 in 5 min
            {rateLimit: {requests: 100}}                        | {rateLimit: {requests: 100, minutes: 2}}            | firewall.rateLimit 100 in 5 min → 100 in 2 min
            {allow: [192.0.2.0/24]}                             | {allow: [192.0.2.0/23]}                             | firewall.allow 192.0.2.0/24 → 192.0.2.0/23
            {}                                                  | {allow: ['2001:db8::/32']}                          | firewall.allow none → 2001:db8::/32
            {block: [192.0.2.0/24, 198.51.100.0/24]}            | {block: [192.0.2.0/24]}                             | firewall.block 192.0.2.0/24, 198.51.100.0/24 → 192.0.2.0/24
            {countries: {allow: [DE]}}                          | {countries: {allow: [DE, FR]}}                      | firewall.countries only DE → only DE, FR
            {countries: {allow: [DE]}}                          | {countries: {block: [FR]}}                          | firewall.countries only DE → not FR
            {countries: {block: [DE, FR]}}                      | {countries: {block: [DE]}}                          | firewall.countries not DE, FR → not DE
            {countries: {block: [DE]}}                          | {countries: {allow: [DE]}}                          | firewall.countries not DE → only DE
            {countries: {block: [DE]}}                          | {}                                                  | firewall.countries not DE → none
            {exceptions: [{path: /a, rules: [sql]}]}            | {exceptions: [{path: /a, rules: [sql, common]}]}    | firewall.exceptions /a of sql → /a of sql and common
            {logs: {retentionDays: 30}}                         | {logs: {retentionDays: 7}}                          | firewall.logs.retentionDays 30 → 7
            """)
    void whatIsNotSurelyAsStrictIsWeaker(@Nullable String declared, @Nullable String wanted, String weakened) {
        assertThat(WeakeningPolicy.describe(FirewallPolicy.weakened(settings(declared), settings(wanted))))
                .isEqualTo(weakened);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                                     | {allow: [192.0.2.0/24]}
            {}                                       | {managedRules: {common: block}, rateLimit: {requests: 10}, block: [192.0.2.0/24], countries: {block: [DE]}}
            {allow: [192.0.2.0/24]}                  | {allow: [192.0.2.128/25]}
            {block: [192.0.2.128/25]}                | {block: [192.0.2.0/24]}
            {rateLimit: {requests: 100}}             | {rateLimit: {requests: 100, minutes: 10, action: block}}
            {countries: {allow: [DE, FR]}}           | {countries: {allow: [DE]}}
            {countries: {block: [DE]}}               | {countries: {allow: [FR]}}
            {exceptions: [{path: /a, rules: [sql]}]} | {}
            """)
    void whatIsAsStrictIsNotWeaker(@Nullable String declared, @Nullable String wanted) {
        assertThat(FirewallPolicy.weakened(settings(declared), settings(wanted)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/upload/*, /upload/a, true",
        "/upload/*, /upload/a/b, true",
        "/upload/*, /upload/, true",
        "/upload/*, /uploads, false",
        "/upload/*, /login, false",
        "/upload/*, /a/upload/b, false",
        "/upload/*, /upload/%2e%2e/login, false",
        "/upload/*, /upload/..;/login, false",
        "/upload/*, '/upload/..\\login', false",
        "/a.b, /a.b, true",
        "/a.b, /aXb, false",
        "/a/*/c, /a/b/c, true"
    })
    void anExceptionIsForItsPathsAndNoOthers(String path, String asked, boolean excepted) {
        assertThat(asked.matches(PathPattern.of(List.of("/other", path)))).isEqualTo(excepted);
    }

    @Test
    void anAddressIsInARangeOfItsOwnKindOnly() {
        AddressRange range = AddressRange.parse("0.0.0.0/1");

        assertThat(range.contains(AddressRange.parse("127.0.0.1/32"))).isTrue();
        assertThat(range.contains(AddressRange.parse("::/1"))).isFalse();
        assertThat(AddressRange.parse("2001:db8::/32").contains(AddressRange.parse("2001:db8:1::/48")))
                .isTrue();
    }
}
