package dev.slipway.simulated.ecr;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthReasonEnum;

/**
 * What keeps tasks of an image from coming up, in AWS's words: "Stopped tasks error messages" and "Service event messages" of the ECS
 * developer guide, {@code TargetHealth} of the load balancer's API reference.
 *
 * @param placement why no task is started at all
 * @param refusal why a task ends before its container starts; {@code %s} is the image
 * @param exitCode of a container that crashes
 * @param unhealthy what the load balancer says of it; null when it answers well
 * @param description the same in words
 * @param line that the program prints when it has started
 * @param readyAfter how long it needs until it answers
 * @param hangsAfter how long it answers before it hangs; zero where it never does
 * @param interrupted whether its tasks are taken back as those of Spot are, after two minutes
 */
public record ImageFault(
        @Nullable String placement,
        @Nullable String refusal,
        int exitCode,
        @Nullable TargetHealthReasonEnum unhealthy,
        String description,
        @Nullable String line,
        Duration readyAfter,
        Duration hangsAfter,
        boolean interrupted) {
    static final ImageFault NONE =
            new ImageFault(null, null, 1, null, "Health checks failed", null, Duration.ZERO, Duration.ZERO, false);

    private static final String AUTH =
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";
    private static final String ASM = AUTH
            + "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf from secrets manager: ";

    private static final Map<String, String> PLACEMENTS = Map.of(
            "no-capacity",
            "Capacity is unavailable at this time. Please try again later or in a different availability zone",
            "no-addresses",
            "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-0a1b2c3d': InsufficientFreeAddressesInSubnet",
            "no-vcpus",
            "You've reached the limit on the number of vCPUs you can run concurrently");

    private static final Map<String, String> REFUSALS = Map.ofEntries(
            Map.entry(
                    "pull-denied",
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: pulling from host failed with status code [manifests]: 403 Forbidden"),
            Map.entry(
                    "pull-limited",
                    "CannotPullContainerError: pull image manifest has been retried 5 time(s): %s: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit"),
            Map.entry(
                    "no-route",
                    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref %s: failed to do request: Head: dial tcp 10.0.0.1:443: i/o timeout"),
            Map.entry(
                    "wrong-platform",
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'"),
            Map.entry(
                    "secret-lost", ASM + "ResourceNotFoundException: Secrets Manager can't find the specified secret."),
            Map.entry(
                    "secret-denied",
                    ASM
                            + "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/slipway-exec/0123 is not authorized to perform: secretsmanager:GetSecretValue"),
            Map.entry(
                    "secret-without-key",
                    AUTH
                            + "unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key password"),
            Map.entry("kms-denied", ASM + "AccessDeniedException: Access to KMS is not allowed"),
            Map.entry(
                    "no-command",
                    "CannotStartContainerError: failed to create shim task: runc create failed: exec: \"/app/serve\": stat /app/serve: no such file or directory"));

    private static final Pattern EXITS = word("exits-(\\d{1,3})");
    private static final Pattern LISTENS = word("listens-on-(\\d{2,5})");
    private static final Pattern LOOPBACK = word("loopback");
    private static final Pattern ANSWERS = word("answers-(\\d{3})");
    private static final Pattern HANGS = word("hangs(?!-after)");
    private static final Pattern HANGS_AFTER = word("hangs-after-(\\d+)s");
    private static final Pattern READY = word("ready-after-(\\d+)s");
    private static final Pattern INTERRUPTED = word("spot-interrupted");

    static ImageFault ofTag(String tag) {
        Matcher exits = EXITS.matcher(tag);
        Matcher listens = LISTENS.matcher(tag);
        Matcher answers = ANSWERS.matcher(tag);
        Matcher ready = READY.matcher(tag);
        Matcher hangsAfter = HANGS_AFTER.matcher(tag);
        Duration answersFor =
                hangsAfter.find() ? Duration.ofSeconds(Long.parseLong(hangsAfter.group(1))) : Duration.ZERO;
        TargetHealthReasonEnum unhealthy = null;
        String description = NONE.description();
        String line = null;
        if (listens.find()) {
            unhealthy = TargetHealthReasonEnum.TARGET_FAILED_HEALTH_CHECKS;
            line = "Server listening on port " + listens.group(1);
        } else if (LOOPBACK.matcher(tag).find()) {
            unhealthy = TargetHealthReasonEnum.TARGET_FAILED_HEALTH_CHECKS;
            line = "Listening on http://127.0.0.1:8000";
        } else if (answers.find()) {
            unhealthy = TargetHealthReasonEnum.TARGET_RESPONSE_CODE_MISMATCH;
            description = "Health checks failed with these codes: [%s]".formatted(answers.group(1));
        } else if (HANGS.matcher(tag).find()) {
            unhealthy = TargetHealthReasonEnum.TARGET_TIMEOUT;
            description = "Request timed out";
        } else if (!answersFor.isZero()) {
            description = "Request timed out";
        }
        ImageFault fault = new ImageFault(
                find(PLACEMENTS, tag),
                find(REFUSALS, tag),
                exits.find() ? Integer.parseInt(exits.group(1)) : NONE.exitCode(),
                unhealthy,
                description,
                line,
                ready.find() ? Duration.ofSeconds(Long.parseLong(ready.group(1))) : Duration.ZERO,
                answersFor,
                INTERRUPTED.matcher(tag).find());
        return fault.equals(NONE) ? NONE : fault;
    }

    static boolean exits(String tag) {
        return EXITS.matcher(tag).find();
    }

    private static @Nullable String find(Map<String, String> texts, String tag) {
        return texts.entrySet().stream()
                .filter(known -> word(known.getKey()).matcher(tag).find())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static Pattern word(String expression) {
        return Pattern.compile("(?:^|-)" + expression + "(?=-|$)");
    }
}
