package dev.slipway.simulated.ecr;

import dev.slipway.digest.Sha256;
import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An image of the simulated registry: an index over linux/amd64 and linux/arm64, or one platform's manifest. The
 * behaviour is that of the tag under which the digest first appeared; tagging it again does not change it.
 */
public record EcrImage(String digest, String manifest, String mediaType, ImageBehaviour behaviour, Instant pushedAt) {
    static final String INDEX = "application/vnd.oci.image.index.v1+json";
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final Pattern ENVIRONMENT = Pattern.compile("^(.*/)?slipway-[a-z][a-z0-9]+(-[0-9]+)?-");
    static final List<String> ARCHITECTURES = List.of("amd64", "arm64");

    /**
     * The image that is made when somebody asks for a tag or pushes it. An image has the same digest in all registries of
     * its service, as when one build is pushed to them all: the digest is the sha256 of service and tag.
     */
    public static EcrImage of(String repository, String tag, SimulatedAws aws) {
        String digest = digest(ENVIRONMENT.matcher(repository).replaceFirst("") + tag);
        return new EcrImage(
                digest,
                index(digest),
                INDEX,
                ImageBehaviour.ofTag(tag),
                aws.clock().instant());
    }

    static String digest(String content) {
        return "sha256:" + Sha256.hex(content);
    }

    /** The digest of one platform's manifest in the index with digest {@code index}. */
    static String platformDigest(String index, String architecture) {
        return digest(index + architecture);
    }

    /** The manifest of one platform. */
    EcrImage platform(String architecture) {
        String own = platformDigest(digest, architecture);
        String text = """
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
                "digest":"%s","size":1024},"layers":[]}""".formatted(MANIFEST, digest(own + "config"));
        return new EcrImage(own, text, MANIFEST, behaviour, pushedAt);
    }

    private static String index(String digest) {
        String manifests = String.join(
                ",",
                ARCHITECTURES.stream()
                        .map(architecture ->
                                """
                                {"mediaType":"%s","digest":"%s","size":527,\
                                "platform":{"architecture":"%s","os":"linux"}}""".formatted(MANIFEST, platformDigest(digest, architecture), architecture))
                        .toList());
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}".formatted(INDEX, manifests);
    }
}
