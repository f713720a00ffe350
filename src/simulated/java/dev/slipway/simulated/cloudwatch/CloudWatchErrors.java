package dev.slipway.simulated.cloudwatch;

import static dev.slipway.simulated.aws.SimulatedErrors.fill;

import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.InvalidNextTokenException;
import software.amazon.awssdk.services.cloudwatch.model.InvalidParameterCombinationException;
import software.amazon.awssdk.services.cloudwatch.model.InvalidParameterValueException;
import software.amazon.awssdk.services.cloudwatch.model.MissingRequiredParameterException;
import software.amazon.awssdk.services.cloudwatch.model.ResourceNotFoundException;

/** The errors of CloudWatch, with the codes of its API model (most lack the word Exception). */
final class CloudWatchErrors {
    private static final String CLOUD_WATCH = "CloudWatch";

    private CloudWatchErrors() {}

    static RuntimeException validation(String message) {
        CloudWatchException.Builder builder = (CloudWatchException.Builder) CloudWatchException.builder();
        return (RuntimeException)
                fill(builder, CLOUD_WATCH, "ValidationError", message).build();
    }

    static RuntimeException invalid(String message) {
        return fill(InvalidParameterValueException.builder(), CLOUD_WATCH, "InvalidParameterValue", message)
                .build();
    }

    static RuntimeException combination(String message) {
        return fill(InvalidParameterCombinationException.builder(), CLOUD_WATCH, "InvalidParameterCombination", message)
                .build();
    }

    static RuntimeException missing(String parameter) {
        String message = "The parameter %s is required.".formatted(parameter);
        return fill(MissingRequiredParameterException.builder(), CLOUD_WATCH, "MissingParameter", message)
                .build();
    }

    static RuntimeException badToken() {
        return fill(InvalidNextTokenException.builder(), CLOUD_WATCH, "InvalidNextToken", "Invalid NextToken")
                .build();
    }

    static RuntimeException noAlarm(String name) {
        return fill(
                        ResourceNotFoundException.builder(),
                        CLOUD_WATCH,
                        "ResourceNotFound",
                        "Unknown alarm %s".formatted(name))
                .build();
    }
}
