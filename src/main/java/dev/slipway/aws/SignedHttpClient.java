package dev.slipway.aws;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.ServiceMetadata;

/** A POST to an AWS service, signed as the SDK signs its own, to the endpoint that the SDK knows for the region. */
final class SignedHttpClient {
    /** In bytes; the answers that we ask for are some kilobytes. */
    private static final int MAX_BYTES = 1 << 20;

    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    private final SdkHttpClient http;
    private final AwsCredentialsProvider credentials;
    private final Region region;

    SignedHttpClient(SdkHttpClient http, AwsCredentialsProvider credentials, String region) {
        this.http = http;
        this.credentials = credentials;
        this.region = Region.of(region);
    }

    record Response(int status, String body) {
        boolean failed() {
            return status >= 300;
        }
    }

    /**
     * Throws {@link SdkClientException} when there is no answer.
     *
     * @param service as its endpoint is named, such as {@code ec2}
     */
    Response post(String service, Map<String, String> headers, String body) {
        ServiceMetadata metadata = ServiceMetadata.of(service);
        Region at = metadata.servicePartitions().stream()
                .filter(found -> found.partition()
                        .id()
                        .equals(PartitionMetadata.of(region).id()))
                .flatMap(found -> found.globalRegion().stream()) // IAM is one for the whole partition
                .findFirst()
                .orElse(region);
        SdkHttpRequest.Builder request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .uri(URI.create("https://" + metadata.endpointFor(at) + "/"))
                .putHeader("Content-Length", Integer.toString(body.getBytes(StandardCharsets.UTF_8).length));
        headers.forEach(request::putHeader);
        AwsCredentials identity = credentials.resolveCredentials();
        SignedRequest signed = signer.sign(sign -> sign.identity(identity)
                .request(request.build())
                .payload(ContentStreamProvider.fromUtf8String(body))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                .putProperty(
                        AwsV4HttpSigner.REGION_NAME, metadata.signingRegion(at).id()));
        return answer(HttpExecuteRequest.builder()
                .request(signed.request())
                .contentStreamProvider(signed.payload().orElse(null))
                .build());
    }

    /** A plain GET, not signed. Throws {@link SdkClientException} when there is no answer. */
    Response get(String url) {
        return answer(HttpExecuteRequest.builder()
                .request(SdkHttpRequest.builder()
                        .method(SdkHttpMethod.GET)
                        .uri(URI.create(url))
                        .build())
                .build());
    }

    private Response answer(HttpExecuteRequest call) {
        try {
            HttpExecuteResponse response = http.prepareRequest(call).call();
            try (InputStream body = response.responseBody()
                    .orElseGet(() -> AbortableInputStream.create(InputStream.nullInputStream()))) {
                return new Response(
                        response.httpResponse().statusCode(),
                        new String(body.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
            }
        } catch (IOException | UncheckedIOException e) {
            throw SdkClientException.create(call.httpRequest().host() + " did not answer", e);
        }
    }
}
