package dev.slipway.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Other wordings of a cause than its fixture's, each as it is documented: {@code pull} is task_cannot_pull_image.html, {@code codes}
 * stopped-task-error-codes.html, {@code events} service-event-messages-list.html, all of the ECS developer guide; {@code init} is its
 * resource-initialization-error.html and re:Post ecs-unable-to-pull-secrets, {@code agent} the source of aws/amazon-ecs-agent, {@code docker} and
 * {@code containerd} what the registry clients write, {@code kms} the errors of Decrypt in the API reference of AWS KMS (moto's
 * kms/utils.py has the same words).
 */
class DocumentedMessagesTest {
    private static final String SECRETS =
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";

    @ParameterizedTest(name = "{1}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            pull       | registry-unreachable | CannotPullContainerError: API error (500): Get https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection
            pull       | registry-unreachable | CannotPullContainerError: context canceled
            pull       | image-missing        | CannotPullContainerError: API error (404): repository 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web not found
            pull       | image-too-large      | CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob111111111: no space left on device
            pull       | image-rate-limit     | CannotPullContainerError: ERROR: toomanyrequests: Too Many Requests.
            pull       | image-rate-limit     | CannotPullContainerError: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limits.
            pull       | image-not-pulled     | CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: unexpected status code
            containerd | image-not-public     | CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/acme/web:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed
            docker     | image-not-public     | CannotPullContainerError: Error response from daemon: pull access denied for acme/web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied
            docker     | image-denied         | CannotPullContainerError: Error response from daemon: pull access denied for 111122223333.dkr.ecr.us-east-1.amazonaws.com/web, repository does not exist or may require 'docker login': denied: User: arn:aws:sts::111122223333:assumed-role/exec/1 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:111122223333:repository/web
            containerd | image-not-public     | CannotPullContainerError: failed to resolve ref ghcr.io/acme/web:1: failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized
            docker     | image-platform       | CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries
            containerd | image-not-pulled     | CannotPullContainerError: failed to pull image: tls: failed to verify certificate: x509: certificate signed by unknown authority
            codes      | container-not-started| ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m: <reason>
            codes      | container-not-started| CannotStartContainerError: failed to get container status: <reason>
            codes      | container-not-started| CannotInspectContainerError: <reason>
            codes      | container-not-started| DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s
            codes      | efs-mount            | CannotCreateVolumeError: Post http://ipc/VolumeDriver.Create: EFS utils commands failed
            codes      | logs-unreachable     | ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: RequestCanceled: request context canceled caused by: context deadline exceeded : exit status 1
            init       | logs-unreachable     | ResourceInitializationError: failed to validate logger args: : signal: killed
            init       | logs-unreachable     | ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group: There is a connection issue between the task and Amazon CloudWatch. Check your network configuration.
            init       | log-group-missing    | ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1
            init       | logs-denied          | ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/exec/1 is not authorized to perform: logs:CreateLogStream
            init       | registry-unreachable | ResourceInitializationError: unable to pull secrets or registry auth: pull command failed: : signal: killed
            init       | registry-unreachable | ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.
            init       | secret-unreachable   | ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration.
            init       | secret-unreachable   | SECRETS unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded
            init       | secret-missing       | SECRETS unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid parameters: prod-db
            init       | secret-denied        | SECRETS unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-central-1:123456789012:secret:x from secrets manager: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/1 is not authorized to perform: secretsmanager:GetSecretValue
            init       | kms-denied           | SECRETS unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-central-1:123456789012:secret:x from secrets manager: AccessDeniedException: Access to KMS is not allowed
            kms        | kms-denied           | SECRETS unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.
            kms        | kms-key-disabled     | SECRETS unable to retrieve secrets from ssm: service call has been retried 1 time(s): KMSInvalidStateException: arn:aws:kms:eu-central-1:123456789012:key/1 is pending deletion.
            kms        | kms-key-disabled     | SECRETS unable to retrieve secrets from ssm: service call has been retried 1 time(s): DisabledException: arn:aws:kms:eu-central-1:123456789012:key/1 is disabled.
            agent      | secret-deleted       | SECRETS unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-central-1:123456789012:secret:x from secrets manager: InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.
            events     | vcpu-quota           | EVENT (service web) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently
            events     | vcpu-quota           | EVENT (service web) was unable to place a task. Reason: You’ve reached the limit on the number of vCPUs you can run concurrently
            events     | vcpu-quota           | EVENT (service web) was unable to place a task. Reason: The requested CPU configuration is above your limit.
            events     | vcpu-quota           | EVENT (service web) was unable to place a task. Reason: The requested MEMORY configuration is above your limit.
            events     | zone-without-fargate | EVENT (service web) was unable to place a task. Reason: Internal error.
            events     | deployment-limits    | EVENT (service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
            events     | ecs-throttled        | EVENT (service web) operations are being throttled. Will try again later.
            events     | tasks-not-starting   | EVENT (service web) is unable to consistently start tasks successfully.
            events     | no-capacity          | EVENT (service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.
            """)
    void aMessageOfTheDocumentationNamesItsCause(String page, String cause, String message) {
        Seen seen = message.startsWith("EVENT ")
                ? new Seen().event(message.substring("EVENT ".length()))
                : new Seen().failsToStart(message.replaceFirst("^SECRETS ", SECRETS));

        assertThat(seen.diagnosis().first().map(Diagnosis.RankedCause::code))
                .as(page)
                .contains(cause);
    }
}
