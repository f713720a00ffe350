package dev.slipway.pipeline;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.pipeline.PipelineJob.Artifact;
import dev.slipway.pipeline.PipelineJob.Credentials;
import dev.slipway.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.AbortableInputStream;

/** Reads artifacts of jobs from S3, with the credentials that CodePipeline gives for them. */
record Artifacts(AwsLookups lookups) {
    private static final int MAX_NAMES = 20;
    /** Enough for a large repository; beyond it an archive is made to keep us busy. */
    private static final int MAX_ENTRIES = 500_000;

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
        Credentials job = artifact.credentials();
        try (AbortableInputStream zip = lookups.object(
                AwsSessionCredentials.create(job.accessKeyId(), job.secretAccessKey(), job.sessionToken()),
                artifact.bucket(),
                artifact.key())) {
            try {
                return reader.read(zip);
            } finally {
                // The rest is not wanted; closing alone would read it to its end.
                zip.abort();
            }
        } catch (AwsServiceException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            throw new UnreadableException(problem(artifact, e));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Problem problem(Artifact artifact, AwsServiceException e) {
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

    /**
     * Chooses whose buildspec a commit is built with. CodeBuild takes one file or fails: it has no fall-back. So the
     * pipeline's action {@code SelectBuildspec} asks us, and its action {@code Build} overrides the project's buildspec by the answer.
     */
    public static final class Buildspecs {
        /** The output variable that the pipeline reads: {@code #{SelectBuildspec.buildspec}}. */
        public static final String VARIABLE = "buildspec";

        /** A name in a zip may hold a file of any size; of a buildspec only its being there matters. */
        private static final int MAX_BYTES = 1024 * 1024;

        private Buildspecs() {}

        /**
         * The value for {@code BuildspecOverride}: the path when the source has it, else our buildspec itself.
         *
         * @param source the zip of the source; it is read to the buildspec or to its end, not closed
         * @param path of the repository's buildspec
         * @throws IOException when the stream breaks, or is no zip: then nobody could build it
         */
        public static String choose(InputStream source, String path) throws IOException {
            return switch (unzip(source, List.of(path), MAX_BYTES)) {
                case Contents.Files(var wanted, var _) -> wanted.containsKey(path) ? path : bundled();
                case Contents.TooLarge _ -> path;
                case Contents.NotAZip(String why) -> throw new IOException("the source is no zip file: " + why);
            };
        }

        /** Our buildspec: a line that runs the script which the project brings along in SLIPWAY_BUILD. */
        static String bundled() {
            try (InputStream in = Buildspecs.class.getResourceAsStream("/buildspecs/slipway.json")) {
                if (in == null) {
                    throw new IllegalStateException("/buildspecs/slipway.json is missing from the build");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Reads which image a build has made from its artifact: {@code imagedefinitions.json}, as CodePipeline's own ECS action
     * takes it, and beside it {@code slipway-image.json} where one of our builds or copies has written it.
     *
     * <p>Source of the first: CodePipeline user guide, "Image definitions file reference": a list of objects with {@code name},
     * of the container, and {@code imageUri}; at most 100 KB.
     */
    public static final class ImageDefinitions {
        static final String STANDARD = "imagedefinitions.json";
        static final String SLIPWAY_FILE = "slipway-image.json";
        private static final int MAX_BYTES = 100 * 1024;
        private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
        /** What may follow the registry's URI: a tag, a digest, both, or nothing, which Docker takes for latest. */
        private static final Pattern IMAGE =
                Pattern.compile("(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?");

        private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7,64}");
        private static final ObjectMapper JSON = new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

        private ImageDefinitions() {}

        /** What was found. */
        public sealed interface Result {
            /**
             * The image of the service's container.
             *
             * @param reference tag or digest in the service's registry; the digest where it is known
             * @param tag null when the build named a digest
             * @param commit of {@code slipway-image.json}; null without it
             */
            record Found(
                    String reference,
                    @Nullable String tag,
                    @Nullable String commit) implements Result {
                /** As a rollout takes it: {@code v1@sha256:…} where both are known. */
                public String named() {
                    return tag == null || tag.equals(reference) ? reference : tag + "@" + reference;
                }
            }

            /** The build's result cannot be used; what is wrong and who can fix it. */
            record Invalid(Problem problem) implements Result {}
        }

        /**
         * @param artifact the zip that CodePipeline keeps; it is read to its end, not closed
         * @param container the name of the service's container, which is the service's
         * @param registry URI of the registry that the pipeline builds for
         * @throws IOException when the stream breaks; what is in it is never the reason
         */
        public static Result read(InputStream artifact, String container, String registry) throws IOException {
            return switch (unzip(artifact, List.of(STANDARD, SLIPWAY_FILE), MAX_BYTES)) {
                case Contents.NotAZip(String why) ->
                    invalid("artifact-malformed", "The build's result is no zip file: " + why + ".");
                case Contents.TooLarge(String name) ->
                    invalid("artifact-malformed", "%s has more than %d bytes.".formatted(name, MAX_BYTES));
                case Contents.Files(var files, var others) -> {
                    byte[] standard = files.get(STANDARD);
                    yield standard == null
                            ? missing(others)
                            : definitions(standard, files.get(SLIPWAY_FILE), container, registry);
                }
            };
        }

        private static Result missing(List<String> others) {
            List<String> nested = others.stream()
                    .filter(name -> name.endsWith("/" + STANDARD))
                    .toList();
            String found = nested.isEmpty()
                    ? others.isEmpty() ? "It is empty." : "It has " + String.join(", ", others) + "."
                    : "It has " + nested.getFirst() + ": write it to the top, with discard-paths: yes.";
            return invalid("image-definitions-missing", "The build's result has no %s. %s".formatted(STANDARD, found));
        }

        private static Result definitions(byte[] standard, byte @Nullable [] ours, String container, String registry) {
            JsonNode list;
            try {
                list = JSON.readTree(standard);
            } catch (IOException e) {
                return invalid("image-definitions-malformed", "%s is no JSON: %s.".formatted(STANDARD, describe(e)));
            }
            if (!list.isArray() || list.isEmpty()) {
                return malformed();
            }
            Map<String, List<String>> uris = new TreeMap<>();
            for (JsonNode entry : list) {
                if (!entry.path("name").isTextual() || !entry.path("imageUri").isTextual()) {
                    return malformed();
                }
                uris.computeIfAbsent(entry.path("name").asText(), name -> new ArrayList<>())
                        .add(entry.path("imageUri").asText());
            }
            List<String> own = uris.getOrDefault(container, List.of());
            if (own.size() != 1) {
                return invalid(
                        "image-not-named",
                        own.isEmpty()
                                ? "%s names %s and not %s, which is the service's container; CodeBuild has it in $CONTAINER_NAME."
                                        .formatted(STANDARD, String.join(", ", uris.keySet()), container)
                                : "%s names %s %d times.".formatted(STANDARD, container, own.size()));
            }
            return image(own.getFirst(), ours, registry);
        }

        private static Result image(String uri, byte @Nullable [] ours, String registry) {
            Matcher image = IMAGE.matcher(uri.startsWith(registry) ? uri.substring(registry.length()) : "elsewhere");
            if (!image.matches()) {
                return invalid(
                        "image-elsewhere",
                        "%s is not in %s with a tag or digest: a service runs images of its own registry; CodeBuild has it in"
                                        .formatted(uri, registry)
                                + " $REPOSITORY_URI.");
            }
            String tag = image.group("tag");
            String named = image.group("digest");
            if (named == null && (tag == null || tag.equals("latest"))) {
                return invalid(
                        "image-not-fixed",
                        "%s may be another image by the time it is deployed: push $REPOSITORY_URI:$IMAGE_TAG too, and write that to %s."
                                .formatted(uri, STANDARD));
            }
            String reference = named != null ? named : Objects.requireNonNull(tag);
            // Ours adds to what the standard says. One about another image is left from somewhere, and says nothing.
            JsonNode added = added(ours, uri);
            String digest = added.path("digest").asText();
            String commit = added.path("commit").asText();
            return new Result.Found(
                    named == null && DIGEST.matcher(digest).matches() ? digest : reference,
                    tag,
                    COMMIT.matcher(commit).matches() ? commit : null);
        }

        private static JsonNode added(byte @Nullable [] ours, String uri) {
            JsonNode nothing = JSON.createObjectNode();
            if (ours == null) {
                return nothing;
            }
            try {
                JsonNode added = JSON.readTree(ours);
                return added.path("imageUri").asText().equals(uri) ? added : nothing;
            } catch (IOException e) {
                return nothing;
            }
        }

        private static String describe(IOException e) {
            return e instanceof JacksonException json
                    ? json.getOriginalMessage()
                    : Objects.requireNonNullElse(e.getMessage(), "it cannot be read");
        }

        private static Result malformed() {
            return invalid(
                    "image-definitions-malformed",
                    STANDARD + " must be a list such as [{\"name\": \"web\", \"imageUri\": \"…\"}].");
        }

        private static Result invalid(String code, String detail) {
            return new Result.Invalid(Problem.user(
                    code, detail, "Fix what the build writes; examples/go-server/buildspec.yml shows it."));
        }
    }
}
