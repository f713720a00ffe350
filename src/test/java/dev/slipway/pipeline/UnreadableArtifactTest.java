package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.aws.AwsLookups;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineModule.BuildLogs;
import dev.slipway.pipeline.PipelineModule.Connections;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;

/** What AWS does not tell of a pipeline is missing in its view, and nothing else is. */
class UnreadableArtifactTest {
    private static final PipelineId WEB = new PipelineId("web");
    private static final String ARN = "arn:aws:codeconnections:eu-central-1:123456789012:connection/1";
    private static final SdkException DENIED = error("AccessDeniedException", 400);
    private static final SdkException THROTTLED = error("ThrottlingException", 400);
    private static final SdkException UNREACHABLE = SdkClientException.create("connection reset");

    static Stream<SdkException> refusals() {
        return Stream.of(DENIED, THROTTLED, UNREACHABLE);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aLogThatCannotBeReadSaysWhyInItsPlace(SdkException refusal) {
        assertThat(new BuildLogs(new Logs(refusal)).tail(WEB, "build/1"))
                .singleElement()
                .asString()
                .startsWith("Slipway could not read this log, build/1 in /slipway/pipeline/web: ")
                .endsWith(".");
        assertThat(new BuildLogs(new Logs(DENIED)).tail(WEB, "build/1").getFirst())
                .endsWith("AccessDeniedException.");
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aConnectionOfWhichAwsDoesNotTellIsUnknown(SdkException refusal) {
        assertThat(new Connections(new Repositories(refusal)).status(ARN)).contains("UNKNOWN");
    }

    @Test
    void anOperationEndsWithoutKnowingWhatItMayNotKnow() {
        assertThat(new Connections(new Repositories(DENIED)).isPending(ARN)).isFalse();
    }

    @Test
    void anOperationLooksAgainWhenTheCauseMayPass() {
        assertThatThrownBy(() -> new Connections(new Repositories(THROTTLED)).isPending(ARN))
                .isSameAs(THROTTLED);
    }

    private static SdkException error(String code, int status) {
        return AwsServiceException.builder()
                .statusCode(status)
                .message(code)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
                .build();
    }

    private record Logs(SdkException refusal) implements CloudWatchLogsClient {
        @Override
        public GetLogEventsResponse getLogEvents(GetLogEventsRequest request) {
            throw refusal;
        }

        @Override
        public String serviceName() {
            return "logs";
        }

        @Override
        public void close() {}
    }

    private record Repositories(SdkException refusal) implements AwsLookups {
        @Override
        public Optional<String> connectionStatus(String arn) {
            throw refusal;
        }

        @Override
        public List<RecordedChange> changes(String resource, Instant since) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<HostedZone> hostedZone(String id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Set<String>> nameServers(String zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hasLogGroup(String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Certificate> certificate(String arn) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, Integer> freeAddresses(List<String> subnets) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hasRole(String arn) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean makeServiceLinkedRole(String service) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Secret> secret(String arn) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Map<String, String>> parameterTags(String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> download(String url) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AbortableInputStream object(AwsCredentials credentials, String bucket, String key) {
            throw new UnsupportedOperationException();
        }
    }
}
