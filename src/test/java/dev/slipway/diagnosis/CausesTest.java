package dev.slipway.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.slipway.diagnosis.Diagnosis.RankedCause;
import dev.slipway.diagnosis.Evidence.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each cause from a shape that AWS documents. Pages are of the Amazon ECS developer guide (docs.aws.amazon.com/AmazonECS/latest/developerguide/),
 * unless a row says otherwise; {@code re:Post} is AWS's knowledge center (repost.aws/knowledge-center/).
 */
class CausesTest {
    private static final String PULL = "task_cannot_pull_image.html";
    private static final String INIT = "resource-initialization-error.html";
    private static final String CODES = "stopped-task-error-codes.html";
    private static final String EVENTS = "service-event-messages-list.html";
    private static final String UNHEALTHY = "service-unhealthy-event-messages.html";
    private static final String TARGET =
            "docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html";
    private static final String SECRETS = "re:Post ecs-unable-to-pull-secrets";
    private static final String EXIT =
            "stopped-task-error-codes.html; exit codes as in POSIX shells, 128 and the signal's number";
    private static final String PROGRAM = "the program's own words; common runtimes print them so";
    private static final String FAILED = "docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html";
    private static final String STACK =
            "docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html";
    private static final String RIE =
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";
    private static final String SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf";
    private static final String USER =
            "User: arn:aws:sts::123456789012:assumed-role/slipway-prod-web-exec-eu-central-1/0123 is not authorized to perform: ";

    private static Arguments row(Cause cause, String page, String names, Seen seen) {
        return arguments(cause, page, names, seen);
    }

