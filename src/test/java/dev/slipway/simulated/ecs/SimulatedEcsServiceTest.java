package dev.slipway.simulated.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.*;

class SimulatedEcsServiceTest {
    private final SimulatedEcsFixture account = new SimulatedEcsFixture();

    @Test
    void theSameClientTokenCreatesOneServiceAndAnotherOneIsRefused() {
        String definition = account.definition("v1");
        CreateServiceRequest request =
                account.service(definition, 1).clientToken("once").build();
        String arn = account.ecs.createService(request).service().serviceArn();
        assertThat(account.ecs.createService(request).service().serviceArn()).isEqualTo(arn);
        assertThatThrownBy(() -> account.ecs.createService(
                        account.service(definition, 1).clientToken("twice").build()))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageStartingWith("Creation of service was not idempotent.");
        assertThat(account.ecs
                        .listServices(list -> list.cluster(SimulatedEcsFixture.CLUSTER))
                        .serviceArns())
                .containsExactly(arn);
    }

    @Test
    void errorsCarryTheCodeOfTheWire() {
        assertThatThrownBy(() -> account.update(request -> request.desiredCount(1)))
                .isInstanceOfSatisfying(
                        ServiceNotFoundException.class,
                        error -> assertThat(error.awsErrorDetails().errorCode()).isEqualTo("ServiceNotFoundException"));
        assertThatThrownBy(() -> account.ecs.describeServices(
                        request -> request.cluster("other").services("web")))
                .isInstanceOf(ClusterNotFoundException.class);
        assertThat(account.ecs
                        .describeServices(request ->
                                request.cluster(SimulatedEcsFixture.CLUSTER).services("web"))
                        .failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo("MISSING"));
    }

    @Test
    void aScaledServiceIsDeletedOnlyByForceAndDrainsUntilItIsInactive() {
        account.running("v1", 2);
        assertThatThrownBy(() -> delete(false)).isInstanceOf(InvalidParameterException.class);
        delete(true);
        assertThat(account.service().status()).isEqualTo("DRAINING");
        assertThatThrownBy(() -> account.update(request -> request.desiredCount(1)))
                .isInstanceOf(ServiceNotActiveException.class);
        assertThatThrownBy(() -> account.ecs.createService(
                        account.service(account.definition("v1"), 1).build()))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("Draining");
        assertThatThrownBy(() -> account.ecs.deleteCluster(request -> request.cluster(SimulatedEcsFixture.CLUSTER)))
                .isInstanceOf(ClusterContainsServicesException.class);
        account.seconds(120);
        assertThat(account.service().status()).isEqualTo("INACTIVE");
        assertThat(account.ecs
                        .listServices(request -> request.cluster(SimulatedEcsFixture.CLUSTER))
                        .serviceArns())
                .isEmpty();
        account.ecs.createService(account.service(account.definition("v1"), 1).build());
        assertThat(account.service().status()).isEqualTo("ACTIVE");
    }

    private void delete(boolean force) {
        account.ecs.deleteService(request ->
                request.cluster(SimulatedEcsFixture.CLUSTER).service("web").force(force));
    }

    @Test
    void theLoadBalancerMustNameAContainerAPortAndATargetGroupInUse() {
        String definition = account.definition("v1");
        refused(definition, "other", 8080, account.groupA, "does not exist in the task definition");
        refused(definition, "web", 81, account.groupA, "did not have a container port 81");
        refused(definition, "web", 8080, account.group("lonely"), "does not have an associated load balancer");
    }

    private void refused(String definition, String container, int port, String group, String message) {
        assertThatThrownBy(() -> account.ecs.createService(account.service(definition, 1)
                        .loadBalancers(balancer -> balancer.containerName(container)
                                .containerPort(port)
                                .targetGroupArn(group))
                        .build()))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining(message);
    }

