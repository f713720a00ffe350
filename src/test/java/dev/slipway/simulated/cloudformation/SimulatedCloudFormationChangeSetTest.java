package dev.slipway.simulated.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.Change;
import software.amazon.awssdk.services.cloudformation.model.ChangeSetNotFoundException;
import software.amazon.awssdk.services.cloudformation.model.DescribeChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.InsufficientCapabilitiesException;
import software.amazon.awssdk.services.cloudformation.model.InvalidChangeSetStatusException;
import software.amazon.awssdk.services.cloudformation.model.ResourceChange;
import software.amazon.awssdk.services.cloudformation.model.ResourceChangeDetail;
import software.amazon.awssdk.services.cloudformation.model.Tag;

class SimulatedCloudFormationChangeSetTest {
    private static final String TEMPLATE = """
            Parameters:
              Days: {Type: Number, Default: 30}
              Range: {Type: String, Default: 10.0.0.0/16}
              Secret: {Type: String, NoEcho: true, Default: hush-hush}
            Resources:
              Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Range}}
              Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
              Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /web, RetentionInDays: !Ref Days}}
              Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: b, WebsiteConfiguration: {ErrorDocument: !Ref Secret}}}
            """;

    private final SimulatedCloudFormationFixture fixture = new SimulatedCloudFormationFixture();

