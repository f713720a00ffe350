package dev.slipway.allowlist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.problem.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowlistsTest {
    private static final AllowedDomains DOMAINS =
            new AllowedDomains(List.of("dev=Z1/dev.example.com", "prod=Z1/example.com", "dev=Z2/example.org"));

    @ParameterizedTest
    @CsvSource({
        "dev, Z1, dev.example.com, true",
        "dev, Z1, shop.dev.example.com, true",
        "dev, Z2, example.org, true",
        "prod, Z1, example.com, true",
        "prod, Z1, dev.example.com, true",
        "dev, Z1, example.com, false",
        "dev, Z1, notdev.example.com, false",
        "dev, Z1, prod.example.com, false",
        "dev, Z1, example.org, false",
        "dev, Z2, dev.example.com, false",
        "dev, Z3, dev.example.com, false",
        "test, Z1, dev.example.com, false",
        "ev, Z1, dev.example.com, false"
    })
    void aNameLiesInADomainOfItsEnvironmentAndZone(String environment, String zone, String name, boolean allowed) {
        assertThat(DOMAINS.refusal("/domain/hostedZoneId", environment, zone, name)
                        .isEmpty())
                .isEqualTo(allowed);
        assertThat(new AllowedDomains(List.of()).refusal("/domain/hostedZoneId", environment, zone, name))
                .isPresent();
        assertThat(new AllowedDomains(List.of("*")).refusal("/domain/hostedZoneId", environment, zone, name))
                .isEmpty();
    }

    @Test
    void tagsAreListedByTheirKeys() {
        assertThat(new AllowedTags(List.of("*")).refusals(List.of("access"))).isEmpty();
        assertThat(new AllowedTags(List.of("team")).refusals(List.of("team"))).isEmpty();
        assertThat(new AllowedTags(List.of("team")).refusals(List.of("Team", "team", "a/b")))
                .extracting(Problem.FieldError::field)
                .containsExactly("/tags/Team", "/tags/a~1b");
        assertThat(new AllowedTags(List.of("team")).refusals(List.of("access")))
                .singleElement()
                .satisfies(error -> {
                    assertThat(error.message()).contains("deploy Slipway with AllowedTags=team,access");
                });
    }

    @Test
    void theRefusalSaysWhatToSet() {
        assertThat(new AllowedDomains(List.of("prod=Z1/example.com"))
                        .refusal("/domain/hostedZoneId", "dev", "Z1", "dev.example.com"))
                .hasValueSatisfying(error -> {
                    assertThat(error.field()).isEqualTo("/domain/hostedZoneId");
                    assertThat(error.message())
                            .endsWith("deploy Slipway with AllowedDomains=prod=Z1/example.com,dev=Z1/dev.example.com");
                });
        assertThat(new AllowedConnections(List.of("c1"))
                        .refusal("arn:aws:codeconnections:eu-central-1:123456789012:connection/c2"))
                .hasValueSatisfying(error -> {
                    assertThat(error.field()).isEqualTo("/repository/connectionArn");
                    assertThat(error.message()).endsWith("deploy Slipway with AllowedConnections=c1,c2");
                });
    }

    @ParameterizedTest
    @CsvSource({"c1, true", "c2, false", "1, false", "c11, false"})
    void aConnectionIsListedByItsId(String id, boolean allowed) {
        for (String service : List.of("codeconnections", "codestar-connections")) {
            String arn = "arn:aws:%s:eu-central-1:123456789012:connection/%s".formatted(service, id);
            assertThat(new AllowedConnections(List.of("c1")).refusal(arn).isEmpty())
                    .isEqualTo(allowed);
            assertThat(new AllowedConnections(List.of("*")).refusal(arn)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:ssm:*:*:parameter/{environment}/*, arn:aws:ssm:eu-central-1:1:parameter/dev/a/b, true",
        "arn:aws:ssm:*:*:parameter/{environment}/*, arn:aws:ssm:eu-central-1:1:parameter/dev2/a, false",
        "arn:aws:ssm:*:*:parameter/{environment}/*, arn:aws:ssm:eu-central-1:1:parameter/dev/, true",
        "arn:aws:ssm:*:*:parameter/a, arn:aws:ssm:eu-central-1:1:parameter/a, true",
        "arn:aws:ssm:*:*:parameter/a, arn:aws:ssm:eu-central-1:1:parameter/ab, false",
        "arn:aws:ssm:*:*:parameter/a?c*e, arn:aws:ssm:eu-central-1:1:parameter/abcde, true",
        "arn:aws:ssm:*:*:parameter/a?c*e, arn:aws:ssm:eu-central-1:1:parameter/acde, false",
        "*, anything, true",
        "**a, a, true",
        "a.c, abc, false"
    })
    void patternsAreThoseOfIam(String pattern, String arn, boolean allowed) {
        assertThat(new AllowedSecrets(List.of(pattern)).allows(arn, "dev")).isEqualTo(allowed);
    }
}
