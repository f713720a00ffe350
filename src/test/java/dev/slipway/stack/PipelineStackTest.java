package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.PipelineJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pipeline's stack says to CodePipeline, CodeBuild and, through them, to us. */
class PipelineStackTest {
    private static final StackTemplate TEMPLATE = StackTemplate.named("pipeline.yaml");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> PARAMETERS = Map.of(
            "Service", "web",
            "BuildspecPath", "ci/buildspec.yml",
            "RepositoryUri", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/slipway-dev-web",
            "Stage1", "dev",
            "Stage2", "staging",
            "Stage3", "prod",
            "Stage4", "env4",
            "Stage5", "env5");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void everyDeployStageAsksForWhatTheFunctionUnderstands(int stage) throws JsonProcessingException {
        Map<String, Object> action = actions().stream()
                .filter(a -> String.valueOf(a.get("Name")).contains("${Stage" + stage + "}"))
                .findFirst()
                .orElseThrow();

        assertThat(job(action)).isInstanceOfSatisfying(PipelineJob.Deploy.class, job -> {
            assertThat(job.service()).isEqualTo(new ServiceId(PARAMETERS.get("Stage" + stage), "web"));
            assertThat(job.registry()).isEqualTo(PARAMETERS.get("RepositoryUri"));
            assertThat(job.execution()).isEqualTo("6ba1b26c-4f4c-4d0c-9ff6-c4cd1a39cf35");
            assertThat(job.commit()).isEqualTo("c1");
        });
    }

    @Test
    void theActionAsksForThePathOfTheBuildspec() throws JsonProcessingException {
        Map<String, Object> look = actions().stream()
                .filter(a -> "SelectBuildspec".equals(a.get("Name")))
                .findFirst()
                .orElseThrow();

        assertThat(job(look))
                .isInstanceOfSatisfying(
                        PipelineJob.SelectBuildspec.class,
                        job -> assertThat(job.path()).isEqualTo("ci/buildspec.yml"));
    }

    @Test
    void theLongestUserParametersFitWhatAnActionMayHold() {
        assertThat(actions().stream().filter(a -> isInvoke(a)).map(PipelineStackTest::userParameters))
                .hasSize(6)
                .allSatisfy(text -> assertThat(text.replace("${Service}", "x".repeat(24))
                                .replaceAll("\\$\\{Stage\\d}", "x".repeat(10))
                                .replace("${RepositoryUri}", "x".repeat(120))
                                .replace("${BuildspecPath}", "x".repeat(200))
                                .replaceAll("#\\{[^}]+}", "x".repeat(40)))
                        .hasSizeLessThanOrEqualTo(1_000));
    }

    @Test
    void theBuildspecInTheProjectIsTheOneThatALookAnswersWith() throws IOException {
        Object choice = TEMPLATE.resource("BuildProject").at("Properties.Source.BuildSpec.Fn::If.2");

        assertThat(JSON.readTree(String.valueOf(choice)))
                .isEqualTo(JSON.readTree(Files.readString(Path.of("src/main/resources/buildspecs/slipway.json"))));
    }

    @Test
    void theVariablesOfABuildFitWhatCodeBuildTakes() {
        Object variables = TEMPLATE.resource("BuildProject").at("Properties.Environment.EnvironmentVariables");

        assertThat(String.valueOf(variables)).hasSizeLessThan(5_500 - 1_000).contains("SLIPWAY_BUILD");
    }

    /** AWS's own examples put the registry's URI together from them. */
    @Test
    void aBuildFindsTheVariablesThatPublicBuildspecsAreWrittenFor() {
        Object variables = TEMPLATE.resource("BuildProject").at("Properties.Environment.EnvironmentVariables");
        String build = String.valueOf(actions().stream()
                .filter(action -> "Build".equals(action.get("Name")))
                .findFirst()
                .orElseThrow()
                .get("Configuration"));

        assertThat(String.valueOf(variables))
                .contains(
                        "AWS_ACCOUNT_ID", "IMAGE_REPO_NAME", "AWS_DEFAULT_REGION", "REPOSITORY_URI", "CONTAINER_NAME");
        assertThat(build).contains("{\"name\":\"IMAGE_TAG\",\"value\":\"#{Source.CommitId}\"}${BuildVariables}]");
    }

    @Test
    void noRoleHereCanDeployPassARoleOrTouchAStack() {
        assertThat(allowedActions())
                .isNotEmpty()
                .noneMatch(action -> Stream.of("iam:", "sts:", "ecs:", "cloudformation:", "kms:", "dynamodb:")
                        .anyMatch(action::startsWith));
    }

