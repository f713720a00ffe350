package dev.slipway.simulated.codepipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDrift;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDriftStatus;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;
import software.amazon.awssdk.services.ecr.model.RepositoryNotFoundException;

/** Pipelines as CloudFormation makes, changes and removes them. */
class SimulatedPipelineStackTest {
    private static final String NAME = SimulatedPipelineFixture.NAME;

    private final SimulatedPipelineFixture fixture = new SimulatedPipelineFixture();
    private final SimulatedCodePipeline pipelines = fixture.pipelines;

    @Test
    void aNewPipelineRunsAtOnceAndFailsAtItsPendingConnection() {
        assertThat(fixture.created().stackStatus()).isEqualTo(StackStatus.CREATE_COMPLETE);

        String connection = fixture.output("ConnectionArn");
        assertThat(fixture.account.lookups().connectionStatus(connection)).contains("PENDING");
        assertThat(pipelines.connectionOf(NAME)).contains(connection);
        String first = pipelines.executions(NAME).getFirst();
        assertThat(pipelines.status(first)).isEqualTo("Failed");
        assertThat(pipelines.stage(first)).isEqualTo("Source");
        assertThat(pipelines.said(first)).contains(connection, "PENDING");
        assertThat(fixture.ofAction("Source"))
                .extracting(event -> event.path("state").asText())
                .containsExactly("STARTED", "FAILED");
    }

    @Test
    void aPushIsNotHeardOfBeforeTheConnectionIsApproved() {
        fixture.created();
        SourcePush push = SourcePush.of(SimulatedPipelineFixture.COMMIT, "v1");

        assertThat(pipelines.push(NAME, push)).isInstanceOf(SimulatedCodePipeline.Pushed.Ignored.class);
        assertThat(fixture.account.approveConnection("arn:none")).isFalse();
        assertThat(fixture.account.approveConnection(fixture.output("ConnectionArn")))
                .isTrue();
        assertThat(fixture.account.lookups().connectionStatus(fixture.output("ConnectionArn")))
                .contains("AVAILABLE");
        assertThat(pipelines.push(NAME, push)).isInstanceOf(SimulatedCodePipeline.Pushed.Started.class);
    }

