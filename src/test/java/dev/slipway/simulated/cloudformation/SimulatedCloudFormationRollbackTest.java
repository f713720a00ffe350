package dev.slipway.simulated.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.model.CreateServiceRequest;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.ModifyRuleRequest;

class SimulatedCloudFormationRollbackTest {
    private static final String LOGS = """
            Parameters:
              Days: {Type: Number, Default: 30}
              Name: {Type: String, Default: second}
            Resources:
              First:
                Type: AWS::Logs::LogGroup
                Properties: {LogGroupName: /first, RetentionInDays: !Ref Days}
              Second:
                Type: AWS::Logs::LogGroup
                DependsOn: First
                Properties: {LogGroupName: !Sub '/${Name}', RetentionInDays: !Ref Days}
            """;
    private static final String SERVICE = """
            Parameters:
              TaskDefinition: {Type: String, Default: 'web:1'}
              Path: {Type: String, Default: /*}
              WeightA: {Type: Number, Default: 1}
            Resources:
              Rule:
                Type: AWS::ElasticLoadBalancingV2::ListenerRule
                Properties:
                  ListenerArn: arn:listener
                  Priority: 5
                  Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [!Ref Path]}}]
                  Actions:
                    - Type: forward
                      ForwardConfig:
                        TargetGroups:
                          - {TargetGroupArn: arn:a, Weight: !Ref WeightA}
                          - {TargetGroupArn: arn:b, Weight: 0}
              Service:
                Type: AWS::ECS::Service
                DependsOn: Rule
                Properties:
                  ServiceName: s
                  Cluster: c
                  TaskDefinition: !Ref TaskDefinition
                  HealthCheckGracePeriodSeconds: 20
                  DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
            """;

    private final SimulatedCloudFormationFixture fixture = new SimulatedCloudFormationFixture();

    @Test
    void deletesWhatAFailedCreationMade() {
        fixture.cloud.failNext("web", "Second", "no more room");
        fixture.create(LOGS);

        assertThat(fixture.status()).isEqualTo("ROLLBACK_COMPLETE");
        assertThat(fixture.event("web", "ROLLBACK_IN_PROGRESS").resourceStatusReason())
                .isEqualTo("The following resource(s) failed to create: [Second]. Rollback requested by user.");
        assertThat(fixture.services.logs.groups).isEmpty();
        assertThatThrownBy(() -> fixture.begin(LOGS, "Days", "60"))
                .hasMessageContaining("is in ROLLBACK_COMPLETE state and can not be updated.");
    }

    @Test
    void cancelsTheSiblingsOfWhatFailed() {
        fixture.cloud.failNext("web", "Bad", "no");
        fixture.create("""
                Resources:
                  Bad: {Type: AWS::S3::Bucket}
                  Slow: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: s, AllocationId: a}}
                """);

        assertThat(fixture.event("Slow", "CREATE_FAILED").resourceStatusReason())
                .isEqualTo("Resource creation cancelled");
        assertThat(fixture.status()).isEqualTo("ROLLBACK_COMPLETE");
    }

    @Test
    void putsThePreviousTemplatesValuesBackWhenAnUpdateFails() {
        fixture.create(LOGS);
        fixture.cloud.failNext("web", "Second", "no more room");

        fixture.update(LOGS, "Days", "60");

        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
        assertThat(fixture.event("web", "UPDATE_ROLLBACK_IN_PROGRESS").resourceStatusReason())
                .isEqualTo("The following resource(s) failed to update: [Second]. ");
        assertThat(fixture.services.logs.groups).containsEntry("/first", 30).containsEntry("/second", 30);
        fixture.update(LOGS, "Days", "60");
        assertThat(fixture.status()).isEqualTo("UPDATE_COMPLETE");
    }

    @Test
    void aRollbackThatFailsWaitsUntilItIsContinued() {
        fixture.create(LOGS);
        fixture.cloud.failNext("web", "Second", "no more room");
        fixture.cloud.failNext("web", "Second", "still none");
        fixture.update(LOGS, "Days", "60");

        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_FAILED");
        assertThatThrownBy(() -> fixture.begin(LOGS, "Days", "90"))
                .hasMessageContaining("UPDATE_ROLLBACK_FAILED state and can not be updated.");

        fixture.cloud.continueUpdateRollback(request -> request.stackName("web"));
        fixture.settle();
        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
        assertThat(fixture.services.logs.groups).containsEntry("/second", 30);
    }

    @Test
    void aRollbackCanSkipWhatCannotBeMended() {
        fixture.create(LOGS);
        fixture.cloud.failNext("web", "Second", "no");
        fixture.cloud.failNext("web", "Second", "no");
        fixture.update(LOGS, "Days", "60");

        fixture.cloud.continueUpdateRollback(request -> request.stackName("web").resourcesToSkip("Second"));
        fixture.settle();

        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
    }

    @Test
    void whatWasOnlyCancelledCannotBeSkipped() {
        String both = LOGS.replace("    DependsOn: First\n", "");
        fixture.create(both);
        fixture.cloud.failNext("web", "First", "no");
        fixture.cloud.failNext("web", "First", "no");
        fixture.update(both, "Days", "60");
        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_FAILED");

        assertThatThrownBy(() -> fixture.cloud.continueUpdateRollback(
                        request -> request.stackName("web").resourcesToSkip("First", "Second")))
                .hasMessageContaining("Second");
        fixture.cloud.continueUpdateRollback(request -> request.stackName("web").resourcesToSkip("First"));
        fixture.settle();

        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
    }

