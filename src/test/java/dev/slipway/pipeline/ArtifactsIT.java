package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.MotoServer;
import dev.slipway.aws.SignedLookups;
import dev.slipway.pipeline.Artifacts.ImageDefinitions;
import dev.slipway.pipeline.PipelineJob.Artifact;
import dev.slipway.pipeline.PipelineJob.Credentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/** Artifacts as they lie in S3, over HTTP. */
class ArtifactsIT {
    private static final String BUCKET = "slipway-pipeline-web-artifacts";
    private static final String REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/slipway-dev-web";

    private final Artifacts artifacts = new Artifacts(new SignedLookups(
            UrlConnectionHttpClient.create(),
            AnonymousCredentialsProvider.create(),
            "eu-central-1",
            MotoServer.get().endpoint(),
            AwsRetryStrategy.doNotRetry(),
            _ -> {},
            (_, _) -> {}));

    private static Artifact at(String key) {
        return new Artifact(BUCKET, key, new Credentials("ASIAEXAMPLE", "secret", "token"));
    }

    @BeforeEach
    void aBucketWithAnArtifact() throws IOException, InterruptedException {
        MotoServer.reset();
        byte[] zip = Zips.of(
                        Map.of("imagedefinitions.json", "[{\"name\":\"web\",\"imageUri\":\"" + REGISTRY + ":v1\"}]"))
                .readAllBytes();
        put("", new byte[0]);
        put("/web/Image/one", zip);
    }

    private static void put(String key, byte[] content) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI at = MotoServer.get().endpoint().resolve("/" + BUCKET + key);
            HttpRequest request = HttpRequest.newBuilder(at)
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(content))
                    .build();
            assertThat(http.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void theImageIsReadFromThem() throws Exception {
        ImageDefinitions.Result result =
                artifacts.read(at("web/Image/one"), zip -> ImageDefinitions.read(zip, "web", REGISTRY));

        assertThat(result)
                .isInstanceOfSatisfying(
                        ImageDefinitions.Result.Found.class,
                        found -> assertThat(found.reference()).isEqualTo("v1"));
    }

    @Test
    void oneThatHasExpiredIsNamed() {
        assertThatThrownBy(() -> artifacts.read(at("web/Image/gone"), zip -> ""))
                .isInstanceOfSatisfying(Artifacts.UnreadableException.class, gone -> {
                    assertThat(gone.problem().code()).isEqualTo("artifact-missing");
                    assertThat(gone.problem().detail()).contains("s3://" + BUCKET + "/web/Image/gone");
                });
    }
}
