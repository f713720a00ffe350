package dev.slipway.simulated.aws;

import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** Fills in an SDK exception as the wire would have: callers look at the error code, not only at the class. */
public final class SimulatedErrors {
    private SimulatedErrors() {}

    public static <B extends AwsServiceException.Builder> B fill(
            B builder, String service, String code, String message) {
        builder.awsErrorDetails(AwsErrorDetails.builder()
                .serviceName(service)
                .errorCode(code)
                .errorMessage(message)
                .build());
        builder.message(message);
        builder.statusCode(400);
        return builder;
    }
}