    private static ResourceChange change(DescribeChangeSetResponse changeSet, String logicalId) {
        return changeSet.changes().stream()
                .map(Change::resourceChange)
                .filter(change -> change.logicalResourceId().equals(logicalId))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void showsEachValueBeforeAndAfter() {
        fixture.create(TEMPLATE);

        ResourceChange change = change(fixture.changeSet("plan", TEMPLATE, "Days", "60"), "Logs");

        assertThat(change.actionAsString()).isEqualTo("Modify");
        assertThat(change.replacementAsString()).isEqualTo("False");
        assertThat(change.scopeAsStrings()).containsExactly("Properties");
        ResourceChangeDetail detail = change.details().getFirst();
        assertThat(detail.changeSourceAsString()).isEqualTo("ParameterReference");
        assertThat(detail.causingEntity()).isEqualTo("Days");
        assertThat(detail.target().path()).isEqualTo("/Properties/RetentionInDays");
        assertThat(detail.target().beforeValue()).isEqualTo("30");
        assertThat(detail.target().afterValue()).isEqualTo("60");
        assertThat(detail.target().requiresRecreationAsString()).isEqualTo("Never");
        assertThat(change.beforeContext()).contains("\"RetentionInDays\":\"30\"");
        assertThat(change.afterContext()).contains("\"RetentionInDays\":\"60\"");
    }

    @Test
    void aReplacementReachesWhatRefersToIt() {
        fixture.create(TEMPLATE);

        DescribeChangeSetResponse plan = fixture.changeSet("plan", TEMPLATE, "Range", "10.9.0.0/16");

        assertThat(change(plan, "Vpc").replacementAsString()).isEqualTo("True");
        assertThat(change(plan, "Vpc").policyActionAsString()).isEqualTo("ReplaceAndDelete");
        ResourceChange subnet = change(plan, "Subnet");
        assertThat(subnet.replacementAsString()).isEqualTo("True");
        assertThat(subnet.details().getFirst().changeSourceAsString()).isEqualTo("ResourceReference");
        assertThat(subnet.details().getFirst().target().afterValue()).isEqualTo("{{changeSet:KNOWN_AFTER_APPLY}}");
    }

    @Test
    void tellsAddedFromRemoved() {
        fixture.create(TEMPLATE);

        DescribeChangeSetResponse plan = fixture.changeSet(
                "plan", TEMPLATE.replace("  Logs:", "  OtherLogs:").replace("/web", "/other"));

        assertThat(change(plan, "OtherLogs").actionAsString()).isEqualTo("Add");
        assertThat(change(plan, "Logs").actionAsString()).isEqualTo("Remove");
        assertThat(change(plan, "Logs").policyActionAsString()).isEqualTo("Delete");
    }

    @Test
    void hidesSecretValues() {
        fixture.create(TEMPLATE);

        DescribeChangeSetResponse plan = fixture.changeSet("plan", TEMPLATE, "Secret", "new-secret");

        assertThat(plan.toString())
                .doesNotContain("hush-hush")
                .doesNotContain("new-secret")
                .contains("****");
        assertThat(fixture.stack().toString()).doesNotContain("hush-hush");
        assertThat(fixture.event("Bucket", "CREATE_COMPLETE").resourceProperties())
                .contains("****");
    }

    @Test
    void tagsOfTheStackTouchEveryResourceThatTakesTags() {
        fixture.create(TEMPLATE);
        fixture.cloud.createChangeSet(request -> request.stackName("web")
                .changeSetName("tags")
                .usePreviousTemplate(true)
                .tags(Tag.builder().key("team").value("blue").build()));
        fixture.settle();

        DescribeChangeSetResponse plan = fixture.describe("tags");

        assertThat(plan.changes())
                .extracting(change -> change.resourceChange().logicalResourceId())
                .containsExactly("Vpc", "Subnet", "Logs", "Bucket");
        assertThat(change(plan, "Logs").scopeAsStrings()).containsExactly("Tags");
    }

    @Test
    void anEmptyChangeSetFailsWithTheReason() {
        fixture.create(TEMPLATE);

        DescribeChangeSetResponse plan = fixture.changeSet("plan", TEMPLATE);

        assertThat(plan.statusAsString()).isEqualTo("FAILED");
        assertThat(plan.executionStatusAsString()).isEqualTo("UNAVAILABLE");
        assertThat(plan.statusReason())
                .isEqualTo("The submitted information didn't contain changes. Submit different information to create a"
                        + " change set.");
        assertThatThrownBy(() -> fixture.cloud.executeChangeSet(
                        request -> request.stackName("web").changeSetName("plan")))
                .isInstanceOf(InvalidChangeSetStatusException.class)
                .hasMessageContaining("cannot be executed in its current status of [FAILED]");
    }

    @Test
    void executingOneChangeSetRemovesTheOthers() {
        fixture.create(TEMPLATE);
        fixture.changeSet("one", TEMPLATE, "Days", "60");
        fixture.changeSet("two", TEMPLATE, "Days", "90");

        fixture.cloud.executeChangeSet(request -> request.stackName("web").changeSetName("one"));
        fixture.settle();

        assertThat(fixture.describe("one").executionStatusAsString()).isEqualTo("EXECUTE_COMPLETE");
        assertThat(fixture.services.logs.groups).containsEntry("/web", 60);
        assertThatThrownBy(() -> fixture.describe("two")).isInstanceOf(ChangeSetNotFoundException.class);
    }

    @Test
    void anUpdateMakesTheChangeSetsObsolete() {
        fixture.create(TEMPLATE);
        fixture.changeSet("one", TEMPLATE, "Days", "60");

        fixture.update(TEMPLATE, "Days", "90");

        assertThat(fixture.describe("one").executionStatusAsString()).isEqualTo("OBSOLETE");
        assertThatThrownBy(() -> fixture.cloud.executeChangeSet(
                        request -> request.stackName("web").changeSetName("one")))
                .hasMessageContaining("cannot be executed in its current execution status of [OBSOLETE]");
    }

    @Test
    void aChangeSetForANewStackLeavesAStackUnderReviewUntilThatIsDeleted() {
        fixture.cloud.createChangeSet(request -> request.stackName("web")
                .changeSetName("first")
                .changeSetType("CREATE")
                .templateBody(TEMPLATE));
        fixture.settle();
        assertThat(fixture.status()).isEqualTo("REVIEW_IN_PROGRESS");
        assertThat(fixture.describe("first").changes()).hasSize(4);

        fixture.cloud.deleteChangeSet(request -> request.stackName("web").changeSetName("first"));
        assertThat(fixture.status()).isEqualTo("REVIEW_IN_PROGRESS");

        fixture.cloud.deleteStack(request -> request.stackName("web"));
        fixture.settle();
        assertThatThrownBy(fixture::status).hasMessageContaining("does not exist");
    }

    @Test
    void createsAStackThroughAChangeSet() {
        fixture.cloud.createChangeSet(request -> request.stackName("web")
                .changeSetName("first")
                .changeSetType("CREATE")
                .templateBody(TEMPLATE));
        fixture.settle();

        fixture.cloud.executeChangeSet(
                request -> request.stackName("web").changeSetName("first").clientRequestToken("t"));
        fixture.cloud.executeChangeSet(
                request -> request.stackName("web").changeSetName("first").clientRequestToken("t"));
        fixture.settle();

        assertThat(fixture.status()).isEqualTo("CREATE_COMPLETE");
        assertThatThrownBy(() -> fixture.cloud.createChangeSet(request -> request.stackName("web")
                        .changeSetName("again")
                        .changeSetType("CREATE")
                        .templateBody(TEMPLATE)))
                .hasMessageContaining("already exists and cannot be created again");
    }

    @Test
    void refusesAChangeSetWhileTheStackIsBusy() {
        fixture.create(TEMPLATE);
        fixture.begin(TEMPLATE, "Days", "60");

        assertThatThrownBy(() -> fixture.changeSet("plan", TEMPLATE, "Days", "90"))
                .hasMessageContaining("is in UPDATE_IN_PROGRESS state and can not be updated.");
    }

    @Test
    void askForCapabilitiesByName() {
        String named = "Resources: {Role: {Type: 'AWS::IAM::Role', Properties: {RoleName: r}}}";

        assertThatThrownBy(() -> fixture.cloud.createStack(request ->
                        request.stackName("x").templateBody(named).capabilitiesWithStrings(List.of("CAPABILITY_IAM"))))
                .isInstanceOf(InsufficientCapabilitiesException.class)
                .hasMessageContaining("Requires capabilities : [CAPABILITY_NAMED_IAM]");
    }
}
