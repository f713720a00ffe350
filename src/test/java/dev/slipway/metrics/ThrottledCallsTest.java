package dev.slipway.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.ecs.EcsClient;

/** The clients of the SDK as they are, at a wire that answers what a test says. */
class ThrottledCallsTest {
    private static final String THROTTLED = "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}";
    private static final String DENIED = "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}";

    private final List<String> lines = new ArrayList<>();
    private final ThrottledCalls throttled =
            new ThrottledCalls(new EmbeddedMetrics(lines::add, () -> Instant.ofEpochMilli(1)));

    private EcsClient ecs(String... answers) {
        Deque<String> left = new ArrayDeque<>(Arrays.asList(answers));
        return EcsClient.builder()
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKID", "secret")))
                .httpClient(new Wire(left))
                .overrideConfiguration(override -> override.metricPublishers(List.of(throttled))
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(3)
                                .backoffStrategy(BackoffStrategy.retryImmediately())
                                .throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
                                .build()))
                .build();
    }

    private record Wire(Deque<String> answers) implements SdkHttpClient {
        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() {
                    String answer = answers.remove();
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder()
                                    .statusCode(answer.contains("__type") ? 400 : 200)
                                    .build())
                            .responseBody(AbortableInputStream.create(
                                    new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8))))
                            .build();
                }

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }

    private EmbeddedLine line() {
        assertThat(lines).hasSize(1);
        return EmbeddedLine.read(lines.getFirst());
    }

    @Test
    void attemptsThatWereThrottledCountAlsoWhenTheCallWentWellInTheEnd() {
        ecs(THROTTLED, THROTTLED, "{}").listClusters();

        assertThat(line().dimensions()).containsOnly(Map.entry("AwsService", "ECS"));
        assertThat(line().values()).containsOnly(Map.entry("ThrottledCalls", 2.0));
        assertThat(line().root().path("call").asText()).isEqualTo("ListClusters");
    }

    @Test
    void soDoThoseOfACallThatWasGivenUp() {
        assertThatThrownBy(() -> ecs(THROTTLED, THROTTLED, THROTTLED).listClusters());

        assertThat(line().values()).containsEntry("ThrottledCalls", 3.0);
    }

    @Test
    void otherCallsAndOtherErrorsAreNone() {
        ecs("{}").listClusters();
        assertThatThrownBy(() -> ecs(DENIED).listClusters());

        assertThat(lines).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ThrottlingException, 1", "RequestLimitExceeded, 1", "AccessDenied, 0", ", 0"})
    void anAttemptWithoutAClientCountsWhenItWasThrottled(String code, int counted) {
        SdkException failure = code == null
                ? SdkClientException.create("the connection broke")
                : AwsServiceException.builder()
                        .statusCode(400)
                        .awsErrorDetails(
                                AwsErrorDetails.builder().errorCode(code).build())
                        .build();

        throttled.onFailure("ec2", failure);

        assertThat(lines).hasSize(counted);
        lines.forEach(line -> assertThat(EmbeddedLine.read(line).dimensions()).containsEntry("AwsService", "ec2"));
    }
}
