package dev.slipway.diagnosis;

import static dev.slipway.diagnosis.CauseRule.any;
import static dev.slipway.diagnosis.CauseRule.text;
import static dev.slipway.diagnosis.CauseRule.when;
import static dev.slipway.diagnosis.Observation.Source.CONTAINER;
import static dev.slipway.diagnosis.Observation.Source.DEPLOYMENT;
import static dev.slipway.diagnosis.Observation.Source.EVENT;
import static dev.slipway.diagnosis.Observation.Source.HOOK;
import static dev.slipway.diagnosis.Observation.Source.LOG;
import static dev.slipway.diagnosis.Observation.Source.PIPELINE;
import static dev.slipway.diagnosis.Observation.Source.ROLLOUT;
import static dev.slipway.diagnosis.Observation.Source.STACK;
import static dev.slipway.diagnosis.Observation.Source.STATUS;
import static dev.slipway.diagnosis.Observation.Source.TASK;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The causes that are known, in the order in which they are tried: what one has explained is left to no later one, so the particular
 * stand before the general. Texts are AWS's own: "Stopped tasks error messages" and "Service event messages" of the ECS developer
 * guide, "TargetHealth" of the load balancer's API reference; where each is from, its fixture in the tests says.
 *
 * <p>Sentences name values in braces: of the service ({@code port}, {@code memory}…), named groups of the pattern, or with a word for
 * where there is none after a bar. In brackets is what to do where a rollback helps.
 */
enum Cause {
    // --- the image

