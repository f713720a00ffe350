package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deploy.TemplateFile.Statement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The policies for callers that are shipped and shown let in whom they are for, and nobody past a declared control. */
class CallerPoliciesTest {
    private static final String API = "arn:aws:execute-api:eu-central-1:123456789012:API_ID/$default";
    private static final Iam IAM =
            new Iam(Map.of("ApiArn", API, "Environment", "prod", "Service", "web", "CopyFrom", "dev"));
    private static final Pattern JSON_BLOCK = Pattern.compile("```json\\n(.*?)```", Pattern.DOTALL);

    /** All that weakens a declared control. */
    private static final List<String> OVERRIDES = List.of(
            "PUT/v1/environments/prod/override",
            "POST/v1/environments/prod/override/plans/1m85npb89qznmctad64/apply",
            "PUT/v1/environments/prod/override/services/web",
            "POST/v1/environments/prod/override/services/web/rollouts",
            "POST/v1/environments/prod/override/services/web/promotions",
            "POST/v1/environments/prod/override/services/web/rollback",
            "POST/v1/environments/prod/override/services/web/drift/mend",
            "POST/v1/environments/prod/override/services/web/plans/1m85npb89qznmctad64/apply");

    /** All that puts back what was changed outside Slipway. */
    private static final List<String> MENDS = List.of(
            "POST/v1/environments/prod/drift/mend",
            "POST/v1/environments/prod/services/web/drift/mend",
            "POST/v1/pipelines/web/drift/mend");

    /** What tells of the control plane as a whole, and has it do again what it gave up. */
    private static final List<String> CONTROL_PLANE = List.of(
            "GET/v1/health",
            "GET/v1/dead-letters",
            "POST/v1/dead-letters/redrive",
            "POST/v1/dead-letters/0f8fad5b-d9cb-469f-a165-70867728950e/redrive",
            "GET/v1/support-bundle");

    private static boolean allows(List<Statement> policy, String request) {
        return IAM.allows(
                policy,
                new Iam.Request(
                        "arn:aws:iam::123456789012:role/caller", "execute-api:Invoke", API + "/" + request, Map.of()));
    }

