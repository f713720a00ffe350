package dev.slipway.simulated.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Comparator;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.AlreadyExistsException;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

class SimulatedCloudFormationLifecycleTest {
    private static final String NETWORK = """
            Parameters:
              Days: {Type: Number, Default: 30}
            Resources:
              Vpc:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
              Subnet:
                Type: AWS::EC2::Subnet
                Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}
              Logs:
                Type: AWS::Logs::LogGroup
                Properties: {LogGroupName: /web, RetentionInDays: !Ref Days}
            Outputs:
              Subnet: {Value: !Ref Subnet}
              LogsArn: {Value: !GetAtt Logs.Arn}
            """;

    private final SimulatedCloudFormationFixture fixture = new SimulatedCloudFormationFixture();

    @Test
    void createsResourcesAsTheirDependenciesAllow() {
        fixture.create(NETWORK);

        assertThat(fixture.status()).isEqualTo("CREATE_COMPLETE");
        assertThat(fixture.story())
                .containsSubsequence(
                        "web CREATE_IN_PROGRESS",
                        "Vpc CREATE_IN_PROGRESS",
                        "Logs CREATE_IN_PROGRESS",
                        "Vpc CREATE_IN_PROGRESS",
                        "Vpc CREATE_COMPLETE",
                        "Subnet CREATE_IN_PROGRESS",
                        "Subnet CREATE_COMPLETE",
                        "web CREATE_COMPLETE");
        assertThat(fixture.outputs().get("Subnet")).matches("subnet-[0-9a-f]{17}");
        assertThat(fixture.outputs().get("LogsArn")).isEqualTo("arn:aws:logs:eu-west-1:111122223333:log-group:/web:*");
    }