    @Test
    void makesTheReplacementBeforeItDeletesTheOld() {
        fixture.create(LOGS);

        fixture.update(LOGS, "Name", "third");

        assertThat(fixture.story())
                .containsSubsequence(
                        "Second UPDATE_COMPLETE",
                        "web UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                        "Second DELETE_IN_PROGRESS",
                        "Second DELETE_COMPLETE",
                        "web UPDATE_COMPLETE");
        assertThat(fixture.services.logs.groups).containsOnlyKeys("/first", "/third");
    }

    @Test
    void goesBackToTheOldResourceWhenAReplacementIsRolledBack() {
        String more = LOGS + """
              Third:
                Type: AWS::Logs::LogGroup
                DependsOn: Second
                Properties: {LogGroupName: /more}
            """;
        fixture.create(LOGS);
        fixture.cloud.failNext("web", "Third", "no");

        fixture.update(more, "Name", "third");

        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
        assertThat(fixture.services.logs.groups).containsOnlyKeys("/first", "/second");
    }

    @Test
    void cannotReplaceAResourceThatKeepsItsName() {
        String role = """
                Parameters: {Path: {Type: String, Default: /}}
                Resources:
                  Role:
                    Type: AWS::IAM::Role
                    Properties: {RoleName: r, Path: !Ref Path, AssumeRolePolicyDocument: {}}
                """;
        fixture.create(role);

        fixture.update(role, "Path", "/team/");

        assertThat(fixture.event("Role", "UPDATE_FAILED").resourceStatusReason())
                .isEqualTo("CloudFormation cannot update a stack when a custom-named resource requires replacing."
                        + " Rename r and update the stack again.");
        assertThat(fixture.status()).isEqualTo("UPDATE_ROLLBACK_COMPLETE");
    }

    @Test
    void aNameThatIsTakenFailsTheResource() {
        fixture.cloud.occupy("AWS::S3::Bucket", "taken");
        fixture.create("Resources: {Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: taken}}}");

        assertThat(fixture.event("Bucket", "CREATE_FAILED").resourceStatusReason())
                .contains("Resource of type 'AWS::S3::Bucket' with identifier 'taken' already exists.")
                .contains("HandlerErrorCode: AlreadyExists");
    }

    @Test
    void sendsEveryDeclaredPropertyOfATouchedRuleSoTrafficMoves() {
        fixture.create(SERVICE);

        fixture.update(SERVICE, "Path", "/api/*");

        ModifyRuleRequest sent = (ModifyRuleRequest) fixture.services.elb.requests.getLast();
        assertThat(sent.actions().getFirst().forwardConfig().targetGroups())
                .extracting(group -> group.weight())
                .containsExactly(1, 0);
        assertThat(sent.conditions().getFirst().pathPatternConfig().values()).containsExactly("/api/*");
        assertThat(fixture.services.ecs.requests).hasSize(1); // the service is not touched
    }

    @Test
    void anEcsServiceIsMadeWithOneTaskAndUpdatedWithoutACount() {
        fixture.create(SERVICE);
        fixture.update(SERVICE, "TaskDefinition", "web:2");

        assertThat(((CreateServiceRequest) fixture.services.ecs.requests.get(0)).desiredCount())
                .isEqualTo(1);
        UpdateServiceRequest update = (UpdateServiceRequest) fixture.services.ecs.requests.get(1);
        assertThat(update.desiredCount()).isNull();
        assertThat(update.taskDefinition()).isEqualTo("web:2");
        assertThat(update.healthCheckGracePeriodSeconds()).isEqualTo(20);
    }

    @Test
    void theCircuitBreakerFailsTheUpdateAndThePreviousReleaseIsPutBack() {
        fixture.create(SERVICE);
        fixture.services.ecs.outcome = "FAILED";
        fixture.begin(SERVICE, "TaskDefinition", "web:2", "Path", "/api/*");
        fixture.timeline.advance(Duration.ofSeconds(60));
        fixture.services.ecs.outcome = "COMPLETED";
        fixture.settle();

        assertThat(fixture.event("Service", "UPDATE_FAILED").resourceStatusReason())
                .startsWith("Resource handler returned message: \"Error occurred during operation 'ECS Deployment"
                        + " Circuit Breaker was triggered'.\"");
        List<Object> sent = fixture.services.ecs.requests;
        assertThat(((UpdateServiceRequest) sent.getLast()).taskDefinition()).isEqualTo("web:1");
        ModifyRuleRequest rule = (ModifyRuleRequest) fixture.services.elb.requests.getLast();
        assertThat(rule.conditions().getFirst().pathPatternConfig().values()).containsExactly("/*");
    }

    @Test
    void aServiceThatNeverSettlesFailsAfterThreeHours() {
        fixture.services.ecs.outcome = "IN_PROGRESS";
        fixture.create(SERVICE);

        assertThat(fixture.event("Service", "CREATE_FAILED").timestamp())
                .isAfter(fixture.stack().creationTime().plus(Duration.ofHours(3)));
    }
}
