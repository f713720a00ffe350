package dev.slipway.release;

import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecr.model.BatchDeleteImageRequest;
import software.amazon.awssdk.services.ecr.model.BatchGetImageRequest;
import software.amazon.awssdk.services.ecr.model.BatchGetImageResponse;
import software.amazon.awssdk.services.ecr.model.DescribeImagesFilter;
import software.amazon.awssdk.services.ecr.model.DescribeImagesRequest;
import software.amazon.awssdk.services.ecr.model.GetDownloadUrlForLayerRequest;
import software.amazon.awssdk.services.ecr.model.ImageAlreadyExistsException;
import software.amazon.awssdk.services.ecr.model.ImageDetail;
import software.amazon.awssdk.services.ecr.model.ImageIdentifier;
import software.amazon.awssdk.services.ecr.model.PutImageRequest;
import software.amazon.awssdk.services.ecr.model.RepositoryNotFoundException;
import software.amazon.awssdk.services.ecr.model.TagStatus;

/** Finds images in the registry of a service and marks those that releases need. */
public final class Images {
    /** What {@link #resolve} refuses what it does not find with. */
    public static final String NOT_FOUND = "image-not-found";
    /** So long after a push one call of the registry may not know an image that another has listed. */
    public static final Duration SHOWN_WITHIN = Duration.ofMinutes(3);

    /**
     * Tags with this prefix keep an image from expiring; {@code stacks/service.yaml} has the lifecycle rule. Ours have the release's
     * number and the image's digest behind it, so that none is ever somebody else's.
     */
    private static final String RETAINED = "release-";

    /** Tags with this prefix hold an image whose release has been forgotten until the registry's rules let it go. */
    private static final String RETIRED = "retired-";

