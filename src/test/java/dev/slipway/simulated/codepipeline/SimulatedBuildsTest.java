package dev.slipway.simulated.codepipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.pipeline.PipelineEvent;
import dev.slipway.simulated.ecr.EcrImage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.ecr.model.ImageTagAlreadyExistsException;

/** What the actions of a pipeline do: sources, tests, builds, copies, and what they say. */
class SimulatedBuildsTest {
    private static final String COMMIT = SimulatedPipelineFixture.COMMIT;

    private final SimulatedPipelineFixture fixture = new SimulatedPipelineFixture();

    private static SourcePush push(String tag, boolean ownBuildspec) {
        return new SourcePush(COMMIT, "main", List.of(), tag, "Say hello", "bob", ownBuildspec);
    }

    private static String said(JsonNode event, String field) {
        return event.path("execution-result").path(field).asText();
    }

    @Test
    void aSourceTellsItsCommitAndMessageAndLeavesAZip() {
        fixture.approved().pushed(push(null, true));

        assertThat(fixture.ofAction("Source")).hasSize(2).last().satisfies(event -> {
            assertThat(event.path("state").asText()).isEqualTo("SUCCEEDED");
            assertThat(event.at("/type/provider").asText()).isEqualTo("CodeStarSourceConnection");
            assertThat(event.at("/type/category").asText()).isEqualTo("Source");
            assertThat(said(event, "external-execution-id")).isEqualTo(COMMIT);
            assertThat(SimulatedPipelineFixture.json(said(event, "external-execution-summary"))
                            .path("CommitMessage")
                            .asText())
                    .isEqualTo("Say hello");
            assertThat(event.at("/output-artifacts/0/s3location/key").asText())
                    .matches("slipway-pipeline-web/Source/\\w{7}");
        });
    }

    @Test
    void theFunctionIsAskedWithItsVariablesResolved() {
        String execution = fixture.approved().pushed(push("v1", true));

        assertThat(fixture.asked)
                .extracting(asked -> asked.path("do").asText())
                .containsExactly("select-buildspec", "deploy", "deploy");
        assertThat(fixture.asked.getFirst().path("path").asText()).isEqualTo("buildspec.yml");
        JsonNode wish = fixture.asked.getLast();
        assertThat(wish.path("environment").asText()).isEqualTo("prod");
        assertThat(wish.path("commit").asText()).isEqualTo(COMMIT);
        assertThat(wish.path("execution").asText()).isEqualTo(execution);
        assertThat(wish.at("/job/data/inputArtifacts/0/name").asText()).isEqualTo("Copied");
    }

    @Test
    void aBuildPushesAndTheCopyBringsTheSameDigestToTheOtherRegistries() {
        fixture.approved().pushed(push(null, true));

        String tag = COMMIT.substring(0, 12);
        String digest = fixture.digest("dev", tag);
        assertThat(digest).startsWith("sha256:");
        assertThat(fixture.digest("prod", tag)).isEqualTo(digest);
        assertThat(fixture.pushes("slipway-dev-web")).containsExactly(tag + " " + digest);
        assertThat(fixture.pushes("slipway-prod-web")).containsExactly(tag + " " + digest);
        assertThat(fixture.log("Copy")).contains(digest).contains(COMMIT);
    }

    @Test
    void anImageBehavesAsTheTagOfThePushSaysInEveryRegistry() {
        fixture.approved().pushed(push("v2-crash", true));

        for (String environment : List.of("dev", "prod")) {
            assertThat(fixture.account.rawEcr().pull(SimulatedPipelineFixture.uri(environment) + ":v2-crash"))
                    .hasValueSatisfying(image ->
                            assertThat(image.behaviour().crashesAtStart()).isTrue());
        }
    }

