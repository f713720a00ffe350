package dev.slipway.aws;

import dev.slipway.problem.Problem;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryUtils;

/** Which of AWS's errors pass by themselves, and which are a matter of permission. */
public final class AwsErrors {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; services spell it differently
    private static final Set<String> DENIED = Set.of("AccessDenied", "AccessDeniedException", "UnauthorizedOperation");

    // Each service has codes of its own: LimitExceededException, ServiceQuotaExceededException, TooManyRules,
    // VpcLimitExceeded
    private static final Pattern QUOTA = Pattern.compile("LimitExceeded|QuotaExceeded|TooMany(?!Requests)");

    private AwsErrors() {}

    /** Whether the same call may well succeed later: throttled, AWS's own fault, or the connection broke. */
    public static boolean isTransient(RuntimeException error) {
        return switch (error) {
            case AwsServiceException service ->
                RetryUtils.isThrottlingException(service) || service.statusCode() >= 500;
            case SdkClientException client -> true;
            default -> false;
        };
    }

    /** Whether AWS may have done what it was asked although the call failed. */
    public static boolean isOutcomeUnknown(RuntimeException error) {
        return error instanceof SdkClientException
                || error instanceof AwsServiceException service && service.statusCode() >= 500;
    }

    /** The error in words when AWS refused the call for want of permission. */
    public static Optional<Problem> denied(RuntimeException error) {
        if (error instanceof AwsServiceException service && DENIED.contains(code(service))) {
            return Optional.of(Problem.user(
                    "access-denied",
                    "AWS refused a call of the control plane: " + service.getMessage(),
                    "Compare the roles of the deployed template with the version in use, and look for service control"
                            + " policies that forbid the action."));
        }
        return Optional.empty();
    }

    /** AWS's words where it has refused a call for what was asked, so that the same call fails again until something else changes. */
    public static Optional<String> refusal(RuntimeException error) {
        return error instanceof AwsServiceException service
                        && !isTransient(service)
                        && service.statusCode() >= 400
                        && service.awsErrorDetails() != null
                        && service.awsErrorDetails().errorMessage() != null
                ? Optional.of(service.awsErrorDetails().errorMessage())
                : Optional.empty();
    }

    /** The error in words when a quota of the account is used up: the same call succeeds once that has been raised. */
    public static Optional<Problem> quota(RuntimeException error) {
        if (error instanceof AwsServiceException service
                && !isTransient(service)
                && QUOTA.matcher(code(service)).find()) {
            return Optional.of(
                    Problem.user(
                            "quota-exceeded",
                            "A quota of the account is used up: " + service.getMessage(),
                            "Free some of what it counts, or ask for more in the Service Quotas console, then do the same again."));
        }
        return Optional.empty();
    }

    /**
     * What a caller is told about a call to AWS that failed.
     *
     * @param isTransient whether the same call may well succeed later
     */
    public record Failure(Problem problem, boolean isTransient) {}

    /** Empty when it was no call to AWS that failed. */
    public static Optional<Failure> failure(Throwable error) {
        if (!(error instanceof SdkException call)) {
            return Optional.empty();
        }
        Optional<Problem> denied = denied(call);
        if (denied.isPresent()) {
            return Optional.of(new Failure(denied.get(), false));
        } else if (isTransient(call)) {
            return Optional.of(new Failure(
                    Problem.dependency("aws-unavailable", "AWS is throttling or not answering just now.", "Try again."),
                    true));
        }
        String code = call instanceof AwsServiceException service ? code(service) : "";
        return Optional.of(new Failure(
                Problem.dependency(
                        "aws-error",
                        "AWS answered with %s.".formatted(code.isEmpty() ? "an error" : code),
                        "The function's log has the whole answer."),
                false));
    }

    /** AWS's error code, or the empty text when the answer had none. */
    public static String code(AwsServiceException error) {
        return error.awsErrorDetails() == null || error.awsErrorDetails().errorCode() == null
                ? ""
                : error.awsErrorDetails().errorCode();
    }
}