    @Test
    void touchesOnlyWhatTheTemplateChanges() {
        fixture.create(NETWORK);
        int before = fixture.story().size();
        fixture.services.logs.groups.put("/web", 1); // changed by hand; CloudFormation does not look

        fixture.update(NETWORK, "Days", "60");

        assertThat(fixture.status()).isEqualTo("UPDATE_COMPLETE");
        assertThat(fixture.story().subList(before, fixture.story().size()))
                .containsExactly(
                        "web UPDATE_IN_PROGRESS",
                        "Logs UPDATE_IN_PROGRESS",
                        "Logs UPDATE_COMPLETE",
                        "web UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                        "web UPDATE_COMPLETE");
        assertThat(fixture.services.logs.groups).containsEntry("/web", 60);
    }

    @Test
    void refusesAnUpdateWithoutChanges() {
        fixture.create(NETWORK);

        assertThatThrownBy(() -> fixture.update(NETWORK))
                .isInstanceOf(CloudFormationException.class)
                .hasMessageContaining("No updates are to be performed.");
    }

    @Test
    void refusesAnUpdateWhileAnotherIsUnderWay() {
        String id = fixture.create(NETWORK);
        fixture.begin(NETWORK, "Days", "60");

        assertThatThrownBy(() -> fixture.begin(NETWORK, "Days", "90"))
                .hasMessageContaining("Stack:" + id + " is in UPDATE_IN_PROGRESS state and can not be updated.");
    }

    @Test
    void deletesInTheOppositeOrderAndKnowsTheDeletedStackByIdOnly() {
        String id = fixture.create(NETWORK);

        fixture.cloud.deleteStack(request -> request.stackName("web"));
        fixture.settle();

        assertThatThrownBy(fixture::status).hasMessageContaining("Stack with id web does not exist");
        assertThat(fixture.cloud
                        .describeStacks(request -> request.stackName(id))
                        .stacks()
                        .getFirst()
                        .stackStatusAsString())
                .isEqualTo("DELETE_COMPLETE");
        assertThat(fixture.cloud.describeStackEvents(request -> request.stackName(id)).stackEvents().reversed().stream()
                        .map(event -> event.logicalResourceId() + " " + event.resourceStatusAsString())
                        .toList())
                .containsSubsequence("Subnet DELETE_COMPLETE", "Vpc DELETE_IN_PROGRESS", "web DELETE_COMPLETE");
        assertThat(fixture.services.logs.groups).isEmpty();
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        SimulatedCloudFormationFixture other = new SimulatedCloudFormationFixture();

        fixture.create(NETWORK);
        other.create(NETWORK);

        assertThat(other.cloud.describeStackEvents(request -> request.stackName("web")))
                .isEqualTo(fixture.cloud.describeStackEvents(request -> request.stackName("web")));
    }

    @Test
    void pagesTheEventsNewestFirst() {
        fixture.create(NETWORK);
        for (int days = 1; days < 40; days++) {
            fixture.update(NETWORK, "Days", Integer.toString(days));
        }

        assertThat(
                        fixture
                                .cloud
                                .describeStackEventsPaginator(request -> request.stackName("web"))
                                .stackEvents()
                                .stream()
                                .map(StackEvent::timestamp)
                                .toList())
                .hasSizeGreaterThan(150)
                .isSortedAccordingTo(Comparator.reverseOrder());
    }

    @Test
    void deletingAStackThatDoesNotExistSucceeds() {
        fixture.cloud.deleteStack(request -> request.stackName("none"));
    }

    @Test
    void refusesASecondStackOfTheSameNameButAcceptsTheSameRequestTwice() {
        fixture.cloud.createStack(
                request -> request.stackName("web").templateBody(NETWORK).clientRequestToken("one"));
        fixture.cloud.createStack(
                request -> request.stackName("web").templateBody(NETWORK).clientRequestToken("one"));

        assertThatThrownBy(() -> fixture.cloud.createStack(request ->
                        request.stackName("web").templateBody(NETWORK).clientRequestToken("two")))
                .isInstanceOf(AlreadyExistsException.class);
        assertThat(fixture.cloud.describeStackEvents(r -> r.stackName("web")).stackEvents())
                .allSatisfy(event -> assertThat(event.clientRequestToken()).isEqualTo("one"));
    }

    @Test
    void protectsAStackFromDeletion() {
        fixture.create(NETWORK);
        fixture.cloud.updateTerminationProtection(
                request -> request.stackName("web").enableTerminationProtection(true));

        assertThatThrownBy(() -> fixture.cloud.deleteStack(request -> request.stackName("web")))
                .hasMessageContaining("cannot be deleted while TerminationProtection is enabled");
    }

    @Test
    void deletesAStackThatIsBeingCreated() {
        fixture.cloud.createStack(request -> request.stackName("web").templateBody(NETWORK));
        fixture.timeline.advance(Duration.ofSeconds(8));

        fixture.cloud.deleteStack(request -> request.stackName("web"));
        fixture.settle();

        assertThatThrownBy(fixture::status).hasMessageContaining("does not exist");
        assertThat(fixture.services.logs.groups).isEmpty();
    }

    @Test
    void keepsWhatTheTemplateSaysToKeep() {
        fixture.create("""
                Resources:
                  Logs:
                    Type: AWS::Logs::LogGroup
                    DeletionPolicy: Retain
                    Properties: {LogGroupName: /kept}
                """);

        fixture.cloud.deleteStack(request -> request.stackName("web"));
        fixture.settle();

        assertThat(fixture.services.logs.groups).containsKey("/kept");
    }

    @Test
    void aRegistryWithImagesHoldsTheDeletionUntilItIsEmpty() {
        fixture.create("""
                Resources:
                  Repository: {Type: AWS::ECR::Repository, Properties: {RepositoryName: web}}
                """);
        fixture.services.ecr.filled = true;
        fixture.cloud.deleteStack(request -> request.stackName("web"));
        fixture.settle();

        assertThat(fixture.status()).isEqualTo("DELETE_FAILED");
        assertThat(fixture.stack().stackStatusReason())
                .isEqualTo("The following resource(s) failed to delete: [Repository]. ");
        assertThat(fixture.event("Repository", "DELETE_FAILED").resourceStatusReason())
                .contains("still contains images")
                .contains("HandlerErrorCode: InvalidRequest");

        fixture.services.ecr.filled = false;
        fixture.cloud.deleteStack(request -> request.stackName("web"));
        fixture.settle();
        assertThat(fixture.services.ecr.repositories).isEmpty();
    }

    @Test
    void tellsTheEventBusInCloudFormationsOwnShape() {
        String id = fixture.create(NETWORK);

        assertThat(fixture.delivered)
                .anySatisfy(event -> assertThat(event)
                        .contains("\"detail-type\":\"CloudFormation Stack Status Change\"")
                        .contains("\"source\":\"aws.cloudformation\"")
                        .contains("\"stack-id\":\"" + id + "\"")
                        .contains("\"status-details\":{\"status\":\"CREATE_COMPLETE\",\"status-reason\":\"\"}"));
        assertThat(fixture.delivered)
                .anySatisfy(event -> assertThat(event)
                        .contains("\"detail-type\":\"CloudFormation Resource Status Change\"")
                        .contains("\"logical-resource-id\":\"Logs\"")
                        .contains("\"physical-resource-id\":\"/web\"")
                        .contains("\"resource-type\":\"AWS::Logs::LogGroup\""));
    }
}
