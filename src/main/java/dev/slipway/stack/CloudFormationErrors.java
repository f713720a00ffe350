package dev.slipway.stack;

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
    sealed interface Answer {
        /** It is at work. */
        record Accepted() implements Answer {}

        /** An earlier attempt at the same act has been accepted. */
        record AlreadyDone() implements Answer {}

        /** Another operation is running, or has just left the stack in another state than we saw. */
        record Busy() implements Answer {}

        /** The update would change nothing. */
        record NothingToDo() implements Answer {}

        /** The stack or change set does not exist. */
        record Gone() implements Answer {}

        /** It will never accept this. */
        record Rejected(String reason) implements Answer {}
    }

    /** Translates an error, or throws it again when only a retry can help: throttling, AWS's own errors. */
    static Answer answer(CloudFormationException error) {
        String code = code(error);
        String message = message(error);
        return switch (code) {
            case "AlreadyExistsException", "TokenAlreadyExistsException", "InvalidChangeSetStatus" ->
                isOngoing(message) ? new Answer.Busy() : new Answer.AlreadyDone();
            case "ChangeSetNotFound" -> new Answer.Gone();
            case "OperationInProgressException", "ConcurrentModificationException" -> new Answer.Busy();
            case "ValidationError" -> validation(message);
            default -> {
                if (isTransient(error, code)) {
                    throw error;
                }
                yield new Answer.Rejected(message);
            }
        };
    }

    /**
     * Whether there is no such stack or change set. DescribeStacks knows no other way to say it than {@code Stack with id
     * slipway-prod does not exist}.
     */
    static boolean isMissing(CloudFormationException error) {
        return code(error).equals("ChangeSetNotFound")
                || (code(error).equals("ValidationError") && message(error).contains("does not exist"));
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

    private static Answer validation(String message) {
        if (message.contains("No updates are to be performed")) {
            return new Answer.NothingToDo();
        }
        if (message.contains("does not exist") && (message.startsWith("Stack") || message.startsWith("ChangeSet"))) {
            return new Answer.Gone();
        }
        if (message.contains("_IN_PROGRESS")
                || message.contains("can not be updated")
                || message.contains("cannot be deleted while in status")) {
            return new Answer.Busy();
        }
        return new Answer.Rejected(message);
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

    private static String code(CloudFormationException error) {
        var details = error.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    private static String message(CloudFormationException error) {
        var details = error.awsErrorDetails();
        return details == null || details.errorMessage() == null ? "" : details.errorMessage();
    }
}
