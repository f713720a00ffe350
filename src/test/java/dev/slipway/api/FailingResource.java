package dev.slipway.api;

import dev.slipway.store.Store.NewerSchemaException;
import dev.slipway.store.Store.UnknownOutcomeException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Fails in the ways in which the calls of a request fail. */
@Path("/v1/test-failing/{how}")
public class FailingResource {
    @GET
    public String fail(@PathParam("how") String how) {
        throw switch (how) {
            case "throttled" -> aws("ThrottlingException", 400);
            case "too-many-requests" -> aws("TooManyRequestsException", 429);
            case "unavailable" -> aws("ServiceUnavailable", 503);
            case "denied" -> aws("AccessDeniedException", 400);
            case "denied-by-ec2" -> aws("UnauthorizedOperation", 403);
            case "wrong" -> aws("InvalidParameterException", 400);
            case "unreachable" -> SdkClientException.create("connection reset");
            case "newer" -> new NewerSchemaException("the item has schema 2");
            case "unknown" -> new UnknownOutcomeException("no answer", new IllegalStateException());
            default -> new IllegalStateException("a fault of ours with a secret in its text");
        };
    }

    private static AwsServiceException aws(String code, int status) {
        return AwsServiceException.builder()
                .statusCode(status)
                .message(code + ": said AWS")
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("said AWS")
                        .build())
                .build();
    }
}
