package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineWorkflow.PipelineStack;
import dev.slipway.pipeline.PipelineWorkflow.PipelineStack.Registry;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.TemplateParameters;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelineParametersTest {
    private static final List<Registry> REGISTRIES = List.of(registry("dev"), registry("staging"), registry("prod"));
    private static final String STAGES = "deploy: [{environment: dev}, {environment: staging}, {environment: prod}]\n";

    @Test
    void theTemplateHasTheseParametersAndNoOthers() throws IOException {
        assertThat(of(STAGES + "repository: {id: acme/web}")).containsOnlyKeys(TemplateParameters.of("pipeline"));
    }

    @Test
    void imagesArePushedOnceAndCopiedToTheOthers() {
        assertThat(of(STAGES + "repository: {id: acme/web}"))
                .containsEntry("RepositoryUri", Parameter.of("host/slipway-dev-web"))
                .containsEntry("CopyUris", Parameter.of("host/slipway-staging-web,host/slipway-prod-web"))
                .containsEntry("CopyArns", Parameter.of("arn:slipway-staging-web,arn:slipway-prod-web"))
                .containsEntry("Stage1", Parameter.of("dev"))
                .containsEntry("Stage3", Parameter.of("prod"))
                .containsEntry("Stage4", Parameter.of(""));
    }

    @Test
    void theSpecReachesTheStack() {
        assertThat(of(STAGES + """
                repository: {id: acme/web, branch: trunk, paths: [services/web/**, go.mod], provider: GitLab}
                build: {buildspec: slipway, dockerfile: web/Dockerfile, context: web, size: large, privileged: false,
                        timeoutMinutes: 60, test: {buildspec: ci/test.yml}, target: runtime,
                        arguments: {VERSION: "1"}, variables: {NODE_ENV: production, GREETING: 'say "hi"'}}
                artifactDays: 7
                logs: {retentionDays: 90}
                """))
                .containsEntry("ConnectionArn", Parameter.of(""))
                .containsEntry("Provider", Parameter.of("GitLab"))
                .containsEntry("Branch", Parameter.of("trunk"))
                .containsEntry("Paths", Parameter.of("services/web/**,go.mod"))
                .containsEntry("Buildspec", Parameter.of("slipway"))
                .containsEntry("BuildspecPath", Parameter.of("buildspec.yml"))
                .containsEntry("TestBuildspec", Parameter.of("ci/test.yml"))
                .containsEntry("Dockerfile", Parameter.of("web/Dockerfile"))
                .containsEntry("BuildContext", Parameter.of("web"))
                .containsEntry("BuildTarget", Parameter.of("runtime"))
                .containsEntry("BuildArguments", Parameter.of("{\"VERSION\":\"1\"}"))
                .containsEntry(
                        "BuildVariables",
                        Parameter.of(",{\"name\":\"GREETING\",\"value\":\"say \\\"hi\\\"\"}"
                                + ",{\"name\":\"NODE_ENV\",\"value\":\"production\"}"))
                .containsEntry("Architecture", Parameter.of("arm64"))
                .containsEntry("ComputeType", Parameter.of("BUILD_GENERAL1_LARGE"))
                .containsEntry("Privileged", Parameter.of("false"))
                .containsEntry("BuildMinutes", Parameter.of("60"))
                .containsEntry("ArtifactDays", Parameter.of("7"))
                .containsEntry("LogRetentionDays", Parameter.of("90"));
    }

    @Test
    void commandsOfTheTestsBecomeABuildspec() throws IOException {
        var spec = SpecFixture.pipeline(
                STAGES + "repository: {id: acme/web}\nbuild: {test: {commands: ['go vet ./...', 'echo \"done\"']}}");

        assertThat(new ObjectMapper()
                        .readTree(PipelineStack.testBuildspec(spec.build().test())))
                .hasToString("{\"version\":0.2,\"env\":{\"shell\":\"bash\"},\"phases\":{\"build\":{\"commands\":"
                        + "[\"go vet ./...\",\"echo \\\"done\\\"\"]}}}");
    }

    @Test
    void withoutARepositoryThereIsNoStack() {
        assertThatIllegalArgumentException().isThrownBy(() -> of("tagPattern: v*\ndeploy: [{environment: dev}]"));
    }

    private static Map<String, Parameter> of(String yaml) {
        return PipelineStack.parameters(
                new PipelineId("web"),
                SpecFixture.pipeline(yaml),
                REGISTRIES,
                Architecture.ARM64,
                "boundary",
                "slipway-pipeline");
    }

    private static Registry registry(String environment) {
        return new Registry("host/slipway-%s-web".formatted(environment), "arn:slipway-%s-web".formatted(environment));
    }
}