    private static final List<String> RESERVED = List.of(RETAINED, RETIRED);
    private static final Pattern OURS = Pattern.compile("(?:release-[0-9]+|retired)-([0-9a-f]{12})");
    private static final int MAX_IMAGES = 1000;
    private static final int SHORT = 12;
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,299}");
    private static final List<String> MANIFESTS = List.of(
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    private final EcrClient ecr;

    public Images(EcrClient ecr) {
        this.ecr = ecr;
    }

    /**
     * Resolves what a caller names: a tag, a digest, both ({@code v1@sha256:…}, of which the digest counts), or the registry's
     * URI with any of them behind it. One call to AWS.
     *
     * @param repositoryUri the service's own registry
     * @throws ProblemException 422 when it is no image's name or of another registry, when its tag is reserved, or when there is no
     *     such image
     */
    public Image resolve(ServiceId service, String repositoryUri, String named) {
        Named name = name(repositoryUri, named);
        if (name.tag() != null && isReserved(name.tag())) {
            throw new ProblemException(
                    422,
                    "tag-reserved",
                    "The tag %s cannot be rolled out: tags that begin with %s are Slipway's own, and what carries one of the first never"
                                    .formatted(name.tag(), String.join(" or ", RESERVED))
                            + " expires.",
                    "Push the image under another tag, or name its digest. To go back to a release: POST %s/rollback"
                            .formatted(service.path()));
        }
        BatchGetImageResponse answer = get(service, name.id());
        if (answer.images().isEmpty()) {
            throw new ProblemException(
                    422,
                    NOT_FOUND,
                    "There is no image %s in %s.".formatted(named, repositoryUri),
                    "Push it first, or look at the tags there are: aws ecr describe-images --repository-name "
                            + service.family());
        }
        var found = answer.images().getFirst();
        return new Image(repositoryUri, found.imageId().imageDigest(), name.tag(), manifest(found));
    }

    /** The manifest of an image by digest; empty when it, or the registry, is gone. */
    public Optional<Manifest> find(ServiceId service, String digest) {
        try {
            return get(service, ImageIdentifier.builder().imageDigest(digest).build()).images().stream()
                    .map(Images::manifest)
                    .findFirst();
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    /** Whether a tag, or all that a pattern stands for, begins as those that we give. */
    public static boolean isReserved(String tag) {
        return RESERVED.stream().anyMatch(tag::startsWith);
    }

    /**
     * Images that were never released, one for each of their tags; none when there is no registry. One that was carries a
     * tag of ours, and every tag that we give may count as a push of it. One call to AWS for a thousand images.
     */
    public List<PushedImage> unreleased(ServiceId service) {
        DescribeImagesRequest request = DescribeImagesRequest.builder()
                .repositoryName(service.family())
                .filter(DescribeImagesFilter.builder()
                        .tagStatus(TagStatus.TAGGED)
                        .build())
                .maxResults(MAX_IMAGES)
                .build();
        try {
            return ecr.describeImagesPaginator(request).imageDetails().stream()
                    .filter(image -> image.imageTags().stream().noneMatch(tag -> isOurs(tag, image.imageDigest())))
                    .flatMap(image -> image.imageTags().stream()
                            .map(tag -> new PushedImage(tag, image.imageDigest(), image.imagePushedAt())))
                    .toList();
        } catch (RepositoryNotFoundException e) {
            return List.of();
        }
    }

    /**
     * Images of a registry that no release has.
     *
     * @param bytes of all together
     */
    public record Unused(int images, long bytes) {}

    /** The images without a tag of ours, of the first thousand; none when there is no registry. One call to AWS. */
    public Unused unused(ServiceId service) {
        DescribeImagesRequest request = DescribeImagesRequest.builder()
                .repositoryName(service.family())
                .maxResults(MAX_IMAGES)
                .build();
        try {
            List<ImageDetail> unused = ecr.describeImages(request).imageDetails().stream()
                    .filter(image -> image.imageTags().stream().noneMatch(tag -> isOurs(tag, image.imageDigest())))
                    .toList();
            return new Unused(
                    unused.size(),
                    unused.stream()
                            .filter(image -> image.imageSizeInBytes() != null)
                            .mapToLong(ImageDetail::imageSizeInBytes)
                            .sum());
        } catch (RepositoryNotFoundException e) {
            return new Unused(0, 0);
        }
    }

    /** Where a part of an image can be fetched for the next minutes, without further credentials. */
    public String downloadUrl(ServiceId service, String digest) {
        return ecr.getDownloadUrlForLayer(GetDownloadUrlForLayerRequest.builder()
                        .repositoryName(service.family())
                        .layerDigest(digest)
                        .build())
                .downloadUrl();
    }

    private BatchGetImageResponse get(ServiceId service, ImageIdentifier id) {
        try {
            return ecr.batchGetImage(BatchGetImageRequest.builder()
                    .repositoryName(service.family())
                    .imageIds(id)
                    .acceptedMediaTypes(MANIFESTS)
                    .build());
        } catch (RepositoryNotFoundException e) {
            throw new ProblemException(
                    409,
                    "registry-missing",
                    "The registry %s of %s does not exist.".formatted(service.family(), service.key()),
                    "Apply the service's spec again: that creates what is missing.");
        }
    }

    /** @param tag to be shown; null when only a digest was named */
    private record Named(ImageIdentifier id, @Nullable String tag) {}

    private static Named name(String repositoryUri, String named) {
        String rest = named;
        if (named.startsWith(repositoryUri)) {
            rest = named.substring(repositoryUri.length());
            rest = rest.startsWith("@") || rest.startsWith(":") ? rest.substring(1) : rest;
        }
        int at = rest.indexOf('@');
        String tag = at < 0 ? rest : rest.substring(0, at);
        String digest = rest.substring(at + 1);
        if (DIGEST.matcher(digest).matches() && (at < 0 || TAG.matcher(tag).matches())) {
            return new Named(ImageIdentifier.builder().imageDigest(digest).build(), at < 0 ? null : tag);
        }
        if (TAG.matcher(rest).matches()) {
            return new Named(ImageIdentifier.builder().imageTag(rest).build(), rest);
        }
        throw new ProblemException(
                422,
                Problem.invalid(
                        "invalid-image",
                        "\"%s\" names no image of this service.".formatted(named),
                        List.of(new Problem.FieldError(
                                "/image",
                                "\"" + named + "\"",
                                "a tag, a digest (sha256: and 64 hexadecimal digits), tag@digest, or %s with one of them behind it: a service"
                                                .formatted(repositoryUri)
                                        + " runs images of its own registry only"))));
    }

    /** Keeps the image of a release from expiring. Doing it again changes nothing. */
    public void retain(ServiceId service, String digest, Manifest manifest, int release) {
        try {
            tag(service, manifest, retained(release, digest));
        } catch (ImageAlreadyExistsException e) {
            // It has happened before.
        }
    }

    /** Retains the image of a release again after it was allowed to expire. False when the registry has it no more. */
    public boolean retainAgain(ServiceId service, String digest, int release) {
        for (var found : get(
                        service, ImageIdentifier.builder().imageDigest(digest).build())
                .images()) {
            retain(service, digest, manifest(found), release);
            return true;
        }
        return false;
    }

    /**
     * Lets the image of a release expire like any other. Taking an image's last tag away deletes it, so it gets another one
     * first, made from its digest: there is no moment at which somebody else could have taken the last but one.
     * AmazonECR/latest/APIReference/API_BatchDeleteImage.html
     */
    public void allowExpiry(ServiceId service, String digest, int release) {
        ImageIdentifier kept =
                ImageIdentifier.builder().imageTag(retained(release, digest)).build();
        for (var found : get(service, kept).images()) {
            try {
                tag(service, manifest(found), RETIRED + shortened(digest));
            } catch (ImageAlreadyExistsException e) {
                // Another release of the same image was forgotten before.
            }
            ecr.batchDeleteImage(BatchDeleteImageRequest.builder()
                    .repositoryName(service.family())
                    .imageIds(kept)
                    .build());
        }
    }

    private static String retained(int release, String digest) {
        return RETAINED + release + "-" + shortened(digest);
    }

    /** Of 64 digits as many as tell images of a registry apart. */
    private static String shortened(String digest) {
        int from = digest.indexOf(':') + 1;
        return digest.substring(from, from + SHORT);
    }

    /** Whether we have given an image this tag. */
    private static boolean isOurs(String tag, String digest) {
        Matcher ours = OURS.matcher(tag);
        return ours.matches() && ours.group(1).equals(shortened(digest));
    }

    private static Manifest manifest(software.amazon.awssdk.services.ecr.model.Image found) {
        return new Manifest(found.imageManifestMediaType(), found.imageManifest());
    }

    private void tag(ServiceId service, Manifest manifest, String tag) {
        ecr.putImage(PutImageRequest.builder()
                .repositoryName(service.family())
                .imageManifest(manifest.body())
                .imageManifestMediaType(manifest.mediaType())
                .imageTag(tag)
                .build());
    }

    /**
     * An image in a registry, under one of its tags.
     *
     * @param pushedAt when it was pushed last, to the second
     */
    public record PushedImage(String tag, String digest, Instant pushedAt) {}

    /**
     * An image in a service's registry.
     *
     * @param repositoryUri without tag or digest
     * @param digest {@code sha256:…}
     * @param tag by which it was asked for; null when it was the digest
     * @param manifest its manifest, by which it can be tagged again
     */
    public record Image(
            String repositoryUri, String digest, @Nullable String tag, Manifest manifest) {
        /** By digest, as it stands in a task definition. */
        public String uri() {
            return repositoryUri + "@" + digest;
        }
    }
}