    @Test
    void taskDefinitionsAreNumberedTaggedAndRetiredInTwoSteps() {
        account.ecs.registerTaskDefinition(request -> request.family("f")
                .containerDefinitions(container -> container.name("c").image("public.ecr.aws/x:1"))
                .tags(Tag.builder().key("slipway:content").value("abc").build()));
        String second = account.ecs
                .registerTaskDefinition(request -> request.family("f")
                        .containerDefinitions(container -> container.name("c").image("public.ecr.aws/x:2")))
                .taskDefinition()
                .taskDefinitionArn();
        assertThat(second).isEqualTo("arn:aws:ecs:eu-central-1:123456789012:task-definition/f:2");
        DescribeTaskDefinitionResponse first = account.ecs.describeTaskDefinition(
                request -> request.taskDefinition("f:1").include(TaskDefinitionField.TAGS));
        assertThat(first.tags()).extracting(Tag::value).containsExactly("abc");
        assertThat(account.ecs
                        .listTaskDefinitions(
                                request -> request.familyPrefix("f").sort(SortOrder.DESC))
                        .taskDefinitionArns())
                .containsExactly(second, first.taskDefinition().taskDefinitionArn());
        assertThat(account.ecs
                        .deleteTaskDefinitions(request -> request.taskDefinitions("f:2"))
                        .failures())
                .hasSize(1);
        account.ecs.deregisterTaskDefinition(request -> request.taskDefinition("f:2"));
        assertThat(account.ecs
                        .describeTaskDefinition(request -> request.taskDefinition("f"))
                        .taskDefinition()
                        .revision())
                .isEqualTo(1);
        assertThatThrownBy(() ->
                        account.ecs.createService(account.service("f:2", 1).build()))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("TaskDefinition is inactive");
        assertThat(account.ecs
                        .deleteTaskDefinitions(request -> request.taskDefinitions("f:2"))
                        .failures())
                .isEmpty();
        assertThatThrownBy(() -> account.ecs.describeTaskDefinition(request -> request.taskDefinition("none")))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("Unable to describe task definition.");
    }

    @Test
    void aStoppedTaskIsReplacedAndStaysVisibleForAnHour() {
        account.running("v1", 1);
        String arn = account.tasks(DesiredStatus.RUNNING).getFirst().taskArn();
        account.ecs.stopTask(request ->
                request.cluster(SimulatedEcsFixture.CLUSTER).task(arn).reason("because"));
        account.seconds(300);
        assertThat(account.tasks(DesiredStatus.RUNNING)).hasSize(1);
        assertThat(account.tasks(DesiredStatus.STOPPED)).singleElement().satisfies(task -> {
            assertThat(task.stopCode()).isEqualTo(TaskStopCode.USER_INITIATED);
            assertThat(task.stoppedReason()).isEqualTo("because");
            assertThat(task.lastStatus()).isEqualTo("STOPPED");
        });
        account.seconds(3600);
        assertThat(account.tasks(DesiredStatus.STOPPED)).isEmpty();
    }

    @Test
    void runTaskRunsOnceAndEndsByItself() {
        String definition = account.definition("job");
        String bad = account.definition("job-crash");
        String good = run(definition);
        String failing = run(bad);
        account.seconds(120);
        assertThat(exitCode(good)).isZero();
        assertThat(exitCode(failing)).isEqualTo(1);
    }

    private String run(String definition) {
        return account.ecs
                .runTask(request -> request.cluster(SimulatedEcsFixture.CLUSTER)
                        .taskDefinition(definition)
                        .startedBy("me"))
                .tasks()
                .getFirst()
                .taskArn();
    }

    private int exitCode(String task) {
        return account.ecs
                .describeTasks(
                        request -> request.cluster(SimulatedEcsFixture.CLUSTER).tasks(task))
                .tasks()
                .getFirst()
                .containers()
                .getFirst()
                .exitCode();
    }

    @Test
    void taskEventsTellTheWholeLife() {
        account.running("v1", 1);
        account.update(request -> request.taskDefinition(account.definition("v2")));
        String first = account.tasks(DesiredStatus.RUNNING).getFirst().taskArn();
        account.advance(SimulatedEcsFixture.LONG_ENOUGH);
        assertThat(account.events("ECS Task State Change").stream()
                        .map(event -> event.path("detail"))
                        .filter(detail -> detail.path("taskArn").asText().equals(first))
                        .map(detail -> detail.path("lastStatus").asText()))
                .containsExactly("PROVISIONING", "PENDING", "RUNNING", "DEACTIVATING", "STOPPED");
        JsonNode last = account.events("ECS Task State Change").getLast().path("detail");
        assertThat(last.path("stopCode").asText()).isEqualTo("ServiceSchedulerInitiated");
        assertThat(last.path("group").asText()).isEqualTo("service:web");
        assertThat(last.path("containers").get(0).path("exitCode").asInt(-1)).isZero();
    }

    @Test
    void tagsStayOnTheirResource() {
        account.running("v1", 1);
        String arn = account.service().serviceArn();
        account.ecs.tagResource(request ->
                request.resourceArn(arn).tags(Tag.builder().key("a").value("1").build()));
        assertThat(account.ecs
                        .listTagsForResource(request -> request.resourceArn(arn))
                        .tags())
                .extracting(Tag::key)
                .containsExactly("a");
    }

    @Test
    void callsThroughTheAccountAreCountedAndTasksMakeNone() {
        account.running("v1", 1);
        assertThat(account.aws.calls()).containsEntry("Ecs.createService", 1).doesNotContainKey("Elb.registerTargets");
    }
}
