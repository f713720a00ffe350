package dev.slipway.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.EnvironmentId;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.validation.SpecFixture;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource({
        "pr-1234,  pr,       false",
        "pr,       pr-1234,  false",
        "pr-12,    pr-1,     true",
        "pr-1,     pr1,      true",
        "pr-1,     prod,     true",
        "pr,       pr1,      true",
        "dev,      dev,      true", // it is no other one
        "pipeline, dev,      false",
        "shared-1, dev,      false",
        "pipelines,dev,      true"
    })
    void noNameIsTheBeginningOfAnotherOneUpToAHyphen(String name, String other, boolean allowed) {
        assertThat(EnvironmentRules.name(new EnvironmentId(name), Set.of(other)).isEmpty())
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-,                    -,                    true",
                "2026-12-31T18:00:00Z, 2026-12-31T18:00:00Z, true",
                "2026-12-31T18:00:00Z, 2027-01-01T00:00:00Z, true",
                "2026-12-31T18:00:00Z, -,                    true",
                "2026-12-31T18:00:00Z, 2026-12-31T17:59:59Z, false",
                "-,                    2027-01-01T00:00:00Z, false"
            })
    void anEndCanBePutOffOrTakenAwayAndNothingElse(@Nullable String was, @Nullable String will, boolean allowed) {
        List<String> wrong = EnvironmentRules.checkChange(ending(was), ending(will)).stream()
                .map(FieldError::field)
                .toList();

        assertThat(wrong).isEqualTo(allowed ? List.of() : List.of("/expires"));
    }

    @ParameterizedTest
    @CsvSource({"2026-01-01T00:59:59Z, false", "2026-01-01T01:00:00Z, true", "2025-01-01T00:00:00Z, false"})
    void aNewOneLivesForAnHourAtLeast(String end, boolean allowed) {
        assertThat(EnvironmentRules.end(ending(end), Instant.parse("2026-01-01T00:00:00Z"))
                        .isEmpty())
                .isEqualTo(allowed);
    }

    private static EnvironmentSpec ending(@Nullable String end) {
        return SpecFixture.environment("terminationProtection: false" + (end == null ? "" : "\nexpires: " + end));
    }
}