    @Test
    void aRegistryTellsOfEachPushAsEventBridgeShowsIt() {
        String digest = fixture.account.pushImage(SimulatedPipelineFixture.uri("dev") + ":v7");
        fixture.timeline.advance(Duration.ofSeconds(1));

        assertThat(fixture.events).singleElement().satisfies(event -> {
            assertThat(event.path("source").asText()).isEqualTo("aws.ecr");
            assertThat(event.path("detail-type").asText()).isEqualTo("ECR Image Action");
            assertThat(event.path("resources")).isEmpty();
            assertThat(event.path("detail")).isEqualTo(SimulatedPipelineFixture.json("""
                            {"result": "SUCCESS", "repository-name": "slipway-dev-web", "image-digest": "%s",
                             "action-type": "PUSH", "image-tag": "v7"}""".formatted(digest)));
        });
        assertThat(fixture.account.pushImage(SimulatedPipelineFixture.uri("prod") + ":v7"))
                .isEqualTo(digest);
    }

    @Test
    void aTagOfAnotherImageCannotBeTaken() {
        EcrImage other = EcrImage.of("other", "v1", fixture.aws);
        fixture.account.rawEcr().copy(other, SimulatedPipelineFixture.uri("prod") + ":v1");

        assertThatThrownBy(() -> fixture.account.pushImage(SimulatedPipelineFixture.uri("prod") + ":v1"))
                .isInstanceOf(ImageTagAlreadyExistsException.class);
        String execution = fixture.approved().pushed(push("v1", true));
        assertThat(fixture.pipelines.stage(execution)).isEqualTo("Build");
        assertThat(fixture.log("Copy")).contains("slipway-prod-web:v1 is " + other.digest() + " and not sha256:");
    }

    @Test
    void builtByOursItSaysTheDigestBeforeAnyCopy() {
        fixture.looked =
                "{\"version\": 0.2, \"phases\": {\"build\": {\"commands\": [\"eval \\\"$SLIPWAY_BUILD\\\"\"]}}}";
        fixture.approved().pushed(push("v1", false));

        assertThat(fixture.log("Build"))
                .contains("/codebuild/readonly/buildspec.yml")
                .contains("\"digest\":\"" + fixture.digest("dev", "v1"))
                .contains("Phase complete: BUILD State: SUCCEEDED\n");
        assertThat(fixture.digest("prod", "v1")).isEqualTo(fixture.digest("dev", "v1"));
    }

    @Test
    void aRepositoryWithoutTheBuildspecThatIsDemandedFailsAtOnce() {
        fixture.parameters.put("Buildspec", "repository");
        fixture.approved().pushed(push("v1", false));

        assertThat(fixture.ofAction("SelectBuildspec")).isEmpty();
        assertThat(fixture.log("Build"))
                .contains("YAML_FILE_ERROR")
                .contains("buildspec.yml: no such file or directory");
    }

    @ParameterizedTest
    @CsvSource({
        "v1-build-fails, Build, Build, undefined: greet, FAILED",
        "v1-build-hangs, Build, Build, BUILD_TIMED_OUT, TIMED_OUT",
        "v1-tests-fail, Test, Test, FAIL: TestGreeting, FAILED",
        "v1-missing, Build, Copy, was it pushed?, FAILED",
        "v1-no-definitions, Build, Copy, does not name the image of web, FAILED"
    })
    void aBuildThatFailsEndsTheExecutionAndHasTheReasonInItsLog(
            String tag, String stage, String action, String reason, String state) {
        fixture.parameters.put(
                "TestBuildspec", "{\"version\": 0.2, \"phases\": {\"build\": {\"commands\": [\"go test ./...\"]}}}");
        String execution = fixture.approved().pushed(push(tag, true));

        assertThat(fixture.pipelines.status(execution)).isEqualTo("Failed");
        assertThat(fixture.pipelines.stage(execution)).isEqualTo(stage);
        JsonNode event = fixture.ofAction(action).getLast();
        assertThat(said(event, "external-execution-summary")).isEqualTo("Build terminated with state: " + state);
        assertThat(said(event, "error-code")).isEqualTo("JobFailed");
        assertThat(said(event, "external-execution-id"))
                .matches("slipway-pipeline-web-" + action.toLowerCase() + ":[0-9a-f-]{36}");
        assertThat(fixture.log(action)).contains(reason).endsWith("\n");
    }

