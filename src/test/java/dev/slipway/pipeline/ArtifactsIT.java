package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.MotoServer;
import dev.slipway.pipeline.Artifacts.ImageDefinitions;
import dev.slipway.pipeline.PipelineJob.Artifact;
import dev.slipway.pipeline.PipelineJob.Credentials;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Artifacts as they lie in S3, over HTTP. */
class ArtifactsIT {
    private static final String BUCKET = "slipway-pipeline-web-artifacts";
    private static final String REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/slipway-dev-web";

    private final Artifacts artifacts = new Artifacts(_ -> s3());

    private static S3Client s3() {
        return MotoServer.get().client(S3Client.builder().forcePathStyle(true));
    }

    private static Artifact at(String key) {
        return new Artifact(BUCKET, key, new Credentials("ASIAEXAMPLE", "secret", "token"));
    }

    @BeforeEach
    void aBucketWithAnArtifact() throws IOException {
        MotoServer.reset();
        byte[] zip = Zips.of(
                        Map.of("imagedefinitions.json", "[{\"name\":\"web\",\"imageUri\":\"" + REGISTRY + ":v1\"}]"))
                .readAllBytes();
        try (S3Client s3 = s3()) {
            s3.createBucket(request -> request.bucket(BUCKET));
            s3.putObject(request -> request.bucket(BUCKET).key("web/Image/one"), RequestBody.fromBytes(zip));
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
