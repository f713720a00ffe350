package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.stack.Risk;
import dev.slipway.validation.SpecFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentRisksTest {
    private static final String CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/";

    private static EnvironmentSpec spec(@Nullable String yaml) {
        return SpecFixture.environment(yaml == null ? "{}" : yaml.replace("ARN", CERTIFICATE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {accessLogs: {retentionDays: 30}}                        | {accessLogs: {retentionDays: 7}}                         | accessLogs.retentionDays deletes the access logs that are older than 7 days
            {accessLogs: {retentionDays: 30}}                        | {accessLogs: {enabled: false, retentionDays: 30}}        | accessLogs.enabled ends the access logs; those that there are stay until they are 30 days old
            {flowLogs: {enabled: true}}                              | {}                                                       | flowLogs.enabled ends the flow logs; those that there are stay until they are 30 days old
            {flowLogs: {enabled: true}}                              | {flowLogs: {enabled: true, retentionDays: 3}}            | flowLogs.retentionDays deletes the flow logs that are older than 3 days
            {preset: production}                                     | {preset: development}                                    | network.natGateways moves all tasks into the public subnets
            {certificateArn: ARN1}                                   | {certificateArn: ARN2}                                   | certificateArn has all hosts answer with another certificate
            {domain: {name: a.example.com, hostedZoneId: Z1}}        | {domain: {name: b.example.com, hostedZoneId: Z1}}        | domain.name has a.example.com no longer lead here: its record is removed
            {domain: {name: a.example.com}, certificateArn: ARN1}    | {domain: {name: b.example.com}, certificateArn: ARN1}    | domain.name has a.example.com no longer lead here: the environment's address changes
            {domain: {name: a.example.com, hostedZoneId: Z1}}        | {domain: {name: a.example.com, hostedZoneId: Z2}}        | domain.hostedZoneId removes the record of a.example.com
            {certificateArn: ARN1, additionalDomains: [{name: b.org, hostedZoneId: Z2}]} | {certificateArn: ARN1}                                                           | additionalDomains has b.org no longer served: its records are removed
            {certificateArn: ARN1, additionalDomains: [{name: b.org, certificateArn: ARN2}]} | {certificateArn: ARN1}                                                       | additionalDomains has b.org no longer served: clients refuse
            {certificateArn: ARN1, additionalDomains: [{name: b.org, hostedZoneId: Z2}]} | {certificateArn: ARN1, additionalDomains: [{name: b.org, hostedZoneId: Z3}]}     | additionalDomains has b.org in another zone
            {certificateArn: ARN1}                                                       | {certificateArn: ARN1, additionalDomains: [{name: b.org, hostedZoneId: Z2}]}     | additionalDomains has b.org lead here, too
                                                                     | {certificateArn: ARN1}                                   | domain has the load balancer answer by HTTPS
                                                                     | {network: {zones: 3}}                                    | network replaces all 5 tasks of 2 services
                                                                     | {firewall: {managedRules: {common: block}}}             | firewall.managedRules.common refuses with 403 from now on what it matches, which has never been counted here
            {firewall: {}}                                           | {firewall: {managedRules: {common: block}}}             | firewall.managedRules.common refuses with 403 from now on what it matches: the environment's firewall report has
            {firewall: {}}                                           | {firewall: {managedRules: {sql: block}}}                | firewall.managedRules.sql refuses
            {firewall: {}}                                           | {firewall: {managedRules: {knownBadInputs: block}}}     | firewall.managedRules.knownBadInputs refuses
            {firewall: {}}                                           | {firewall: {managedRules: {ipReputation: block}}}       | firewall.managedRules.ipReputation refuses
            {firewall: {managedRules: {common: block, largeBodies: count}}} | {firewall: {managedRules: {common: block}}}      | firewall.managedRules.largeBodies refuses with 403 from now on bodies of more than 8 KB
            {firewall: {rateLimit: {requests: 99}}}                  | {firewall: {rateLimit: {requests: 99, action: block}}}  | firewall.rateLimit refuses
            {firewall: {block: [192.0.2.0/24]}}                      | {firewall: {block: [192.0.2.0/24, '2001:db8::/32']}}    | firewall.block refuses all requests of 2001:db8::/32 with 403
            {firewall: {}}                                           | {firewall: {allow: [192.0.2.0/24]}}                     | firewall.allow lets all requests of 192.0.2.0/24 through
            {firewall: {}}                                           | {firewall: {countries: {allow: ['NO', DE]}}}              | firewall.countries refuses with 403 all requests that are not from NO, DE
            {firewall: {countries: {allow: ['NO']}}}                   | {firewall: {countries: {block: ['NO']}}}                  | firewall.countries refuses with 403 all requests from NO
            {firewall: {}}                                           | {}                                                       | firewall goes: every request reaches the services
                                                                     | {alarms: {enabled: false}}                               | alarms.enabled takes the environment's alarms and its topic away
                                                                     | {alarms: {topic: 'arn:aws:sns:eu-central-1:123456789012:slipway-shared-x'}} | alarms.topic has the alarms tell another topic
            {alarms: {email: a@example.com}}                         | {}                                                       | alarms.email tells a@example.com no more
                                                                     | {tags: {team: blue}}                                     | tags updates the stacks of all services, too
            """)
    void aChangeThatGoesLiveAtOnceIsARisk(@Nullable String before, String after, String message) {
        List<Risk> risks = EnvironmentRisks.of(spec(before), spec(after), Map.of("web", 2, "api", 3));

        assertThat(risks).anySatisfy(risk -> assertThat(risk.message()).startsWith(message));
    }

    /** Of each setting it is known why a change of it breaks nothing, or it has a row above. */
    @Test
    void everySettingIsARiskOrAControlOrCannotChangeOrBreaksNothing() throws IOException {
        Set<String> risks = Set.of(
                "network.zones",
                "network.natGateways",
                "domain.name",
                "domain.hostedZoneId",
                "additionalDomains",
                "certificateArn",
                "accessLogs.enabled",
                "accessLogs.retentionDays",
                "flowLogs.enabled",
                "flowLogs.retentionDays",
                "alarms.enabled",
                "alarms.topic",
                "alarms.email",
                "tags",
                "firewall.managedRules.common",
                "firewall.managedRules.knownBadInputs",
                "firewall.managedRules.sql",
                "firewall.managedRules.ipReputation",
                "firewall.managedRules.largeBodies",
                "firewall.rateLimit.action",
                "firewall.allow",
                "firewall.block",
                "firewall.countries.allow",
                "firewall.countries.block");
        Set<String> controls = Set.of(
                "freezes",
                "terminationProtection",
                "firewall.rateLimit.requests",
                "firewall.rateLimit.minutes",
                "firewall.exceptions",
                "firewall.logs.retentionDays");
        Set<String> fixed = Set.of("account", "region", "network.cidr");
        Map<String, String> harmless = Map.of(
                "alarms.dashboard", "people look at it, and nothing else",
                "containerInsights", "it is a setting of the cluster, and no task is touched",
                "preset", "what it sets is in the other settings",
                "services.count", "it is a default of specs that are sent from then on",
                "services.container.cpu", "likewise",
                "services.container.memory", "likewise",
                "services.capacity.spotPercent", "likewise",
                "services.capacity.onDemandBase", "likewise",
                "expires", "it comes with the environment only, and can only be put off",
                "promoteTo", "it grants and refuses promotions, which are rollouts");

        Set<String> settings = new TreeSet<>();
        leaves(
                "",
                new ObjectMapper()
                        .readTree(Path.of("src/main/resources/schemas/environment.json")
                                .toFile()),
                settings);

        Set<String> known = new TreeSet<>(risks);
        known.addAll(controls);
        known.addAll(fixed);
        known.addAll(harmless.keySet());
        assertThat(settings).isEqualTo(known);
    }

    private static void leaves(String path, JsonNode schema, Set<String> leaves) {
        JsonNode inner = schema.path("properties");
        if (inner.isEmpty()) {
            leaves.add(path);
        }
        inner.fields()
                .forEachRemaining(
                        entry -> leaves((path.isEmpty() ? "" : path + ".") + entry.getKey(), entry.getValue(), leaves));
    }

    @ParameterizedTest
    @CsvSource({
        "a.example.com,   a.example.com,  true",
        "A.example.com,   a.Example.com,  true",
        "*.example.com,   a.example.com,  true",
        "*.example.com,   *.example.com,  true",
        "*.example.com,   example.com,    false",
        "*.example.com,   b.a.example.com,false",
        "*.example.com,   .example.com,   false",
        "a.example.com,   b.a.example.com,false",
        "example.com,     notexample.com, false"
    })
    void aWildcardOfACertificateStandsForOneLabel(String name, String host, boolean covered) {
        assertThat(Certificates.covers(List.of("other.example.org", name), host))
                .isEqualTo(covered);
    }
}
