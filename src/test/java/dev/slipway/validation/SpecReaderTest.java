package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.EnvironmentSpec.NatGateways;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.service.ServiceSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecReaderTest {
    private final SpecReader reader = new SpecReader();

    @Test
    void aServiceThatSaysOnlyItsPortHasEveryDefault() {
        ServiceSpec spec = SpecFixture.service();

        assertThat(spec.container().port()).isEqualTo(8000);
        assertThat(spec.container().cpu()).isEqualTo(256);
        assertThat(spec.container().memory()).isEqualTo(512);
        assertThat(spec.container().architecture()).isEqualTo(Architecture.X86_64);
        assertThat(spec.container().command()).isEmpty();
        assertThat(spec.container().healthCheck()).isNull();
        assertThat(spec.container().stopTimeoutSeconds()).isEqualTo(30);
        assertThat(spec.container().ephemeralStorageGiB()).isNull();
        assertThat(spec.gracePeriodSeconds()).isEqualTo(60);
        assertThat(spec.routing())
                .isEqualTo(new ServiceSpec.Routing(
                        List.of("/*"), List.of(), new ServiceSpec.HealthCheck("/", 5, 4, 2, 3, "200-399"), 15));
        assertThat(spec.count()).isEqualTo(2);
        assertThat(spec.logs().retentionDays()).isEqualTo(30);
        assertThat(spec.registry().keepImages()).isEqualTo(20);
        assertThat(spec.registry().pushFrom()).isEmpty();
        assertThat(spec.exec()).isFalse();
        assertThat(spec.rollout().strategy()).isEqualTo(RolloutSettings.Strategy.ROLLING);
        assertThat(spec.rollout().timeLimitSeconds()).isEqualTo(900);
        assertThat(spec.rollout().verdict().onNoEvidence())
                .isEqualTo(RolloutSettings.VerdictRules.OnNoEvidence.APPROVE);
        assertThat(spec.tags()).isEmpty();
    }

    @Test
    void anEmptyEnvironmentHasTheFoundingNetworkWhereTheControlPlaneIs() {
        EnvironmentSpec spec = SpecFixture.environment();

        assertThat(spec.account()).isEqualTo("123456789012");
        assertThat(spec.region()).isEqualTo("eu-central-1");
        assertThat(spec.network().cidr()).hasToString("172.17.0.0/16");
        assertThat(spec.network().zones()).isEqualTo(2);
        assertThat(spec.network().natGateways()).isEqualTo(NatGateways.PER_ZONE);
        assertThat(spec.domain()).isNull();
        assertThat(spec.tls()).isFalse();
        assertThat(spec.accessLogs().retentionDays()).isEqualTo(90);
        assertThat(spec.containerInsights()).isFalse();
        assertThat(spec.terminationProtection()).isTrue();
    }

    @Test
    void defaultsReachIntoWhatIsGivenInPart() {
        ServiceSpec spec = SpecFixture.service("""
                container:
                  port: 80
                  healthCheck: {command: [CMD, /check]}
                routing: {healthCheck: {path: /health}}
                """);

        assertThat(spec.container().healthCheck()).satisfies(check -> {
            assertThat(check.command()).containsExactly("CMD", "/check");
            assertThat(check.intervalSeconds()).isEqualTo(10);
        });
        assertThat(spec.routing().healthCheck().path()).isEqualTo("/health");
        assertThat(spec.routing().paths()).containsExactly("/*");
    }

    @Test
    void jsonAndYamlMeanTheSame() {
        byte[] json = "{\"container\":{\"port\":8000}}".getBytes(StandardCharsets.UTF_8);

        assertThat(SpecFixture.service(json, "application/json; charset=utf-8").spec())
                .isEqualTo(SpecFixture.service());
        assertThat(SpecFixture.service(json, "text/yaml").spec()).isEqualTo(SpecFixture.service());
    }

    @Test
    void aSpecSurvivesBeingKeptAsJson() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        ServiceSpec service = SpecFixture.service("""
                container:
                  port: 80
                  architecture: arm64
                  environment: {B: "2", A: "1"}
                  ephemeralStorageGiB: 30
                  healthCheck: {command: [CMD-SHELL, "true"]}
                tags: {team: shop}
                """);
        EnvironmentSpec environment = SpecFixture.environment(
                "{domain: {name: a.example.com, hostedZoneId: Z1}, network: {natGateways: none}}");

        byte[] stored = mapper.writeValueAsBytes(service);
        assertThat(mapper.readValue(stored, ServiceSpec.class)).isEqualTo(service);
        assertThat(SpecFixture.service(stored, "application/json").spec()).isEqualTo(service);
        byte[] storedEnvironment = mapper.writeValueAsBytes(environment);
        assertThat(mapper.readValue(storedEnvironment, EnvironmentSpec.class)).isEqualTo(environment);
        assertThat(reader.environment(storedEnvironment, "application/json", SpecFixture.HOME)
                        .spec())
                .isEqualTo(environment);
        assertThat(new String(stored, StandardCharsets.UTF_8)).contains("{\"A\":\"1\",\"B\":\"2\"}");
    }

    @Test
    void aPipelineThatSaysOnlyItsRepositoryHasEveryDefault() throws Exception {
        PipelineSpec spec = SpecFixture.pipeline("{repository: {id: acme/web}, deploy: [{environment: prod}]}");

        assertThat(spec.repository())
                .isEqualTo(new PipelineSpec.Repository("acme/web", "main", List.of(), null, "GitHub"));
        assertThat(spec.build())
                .isEqualTo(new PipelineSpec.Build(
                        PipelineSpec.Buildspec.AUTO,
                        "buildspec.yml",
                        "Dockerfile",
                        ".",
                        null,
                        Map.of(),
                        Map.of(),
                        PipelineSpec.Size.SMALL,
                        true,
                        30,
                        null));
        assertThat(spec.environments()).containsExactly("prod");
        ObjectMapper mapper = new ObjectMapper();
        byte[] stored = mapper.writeValueAsBytes(spec);
        assertThat(mapper.readValue(stored, PipelineSpec.class)).isEqualTo(spec);
        assertThat(reader.pipeline(stored, "application/json").spec()).isEqualTo(spec);
    }

    @Test
    void warnsOfWhatLooksLikeASecretWithoutRepeatingIt() {
        var read = SpecFixture.service("""
                container:
                  port: 80
                  environment:
                    DB_PASSWORD: hunter2
                    DB_URL: postgres://app:hunter2@db/app
                    TOKEN_TTL: "60"
                    PASSWORD_FILE: /run/secret
                    EMPTY_SECRET: ""
                    MODE: fast
                """.getBytes(StandardCharsets.UTF_8), "application/yaml");

        assertThat(read.warnings())
                .extracting(SpecReader.Warning::field)
                .containsExactlyInAnyOrder("/container/environment/DB_PASSWORD", "/container/environment/DB_URL");
        assertThat(read.warnings().toString()).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "strategy: blue-green, bakeMinutes: 15, verdict: {slowMillis: 500, latencyWarmUpMinutes: 15} | is 15, and"
                        + " bakeMinutes is 15: slow answers are never judged; less than 15 would be judged in time",
                "strategy: blue-green, bakeMinutes: 15, verdict: {slowMillis: 500, latencyWarmUpMinutes: 14} |",
                "strategy: canary, verdict: {slowMillis: 500, latencyWarmUpMinutes: 20} | is 20, and canary.bakeMinutes is"
                        + " 15: the first step waits beyond its bake until slow answers are judged; less than 15 would be judged in time",
                "strategy: linear, linear: {bakeMinutes: 4}, verdict: {slowMillis: 500, latencyWarmUpMinutes: 5} | is 5, and"
                        + " linear.bakeMinutes is 4: the first step waits beyond its bake until slow answers are judged; less than 4"
                        + " would be judged in time",
                "strategy: blue-green, bakeMinutes: 1, verdict: {slowMillis: 500} |",
                "strategy: blue-green, bakeMinutes: 1, verdict: {latencyWarmUpMinutes: 4} |",
            })
    void warnsOfALatencyWarmUpThatTheFirstBakeDoesNotOutlast(String rollout, @Nullable String warning) {
        var read = SpecFixture.service(
                "container: {port: 80}\nrollout: {%s}\n".formatted(rollout).getBytes(StandardCharsets.UTF_8),
                "application/yaml");

        assertThat(read.warnings())
                .isEqualTo(
                        warning == null
                                ? List.of()
                                : List.of(new SpecReader.Warning("/rollout/verdict/latencyWarmUpMinutes", warning)));
    }

    @Test
    void neverRepeatsTheValueOfAVariable() {
        ProblemException refused = refused("container: {port: 80, environment: {PIN: 4711}}", "application/yaml");

        assertThat(refused.problem().errors())
                .singleElement()
                .satisfies(error -> assertThat(error.toString())
                        .contains("/container/environment/PIN", "put it in quotes")
                        .doesNotContain("4711"));
    }

    @Test
    void refusesOtherKindsOfDocuments() {
        assertThat(refused("{}", "text/plain").status()).isEqualTo(415);
        assertThat(refused("{}", null).problem().code()).isEqualTo("unsupported-media-type");
    }

    @Test
    void refusesDocumentsOfMoreThan256KiB() {
        ProblemException refused = refused("# " + "x".repeat(256 * 1024), "application/yaml");

        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.problem().code()).isEqualTo("document-too-large");
    }

    @Test
    void saysWhereADocumentIsMalformed() {
        Map<String, String> yaml = Map.of(
                "", "The document is empty.",
                "# nothing\n", "The document is empty.",
                "a: &x 1\n", "Line 1, column 4: Anchors and aliases",
                "a: *x\n", "Line 1, column 4: Anchors and aliases",
                "a: 1\n---\nb: 2\n", "Line 2, column 1: A second document begins here",
                "count: 1\ncount: 2\n", "Line 2, column 8: The key count appears twice.",
                "a: arn:x::\n", "Line 1, column 10: A colon ends a key here",
                "a: [1, 2\nb: 3\n", "Line 2, column 2: ",
                "\ta: 1\n", "Line 1, column 1: ");
        yaml.forEach((document, detail) -> assertMalformed(document, "application/yaml", detail));
        Map<String, String> json = Map.of(
                "{\"a\": 1",
                "Line 1, column 8: ",
                "{\n \"a\": 1,\n \"a\": 2}",
                "Line 3, column 7: The key a appears twice.",
                "{} {}",
                "Line 1, column 4: ",
                "[".repeat(60),
                "The document is nested more than 50 deep.");
        json.forEach((document, detail) -> assertMalformed(document, "application/json", detail));
        assertMalformed("[".repeat(200_000), "application/yaml", "The document is nested more than 50 deep.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "just text", "7"})
    void refusesWhatIsNoSetOfKeys(String document) {
        ProblemException refused = refused(document, "application/yaml");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem().errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEmpty();
            assertThat(error.message()).isEqualTo("must be keys with values (a service)");
        });
    }

    private void assertMalformed(String document, String contentType, String detail) {
        ProblemException refused = refused(document, contentType);
        assertThat(refused.status()).as(document).isEqualTo(400);
        assertThat(refused.problem().code()).isEqualTo("malformed-document");
        assertThat(refused.problem().detail()).as(document).startsWith(detail);
    }

    private ProblemException refused(String document, @Nullable String contentType) {
        return catchThrowableOfType(
                ProblemException.class,
                () -> SpecFixture.service(document.getBytes(StandardCharsets.UTF_8), contentType));
    }
}
