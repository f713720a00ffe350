package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.problem.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

final class RootCauseTest {
    private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");
    private final List<StackEvent> newestFirst = new ArrayList<>();

    @Test
    void isTheFirstFailureAndNotWhatFollowedIt() {
        event("Stack", "UPDATE_IN_PROGRESS", "User Initiated", "op1-execute");
        event("Web", "UPDATE_FAILED", "Rate exceeded", "op1-execute");
        event("Rule", "UPDATE_FAILED", "Resource update cancelled", "op1-execute");
        event("Role", "CREATE_FAILED", "Resource creation cancelled", "op1-execute");
        event(
                "Stack",
                "UPDATE_ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to update: [Web].",
                "op1-execute");
        event("Other", "UPDATE_FAILED", "not stable", "op1-execute");
        Problem problem = RootCause.ofChange(live(null), events());
        assertThat(problem.detail()).isEqualTo("Web (AWS::ECS::Service): Rate exceeded");
    }

    @Test
    void isNotACancelledResourceEvenWhenThatCameFirst() {
        event("Rule", "CREATE_FAILED", "Resource creation cancelled", "op1-create");
        event("Web", "CREATE_FAILED", "Rate exceeded", "op1-create");
        assertThat(RootCause.ofChange(live(null), events()).detail()).startsWith("Web");
    }

    @Test
    void isOfOurOwnChange() {
        event("Old", "UPDATE_FAILED", "an old failure", "console");
        event("Web", "UPDATE_FAILED", "Rate exceeded", "op1-execute");
        assertThat(RootCause.ofChange(live(null), events()).detail()).startsWith("Web");
    }

    @Test
    void isTheStacksReasonWhenNoResourceTells() {
        assertThat(RootCause.ofChange(live("Template error: no"), events()).detail())
                .isEqualTo("The stack slipway-prod: Template error: no");
    }

    /** Reasons as the services give them. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            access-denied | USER | Resource handler returned message: "User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: ecs:CreateService on resource: z" (RequestToken: 1-2, HandlerErrorCode: AccessDenied)
            access-denied | USER | API: ec2:CreateVpc You are not authorized to perform this operation.
            quota-exceeded | USER | The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400)
            quota-exceeded | USER | Resource handler returned message: "The maximum number of VPCs has been reached." (RequestToken: a, HandlerErrorCode: ServiceLimitExceeded)
            deployment-failed | USER | Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.
            already-exists | USER | /slipway/prod/web already exists in stack arn:aws:cloudformation:eu-west-1:1:stack/other/1
            priority-in-use | USER | Priority '100' is currently in use (Service: ElasticLoadBalancingV2, Status Code: 400)
            certificate-not-usable | USER | The certificate 'arn:aws:acm:x' must have a fully-qualified domain name, a supported signature, and a supported key size.
            no-capacity | DEPENDENCY | Capacity is unavailable at this time. Please try again later or in a different availability zone
            throttled | DEPENDENCY | Rate exceeded (Service: AmazonECS; Status Code: 400; Error Code: ThrottlingException)
            throttled | DEPENDENCY | TooManyRequestsException
            still-in-use | USER | The bucket you tried to delete is not empty
            still-in-use | USER | The vpc 'vpc-1' has dependencies and cannot be deleted. (Service: Ec2, Status Code: 400)
            service-linked-role-missing | DEPENDENCY | Unable to assume the service linked role. Please verify that the ECS service linked role exists.
            role-not-assumable | INTERNAL | Role arn:aws:iam::1:role/x is invalid or cannot be assumed
            template-invalid | INTERNAL | Template format error: Unresolved resource dependencies [X] in the Resources block
            template-mismatch | INTERNAL | Parameters: [X] do not exist in the template
            invalid-value | USER | Resource handler returned message: "Invalid request provided: Health check timeout must be smaller" (RequestToken: a, HandlerErrorCode: InvalidRequest)
            invalid-value | USER | Parameter 'Cidr' must match pattern x
            not-stable-in-time | DEPENDENCY | Exceeded attempts to wait
            aws-failed | DEPENDENCY | Internal Failure
            resource-failed | DEPENDENCY | something that nobody has seen
            """)
    void aReasonHasACode(String code, Problem.Category category, String reason) {
        Problem problem = FailureReasons.problem("Web (AWS::ECS::Service)", reason);
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.category()).isEqualTo(category);
        assertThat(problem.detail()).doesNotContain("RequestToken");
    }

    @Test
    void aDeniedActionIsNamed() {
        assertThat(FailureReasons.problem("Web", "x is not authorized to perform: ecs:CreateService on y")
                        .action())
                .contains("ecs:CreateService");
    }

    private StackEvents events() {
        return new StackEvents(new RequestTokens("op1"), newestFirst);
    }

    private void event(String id, String status, String reason, String token) {
        boolean stack = id.equals("Stack");
        newestFirst.addFirst(StackEvent.builder()
                .stackId("arn:stack")
                .physicalResourceId(stack ? "arn:stack" : id + "-1")
                .logicalResourceId(id)
                .resourceType(stack ? "AWS::CloudFormation::Stack" : "AWS::ECS::Service")
                .resourceStatus(status)
                .resourceStatusReason(reason)
                .clientRequestToken(token)
                .timestamp(AT)
                .build());
    }

    private static StackState live(@Nullable String reason) {
        return new StackState(
                "slipway-prod",
                "arn:stack",
                "UPDATE_ROLLBACK_COMPLETE",
                reason,
                Map.of(),
                Map.of(),
                Map.of(),
                false,
                AT);
    }
}