    @Test
    void theFailedFirstExecutionCanBeRetriedOnceTheConnectionIsApproved() {
        fixture.approved();
        String first = pipelines.executions(NAME).getFirst();

        pipelines.retry(first);
        fixture.timeline.advance(Duration.ofMinutes(30));

        assertThat(pipelines.status(first)).isEqualTo("Succeeded");
        assertThatThrownBy(() -> pipelines.retry(first)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anExistingConnectionIsUsedAndNoneMade() {
        fixture.parameters.put("ConnectionArn", "arn:aws:codeconnections:eu-central-1:123456789012:connection/none");
        fixture.created();

        String first = pipelines.executions(NAME).getFirst();
        assertThat(pipelines.said(first)).contains("connection/none", "does not exist");
    }

    @Test
    void aChangeOfStructureCancelsWhatIsUnderWayAndHasANewVersion() {
        fixture.approved();
        String execution = ((SimulatedCodePipeline.Pushed.Started)
                        pipelines.push(NAME, SourcePush.of(SimulatedPipelineFixture.COMMIT, "v1")))
                .execution();
        fixture.timeline.advance(Duration.ofMinutes(1));
        fixture.parameters.put("TestBuildspec", "test.yml");
        fixture.updated();
        fixture.timeline.advance(Duration.ofMinutes(10));

        assertThat(fixture.stack().stackStatus()).isEqualTo(StackStatus.UPDATE_COMPLETE);
        assertThat(pipelines.status(execution)).isEqualTo("Cancelled");
        assertThat(fixture.ofAction("Build").getLast().path("state").asText()).isEqualTo("CANCELED");
        assertThat(fixture.pushed(SourcePush.of(SimulatedPipelineFixture.COMMIT, "v2")))
                .isNotEmpty();
        assertThat(fixture.ofAction("Test"))
                .allSatisfy(
                        event -> assertThat(event.path("version").asDouble()).isEqualTo(2));
    }

    @Test
    void aChangeOfTheProjectAloneCancelsNothing() {
        fixture.approved();
        String execution = ((SimulatedCodePipeline.Pushed.Started)
                        pipelines.push(NAME, SourcePush.of(SimulatedPipelineFixture.COMMIT, "v1")))
                .execution();
        fixture.timeline.advance(Duration.ofMinutes(1));
        fixture.parameters.put("BuildMinutes", "45");
        fixture.updated();
        fixture.timeline.advance(Duration.ofHours(1));

        assertThat(pipelines.status(execution)).isEqualTo("Succeeded");
    }

    @Test
    void withTheStackGoPipelineConnectionCacheAndLog() {
        fixture.approved();
        fixture.account.pushImage(SimulatedPipelineFixture.uri("pipeline") + ":layers");
        String connection = fixture.output("ConnectionArn");
        String id = fixture.stack().stackId();
        fixture.account.cloudFormation().deleteStack(request -> request.stackName(NAME));
        fixture.timeline.advance(Duration.ofMinutes(20));

        assertThat(fixture.account
                        .cloudFormation()
                        .describeStacks(request -> request.stackName(id))
                        .stacks()
                        .getFirst()
                        .stackStatus())
                .isEqualTo(StackStatus.DELETE_COMPLETE);
        assertThat(pipelines.push(NAME, SourcePush.of(SimulatedPipelineFixture.COMMIT, "v1")))
                .isEqualTo(new SimulatedCodePipeline.Pushed.NoPipeline(NAME));
        assertThat(fixture.account.lookups().connectionStatus(connection)).isEmpty();
        assertThatThrownBy(() ->
                        fixture.account.ecr().listImages(request -> request.repositoryName("slipway-pipeline-web")))
                .isInstanceOf(RepositoryNotFoundException.class);
        assertThat(fixture.account.rawLogs().exists(SimulatedPipelineFixture.GROUP))
                .isFalse();
    }

    @Test
    void aNameThatIsTakenFailsTheStack() {
        fixture.account.stacks().occupy("AWS::CodePipeline::Pipeline", NAME);

        assertThat(fixture.created().stackStatus()).isEqualTo(StackStatus.ROLLBACK_COMPLETE);
        assertThat(fixture.account
                        .cloudFormation()
                        .describeStackEvents(request -> request.stackName(NAME))
                        .stackEvents())
                .anySatisfy(event -> assertThat(String.valueOf(event.resourceStatusReason()))
                        .contains("'AWS::CodePipeline::Pipeline'", "already exists", "AlreadyExists"));
        assertThat(pipelines.executions(NAME)).isEmpty();
    }

    @Test
    void driftTellsAPipelineThatWasDeletedByHand() {
        fixture.approved();
        assertThat(drift("Pipeline")).isEqualTo(StackResourceDriftStatus.IN_SYNC);
        assertThat(drift("BuildProject")).isEqualTo(StackResourceDriftStatus.IN_SYNC);

        pipelines.delete(NAME);

        assertThat(drift("Pipeline")).isEqualTo(StackResourceDriftStatus.DELETED);
    }

    private StackResourceDriftStatus drift(String logicalId) {
        fixture.account.cloudFormation().detectStackDrift(request -> request.stackName(NAME));
        fixture.timeline.advance(Duration.ofMinutes(1));
        return fixture
                .account
                .cloudFormation()
                .describeStackResourceDrifts(request -> request.stackName(NAME))
                .stackResourceDrifts()
                .stream()
                .filter(found -> found.logicalResourceId().equals(logicalId))
                .map(StackResourceDrift::stackResourceDriftStatus)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void onlyAPushOfItsBranchThatChangesOneOfItsPathsStartsIt() {
        fixture.parameters.put("Paths", "services/web/**,go.*");
        fixture.approved();

        assertThat(start("main", "services/web/cmd/main.go")).isEmpty();
        assertThat(start("main", "README.md", "go.sum")).isEmpty();
        assertThat(start("main")).isEmpty();
        assertThat(start("main", "services/api/main.go")).contains("services/web/**");
        assertThat(start("feature", "go.mod")).contains("feature", "main");
    }

    private String start(String branch, String... paths) {
        SourcePush push =
                new SourcePush(SimulatedPipelineFixture.COMMIT, branch, List.of(paths), null, "m", "ann", true);
        return switch (pipelines.push(NAME, push)) {
            case SimulatedCodePipeline.Pushed.Started ignored -> "";
            case SimulatedCodePipeline.Pushed.Ignored(String pipeline, String reason) -> reason;
            case SimulatedCodePipeline.Pushed.NoPipeline none -> throw new AssertionError(none);
        };
    }

    @Test
    void theFirstEventsTellWhatStartedIt() {
        fixture.approved();
        fixture.pushed(SourcePush.of(SimulatedPipelineFixture.COMMIT, "v1"));

        assertThat(fixture.events.stream()
                        .filter(event -> event.path("detail-type")
                                .asText()
                                .equals("CodePipeline Pipeline Execution State Change"))
                        .map(event -> event.at("/detail/state").asText() + " "
                                + event.at("/detail/execution-trigger/trigger-type")
                                        .asText()))
                .containsExactly("STARTED WebhookV2", "SUCCEEDED WebhookV2");
        assertThat(fixture.events.stream().map(JsonNode::toString).filter(event -> event.contains("CreatePipeline")))
                .isEmpty();
    }
}