    @Test
    void onlyThePipelineCallsTheControlPlane() {
        assertThat(TEMPLATE.resources("AWS::IAM::Role"))
                .filteredOn(role -> String.valueOf(role.properties()).contains("lambda:InvokeFunction"))
                .singleElement()
                .satisfies(role -> assertThat(role.logicalId()).isEqualTo("PipelineRole"));
    }

    @Test
    void onlyTheCopyReachesTheRegistriesBehindTheFirst() {
        assertThat(TEMPLATE.resources("AWS::IAM::Role"))
                .filteredOn(role -> String.valueOf(role.properties()).contains("CopyArns"))
                .singleElement()
                .satisfies(role -> assertThat(role.logicalId()).isEqualTo("CopyRole"));
        assertThat(String.valueOf(TEMPLATE.resource("TestRole").properties()))
                .as("tests run other people's code")
                .doesNotContain("ecr:", "s3:PutObject");
    }

    @Test
    void artifactsAreVersionedAndTheirNamesShortEnoughNotToBeCut() {
        assertThat(TEMPLATE.resource("ArtifactBucket").at("Properties.VersioningConfiguration.Status"))
                .isEqualTo("Enabled");
        Set<String> names = Set.of("Source", "Image", "Copied");
        assertThat(StackTemplate.mapsIn(TEMPLATE.resource("Pipeline").at("Properties.Stages"))
                        .filter(map -> map.containsKey("OutputArtifacts"))
                        .flatMap(map -> StackTemplate.mapsIn(map.get("OutputArtifacts")))
                        .map(map -> String.valueOf(map.get("Name"))))
                .containsExactlyInAnyOrderElementsOf(names)
                .allSatisfy(name -> assertThat(name).hasSizeLessThanOrEqualTo(10));
    }

    @Test
    void aPendingConnectionCanBeFoundFromTheOutputs() {
        assertThat(TEMPLATE.section("Outputs")).containsKeys("ConnectionArn", "ConnectionUrl", "PipelineUrl");
    }

    private static PipelineJob job(Map<String, Object> action) throws JsonProcessingException {
        String text = userParameters(action)
                .replace("#{codepipeline.PipelineExecutionId}", "6ba1b26c-4f4c-4d0c-9ff6-c4cd1a39cf35")
                .replace("#{Source.CommitId}", "c1");
        for (Map.Entry<String, String> parameter : PARAMETERS.entrySet()) {
            text = text.replace("${" + parameter.getKey() + "}", parameter.getValue());
        }
        ObjectNode event = JSON.createObjectNode();
        ObjectNode job = event.putObject("CodePipeline.job").put("id", "j1");
        ObjectNode data = job.putObject("data");
        data.putObject("actionConfiguration").putObject("configuration").put("UserParameters", text);
        data.set(
                "inputArtifacts",
                JSON.readTree("[{\"location\":{\"s3Location\":{\"bucketName\":\"b\",\"objectKey\":\"k\"}}}]"));
        data.set(
                "artifactCredentials",
                JSON.readTree("{\"accessKeyId\":\"a\",\"secretAccessKey\":\"s\",\"sessionToken\":\"t\"}"));
        return PipelineJob.parse(event);
    }

    private static String userParameters(Map<String, Object> action) {
        Map<String, Object> configuration = StackTemplate.map(action.get("Configuration"));
        return String.valueOf(
                StackTemplate.map(configuration.get("UserParameters")).get("Fn::Sub"));
    }

    private static boolean isInvoke(Map<String, Object> action) {
        return String.valueOf(action.get("ActionTypeId")).contains("Category=Invoke");
    }

    private static List<Map<String, Object>> actions() {
        return StackTemplate.mapsIn(TEMPLATE.resource("Pipeline").at("Properties.Stages"))
                .filter(map -> map.containsKey("ActionTypeId"))
                .toList();
    }

    private static List<String> allowedActions() {
        List<String> actions = new ArrayList<>();
        TEMPLATE.resources("AWS::IAM::Role")
                .forEach(role -> StackTemplate.mapsIn(role.at("Properties.Policies"))
                        .filter(map -> map.containsKey("Action"))
                        .forEach(statement -> {
                            if (statement.get("Action") instanceof List<?> list) {
                                list.forEach(action -> actions.add(String.valueOf(action)));
                            } else {
                                actions.add(String.valueOf(statement.get("Action")));
                            }
                        }));
        return actions;
    }
}
