package dev.slipway.simulated.scaling;

import static dev.slipway.simulated.aws.SimulatedErrors.fill;

import software.amazon.awssdk.services.applicationautoscaling.model.ObjectNotFoundException;
import software.amazon.awssdk.services.applicationautoscaling.model.ValidationException;

/** The errors of Application Auto Scaling. */
final class ScalingErrors {
    private static final String SERVICE = "ApplicationAutoScaling";

    private ScalingErrors() {}

    static RuntimeException validation(String message) {
        return fill(ValidationException.builder(), SERVICE, "ValidationException", message)
                .build();
    }

    static RuntimeException notFound(String what) {
        return fill(
                        ObjectNotFoundException.builder(),
                        SERVICE,
                        "ObjectNotFoundException",
                        "No %s found for service namespace: ecs".formatted(what))
                .build();
    }
}
