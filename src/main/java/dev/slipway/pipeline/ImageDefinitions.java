package dev.slipway.pipeline;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads which image a build has made from its artifact: {@code imagedefinitions.json}, as CodePipeline's own ECS action
 * takes it, and beside it {@code slipway-image.json} where one of our builds or copies has written it.
 *
 * <p>Source of the first: CodePipeline user guide, "Image definitions file reference": a list of objects with {@code name},
 * of the container, and {@code imageUri}; at most 100 KB.
 */
public final class ImageDefinitions {
    static final String STANDARD = "imagedefinitions.json";
    static final String SLIPWAY_FILE = "slipway-image.json";
    private static final int MAX_BYTES = 100 * 1024;
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
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
        return switch (Artifacts.unzip(artifact, List.of(STANDARD, SLIPWAY_FILE), MAX_BYTES)) {
            case Artifacts.Contents.NotAZip(String why) ->
                invalid("artifact-malformed", "The build's result is no zip file: " + why + ".");
            case Artifacts.Contents.TooLarge(String name) ->
                invalid("artifact-malformed", "%s has more than %d bytes.".formatted(name, MAX_BYTES));
            case Artifacts.Contents.Files(var files, var others) -> {
                byte[] standard = files.get(STANDARD);
                yield standard == null
                        ? missing(others)
                        : definitions(standard, files.get(SLIPWAY_FILE), container, registry);
            }
        };
    }

    private static Result missing(List<String> others) {
        List<String> nested =
                others.stream().filter(name -> name.endsWith("/" + STANDARD)).toList();
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
        String rest = uri.startsWith(registry) ? uri.substring(registry.length()) : "";
        boolean byDigest =
                rest.startsWith("@") && DIGEST.matcher(rest.substring(1)).matches();
        if (!byDigest && !rest.matches(":[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")) {
            return invalid(
                    "image-elsewhere",
                    "%s is not in %s with a tag or digest: a service runs images of its own registry; CodeBuild has it in"
                                    .formatted(uri, registry)
                            + " $REPOSITORY_URI.");
        }
        String reference = rest.substring(1);
        String tag = byDigest ? null : reference;
        // Ours adds to what the standard says. One about another image is left from somewhere, and says nothing.
        JsonNode added = added(ours, uri);
        String digest = added.path("digest").asText();
        String commit = added.path("commit").asText();
        return new Result.Found(
                DIGEST.matcher(digest).matches() ? digest : reference,
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
        return new Result.Invalid(
                Problem.user(code, detail, "Fix what the build writes; examples/go-server/buildspec.yml shows it."));
    }
}