    @Test
    void theProductFindsTheLogOfABuildByItsEvent() {
        fixture.approved().pushed(push("v1-build-fails", true));

        JsonNode event = fixture.events.stream()
                .filter(found -> found.at("/detail/action").asText().equals("Build")
                        && found.at("/detail/state").asText().equals("FAILED"))
                .findFirst()
                .orElseThrow();
        PipelineEvent failed = PipelineEvent.parse(event).orElseThrow();
        String stream = Optional.ofNullable(failed.result())
                .flatMap(result -> result.logStream(failed.pipeline()))
                .orElseThrow();
        assertThat(fixture.account
                        .logs()
                        .getLogEvents(request -> request.logGroupName(SimulatedPipelineFixture.GROUP)
                                .logStreamName(stream))
                        .events())
                .isNotEmpty();
    }

    @Test
    void withoutADockerfileOursSaysSo() {
        fixture.looked = "{\"version\": 0.2}";
        fixture.approved().pushed(push("no-dockerfile", false));

        assertThat(fixture.log("Build")).contains("Slipway: the repository has neither a buildspec nor a Dockerfile.");
    }

    @Test
    void anActionThatFailsLeavesOutWhatComesAfterAndARetryDoesNotRepeatWhatWentWell() {
        String execution = fixture.approved().pushed(push("v1-build-fails", true));
        assertThat(fixture.ofAction("Copy")).isEmpty();
        assertThat(fixture.ofAction("SelectBuildspec")).hasSize(2);

        fixture.pipelines.retry(execution);
        fixture.timeline.advance(Duration.ofHours(1));

        assertThat(fixture.ofAction("SelectBuildspec")).hasSize(2);
        assertThat(fixture.ofAction("Build"))
                .hasSize(4)
                .last()
                .satisfies(event -> assertThat(
                                event.path("pipeline-execution-attempt").asDouble())
                        .isEqualTo(2));
    }

    @Test
    void anActionWhoseVariableHasNoValueFails() {
        fixture.looked = "";
        String execution = fixture.approved().pushed(push("v1", true));
        assertThat(fixture.pipelines.said(execution)).isEqualTo("no zip");
        assertThat(said(fixture.ofAction("SelectBuildspec").getLast(), "error-code"))
                .isEqualTo("ConfigurationError");
        assertThat(fixture.ofAction("Build")).isEmpty();
    }

    @Test
    void aStopAbandonsTheActionAndStopsItsStageAndARetryResumesIt() {
        fixture.approved();
        String stopped = ((SimulatedCodePipeline.Pushed.Started)
                        fixture.pipelines.push(SimulatedPipelineFixture.NAME, push("v1", true)))
                .execution();
        fixture.timeline.advance(Duration.ofMinutes(1));
        fixture.pipelines.stop(stopped);
        fixture.timeline.advance(Duration.ofMinutes(10));

        assertThat(fixture.ofAction("Build"))
                .last()
                .satisfies(event -> assertThat(event.path("state").asText()).isEqualTo("ABANDONED"));
        assertThat(stages(stopped)).endsWith("Build STARTED", "Build STOPPED");
        assertThat(fixture.pipelines.status(stopped)).isEqualTo("Stopped");

        String failed = fixture.pushed(push("v2-build-fails", true));
        fixture.pipelines.retry(failed);
        fixture.timeline.advance(Duration.ofMinutes(10));
        assertThat(stages(failed)).endsWith("Build STARTED", "Build FAILED", "Build RESUMED", "Build FAILED");
    }

    private List<String> stages(String execution) {
        return fixture.events.stream()
                .filter(event -> event.path("detail-type").asText().equals("CodePipeline Stage Execution State Change"))
                .map(event -> event.path("detail"))
                .filter(detail -> detail.path("execution-id").asText().equals(execution))
                .map(detail -> detail.path("stage").asText() + " "
                        + detail.path("state").asText())
                .toList();
    }
}
