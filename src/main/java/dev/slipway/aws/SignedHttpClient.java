package dev.slipway.aws;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
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
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/**
 * Requests to AWS services, signed as the SDK signs its own, to the endpoint that the SDK knows for the region, or to the one
 * that takes the place of all.
 */
final class SignedHttpClient {
    /** In bytes; the answers that we ask for are some kilobytes. */
    private static final int MAX_BYTES = 1 << 20;

    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    private final SdkHttpClient http;
    private final AwsCredentialsProvider credentials;
    private final Region region;
    private final @Nullable URI endpoint;

    /** @param endpoint in place of AWS's own; null for those */
    SignedHttpClient(SdkHttpClient http, AwsCredentialsProvider credentials, String region, @Nullable URI endpoint) {
        this.http = http;
        this.credentials = credentials;
        this.region = Region.of(region);
        this.endpoint = endpoint;
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
        SdkHttpRequest.Builder request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .uri(uri(service, "/"))
                .putHeader("Content-Length", Integer.toString(body.getBytes(StandardCharsets.UTF_8).length));
        headers.forEach(request::putHeader);
        return signed(service, request.build(), ContentStreamProvider.fromUtf8String(body));
    }

    /** A GET of a service's REST API. Throws {@link SdkClientException} when there is no answer. */
    Response get(String service, String path) {
        SdkHttpRequest request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.GET)
                .uri(uri(service, path))
                .build();
        return signed(service, request, null);
    }

    private URI uri(String service, String path) {
        return endpoint != null
                ? endpoint.resolve(path)
                : URI.create("https://" + ServiceMetadata.of(service).endpointFor(at(service)) + path);
    }

    /** Where a service is: some, such as IAM, are one for the whole partition. */
    private Region at(String service) {
        return ServiceMetadata.of(service).servicePartitions().stream()
                .filter(found -> found.partition()
                        .id()
                        .equals(PartitionMetadata.of(region).id()))
                .flatMap(found -> found.globalRegion().stream())
                .findFirst()
                .orElse(region);
    }

    private Response signed(String service, SdkHttpRequest request, @Nullable ContentStreamProvider body) {
        AwsCredentials identity = credentials.resolveCredentials();
        String signing = ServiceMetadata.of(service).signingRegion(at(service)).id();
        SignedRequest signed = signer.sign(sign -> {
            sign.identity(identity)
                    .request(request)
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                    .putProperty(AwsV4HttpSigner.REGION_NAME, signing);
            if (body != null) {
                sign.payload(body);
            }
        });
        return answer(HttpExecuteRequest.builder()
                .request(signed.request())
                .contentStreamProvider(signed.payload().orElse(null))
                .build());
    }

    /**
     * A GET of an object in S3; its body is the caller's to close. Throws {@link SdkClientException} when there is no answer.
     *
     * @param identity whose credentials it is signed with
     */
    HttpExecuteResponse object(AwsCredentials identity, String bucket, String key) {
        String path = "/" + SdkHttpUtils.urlEncodeIgnoreSlashes(key);
        String host = ServiceMetadata.of("s3").endpointFor(region).toString();
        // A certificate for *.s3.… does not cover a bucket with a dot in its name
        // (AmazonS3/latest/userguide/VirtualHosting.html).
        URI uri = endpoint != null
                ? endpoint.resolve("/" + bucket + path)
                : URI.create("https://" + (bucket.contains(".") ? host + "/" + bucket : bucket + "." + host) + path);
        SdkHttpRequest request =
                SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(uri).build();
        // S3 signs the path as it is sent (AmazonS3/latest/API/sig-v4-header-based-auth.html).
        SignedRequest signed = signer.sign(sign -> sign.identity(identity)
                .request(request)
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                .putProperty(AwsV4HttpSigner.REGION_NAME, region.id())
                .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false));
        return call(HttpExecuteRequest.builder().request(signed.request()).build());
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

    private Response answer(HttpExecuteRequest request) {
        HttpExecuteResponse response = call(request);
        String body = response.responseBody()
                .map(stream -> text(stream, request.httpRequest().host()))
                .orElse("");
        return new Response(response.httpResponse().statusCode(), body);
    }

    private HttpExecuteResponse call(HttpExecuteRequest request) {
        try {
            return http.prepareRequest(request).call();
        } catch (IOException | UncheckedIOException e) {
            throw unanswered(request.httpRequest().host(), e);
        }
    }

    /** Reads and closes a body. Throws {@link SdkClientException} when the connection breaks. */
    static String text(InputStream body, String host) {
        try (body) {
            return new String(body.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        } catch (IOException | UncheckedIOException e) {
            throw unanswered(host, e);
        }
    }

    private static SdkClientException unanswered(String host, Exception cause) {
        return SdkClientException.create(host + " did not answer", cause);
    }
}
