package dev.slipway.cli.api;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Says who asks: by IAM's signature on AWS, not at all on a laptop. */
public interface RequestSigner {
    /** For {@code make run}, whose callers are whoever they say, and else whoever is at the machine. */
    static RequestSigner named(@Nullable String actor) {
        return (method, uri, body) -> actor == null ? Map.of() : Map.of("Slipway-Actor", actor);
    }

    /** The headers that prove who asks. Throws {@code SdkClientException} when there are no credentials. */
    Map<String, String> headers(String method, URI uri, byte[] body);

    /** Looks the credentials up anew at the next request: those there are have ended. */
    default void forget() {}

    /**
     * Looks the credentials up anew after a refusal that may be of them or of their rights; whether it may have been of them: others
     * are there now, or they have ended.
     */
    default boolean renewed() {
        return false;
    }

    /**
     * Signature version 4 for API Gateway.
     *
     * @param credentials asked at each request, because they end
     */
    static RequestSigner sigV4(Supplier<? extends AwsCredentialsIdentity> credentials, String region) {
        AwsV4HttpSigner signer = AwsV4HttpSigner.create();
        return (method, uri, body) -> {
            SdkHttpRequest unsigned = SdkHttpRequest.builder()
                    .uri(uri)
                    .method(SdkHttpMethod.fromValue(method))
                    .build();
            SignRequest<AwsCredentialsIdentity> asked = SignRequest.builder(credentials.get())
                    .request(unsigned)
                    .payload(ContentStreamProvider.fromByteArray(body))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "execute-api")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                    .build();
            Map<String, String> headers = new HashMap<>();
            signer.sign(asked).request().headers().forEach((name, values) -> {
                // Which the connection sets by itself, to the same.
                if (!name.equalsIgnoreCase("Host") && !name.equalsIgnoreCase("Content-Length")) {
                    headers.put(name, String.join(",", values));
                }
            });
            return headers;
        };
    }
}
