package dev.slipway.stack;

import dev.slipway.aws.AwsErrors;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

/**
 * What CloudFormation's errors and reasons mean: the only place that matches its messages. Most are a bare
 * {@code ValidationError} that can be told apart by its words alone.
 */
final class CloudFormationErrors {
    private static final int SERVER_ERROR = 500;
    private static final int TOO_MANY_REQUESTS = 429;

    private CloudFormationErrors() {}

    /** How CloudFormation answered an act. */
    sealed interface CallResult {
        /** It is at work. */
        record Accepted() implements CallResult {}

        /** An earlier attempt at the same act has been accepted. */
        record AlreadyDone() implements CallResult {}

        /** Another operation is running, or has just left the stack in another state than we saw. */
        record InProgress() implements CallResult {}

        /** The update would change nothing. */
        record NoChanges() implements CallResult {}

        /** The stack or change set does not exist. */
        record NotFound() implements CallResult {}

        /** It will never accept this. */
        record Rejected(String reason) implements CallResult {}
    }

    /** Translates an error, or throws it again when only a retry can help: throttling, AWS's own errors. */
    static CallResult answer(CloudFormationException error) {
        String code = AwsErrors.code(error);
        String message = message(error);
        return switch (code) {
            case "AlreadyExistsException", "TokenAlreadyExistsException", "InvalidChangeSetStatus" ->
                isOngoing(message) ? new CallResult.InProgress() : new CallResult.AlreadyDone();
            case "ChangeSetNotFound" -> new CallResult.NotFound();
            case "OperationInProgressException", "ConcurrentModificationException" -> new CallResult.InProgress();
            case "ValidationError" -> validation(message);
            default -> {
                if (isTransient(error, code)) {
                    throw error;
                }
                yield new CallResult.Rejected(message);
            }
        };
    }

    /**
     * Whether there is no such stack or change set. DescribeStacks knows no other way to say it than {@code Stack with id
     * slipway-prod does not exist}.
     */
    static boolean isMissing(CloudFormationException error) {
        return AwsErrors.code(error).equals("ChangeSetNotFound")
                || (AwsErrors.code(error).equals("ValidationError")
                        && message(error).contains("does not exist"));
    }

    /** A change set that failed because there is nothing in it. */
    static boolean isEmptyChangeSet(@Nullable String reason) {
        return reason != null
                && (reason.contains("didn't contain changes") || reason.contains("No updates are to be performed"));
    }

    /** A failure that only follows another one. */
    static boolean isConsequence(String reason) {
        String text = reason.toLowerCase(Locale.ROOT);
        return text.contains("creation cancelled")
                || text.contains("creation canceled")
                || text.contains("update cancelled")
                || text.contains("update canceled")
                || text.contains("deletion cancelled")
                || text.contains("the following resource(s) failed to");
    }

    private static CallResult validation(String message) {
        if (message.contains("No updates are to be performed")) {
            return new CallResult.NoChanges();
        }
        if (message.contains("does not exist") && (message.startsWith("Stack") || message.startsWith("ChangeSet"))) {
            return new CallResult.NotFound();
        }
        if (message.contains("_IN_PROGRESS")
                || message.contains("can not be updated")
                // A stack that a late answer called missing has them.
                || message.contains("are already in a stack and cannot be imported")
                || message.contains("cannot be deleted while in status")) {
            return new CallResult.InProgress();
        }
        return new CallResult.Rejected(message);
    }

    private static boolean isOngoing(String message) {
        return message.contains("operation on this ChangeSet is currently in progress");
    }

    private static boolean isTransient(CloudFormationException error, String code) {
        return error.statusCode() >= SERVER_ERROR
                || error.statusCode() == TOO_MANY_REQUESTS
                || error.isThrottlingException()
                || code.isEmpty()
                || code.startsWith("Throttl")
                || code.equals("RequestExpired")
                || code.equals("ExpiredToken")
                || code.equals("ServiceUnavailable")
                || code.equals("InternalFailure");
    }

    private static String message(CloudFormationException error) {
        var details = error.awsErrorDetails();
        return details == null || details.errorMessage() == null ? "" : details.errorMessage();
    }
}