    IMAGE_PLATFORM(
            Tier.ROOT,
            "The image {image} is not built for {platform}, which the service runs on ({architecture}).",
            "Build the image for that platform (docker buildx build --platform), or set container.architecture by PUT {path}, and roll out anew.",
            "stopped-tasks",
            text(
                    "CannotPull.*(?:descriptor matching platform|no matching manifest for) '?(?<platform>[\\w/]+)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    IMAGE_RATE_LIMIT(
            Tier.ROOT,
            "The registry of {image} refuses to be asked so often.",
            "Copy the image to the service's own registry (registry in GET {path}) and POST {path}/rollouts with that one.",
            "stopped-tasks",
            text("CannotPull.*(?:toomanyrequests|429 Too Many|pull rate limit|Rate exceeded)", TASK, CONTAINER, EVENT)),
    IMAGE_TOO_LARGE(
            Tier.ROOT,
            "The image {image} does not fit on the task's disk.",
            "PUT {path} with a larger container.ephemeralStorageGiB, or make the image smaller, and roll out anew.",
            "stopped-tasks",
            text("CannotPull.*no space left on device", TASK, CONTAINER, EVENT)),
    REGISTRY_UNREACHABLE(
            Tier.ROOT,
            "Tasks have no way to the registry of {image}.",
            "Look at the routes of the task subnets, NAT gateways and endpoints; PUT /v1/environments/{environment} puts right what belongs to the environment.",
            "no-tasks",
            text(
                    "pull secrets or registry auth: pull command failed: : signal: killed|(?:CannotPull|retrieve ecr registry auth|pull registry auth from).*(?:i/o timeout|dial tcp|context deadline exceeded|context cancell?ed|[Rr]equest cancell?ed|no such host|connection issue between the task and|exceeded maximum number of attempts)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    IMAGE_NOT_PUBLIC(
            Tier.ROOT,
            "The image {image} is not in its registry, or the registry wants a login, which Slipway gives to none but ECR.",
            "Correct its name, or copy the image to the service's own registry (registry in GET {path}); then POST {path}/rollouts with that one.",
            "stopped-tasks",
            text(
                    "^(?!.*(?:\\.dkr\\.ecr\\.|ecr:)).*CannotPull.*(?:repository does not exist or may require|insufficient_scope|authorization failed|requested access to the resource is denied|401 Unauthorized)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    IMAGE_DENIED(
            Tier.ROOT,
            "The task's execution role may not pull {image}.",
            "PUT {path} again, which gives the role its rights to the service's registry; an image elsewhere needs its owner's permission.",
            "stopped-tasks",
            text(
                    "(?:CannotPull|retrieve ecr registry auth|pull registry auth from|ecr:GetAuthorizationToken).*(?:403 Forbidden|AccessDenied|not authorized|access denied|no basic auth|insufficient_scope|authorization failed)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    IMAGE_MISSING(
            Tier.ROOT,
            "The image {image} is not in the registry any more, or never was.",
            "Push it again and POST {path}/rollouts[, or POST {path}/rollback to a release whose image is kept].",
            "stopped-tasks",
            text(
                    "CannotPull.*(?:not found|manifest unknown|does not exist|name unknown|unknown manifest)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    IMAGE_NOT_PULLED(
            Tier.SYMPTOM,
            "The image {image} could not be pulled.",
            "Read the reason in the evidence, then POST {path}/rollouts with an image that can be pulled[, or POST {path}/rollback].",
            "stopped-tasks",
            text("CannotPull(?:Container|ImageManifest)Error", TASK, CONTAINER, EVENT)),
    WRONG_ARCHITECTURE(
            Tier.ROOT,
            "What the image {image} starts is built for another processor than {architecture}.",
            "Build the image for {architecture}, or set container.architecture by PUT {path}, and roll out anew.",
            "stopped-tasks",
            text("[Ee]xec format error", TASK, CONTAINER, EVENT, LOG)),

    // --- secrets, keys, logs, volumes: what a task needs before its container starts

    SECRET_KEY_MISSING(
            Tier.ROOT,
            "The secret {arn|that the spec names} has no key {key}.",
            "Add the key to the secret (aws secretsmanager put-secret-value), or correct container.secrets by PUT {path}; then roll out anew.",
            "stopped-tasks",
            text("did not contain json key (?<key>[\\w./-]+)", TASK, CONTAINER, EVENT)),
    SECRET_NOT_JSON(
            Tier.ROOT,
            "The spec asks for a key of the secret {arn|it names}, but its value is not JSON.",
            "Make its value a JSON object (aws secretsmanager put-secret-value), or name it without a key by PUT {path}; then roll out anew.",
            "stopped-tasks",
            text("(?:retrieve secret|pull secrets).*invalid character", TASK, CONTAINER, EVENT)),
    SECRET_DELETED(
            Tier.ROOT,
            "The secret {arn|that the spec names} is marked for deletion.",
            "aws secretsmanager restore-secret, or name another in container.secrets by PUT {path}; then roll out anew.",
            "stopped-tasks",
            text("marked for deletion", TASK, CONTAINER, EVENT)),
    KMS_KEY_DISABLED(
            Tier.ROOT,
            "The key that {arn|a secret} is encrypted with, or that is it, is disabled or about to be deleted.",
            "aws kms enable-key, or aws kms cancel-key-deletion and then enable-key; or encrypt the secret with another key. Then roll out anew.",
            "stopped-tasks",
            text(
                    "KMSInvalidState|DisabledException.*:key/|:key/[\\w-]+ is (?:disabled|pending)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    KMS_DENIED(
            Tier.ROOT,
            "The task's execution role may not use the key that {arn|a secret} is encrypted with.",
            "Allow kms:Decrypt to the service's execution role {role|} in the key's policy, then roll out anew.",
            "stopped-tasks",
            text(
                    "kms:Decrypt|ciphertext refers to a customer master key|Access to KMS is not allowed|KMSAccessDenied|KMS key.*(?:denied|not authorized)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    SECRET_MISSING(
            Tier.ROOT,
            "The secret or parameter {arn|that the spec names} does not exist.",
            "Create it, or correct container.secrets by PUT {path}; then roll out anew.",
            "stopped-tasks",
            text(
                    "(?:secret|ssm|asm|parameter).*(?:ResourceNotFoundException|ParameterNotFound|[Ii]nvalid (?:ssm )?parameters|can't find the specified secret)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    SECRET_DENIED(
            Tier.ROOT,
            "The task's execution role may not read the secret or parameter {arn|that the spec names}.",
            "Tag it slipway:environment={environment}, or have it listed in AllowedSecrets, and look at its own policy; then roll out anew.",
            "stopped-tasks",
            text(
                    "(?:AccessDenied|not authorized).*(?:secretsmanager:GetSecretValue|ssm:GetParameters?)|(?:secretsmanager:GetSecretValue|ssm:GetParameters?).*(?:AccessDenied|not authorized)|(?:retrieve secret|secrets from ssm).*AccessDenied",
                    TASK,
                    CONTAINER,
                    EVENT)),
    SECRET_UNREACHABLE(
            Tier.ROOT,
            "Tasks have no way to Secrets Manager or Parameter Store.",
            "Look at the routes of the task subnets, NAT gateways and endpoints; PUT /v1/environments/{environment} puts right what belongs to the environment.",
            "no-tasks",
            text(
                    "(?:secret|ssm).*(?:context deadline exceeded|i/o timeout|[Rr]equest ?[Cc]ancell?ed|connection issue between the task and|dial tcp)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    LOG_GROUP_MISSING(
            Tier.ROOT,
            "The service's log group is gone, and no task starts without it.",
            "PUT {path} with the spec that it has: it makes the log group again.",
            "stopped-tasks",
            text("log group does not exist|ResourceNotFoundException.*log group", TASK, CONTAINER, EVENT)),
    LOGS_UNREACHABLE(
            Tier.ROOT,
            "Tasks have no way to CloudWatch Logs, and no task starts without it.",
            "Look at the routes of the task subnets, NAT gateways and endpoints; PUT /v1/environments/{environment} puts right what belongs to the environment.",
            "no-tasks",
            text(
                    "(?:logger args|logging driver).*(?:context deadline exceeded|i/o timeout|dial tcp|[Rr]equest ?[Cc]ancell?ed|signal: killed|connection issue between the task and)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    LOGS_DENIED(
            Tier.ROOT,
            "The task's execution role may not write to the service's log group.",
            "PUT {path} again, which gives the role its rights; look for service control policies that forbid logs:CreateLogStream.",
            "stopped-tasks",
            text("logger args.*(?:AccessDenied|not authorized)|perform: logs:", TASK, CONTAINER, EVENT)),
    EFS_MOUNT(
            Tier.ROOT,
            "A file system of the task could not be mounted.",
            "Look at the mount targets in the task's zones, port 2049 in their security group, the access point's path and the task role's rights; then roll out anew.",
            "stopped-tasks",
            text("CannotCreateVolumeError|EFS utils commands|mount\\.nfs4|efs.*mount", TASK, CONTAINER, EVENT)),
    NETWORK_INTERFACE(
            Tier.ROOT,
            "AWS could not give the task its network interface or storage in time.",
            "Nothing, if it passes by itself; else see the AWS Health dashboard, and roll out again: POST {path}/rollouts.",
            "no-tasks",
            text(
                    "Timeout waiting for (?:network interface|EphemeralStorage)|ENI provisioning",
                    TASK,
                    CONTAINER,
                    EVENT)),

    // --- how the container starts and ends

    COMMAND_MISSING(
            Tier.ROOT,
            "The command that the container is to start does not exist in the image {image}.",
            "Correct container.command or container.entryPoint by PUT {path}, or the image, and roll out anew.",
            "stopped-tasks",
            text(
                    "(?:CannotStartContainer|CannotCreateContainer|ContainerRuntime|runc|shim).*(?:executable file not found|no such file or directory)",
                    TASK,
                    CONTAINER,
                    EVENT)),
    COMMAND_FORBIDDEN(
            Tier.ROOT,
            "The command of the image {image} is not executable for the container's user.",
            "Give it the right to run (chmod +x) in the image, or correct container.user by PUT {path}, and roll out anew.",
            "stopped-tasks",
            text(
                    "(?:CannotStartContainer|CannotCreateContainer|ContainerRuntime|runc|shim).*permission denied",
                    TASK,
                    CONTAINER,
                    EVENT)),
    CONTAINER_NOT_STARTED(
            Tier.SYMPTOM,
            "The container could not be started.",
            "Read the reason in the evidence; it is the image's command, user or settings. Correct them by PUT {path} or in the image, and roll out anew.",
            "stopped-tasks",
            text(
                    "Cannot(?:Start|Create|Inspect)ContainerError|ContainerRuntime(?:Timeout)?Error|DockerTimeoutError",
                    TASK,
                    CONTAINER,
                    EVENT)),
    OUT_OF_MEMORY(
            Tier.ROOT,
            "Container {container|} was killed because it used more than its {memory} MiB of memory.",
            "PUT {path} with more container.memory than {memory}, or find what release {release} keeps in memory and roll out anew.",
            "memory",
            text("(?:container (?<container>[\\w-]+) of task.*)?OutOfMemory(?:Error)?", CONTAINER, TASK)),
    HEAP_EXHAUSTED(
            Tier.LIKELY,
            "The program ran out of the memory that its runtime may use, within the task's {memory} MiB.",
            "Raise the heap's limit in the image, or PUT {path} with more container.memory, and roll out anew.",
            "memory",
            when(
                    Evidence::exits,
                    text(
                            "java\\.lang\\.OutOfMemoryError|heap out of memory|[Cc]annot allocate memory|MemoryError",
                            LOG))),
    PORT_IN_USE(
            Tier.LIKELY,
            "Two programs of the task want the same port.",
            "Have each listen on a port of its own, and roll out anew.",
            "stopped-tasks",
            when(Evidence::exits, text("address already in use|EADDRINUSE", LOG))),
    READ_ONLY_FILES(
            Tier.LIKELY,
            "The program writes to its file system, which the spec makes read-only.",
            "PUT {path} with container.readOnlyRootFilesystem: false, or write elsewhere, and roll out anew.",
            "stopped-tasks",
            when(Evidence::exits, text("[Rr]ead-only file ?system|EROFS", LOG))),
    TASK_ROLE_DENIED(
            Tier.LIKELY,
            "AWS refuses the program {action|a call} with the task's role.",
            "Allow the task role {role|} what it needs, within the permission boundary, and roll out anew.",
            "stopped-tasks",
            when(Evidence::exits, text("not authorized to perform|AccessDeniedException", LOG))),
    SETTING_MISSING(
            Tier.LIKELY,
            "The program misses a setting: {line}",
            "Add it to container.environment or container.secrets by PUT {path}, which rolls it out.",
            "stopped-tasks",
            when(
                    Evidence::exits,
                    text(
                            "^(?<line>.*(?:[Ee]nvironment variable|[Ee]nv(?:ironment)? var|[Cc]onfiguration (?:key|property|value)|setting).*(?:not set|missing|required|undefined|not found).*|.*(?:[Mm]issing|[Rr]equired) (?:environment variable|setting|configuration).*)",
                            LOG))),
    DEPENDENCY_UNREACHABLE(
            Tier.LIKELY,
            "The program cannot reach what it depends on: {line}",
            "Look at the address in container.environment or container.secrets, and at the security group and state of what it names; then roll out anew.",
            "stopped-tasks",
            when(
                    Evidence::exits,
                    text(
                            "^(?<line>.*(?:ECONNREFUSED|ETIMEDOUT|ENOTFOUND|[Cc]onnection refused|[Cc]ould not connect|[Cc]onnection timed out|no such host|Name or service not known|Unknown ?Host).*)",
                            LOG))),
    EXIT_126(
            Tier.SYMPTOM,
            "Container {container|} ended with exit code 126: its command is there, but cannot be executed.",
            "Give the command the right to run in the image, or correct container.command by PUT {path}, and roll out anew.",
            "stopped-tasks",
            CauseRule.exit("126")),
    EXIT_127(
            Tier.SYMPTOM,
            "Container {container|} ended with exit code 127: its command was not found.",
            "Correct container.command or container.entryPoint by PUT {path}, or the image, and roll out anew.",
            "stopped-tasks",
            CauseRule.exit("127")),
    EXIT_137(
            Tier.SYMPTOM,
            "Container {container|} was killed (exit code 137); AWS does not say that it was for memory.",
            "See the memory on the dashboard: near {memory} MiB, PUT {path} with more container.memory; else look for what kills the process.",
            "memory",
            CauseRule.exit("137")),
    EXIT_139(
            Tier.SYMPTOM,
            "Container {container|} ended with exit code 139: a program in it read or wrote where it must not (segmentation fault).",
            "Look for native code, a wrong architecture or a broken library in the image {image}[; meanwhile POST {path}/rollback].",
            "stopped-tasks",
            CauseRule.exit("139")),
    EXIT_134(
            Tier.SYMPTOM,
            "Container {container|} ended with exit code 134: the program aborted itself.",
            "Read its last lines in the evidence[; POST {path}/rollback if the release before is good].",
            "stopped-tasks",
            CauseRule.exit("134")),
    EXIT_143(
            Tier.SYMPTOM,
            "Container {container|} ended with exit code 143: it was told to end (SIGTERM), and not by ECS.",
            "Look for what in the container sends the signal: a supervisor, a time limit, a script that ends its parent.",
            "stopped-tasks",
            CauseRule.exit("143")),
    EXIT_0(
            Tier.SYMPTOM,
            "Container {container|} ended by itself with exit code 0, but a service has to run for ever.",
            "Start the server in the foreground; what is to run once belongs into rollout.before. Correct it and roll out anew.",
            "stopped-tasks",
            CauseRule.exit("0")),
    EXIT_1(
            Tier.SYMPTOM,
            "Container {container|} ended with exit code 1: the program gave up by itself.{last|}",
            "Read its last lines in the evidence, correct what they name, and roll out anew[; meanwhile POST {path}/rollback].",
            "stopped-tasks",
            CauseRule.exit("1")),
    EXIT_OTHER(
            Tier.SYMPTOM,
            "Container {container|} ended with exit code {code}, which is the program's own.{last|}",
            "Read its last lines in the evidence and the program's manual for the code[; meanwhile POST {path}/rollback].",
            "stopped-tasks",
            CauseRule.exit("(?<code>\\d+)")),

    // --- health checks

    PORT_NOT_OPEN(
            Tier.ROOT,
            "The load balancer may not reach port {port}: the service's security group does not open it.",
            "PUT {path} with the spec that it has, which opens container.port.",
            "unhealthy",
            when(
                    Evidence::isPortClosed,
                    any("unhealthy in \\(target-group|failed ELB health|Target\\.(?:Timeout|Failed)"))),
    LISTENS_ON_LOOPBACK(
            Tier.LIKELY,
            "The program says that it listens on {address}, where only its own container reaches it; the load balancer asks from outside.",
            "Have it listen on 0.0.0.0:{port} (often a variable such as HOST in container.environment, by PUT {path}), and roll out anew.",
            "unhealthy",
            when(Evidence::failsHealth, CauseRule.loopback())),
    WRONG_PORT(
            Tier.LIKELY,
            "The program says that it listens on port {seen}, but container.port is {port}.",
            "PUT {path} with container.port: {seen}, or have the program listen on {port}, which rolls it out.",
            "unhealthy",
            when(Evidence::failsHealth, CauseRule.otherPort())),
    ZONE_NOT_ENABLED(
            Tier.ROOT,
            "Tasks run in a zone that the load balancer is not in.",
            "PUT /v1/environments/{environment}, which gives both the same zones.",
            "unhealthy",
            any("Availability Zone that is not enabled")),
    HEALTH_PATH_MISSING(
            Tier.ROOT,
            "The program answers the health check on {healthPath} with 404: it has no such path.",
            "PUT {path} with the right routing.healthCheck.path, or have the program answer there; no rollout is needed for the first.",
            "unhealthy",
            any("codes: \\[404\\]")),
    HEALTH_REDIRECTED(
            Tier.ROOT,
            "The program answers the health check on {healthPath} with a redirect ({status}); {healthCodes} is what counts as healthy.",
            "PUT {path} with a routing.healthCheck.path that answers by itself (often the same with or without a slash, or one without HTTPS only).",
            "unhealthy",
            any("codes: \\[(?<status>30\\d)")),
    HEALTH_NEEDS_LOGIN(
            Tier.ROOT,
            "The program answers the health check on {healthPath} with {status}: it wants credentials.",
            "PUT {path} with a routing.healthCheck.path that needs none.",
            "unhealthy",
            any("codes: \\[(?<status>40[13])")),
    HEALTH_ERROR(
            Tier.ROOT,
            "The program answers the health check on {healthPath} with {status}: it says itself that it is not well.",
            "See its log in the evidence for why (often a database or another service that is not there)[; meanwhile POST {path}/rollback].",
            "unhealthy",
            any("codes: \\[(?<status>5\\d\\d)")),
    HEALTH_CODE(
            Tier.ROOT,
            "The program answers the health check on {healthPath} with {status|another code}, and only {healthCodes} count as healthy.",
            "PUT {path} with routing.healthCheck.codes that has it, or another path.",
            "unhealthy",
            any("codes: \\[(?<status>[\\d, ]+)\\]|ResponseCodeMismatch")),
    SLOW_START(
            Tier.LIKELY,
            "The program was not ready when the load balancer lost patience: tasks have {patience} s, and it took longer.",
            "PUT {path} with gracePeriodSeconds above what the start takes (no rollout is needed), then POST {path}/rollouts.",
            "unhealthy",
            CauseRule.slowStart()),
    HEALTH_TIMEOUT(
            Tier.SYMPTOM,
            "The health check on {healthPath}, port {port}, gets no answer within {healthTimeout} s.",
            "Is the program too busy, raise container.cpu or routing.healthCheck.timeoutSeconds by PUT {path}; does nothing arrive, look at security group and routes. Then roll out anew.",
            "unhealthy",
            any("[Rr]equest timed out|Target\\.Timeout")),
    CONTAINER_CHECK(
            Tier.SYMPTOM,
            "The container's own health check (container.healthCheck) fails.",
            "Run its command in the container; correct it or its startPeriodSeconds by PUT {path}, which rolls it out.",
            "unhealthy",
            text("failed container health checks|its health check failed", TASK, CONTAINER, EVENT)),
    LOAD_BALANCER_ERROR(
            Tier.SYMPTOM,
            "The load balancer itself fails at checking targets.",
            "Nothing: it passes by itself. See the AWS Health dashboard when it stays so.",
            "unhealthy",
            any("Elb\\.InternalError")),
    TARGETS_NOT_IN_USE(
            Tier.ROOT,
            "No listener rule sends requests to the service's target group.",
            "PUT {path} with the spec that it has: it makes the rule again.",
            "unhealthy",
            any("Target\\.NotInUse|does not have an associated load balancer")),
    NOT_LISTENING(
            Tier.SYMPTOM,
            "Nothing answers the health check on port {port}: the connection is refused or breaks.",
            "Have the program listen on 0.0.0.0:{port}, or PUT {path} with the port that it listens on, and roll out anew.",
            "unhealthy",
            any("\\(reason Health checks failed\\)|Target\\.FailedHealthChecks")),
    HEALTH_FAILED(
            Tier.CONSEQUENCE,
            "Tasks fail the load balancer's health check on {healthPath}, port {port}.",
            "See the targets' reasons and the log; correct path, port or program, and roll out anew.",
            "unhealthy",
            any("failed ELB health checks|is unhealthy in \\(target-group|fail the load balancer's health check")),

    // --- where tasks are to run

    NO_ADDRESSES(
            Tier.ROOT,
            "The subnet {subnet|of a zone} has no free addresses.",
            "End tasks that are not needed, or make room: a new environment with a larger network.cidr; services move by POST …/promotions.",
            "no-tasks",
            any("InsufficientFreeAddresses|(?:not|n't) (?:have )?enough free (?:IP )?addresses|RESOURCE:ENI")),
    INTERFACE_QUOTA(
            Tier.ROOT,
            "The account has as many network interfaces as its quota allows.",
            "Ask for more in the Service Quotas console (Network interfaces per Region), or end what is not needed.",
            "no-tasks",
            any("NetworkInterfaceLimitExceeded|maximum number of network interfaces")),
    VCPU_QUOTA(
            Tier.ROOT,
            "The account runs as many Fargate vCPUs as its quota allows.",
            "Ask for more in the Service Quotas console (Fargate vCPU resource count), or PUT {path} with fewer or smaller tasks.",
            "no-tasks",
            any(
                    "limit on the number of (?:vCPUs|tasks)|(?:CPU|MEMORY) configuration is above your limit|vCPU.{0,40}(?:quota|limit)|quota.{0,40}vCPU")),
    NO_SPOT_CAPACITY(
            Tier.ROOT,
            "AWS has no Fargate Spot capacity for these tasks.",
            "PUT {path} with capacity.spotPercent: 0, or a higher capacity.onDemandBase, until there is some again.",
            "no-tasks",
            any(
                    "FARGATE_SPOT.*[Cc]apacity is unavailable|[Cc]apacity is unavailable.*(?:FARGATE_SPOT|[Ss]pot)|Spot capacity")),
    NO_CAPACITY(
            Tier.ROOT,
            "AWS has no Fargate capacity for these tasks in the environment's zones.",
            "Nothing: ECS tries again. If it stays so, PUT {path} with another container.cpu and container.memory.",
            "no-tasks",
            any("[Cc]apacity is unavailable|InsufficientCapacity|no-capacity:")),
    SPOT_INTERRUPTED(
            Tier.ROOT,
            "AWS took Fargate Spot tasks back.",
            "Nothing, if it is rare: ECS starts others. If it hurts, PUT {path} with a lower capacity.spotPercent or a higher capacity.onDemandBase.",
            "stopped-tasks",
            any("SpotInterruption|Spot [Tt]ask was interrupted|Spot interruption")),
    ZONE_WITHOUT_FARGATE(
            Tier.ROOT,
            "ECS cannot place a task for an error of its own, as where a subnet is in a zone that Fargate does not run in.",
            "Compare the zones of the environment's subnets with those that the ECS developer guide lists for Fargate; in others move to a new environment (POST …/promotions). Are they all in it, nothing: ECS tries again.",
            "no-tasks",
            any("unable to place a task\\. Reason: Internal error")),
    HOST_FAILED(
            Tier.ROOT,
            "AWS took tasks away for maintenance or a fault of its own machines.",
            "Nothing: ECS starts others. With one task only the service is down meanwhile: PUT {path} with count: 2.",
            "stopped-tasks",
            any(
                    "maintenance on the underlying|InfrastructureHealth|TerminationNotice|task retirement|Task stopped due to an internal|Fargate.*internal error|InternalError")),
    DEPLOYMENT_LIMITS(
            Tier.ROOT,
            "ECS can neither start nor stop a task of the service within the limits of the deployment.",
            "POST {path}/rollouts with the image that is live: it sets 100 and 200 percent again. Find out who has changed them (CloudTrail: UpdateService).",
            "no-tasks",
            any("unable to stop or start tasks during a deployment")),
    ECS_THROTTLED(
            Tier.SYMPTOM,
            "AWS throttles what ECS does for the service.",
            "Nothing: it passes by itself. If it recurs, PUT {path} with fewer tasks, or ask for a higher rate in the Service Quotas console.",
            "no-tasks",
            any(
                    "operations are being throttled|ECS_OPERATION_THROTTLED|[Rr]ate exceeded|^throttled:|ThrottlingException")),
    STOPPED_BY_HAND(
            Tier.ROOT,
            "Somebody stopped tasks by hand.",
            "Find out who (CloudTrail: StopTask); ECS has started others.",
            "stopped-tasks",
            text("UserInitiated", TASK)),

    // --- roles, definitions and what a service stands on

    SERVICE_LINKED_ROLE(
            Tier.ROOT,
            "A service-linked role of AWS is missing in the account.",
            "Do the same again in a minute: AWS makes the role when a service is used first.",
            "service",
            any("service[- ]linked role")),
    BOUNDARY(
            Tier.ROOT,
            "The permission boundary does not allow {action|what was asked}.",
            "Ask whoever runs Slipway: the boundary is in its template. Nobody's policy can give what it does not.",
            "service",
            any("no permissions boundary allows")),
    ROLE_NOT_ASSUMABLE(
            Tier.ROOT,
            "The role {role|that tasks or stacks need} is missing, or does not trust who is to use it.",
            "PUT {path} with the spec that it has: it makes the service's roles again.",
            "service",
            any(
                    "(?:unable|[Ff]ailed) to assume (?:the )?(?:service )?role|role-not-assumable|cannot be assumed|NoSuchEntity.*role|role .*(?:does not exist|cannot be found)")),
    POLICY_REFUSED(
            Tier.ROOT,
            "A policy of the organization forbids {action|what was asked}.",
            "Ask whoever answers for the organization's policies, with the text of the evidence.",
            "service",
            any("service control policy|explicit deny|policy-refused:|[Hh]ook\\(s\\) failed")),
    ACCESS_DENIED(
            Tier.ROOT,
            "AWS refuses {action|a call} for want of permission.",
            "Compare the roles of the deployed template with the version in use; allow {action|it} to {role|the role that is named}, then do the same again.",
            "service",
            any("^access-denied:|AccessDenied|not authorized to perform")),
    TASK_DEFINITION_GONE(
            Tier.ROOT,
            "The task definition of the release was deregistered.",
            "POST {path}/rollouts with the image of the release: it is registered anew.",
            "no-tasks",
            any("[Tt]ask ?[Dd]efinition.*(?:is inactive|INACTIVE|does not exist|deregistered|not found)")),
    TARGET_GROUP_GONE(
            Tier.ROOT,
            "A target group of the service was deleted.",
            "PUT {path} with the spec that it has: it makes what is missing again.",
            "service",
            any("failed to register targets|TargetGroupNotFound|[Tt]arget ?[Gg]roup.*(?:not found|does not exist)")),
    NETWORK_GONE(
            Tier.ROOT,
            "A subnet or security group that tasks need was deleted.",
            "PUT /v1/environments/{environment} and then PUT {path}: they make what is missing again.",
            "service",
            any(
                    "InvalidGroup\\.NotFound|InvalidSubnetID|(?:[Ss]ecurity group|[Ss]ubnet).*(?:does not exist|not found)")),

    SERVICE_GONE(
            Tier.ROOT,
            "ECS has no such service: somebody has deleted it.",
            "PUT {path} with the spec that it has: it makes the service anew with what was live. Find out who (CloudTrail: DeleteService).",
            "service",
            text("^ECS has no such service", STATUS)),

    // --- stacks and pipelines

    CERTIFICATE_PENDING(
            Tier.ROOT,
            "A certificate waits for the proof that the domain is yours.",
            "Look at the hosted zone: the DNS record that ACM names has to be there and the zone delegated (aws acm describe-certificate).",
            "certificate",
            text(
                    "PENDING_VALIDATION|certificate-not-usable:|[Cc]ertificate.*(?:waits|pending|not (?:been )?(?:issued|validated))",
                    STACK,
                    ROLLOUT)),
    ZONE_NOT_DELEGATED(
            Tier.ROOT,
            "The public DNS does not lead to the hosted zone of the domain.",
            "Enter the zone's name servers at the registrar or in the zone above, then PUT /v1/environments/{environment} again.",
            "certificate",
            text(
                    "not (?:been )?delegated|zone-not-delegated|name servers? .*(?:differ|not those)|does not lead to",
                    STACK)),
    CONNECTION_PENDING(
            Tier.ROOT,
            "The connection to the repository waits for somebody's approval.",
            "Approve it in the console: Developer Tools, Settings, Connections; then push again.",
            "service",
            text(
                    "[Cc]onnection.*(?:PENDING|pending|not (?:yet )?approved|[Nn]ot available|not in available state)",
                    PIPELINE,
                    STACK)),
    LEFT_BEHIND(
            Tier.SYMPTOM,
            "CloudFormation has left something behind: {line}",
            "Delete it by hand, then PUT the spec again, whose operation tells no more of it.",
            "service",
            text("^left-behind: (?<line>.*)", STACK)),
    NAME_TAKEN(
            Tier.ROOT,
            "Something outside the stack has the name already: {line}",
            "Delete or rename it, then do the same again.",
            "service",
            text("^(?<line>.*(?:already[- ]exists?|AlreadyExists|is not available because|Duplicate).*)", STACK)),
    PRIORITY_TAKEN(
            Tier.ROOT,
            "Another rule of the listener has the priority of this one.",
            "Delete the rule that was made by hand, then PUT {path} again.",
            "service",
            text("priority-in-use:|PriorityInUse|[Pp]riority.*in use", STACK)),
    QUOTA(
            Tier.ROOT,
            "A quota of the account is used up: {line}",
            "Free some of what it counts, or ask for more in the Service Quotas console, then do the same again.",
            "service",
            text(
                    "^(?<line>.*(?:quota-exceeded:|LimitExceeded|[Ll]imit exceeded|QuotaExceeded|[Mm]aximum number of|TooMany(?!Requests)).*)",
                    STACK,
                    EVENT)),
    STILL_IN_USE(
            Tier.ROOT,
            "Something still uses what is to be changed or deleted: {line}",
            "End that use, then do the same again.",
            "service",
            text(
                    "^(?<line>.*(?:still-in-use:|DependencyViolation|dependent object|not empty|ResourceInUse).*)",
                    STACK)),
    INVALID_VALUE(
            Tier.SYMPTOM,
            "AWS does not take a value: {line}",
            "Correct it in the spec, and PUT {path} again.",
            "service",
            text(
                    "^(?<line>.*(?:invalid-value:|not-found:|ValidationError|InvalidRequest|[Ii]nvalid [Pp]arameter).*)",
                    STACK)),
    STACK_TIMEOUT(
            Tier.SYMPTOM,
            "CloudFormation waited longer than it does for a resource: {line}",
            "See the resource's own state, then do the same again.",
            "service",
            text(
                    "^(?<line>.*(?:not-stable-in-time:|NotStabilized|did not stabilize|Exceeded attempts|timed out).*)",
                    STACK)),
    BUILD_FAILED(
            Tier.SYMPTOM,
            "The pipeline's build failed: {line}",
            "Read the build's log (GET /v1/pipelines/{name}), correct the source, and push again.",
            "service",
            text("^(?<line>.*[Bb]uild.*)", PIPELINE)),
    PIPELINE_FAILED(
            Tier.SYMPTOM,
            "The pipeline failed before it came to this environment: {line}",
            "Read the action's message (GET /v1/pipelines/{name}), correct it, and push again.",
            "service",
            text("^(?<line>.+)", PIPELINE)),

    // --- who decided: what is left when nothing says why

    CHECKS_FAILED(
            Tier.CONSEQUENCE,
            "The checks of the rollout failed: {line}",
            "Look at what they were answered (gate, in the rollout), fix it, and roll out anew.",
            "rollout",
            text("^CHECKS_FAILED: (?<line>.*)", ROLLOUT)),
    VERDICT_UNHEALTHY(
            Tier.CONSEQUENCE,
            "The release was worse than the one beside it: {line}",
            "Look at the verdict's numbers and at the log of the release, fix it, and roll out anew.",
            "rollout",
            text("^UNHEALTHY: (?<line>.*)", ROLLOUT)),
    NO_EVIDENCE(
            Tier.CONSEQUENCE,
            "Too few requests to judge the release: {line}",
            "Roll out when there is more traffic, or PUT {path} with rollout.verdict.probes, holdMinutes or onNoEvidence.",
            "rollout",
            text("^NO_EVIDENCE: (?<line>.*)", ROLLOUT)),
    REJECTED(
            Tier.CONSEQUENCE,
            "Those who approve refused the release, or nobody answered in time: {line}",
            "Settle it with them, then roll out anew.",
            "rollout",
            text("^REJECTED: (?<line>.*)", ROLLOUT)),
    ALARM_TRIGGERED(
            Tier.CONSEQUENCE,
            "An alarm of rollout.alarms ended the deployment ({line}).",
            "Look in CloudWatch at that alarm, fix what it tells of, and roll out anew.",
            "rollout",
            text("^alarm triggered: (?<line>.*)", DEPLOYMENT)),
    ALARM_RAISED(
            Tier.CONSEQUENCE,
            "An alarm of the service is raised: {line}.",
            "Follow its playbook, which GET {path}/status names; the evidence beside it may say more.",
            "service",
            text("^(?<line>\\S+ is in ALARM since \\S+)\\.$", STATUS)),
    HOOK_FAULT(
            Tier.CONSEQUENCE,
            "Slipway's hook function could not answer ECS: {line}",
            "It was asked again for 15 minutes. Read what it names (docs/playbooks/slipway-hook.md says more), then roll out anew.",
            "slipway-hook",
            text("^ERROR (?<line>.+)", HOOK)),
    HOOK_FAILED(
            Tier.CONSEQUENCE,
            "The hook of the deployment failed without a decision.",
            "Read what the hook has logged in the evidence; look whether the check function is there and answers, and at its own log; then roll out anew.",
            "rollout",
            text("(?i)\\bhook", DEPLOYMENT, EVENT)),
    STOPPED_OUTSIDE(
            Tier.CONSEQUENCE,
            "Somebody stopped the deployment outside Slipway.",
            "Find out who and why (CloudTrail: StopServiceDeployment), then roll out anew.",
            "rollout",
            text("(?i)StopServiceDeployment|stopped by (?:user|customer|request)|manual", DEPLOYMENT)),
    CIRCUIT_BREAKER(
            Tier.CONSEQUENCE,
            "ECS's circuit breaker ended the deployment: too many of its tasks failed, and nothing says why.",
            "Look at the log of the release (aws logs tail) and run the image by hand; then roll out anew.",
            "rollout",
            any("circuit breaker|tasks failed to start")),
    TASKS_NOT_STARTING(
            Tier.CONSEQUENCE,
            "ECS cannot start tasks that stay.",
            "Look at the evidence[; POST {path}/rollback if the release before was good].",
            "no-tasks",
            any("unable to consistently start tasks|unable to place a task|^FAILED_TASKS: ")),
    TIME_LIMIT(
            Tier.CONSEQUENCE,
            "The rollout took longer than its time limit: {line}",
            "See what it waited for; PUT {path} with a larger rollout.timeLimitSeconds if that is all, and roll out anew.",
            "rollout",
            text("^TIME_LIMIT: (?<line>.*)", ROLLOUT)),
    STACK_FAILED(
            Tier.CONSEQUENCE,
            "The change failed: {line}",
            "Correct what it names, and do the same again; CloudFormation has the stack's events.",
            "service",
            text("^(?<line>.+)", STACK));

    /** How near to the root a cause is. */
    enum Tier {
        /** AWS names it, or values that contradict each other prove it. */
        ROOT,
        /** A line of the program's log names it. */
        LIKELY,
        /** What was seen, without why. */
        SYMPTOM,
        /** What somebody decided upon it. */
        CONSEQUENCE
    }

    final Tier tier;
    final String sentence;
    final String action;
    final String playbook;
    final CauseRule rule;

    Cause(Tier tier, String sentence, String action, String playbook, CauseRule rule) {
        this.tier = tier;
        this.sentence = sentence;
        this.action = action;
        this.playbook = playbook;
        this.rule = rule;
    }

    /** Empty for one that another version knew. */
    static Optional<Cause> of(String code) {
        return Stream.of(values()).filter(cause -> cause.code().equals(code)).findFirst();
    }

    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