    static Stream<Arguments> documented() {
        return Stream.of(
                row(
                        Cause.IMAGE_PLATFORM,
                        PULL,
                        "linux/amd64",
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'")),
                row(
                        Cause.IMAGE_RATE_LIMIT,
                        PULL,
                        Seen.IMAGE,
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.")),
                row(
                        Cause.IMAGE_TOO_LARGE,
                        PULL,
                        "disk",
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to copy: write /var/lib/containerd/tmp: no space left on device")),
                row(
                        Cause.REGISTRY_UNREACHABLE,
                        INIT,
                        "no way to the registry",
                        new Seen()
                                .failsToStart(
                                        RIE
                                                + "unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post \"https://api.ecr.eu-central-1.amazonaws.com/\": dial tcp 10.0.0.1:443: i/o timeout. Please check your task network configuration.")),
                row(
                        Cause.REGISTRY_UNREACHABLE,
                        "re:Post ecs-fargate-pull-container-error",
                        Seen.IMAGE,
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/library/nginx:1: failed to do request: Head \"https://registry-1.docker.io/v2/library/nginx/manifests/1\": dial tcp 34.205.13.154:443: i/o timeout")),
                row(
                        Cause.IMAGE_NOT_PUBLIC,
                        "containerd's words, as in re:Post ecs-pull-container-error",
                        "wants a login",
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/acme/web:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed")),
                row(
                        Cause.IMAGE_DENIED,
                        PULL,
                        "execution role",
                        new Seen()
                                .failsToStart(RIE
                                        + "unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: "
                                        + USER + "ecr:GetAuthorizationToken on resource: *")),
                row(
                        Cause.IMAGE_DENIED,
                        PULL,
                        "may not pull",
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 1.dkr.ecr.eu-central-1.amazonaws.com/x:1: pulling from host failed with status code [manifests 1]: 403 Forbidden")),
                row(
                        Cause.IMAGE_MISSING,
                        PULL,
                        Seen.IMAGE,
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: not found"
                                                .formatted(Seen.IMAGE))),
                row(
                        Cause.IMAGE_NOT_PULLED,
                        PULL,
                        "could not be pulled",
                        new Seen()
                                .failsToStart(
                                        "CannotPullContainerError: ref pull has been retried 1 time(s): unexpected EOF")),
                row(
                        Cause.WRONG_ARCHITECTURE,
                        CODES,
                        "another processor",
                        new Seen().exits(1).log(0, "exec /usr/local/bin/app: exec format error")),
                row(
                        Cause.SECRET_KEY_MISSING,
                        "github.com/aws/amazon-ecs-agent agent/asm/asm.go, which makes the text",
                        "no key password",
                        new Seen()
                                .failsToStart(
                                        RIE
                                                + "unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key password")),
                row(
                        Cause.SECRET_NOT_JSON,
                        "re:Post ecs-secrets-manager-issues; the agent returns Go's json error",
                        "not JSON",
                        new Seen()
                                .failsToStart(
                                        RIE
                                                + "unable to retrieve secret from asm: service call has been retried 1 time(s): invalid character 'p' looking for beginning of value")),
                row(
                        Cause.SECRET_DELETED,
                        "docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html (InvalidRequestException)",
                        "marked for deletion",
                        new Seen()
                                .failsToStart(
                                        RIE + "unable to retrieve secret from asm: failed to fetch secret " + SECRET
                                                + " from secrets manager: InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.")),
                row(
                        Cause.KMS_KEY_DISABLED,
                        "docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html, KMSInvalidStateException",
                        "about to be deleted",
                        new Seen()
                                .failsToStart(
                                        RIE
                                                + "unable to retrieve secrets from ssm: service call has been retried 1 time(s): KMSInvalidStateException: arn:aws:kms:eu-central-1:123456789012:key/1 is pending deletion.")),
                row(
                        Cause.KMS_DENIED,
                        "API_Decrypt.html, AccessDeniedException; moto's kms/utils.py has the same words",
                        "may not use the key",
                        new Seen()
                                .failsToStart(
                                        RIE
                                                + "unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.")),
                row(
                        Cause.KMS_DENIED,
                        SECRETS,
                        SECRET,
                        new Seen()
                                .failsToStart(
                                        RIE + "unable to retrieve secret from asm: failed to fetch secret " + SECRET
                                                + " from secrets manager: AccessDeniedException: Access to KMS is not allowed")),
                row(
                        Cause.SECRET_MISSING,
                        SECRETS,
                        SECRET,
                        new Seen()
                                .failsToStart(
                                        RIE + "unable to retrieve secret from asm: failed to fetch secret " + SECRET
                                                + " from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.")),
                row(
                        Cause.SECRET_MISSING,
                        SECRETS,
                        "does not exist",
                        new Seen()
                                .failsToStart(
                                        RIE
                                                + "unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /prod/url")),
                row(
                        Cause.SECRET_DENIED,
                        SECRETS,
                        SECRET,
                        new Seen()
                                .failsToStart(
                                        RIE + "unable to retrieve secret from asm: failed to fetch secret " + SECRET
                                                + " from secrets manager: AccessDeniedException: " + USER
                                                + "secretsmanager:GetSecretValue on resource: " + SECRET)),
                row(
                        Cause.SECRET_UNREACHABLE,
                        SECRETS,
                        "no way to Secrets Manager",
                        new Seen()
                                .failsToStart(
                                        RIE
                                                + "unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded")),
                row(
                        Cause.LOG_GROUP_MISSING,
                        INIT,
                        "log group is gone",
                        new Seen()
                                .failsToStart(
                                        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.")),
                row(
                        Cause.LOGS_UNREACHABLE,
                        INIT,
                        "no way to CloudWatch Logs",
                        new Seen()
                                .failsToStart(
                                        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: RequestCanceled: request context canceled caused by: context deadline exceeded : exit status 1")),
                row(
                        Cause.LOGS_DENIED,
                        INIT,
                        "may not write",
                        new Seen()
                                .failsToStart(
                                        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: AccessDeniedException: "
                                                + USER + "logs:CreateLogStream on resource: /slipway/prod/web")),
                row(
                        Cause.EFS_MOUNT,
                        INIT,
                        "file system",
                        new Seen()
                                .failsToStart(
                                        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: mounting fs-1.efs.eu-central-1.amazonaws.com:/x failed, reason given by server: No such file or directory : unsuccessful EFS utils command execution; code: 32")),
                row(
                        Cause.NETWORK_INTERFACE,
                        CODES,
                        "network interface",
                        new Seen().failsToStart("Timeout waiting for network interface provisioning to complete.")),
                row(
                        Cause.COMMAND_MISSING,
                        "cannot-start-container.html; the end is runc's",
                        "does not exist in the image",
                        new Seen()
                                .failsToStart(
                                        "CannotStartContainerError: failed to create shim task: runc create failed: exec: \"/app/serve\": stat /app/serve: no such file or directory")),
                row(
                        Cause.COMMAND_FORBIDDEN,
                        "cannot-start-container.html; the end is runc's",
                        "not executable",
                        new Seen()
                                .failsToStart(
                                        "CannotStartContainerError: failed to create shim task: runc create failed: exec: \"/app/serve\": permission denied")),
                row(
                        Cause.CONTAINER_NOT_STARTED,
                        CODES,
                        "could not be started",
                        new Seen()
                                .failsToStart(
                                        "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m")),
                row(
                        Cause.OUT_OF_MEMORY,
                        "out-of-memory.html",
                        "512 MiB",
                        new Seen().exits(137, "OutOfMemoryError: Container killed due to memory usage")),
                row(
                        Cause.HEAP_EXHAUSTED,
                        PROGRAM,
                        "512 MiB",
                        new Seen().exits(3).log(20, "java.lang.OutOfMemoryError: Java heap space")),
                row(
                        Cause.PORT_IN_USE,
                        PROGRAM,
                        "same port",
                        new Seen().exits(1).log(1, "listen tcp :8080: bind: address already in use")),
                row(
                        Cause.READ_ONLY_FILES,
                        PROGRAM,
                        "read-only",
                        new Seen().exits(1).log(1, "open /tmp/cache: read-only file system")),
                row(
                        Cause.TASK_ROLE_DENIED,
                        "docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
                        "s3:GetObject",
                        new Seen().exits(1).log(2, "AccessDenied: " + USER + "s3:GetObject on resource: x")),
                row(
                        Cause.SETTING_MISSING,
                        PROGRAM,
                        "DATABASE_URL",
                        new Seen().exits(1).log(1, "fatal: environment variable DATABASE_URL is not set")),
                row(
                        Cause.DEPENDENCY_UNREACHABLE,
                        PROGRAM,
                        "10.0.3.4:5432",
                        new Seen().exits(1).log(5, "dial tcp 10.0.3.4:5432: connect: connection refused")),
                row(Cause.EXIT_126, EXIT, "126", new Seen().exits(126)),
                row(Cause.EXIT_127, EXIT, "127", new Seen().exits(127)),
                row(Cause.EXIT_137, EXIT, "137", new Seen().exits(137)),
                row(Cause.EXIT_139, EXIT, "139", new Seen().exits(139)),
                row(Cause.EXIT_134, EXIT, "134", new Seen().exits(134)),
                row(Cause.EXIT_143, EXIT, "143", new Seen().exits(143)),
                row(Cause.EXIT_0, EXIT, "exit code 0", new Seen().exits(0)),
                row(
                        Cause.EXIT_1,
                        EXIT,
                        "Its last line: panic: no",
                        new Seen().exits(1).log(1, "panic: no")),
                row(Cause.EXIT_OTHER, EXIT, "exit code 42", new Seen().exits(42)),
                row(
                        Cause.PORT_NOT_OPEN,
                        UNHEALTHY,
                        "port 8080",
                        new Seen().openPorts(80).unhealthy("Request timed out")),
                row(
                        Cause.LISTENS_ON_LOOPBACK,
                        UNHEALTHY,
                        "127.0.0.1:8080",
                        new Seen().unhealthy("Health checks failed").log(1, "Listening on http://127.0.0.1:8080")),
                row(
                        Cause.WRONG_PORT,
                        UNHEALTHY,
                        "listens on port 3000, but container.port is 8080",
                        new Seen().unhealthy("Health checks failed").log(1, "Server listening on port 3000")),
                row(
                        Cause.ZONE_NOT_ENABLED,
                        TARGET,
                        "zone",
                        new Seen()
                                .targetInState(
                                        "unused",
                                        "Target.NotInUse",
                                        "Target is in an Availability Zone that is not enabled for the load balancer")),
                row(
                        Cause.HEALTH_PATH_MISSING,
                        UNHEALTHY,
                        "/healthz with 404",
                        new Seen().unhealthy("Health checks failed with these codes: [404]")),
                row(
                        Cause.HEALTH_REDIRECTED,
                        UNHEALTHY,
                        "301",
                        new Seen().unhealthy("Health checks failed with these codes: [301]")),
                row(
                        Cause.HEALTH_NEEDS_LOGIN,
                        UNHEALTHY,
                        "401",
                        new Seen().unhealthy("Health checks failed with these codes: [401]")),
                row(
                        Cause.HEALTH_ERROR,
                        TARGET,
                        "503",
                        new Seen()
                                .target("Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")),
                row(
                        Cause.HEALTH_CODE,
                        TARGET,
                        "only 200-399",
                        new Seen()
                                .target("Target.ResponseCodeMismatch", "Health checks failed with these codes: [418]")),
                row(
                        Cause.SLOW_START,
                        "service-definition-parameters.html (healthCheckGracePeriodSeconds)",
                        "30 s",
                        new Seen()
                                .unhealthy("Health checks failed")
                                .log(1, "starting")
                                .log(45, "ready to serve")),
                row(Cause.HEALTH_TIMEOUT, UNHEALTHY, "within 5 s", new Seen().unhealthy("Request timed out")),
                row(
                        Cause.CONTAINER_CHECK,
                        CODES,
                        "container.healthCheck",
                        new Seen().ends("ServiceSchedulerInitiated", "Task failed container health checks", 137, "")),
                row(
                        Cause.LOAD_BALANCER_ERROR,
                        TARGET,
                        "load balancer itself",
                        new Seen().target("Elb.InternalError", "Health checks failed due to an internal error")),
                row(
                        Cause.TARGETS_NOT_IN_USE,
                        "docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html (loadBalancers)",
                        "listener rule",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "aws-refused: AWS has refused a call 5 times in a row: The target group with targetGroupArn %s does not have an associated load balancer."
                                                .formatted(Seen.GROUP))),
                row(
                        Cause.TARGETS_NOT_IN_USE,
                        TARGET,
                        "No listener rule",
                        new Seen()
                                .targetInState(
                                        "unused",
                                        "Target.NotInUse",
                                        "Target group is not configured to receive traffic from the load balancer")),
                row(
                        Cause.NOT_LISTENING,
                        TARGET,
                        "refused",
                        new Seen().target("Target.FailedHealthChecks", "Health checks failed")),
                row(
                        Cause.HEALTH_FAILED,
                        CODES,
                        "/healthz, port 8080",
                        new Seen()
                                .ends(
                                        "ServiceSchedulerInitiated",
                                        "Task failed ELB health checks in (target-group %s)".formatted(Seen.GROUP),
                                        0,
                                        "")),
                row(
                        Cause.NO_ADDRESSES,
                        EVENTS,
                        "subnet-0abc",
                        new Seen()
                                .event(
                                        "(service web) was unable to place a task. Reason: Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0abc': InsufficientFreeAddressesInSubnet.")),
                row(
                        Cause.INTERFACE_QUOTA,
                        "docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
                        "network interfaces",
                        new Seen()
                                .event(
                                        "(service web) was unable to place a task. Reason: Unexpected EC2 error while attempting to Create Network Interface: NetworkInterfaceLimitExceeded.")),
                row(
                        Cause.VCPU_QUOTA,
                        EVENTS,
                        "vCPUs",
                        new Seen()
                                .event(
                                        "(service web) was unable to place a task. Reason: You’ve reached the limit on the number of vCPUs you can run concurrently.")),
                row(
                        Cause.NO_SPOT_CAPACITY,
                        "fargate-capacity-providers.html",
                        "Spot capacity",
                        new Seen()
                                .event(
                                        "(service web) was unable to place a task using capacity provider FARGATE_SPOT. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.")),
                row(
                        Cause.NO_CAPACITY,
                        "re:Post ecs-fargate-runtask-capacity",
                        "Fargate capacity",
                        new Seen()
                                .event(
                                        "(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.")),
                row(
                        Cause.SPOT_INTERRUPTED,
                        "fargate-capacity-providers.html; API_Task.html (stopCode)",
                        "took Fargate Spot tasks back",
                        new Seen().ends("SpotInterruption", "Your Spot Task was interrupted.", 143, "")),
                row(
                        Cause.ZONE_WITHOUT_FARGATE,
                        EVENTS,
                        "zone that Fargate does not run in",
                        new Seen().event("(service web) was unable to place a task. Reason: Internal error.")),
                row(
                        Cause.HOST_FAILED,
                        "task-maintenance.html",
                        "maintenance",
                        new Seen()
                                .ends(
                                        "ServiceSchedulerInitiated",
                                        "ECS is performing maintenance on the underlying infrastructure hosting the task.",
                                        0,
                                        "")),
                row(
                        Cause.DEPLOYMENT_LIMITS,
                        EVENTS,
                        "neither start nor stop",
                        new Seen()
                                .event(
                                        "(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")),
                row(
                        Cause.ECS_THROTTLED,
                        EVENTS,
                        "throttles",
                        new Seen().event("(service web) operations are being throttled on elb. Will try again later.")),
                row(
                        Cause.STOPPED_BY_HAND,
                        "docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html",
                        "by hand",
                        new Seen().ends("UserInitiated", "Task stopped by user", 143, "")),
                row(
                        Cause.SERVICE_LINKED_ROLE,
                        "using-service-linked-roles.html",
                        "service-linked role",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "access-denied: Cluster (AWS::ECS::Cluster): Unable to assume the service linked role. Please verify that the ECS service linked role exists.")),
                row(
                        Cause.BOUNDARY,
                        "docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
                        "sns:CreateTopic",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "access-denied: Topic (AWS::SNS::Topic): " + USER
                                                + "sns:CreateTopic because no permissions boundary allows the sns:CreateTopic action")),
                row(
                        Cause.ROLE_NOT_ASSUMABLE,
                        EVENTS,
                        "slipway-prod-web-exec",
                        new Seen()
                                .event(
                                        "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/slipway-prod-web-exec' that was provided for this task.)")),
                row(
                        Cause.POLICY_REFUSED,
                        "docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
                        "organization",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "access-denied: Web (AWS::ECS::Service): " + USER
                                                + "ecs:CreateService with an explicit deny in a service control policy")),
                row(
                        Cause.ACCESS_DENIED,
                        "docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
                        "elasticloadbalancing:CreateRule",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "access-denied: Rule (AWS::ElasticLoadBalancingV2::ListenerRule): " + USER
                                                + "elasticloadbalancing:CreateRule because no identity-based policy allows it")),
                row(
                        Cause.TASK_DEFINITION_GONE,
                        "docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html",
                        "deregistered",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "invalid-value: Service (AWS::ECS::Service): TaskDefinition is inactive (Service: Ecs, Status Code: 400)")),
                row(
                        Cause.TARGET_GROUP_GONE,
                        EVENTS,
                        "target group",
                        new Seen()
                                .event("(service web) failed to register targets in (target-group %s)"
                                        .formatted(Seen.GROUP))),
                row(
                        Cause.NETWORK_GONE,
                        "docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
                        "deleted",
                        new Seen()
                                .event(
                                        "(service web) was unable to place a task. Reason: Unexpected EC2 error while attempting to Create Network Interface: InvalidGroup.NotFound.")),
                row(
                        Cause.CERTIFICATE_PENDING,
                        "docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html (Status)",
                        "proof that the domain is yours",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "Certificate (AWS::CertificateManager::Certificate) is PENDING_VALIDATION")),
                row(
                        Cause.ZONE_NOT_DELEGATED,
                        "docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html",
                        "hosted zone",
                        new Seen()
                                .says(Origin.STACK, "zone-not-delegated: the public DNS does not lead to the zone Z1")),
                row(
                        Cause.CONNECTION_PENDING,
                        "docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html",
                        "approval",
                        new Seen()
                                .says(
                                        Origin.PIPELINE,
                                        "Source failed: Connection arn:aws:codeconnections:eu-central-1:123456789012:connection/1 is not available (PENDING)")),
                row(
                        Cause.LEFT_BEHIND,
                        "docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html (Resource removed from stack but not deleted)",
                        "FirewallAcl",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "left-behind: FirewallAcl (AWS::WAFv2::WebACL, slipway-dev|1|REGIONAL) could not be deleted: it is being used by another resource.")),
                row(
                        Cause.NAME_TAKEN,
                        STACK + " (AlreadyExists)",
                        "slipway-prod-web already exists",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "already-exists: Repository (AWS::ECR::Repository): slipway-prod-web already exists")),
                row(
                        Cause.PRIORITY_TAKEN,
                        "docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html (PriorityInUse)",
                        "priority",
                        new Seen().says(Origin.STACK, "priority-in-use: Rule: Priority '100' is currently in use")),
                row(
                        Cause.QUOTA,
                        STACK + " (ServiceLimitExceeded)",
                        "TargetGroups",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "quota-exceeded: GroupA: The maximum number of TargetGroups has been reached")),
                row(
                        Cause.STILL_IN_USE,
                        STACK,
                        "dependent object",
                        new Seen()
                                .says(
                                        Origin.STACK,
                                        "still-in-use: Sg (AWS::EC2::SecurityGroup): resource sg-1 has a dependent object")),
                row(
                        Cause.INVALID_VALUE,
                        STACK + " (InvalidRequest)",
                        "health check path",
                        new Seen().says(Origin.STACK, "invalid-value: GroupA: the health check path is not valid")),
                row(
                        Cause.STACK_TIMEOUT,
                        STACK + " (NotStabilized)",
                        "did not stabilize",
                        new Seen().says(Origin.STACK, "not-stable-in-time: Service: it did not stabilize.")),
                row(
                        Cause.BUILD_FAILED,
                        "docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html",
                        "BUILD_CONTAINER",
                        new Seen()
                                .says(
                                        Origin.PIPELINE,
                                        "Build failed: Error while executing command: docker build; phase BUILD_CONTAINER")),
                row(
                        Cause.PIPELINE_FAILED,
                        "docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html",
                        "Source",
                        new Seen().says(Origin.PIPELINE, "Source failed: the branch main does not exist")),
                row(
                        Cause.CHECKS_FAILED,
                        "src/main",
                        "GET / 500",
                        new Seen().says(Origin.ROLLOUT, "CHECKS_FAILED: GET / 500")),
                row(
                        Cause.VERDICT_UNHEALTHY,
                        "src/main",
                        "20 %",
                        new Seen().says(Origin.ROLLOUT, "UNHEALTHY: 20 % of requests failed")),
                row(
                        Cause.NO_EVIDENCE,
                        "src/main",
                        "12 requests",
                        new Seen().says(Origin.ROLLOUT, "NO_EVIDENCE: 12 requests in 30 minutes")),
                row(Cause.REJECTED, "src/main", "eve", new Seen().says(Origin.ROLLOUT, "REJECTED: eve said no")),
                row(
                        Cause.ALARM_TRIGGERED,
                        FAILED + " (alarms)",
                        "web-errors",
                        new Seen()
                                .deployment(
                                        "ROLLBACK_SUCCESSFUL", "Service deployment rolled back", false, "web-errors")),
                row(
                        Cause.HOOK_FAULT,
                        "the hook's own words (lambda/HookHandler)",
                        "the table is not there",
                        new Seen()
                                .deployment(
                                        "ROLLBACK_SUCCESSFUL",
                                        "Service deployment rolled back because of hook execution failure(s).",
                                        false)
                                .says(
                                        Origin.HOOK,
                                        "ERROR fault (java.lang.IllegalStateException: the table is not there)")),
                row(
                        Cause.HOOK_FAILED,
                        FAILED + " (statusReason)",
                        "hook",
                        new Seen()
                                .deployment(
                                        "ROLLBACK_SUCCESSFUL",
                                        "Service deployment rolled back because a lifecycle hook failed",
                                        false)),
                row(
                        Cause.STOPPED_OUTSIDE,
                        FAILED + " (statusReason)",
                        "outside Slipway",
                        new Seen()
                                .deployment(
                                        "STOPPED",
                                        "The deployment was stopped by user request: StopServiceDeployment",
                                        false)),
                row(
                        Cause.CIRCUIT_BREAKER,
                        "deployment-circuit-breaker.html",
                        "circuit breaker",
                        new Seen()
                                .deployment(
                                        "ROLLBACK_SUCCESSFUL",
                                        "Service deployment rolled back because the circuit breaker threshold was exceeded.",
                                        true)),
                row(
                        Cause.TASKS_NOT_STARTING,
                        EVENTS,
                        "cannot start",
                        new Seen()
                                .event(
                                        "(service web) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.")),
                row(
                        Cause.SERVICE_GONE,
                        "src/main",
                        "deleted",
                        new Seen()
                                .says(
                                        Origin.STATUS,
                                        "ECS has no such service: somebody has deleted it. Applying its spec makes it anew.")),
                row(
                        Cause.ALARM_RAISED,
                        "src/main",
                        "slipway-prod/web/slow",
                        new Seen()
                                .says(Origin.STATUS, "slipway-prod/web/slow is in ALARM since 2026-01-01T12:00:00Z.")),
                row(
                        Cause.TIME_LIMIT,
                        "src/main",
                        "900 s",
                        new Seen().says(Origin.ROLLOUT, "TIME_LIMIT: It was not done within 900 s.")),
                row(
                        Cause.STACK_FAILED,
                        STACK,
                        "Web",
                        new Seen().says(Origin.STACK, "resource-failed: Web: it could not be made")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("documented")
    void eachCauseIsNamedFromTheShapeThatIsDocumented(Cause cause, String page, String names, Seen seen) {
        Diagnosis diagnosis = seen.diagnosis();

        assertThat(page).isNotEmpty();
        assertThat(diagnosis.first()).as(diagnosis.toString()).get().satisfies(first -> {
            assertThat(first.code()).as(diagnosis.toString()).isEqualTo(cause.code());
            assertThat(first.cause()).contains(names).doesNotContain("{").doesNotContain("?");
            assertThat(first.action()).doesNotContain("{").doesNotContain("?");
            assertThat(first.evidence()).isNotEmpty();
        });
        assertThat(diagnosis.summary()).isEqualTo(diagnosis.causes().getFirst().cause());
    }

    /** A rollback from a release that has been rolled back would go back from the one that is live. */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("documented")
    void noRollbackIsAdvisedWhereItWouldGoTooFar(Cause cause, String page, String names, Seen seen) {
        Diagnosis diagnosis = seen.withoutRollback().diagnosis();

        assertThat(diagnosis.first())
                .as("%s, %s, %s", cause, page, names)
                .get()
                .satisfies(first -> assertThat(first.action())
                        .doesNotContain("/rollback", "[", "]")
                        .endsWith("."));
    }

    @Test
    void everyCauseHasAFixture() {
        Set<Cause> tried = EnumSet.noneOf(Cause.class);
        documented().forEach(row -> tried.add((Cause) row.get()[0]));

        assertThat(tried).isEqualTo(EnumSet.allOf(Cause.class)).hasSizeGreaterThan(30);
    }

    /**
     * What came first is not always the same: both are to be told, and one of the two first. What the other one explains is told
     * with it.
     */
    @Test
    void ofTwoFaultsAtOnceBothAreTold() throws IOException {
        List<Arguments> rows = documented().toList();
        List<String> wrong = new ArrayList<>();
        int pairs = 0;
        int told = 0;
        for (Arguments one : rows) {
            for (Arguments other : rows) {
                Cause a = (Cause) one.get()[0];
                Cause b = (Cause) other.get()[0];
                if (a == b) {
                    continue;
                }
                Evidence both = both(((Seen) one.get()[3]).evidence(), ((Seen) other.get()[3]).evidence());
                List<String> codes = DiagnosisPolicy.diagnose(both, java.time.Instant.EPOCH).causes().stream()
                        .map(RankedCause::code)
                        .toList();
                pairs++;
                if (codes.isEmpty() || !Set.of(a.code(), b.code()).contains(codes.getFirst())) {
                    wrong.add(a + " and " + b + ": " + codes);
                }
                told += (codes.contains(a.code()) || SymptomPolicy.explains(b, true, a))
                                && (codes.contains(b.code()) || SymptomPolicy.explains(a, true, b))
                        ? 1
                        : 0;
            }
        }
        assertThat(Files.readString(Path.of("docs/diagnosis.md")))
                .as("its figures are to be these")
                .contains("against %d known causes".formatted(Cause.values().length))
                .contains("| one fault, from documented shapes | %d | 100 %% | 100 %% |".formatted(rows.size()))
                .contains(String.format(
                        Locale.ROOT,
                        "| two faults at once, every pair of them | %,d | %.1f %% | %.1f %% |",
                        pairs,
                        100.0 * (pairs - wrong.size()) / pairs,
                        100.0 * told / pairs));
        assertThat(wrong).as(() -> wrong.toString()).hasSizeLessThan(pairs / 20);
        assertThat(told).isGreaterThan(pairs * 9 / 10);
    }

    /** A name that somebody has given says nothing of what is wrong. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "hook",
                "secret-store",
                "efs-mount",
                "kms",
                "quota",
                "spot-capacity",
                "capacity",
                "security-group",
                "target-group",
                "role",
                "build",
                "ssm",
                "certificate-pending",
                "throttled",
                "circuit-breaker",
                "manual",
                "subnet",
                "outofmemory",
                "service",
                "task",
                "container",
                "code",
                "exit"
            })
    void theNameOfAServiceIsNoCause(String name) {
        List<String> wrong = documented()
                .map(Arguments::get)
                .filter(row -> {
                    Evidence renamed = renamed(((Seen) row[3]).evidence(), name);
                    Diagnosis diagnosis = DiagnosisPolicy.diagnose(renamed, java.time.Instant.EPOCH);
                    return !diagnosis
                            .first()
                            .map(RankedCause::code)
                            .equals(java.util.Optional.of(((Cause) row[0]).code()));
                })
                .map(row -> row[0] + " is "
                        + DiagnosisPolicy.diagnose(renamed(((Seen) row[3]).evidence(), name), java.time.Instant.EPOCH)
                                .causes()
                                .stream()
                                .map(RankedCause::code)
                                .toList())
                .toList();

        assertThat(wrong).isEmpty();
    }

    private static Evidence renamed(Evidence seen, String name) {
        Function<String, String> in = text -> text.replaceAll("(?<=service |prod[-/]|container )web\\b", name);
        Evidence.Subject subject = seen.subject();
        return new Evidence(
                new Evidence.Subject(
                        "prod/" + name,
                        in.apply(subject.path()),
                        subject.release(),
                        subject.taskDefinition(),
                        subject.image(),
                        subject.port(),
                        subject.memory(),
                        subject.architecture(),
                        subject.healthCheck(),
                        subject.rollback()),
                seen.openPorts(),
                seen.stopped().stream()
                        .map(task -> new Evidence.StoppedTask(
                                task.id(),
                                task.taskDefinition(),
                                task.startedAt(),
                                task.stoppedAt(),
                                task.code(),
                                in.apply(task.reason()),
                                task.capacityProvider(),
                                task.containers().stream()
                                        .map(container -> new Evidence.ContainerEnd(
                                                name,
                                                container.exitCode(),
                                                in.apply(container.reason()),
                                                container.health()))
                                        .toList()))
                        .toList(),
                seen.events().stream()
                        .map(event -> new Evidence.Event(event.at(), in.apply(event.message())))
                        .toList(),
                seen.targets(),
                seen.deployment(),
                seen.log(),
                seen.logOf(),
                seen.statements().stream()
                        .map(said -> new Evidence.Statement(said.origin(), said.at(), in.apply(said.text())))
                        .toList(),
                seen.unread());
    }

    private static Evidence both(Evidence one, Evidence other) {
        return new Evidence(
                one.subject(),
                one.isPortClosed() ? one.openPorts() : other.openPorts(),
                join(one.stopped(), other.stopped()),
                join(one.events(), other.events()),
                join(one.targets(), other.targets()),
                one.deployment() == null ? other.deployment() : one.deployment(),
                one.log().isEmpty() ? other.log() : one.log(),
                one.log().isEmpty() ? other.logOf() : one.logOf(),
                join(one.statements(), other.statements()),
                List.of());
    }

    private static <T> List<T> join(List<T> one, List<T> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }
}
