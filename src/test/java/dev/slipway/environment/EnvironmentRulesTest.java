package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.environment.Environments.EnvironmentRules;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.validation.SpecFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentRulesTest {
    private static final EnvironmentSpec PLAIN = SpecFixture.environment();

    @Test
    void anEnvironmentInTheControlPlanesPlaceWithARangeOfItsOwnIsAllowed() {
        assertThat(EnvironmentRules.check(PLAIN, SpecFixture.HOME, Map.of("dev", Cidr.parse("172.18.0.0/16"))))
                .isEmpty();
    }

    @Test
    void anOverlappingRangeIsRefusedWithOneThatIsFree() {
        var others = Map.of("dev", Cidr.parse("172.17.128.0/20"), "test", Cidr.parse("172.18.0.0/16"));

        assertThat(EnvironmentRules.check(PLAIN, SpecFixture.HOME, others))
                .containsExactly(new FieldError(
                        "/network/cidr",
                        "\"172.17.0.0/16\"",
                        "overlaps the range of the environment dev, so the two could never be connected;"
                                + " 172.19.0.0/16 is free"));
    }

    @Test
    void otherAccountsAndRegionsAreRefusedForWantOfABootstrapStack() {
        List<FieldError> errors = EnvironmentRules.check(
                SpecFixture.environment("{account: '210987654321', region: us-east-1}"), SpecFixture.HOME, Map.of());

        assertThat(errors).extracting(FieldError::field).containsExactly("/account", "/region");
        assertThat(errors).allSatisfy(error -> assertThat(error.message()).contains("no bootstrap stack"));
    }

    @Test
    void aCertificateOfAnotherPlaceIsRefused() {
        String yaml = "certificateArn: arn:aws:acm:%s:123456789012:certificate/0a1b";

        assertThat(EnvironmentRules.check(
                        SpecFixture.environment(yaml.formatted("eu-central-1")), SpecFixture.HOME, Map.of()))
                .isEmpty();
        assertThat(EnvironmentRules.check(
                        SpecFixture.environment(yaml.formatted("us-east-1")), SpecFixture.HOME, Map.of()))
                .singleElement()
                .satisfies(error -> assertThat(error.field()).isEqualTo("/certificateArn"));
    }

    @Test
    void whatAnEnvironmentRestsOnCannotChange() {
        EnvironmentSpec moved = SpecFixture.environment(
                "{account: '210987654321', region: us-east-1, network: {cidr: 172.20.0.0/16, zones: 3}}");

        assertThat(EnvironmentRules.checkChange(PLAIN, moved))
                .extracting(FieldError::field)
                .containsExactly("/account", "/region", "/network/cidr");
        assertThat(EnvironmentRules.checkChange(moved, PLAIN))
                .extracting(FieldError::field)
                .contains("/network/zones");
        assertThat(EnvironmentRules.checkChange(PLAIN, PLAIN)).isEmpty();
    }

    @Test
    void tlsComesAndGoes() {
        EnvironmentSpec zone = SpecFixture.environment("domain: {name: a.example.com, hostedZoneId: Z1}");
        EnvironmentSpec own =
                SpecFixture.environment("certificateArn: arn:aws:acm:eu-central-1:123456789012:certificate/0a1b");

        assertThat(EnvironmentRules.checkChange(PLAIN, zone)).isEmpty();
        assertThat(EnvironmentRules.checkChange(zone, own)).isEmpty();
        assertThat(EnvironmentRules.checkChange(own, PLAIN)).isEmpty();
    }
}
