package dev.slipway.simulated.cloudformation;

import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudformation.model.AlreadyExistsException;
import software.amazon.awssdk.services.cloudformation.model.ChangeSetNotFoundException;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.InsufficientCapabilitiesException;
import software.amazon.awssdk.services.cloudformation.model.InvalidChangeSetStatusException;
import software.amazon.awssdk.services.cloudformation.model.TokenAlreadyExistsException;

/** CloudFormation's errors, with the codes and words that callers meet. */
public final class CloudFormationErrors {
    private CloudFormationErrors() {}

    /** What CloudFormation answers to most wrong requests. */
    static CloudFormationException validation(String message) {
        return filled(CloudFormationException.builder(), "ValidationError", message);
    }

    /** The template uses something that the simulated account does not model: said aloud rather than ignored. */
    public static CloudFormationException notModelled(String what) {
        return validation("Template error: " + what + " is not modelled by the simulated account");
    }

    static CloudFormationException stackMissing(String name) {
        return validation("Stack [" + name + "] does not exist");
    }

    static CloudFormationException alreadyExists(String message) {
        return filled(AlreadyExistsException.builder(), "AlreadyExistsException", message);
    }

    static CloudFormationException changeSetMissing(String name) {
        return filled(
                ChangeSetNotFoundException.builder(), "ChangeSetNotFound", "ChangeSet [" + name + "] does not exist");
    }

    static CloudFormationException changeSetStatus(String message) {
        return filled(InvalidChangeSetStatusException.builder(), "InvalidChangeSetStatus", message);
    }

    static CloudFormationException capabilities(String capability) {
        return filled(
                InsufficientCapabilitiesException.builder(),
                "InsufficientCapabilitiesException",
                "Requires capabilities : [" + capability + "]");
    }

    static CloudFormationException tokenUsed(String token) {
        return filled(
                TokenAlreadyExistsException.builder(),
                "TokenAlreadyExistsException",
                "Token " + token + " has already been used for a different operation");
    }

    private static CloudFormationException filled(
            CloudFormationException.Builder builder, String code, String message) {
        builder.message(message)
                .statusCode(400)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .serviceName("CloudFormation")
                        .errorCode(code)
                        .errorMessage(message)
                        .build());
        return (CloudFormationException) builder.build();
    }
}
