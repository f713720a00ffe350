package dev.slipway.pipeline;

import dev.slipway.aws.AwsErrors;
import dev.slipway.pipeline.PipelineJob.Artifact;
import dev.slipway.pipeline.PipelineJob.Credentials;
import dev.slipway.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Reads artifacts of jobs from S3, with the credentials that CodePipeline gives for them. */
final class Artifacts {
    private static final int MAX_NAMES = 20;
    /** Enough for a large repository; beyond it an archive is made to keep us busy. */
    private static final int MAX_ENTRIES = 500_000;

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

    /** What was found in a zip. */
    sealed interface Contents {
        /**
         * @param wanted the files that were asked for and are there, by name
         * @param others the first names of the others, directories left out
         */
        record Files(Map<String, byte[]> wanted, List<String> others) implements Contents {}

        record TooLarge(String name) implements Contents {}

        record NotAZip(String reason) implements Contents {}
    }

    /**
     * Takes a few small files out of a zip without unpacking it, whatever else is in it.
     *
     * @param limit bytes that a wanted file may have
     */
    static Contents unzip(InputStream archive, List<String> wanted, int limit) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        List<String> others = new ArrayList<>();
        int entries = 0;
        // Not closed: the stream is the caller's.
        ZipInputStream zip = new ZipInputStream(archive);
        try {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries++;
                if (wanted.contains(entry.getName()) && files.size() < wanted.size()) {
                    byte[] content = zip.readNBytes(limit + 1);
                    if (content.length > limit) {
                        return new Contents.TooLarge(entry.getName());
                    }
                    files.put(entry.getName(), content);
                } else if (others.size() < MAX_NAMES && !entry.isDirectory()) {
                    others.add(entry.getName());
                }
                if (entries == MAX_ENTRIES || files.size() == wanted.size()) {
                    break;
                }
            }
        } catch (ZipException | IllegalArgumentException e) { // the second: a name that is no UTF-8
            return new Contents.NotAZip(Objects.requireNonNullElse(e.getMessage(), "it cannot be unpacked"));
        }
        return entries == 0
                ? new Contents.NotAZip("nothing in it can be read")
                : new Contents.Files(Map.copyOf(files), List.copyOf(others));
    }
}