    /** The policies in a document, in their order. */
    private static List<List<Statement>> shown(String document) throws IOException {
        return JSON_BLOCK
                .matcher(Files.readString(Path.of(document)))
                .results()
                .map(block -> block.group(1))
                .filter(block -> block.contains("execute-api:Invoke"))
                .map(block -> Iam.statementsIn(document, new Yaml().load(block)))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"examples/github-actions/role.yml", "examples/gitlab/role.yml"})
    void theRoleOfACiRollsOutAndWatchesAndNothingElse(String template) {
        List<Statement> role = Iam.statementsIn(
                "Role", TemplateFile.read(Path.of(template)).properties("Role").get("Policies"));

        assertThat(allows(role, "POST/v1/environments/prod/services/web/rollouts"))
                .isTrue();
        assertThat(allows(role, "GET/v1/environments/prod/services/web/rollouts/1m85npb89qznmctad64"))
                .isTrue();
        assertThat(CONTROL_PLANE).noneMatch(request -> allows(role, request));
        assertThat(MENDS).noneMatch(request -> allows(role, request));
        assertThat(Stream.concat(
                        OVERRIDES.stream(),
                        Stream.of(
                                "PUT/v1/environments/prod/services/web",
                                "DELETE/v1/environments/prod/services/web",
                                "PUT/v1/environments/prod",
                                "PUT/v1/environments/prod/grants/web",
                                "POST/v1/environments/prod/services/web/rollback",
                                "POST/v1/environments/prod/services/web/promotions",
                                "POST/v1/environments/prod/services/web/rollouts/1m85npb89qznmctad64/approve",
                                "POST/v1/environments/prod/services/web/rollouts/1m85npb89qznmctad64/cancel",
                                "POST/v1/environments/prod/services/api/rollouts",
                                "POST/v1/environments/dev/services/web/rollouts")))
                .noneMatch(request -> allows(role, request));
    }

    @Test
    void thePolicyThatAllowsDevAndALookAtProdReachesNothingElseOfProd() throws IOException {
        List<Statement> policy = shown("docs/operations.md").get(0);

        assertThat(allows(policy, "POST/v1/environments/dev/override/services/web/rollouts"))
                .isTrue();
        assertThat(allows(policy, "GET/v1/environments/prod/services/web/rollouts"))
                .isTrue();
        assertThat(OVERRIDES).noneMatch(request -> allows(policy, request));
        assertThat(MENDS).noneMatch(request -> allows(policy, request));
        assertThat(allows(policy, "POST/v1/environments/prod/services/web/rollouts"))
                .isFalse();
    }

    @Test
    void whoDeploysToProdCannotApproveDeclareOrOverride() throws IOException {
        List<Statement> policy = shown("docs/operations.md").get(1);

        assertThat(List.of(
                        "POST/v1/environments/prod/services/web/rollouts",
                        "POST/v1/environments/prod/services/web/rollback",
                        "POST/v1/environments/prod/services/web/promotions",
                        "POST/v1/environments/prod/services/web/rollouts/1m85npb89qznmctad64/cancel"))
                .allMatch(request -> allows(policy, request));
        assertThat(OVERRIDES).noneMatch(request -> allows(policy, request));
        assertThat(MENDS).noneMatch(request -> allows(policy, request));
        assertThat(List.of(
                        "PUT/v1/environments/prod/services/web",
                        "POST/v1/environments/prod/services/web/plans/1m85npb89qznmctad64/apply",
                        "POST/v1/environments/prod/services/web/rollouts/1m85npb89qznmctad64/approve"))
                .noneMatch(request -> allows(policy, request));
    }

    @Test
    void whoMayDoAllElseInAnEnvironmentIsAllowedNoOverride() throws IOException {
        List<Statement> policy = shown("docs/operations.md").get(2);

        assertThat(OVERRIDES).noneMatch(request -> allows(policy, request));
        assertThat(List.of(
                        "PUT/v1/environments/prod",
                        "GET/v1/environments/prod/services",
                        "POST/v1/environments/prod/services/web/rollouts",
                        "PUT/v1/environments/prod/services/override", // a service's name
                        "POST/v1/environments/prod/plans/1m85npb89qznmctad64/apply",
                        "GET/v1/environments/prod/ledger",
                        "POST/v1/environments/prod/drift/mend",
                        "POST/v1/environments/prod/services/web/drift/mend",
                        "PUT/v1/environments/prod/grants/web"))
                .allMatch(request -> allows(policy, request));
        assertThat(allows(policy, "PUT/v1/environments/dev")).isFalse();
    }

    @Test
    void aComparisonIsAllowedByTheNamesOfBothEnvironmentsOnly() throws IOException {
        List<Statement> diff = shown("docs/environments.md").get(0);
        String request = "GET/v1/diff/dev/prod/services/web";

        assertThat(allows(diff, request)).isTrue();
        assertThat(List.of(
                        "GET/v1/diff/prod/dev/services/web",
                        "GET/v1/diff/dev/staging/services/web",
                        "GET/v1/environments/prod/services/web",
                        "GET/v1/environments/dev/services/web"))
                .noneMatch(other -> allows(diff, other));
        assertThat(shown("docs/operations.md")).hasSizeGreaterThan(2).noneMatch(policy -> allows(policy, request));
    }

    @Test
    void whoMayCompareMayNotMend() throws IOException {
        List<Statement> policy = shown("docs/drift.md").get(0);

        assertThat(List.of(
                        "GET/v1/environments/prod/services/web/drift",
                        "GET/v1/environments/prod/services/web/drift/spec",
                        "POST/v1/environments/prod/services/web/drift",
                        "GET/v1/environments/prod/drift",
                        "POST/v1/environments/prod/drift"))
                .allMatch(request -> allows(policy, request));
        assertThat(MENDS).noneMatch(request -> allows(policy, request));
        assertThat(OVERRIDES).noneMatch(request -> allows(policy, request));
    }

    @Test
    void noPolicyOfAnEnvironmentReachesTheControlPlane() throws IOException {
        assertThat(shown("docs/operations.md"))
                .hasSizeGreaterThan(2)
                .allSatisfy(policy -> assertThat(CONTROL_PLANE).noneMatch(request -> allows(policy, request)));
    }
}
