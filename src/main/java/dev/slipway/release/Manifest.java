package dev.slipway.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * An image's manifest, by which it can be tagged again.
 *
 * @param mediaType tells the registry what the body is, which an OCI manifest need not say itself
 */
@RegisterForReflection
public record Manifest(String mediaType, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What attestations, which an index lists beside its images, name as their platform. */
    private static final String NONE = "unknown";

    /**
     * The digest of the configuration of a single image, in which its architecture stands; empty for an index.
     * https://github.com/opencontainers/image-spec/blob/main/manifest.md
     */
    public Optional<String> configuration() {
        try {
            return Optional.of(JSON.readTree(body).at("/config/digest").asText())
                    .filter(digest -> !digest.isEmpty());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** The architecture that an image's configuration names, such as {@code amd64}; empty when it names none. */
    public static Set<String> architecture(String configuration) {
        try {
            String architecture =
                    JSON.readTree(configuration).path("architecture").asText();
            return architecture.isEmpty() ? Set.of() : Set.of(architecture);
        } catch (JsonProcessingException e) {
            return Set.of();
        }
    }

    /**
     * The architectures that an index (a manifest list) has Linux images for, such as {@code amd64}. Empty for the manifest
     * of a single image, which does not say: that is in the configuration it refers to.
     * https://github.com/opencontainers/image-spec/blob/main/image-index.md
     */
    public Set<String> architectures() {
        Set<String> found = new HashSet<>();
        try {
            for (JsonNode image : JSON.readTree(body).path("manifests")) {
                JsonNode platform = image.path("platform");
                String architecture = platform.path("architecture").asText(NONE);
                if (platform.path("os").asText().equals("linux") && !architecture.equals(NONE)) {
                    found.add(architecture);
                }
            }
        } catch (JsonProcessingException e) {
            return Set.of(); // the registry took it, so it is something that we do not know
        }
        return found;
    }
}
