package dev.slipway.pipeline;

import dev.slipway.aws.AwsErrors;
import dev.slipway.pipeline.PipelineJob.Artifact;
import dev.slipway.pipeline.PipelineJob.Credentials;
import dev.slipway.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Reads artifacts of jobs from S3, with the credentials that CodePipeline gives for them. */
final class Artifacts {
    private final Function<Credentials, S3Client> clients;

    Artifacts(Function<Credentials, S3Client> clients) {
        this.clients = clients;
    }

    /** Reads a zip. An IOException says that what is in it is of no use, except one of the connection. */
    interface Reader<T> {
        T read(InputStream zip) throws IOException;
    }

    /** The artifact cannot be had; nothing that passes by itself. */
    static final class UnreadableException extends Exception {
        private final transient Problem problem;

        UnreadableException(Problem problem) {
            super(problem.detail());
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    /**
     * Reads an artifact as far as {@code reader} goes.
     *
     * @throws UnreadableException when it is gone, or not ours to read
     * @throws IOException what the reader throws
     * @throws SdkClientException when the connection broke; AWS's own faults come as they are
     */
    <T> T read(Artifact artifact, Reader<T> reader) throws UnreadableException, IOException {
        try (S3Client s3 = clients.apply(artifact.credentials());
                ResponseInputStream<GetObjectResponse> zip = s3.getObject(GetObjectRequest.builder()
                        .bucket(artifact.bucket())
                        .key(artifact.key())
                        .build())) {
            try {
                return reader.read(zip);
            } finally {
                // The rest is not wanted; closing alone would read it to its end.
                zip.abort();
            }
        } catch (S3Exception e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            throw new UnreadableException(problem(artifact, e));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Problem problem(Artifact artifact, S3Exception e) {
        String where = "s3://" + artifact.bucket() + "/" + artifact.key();
        return e.statusCode() == 404
                ? Problem.user(
                        "artifact-missing",
                        "The build's result is gone from %s.".formatted(where),
                        "Artifacts expire after artifactDays: start the pipeline anew instead of retrying the stage.")
                : Problem.user(
                        "artifact-unreadable",
                        "S3 does not let the build's result be read from %s (%s).".formatted(where, AwsErrors.code(e)),
                        "Compare the bucket's policy and key with the pipeline's stack.");
    }
}
