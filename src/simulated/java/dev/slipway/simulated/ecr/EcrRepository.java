package dev.slipway.simulated.ecr;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.SimulatedErrors;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecr.model.*;

/** One repository: images by digest, tags, policies. */
final class EcrRepository {
    static final String ECR = "Ecr";

    private final SimulatedAws aws;
    private final Map<String, EcrImage> images = new LinkedHashMap<>();
    private final Map<String, String> tags = new LinkedHashMap<>();
    private final Set<String> deletedTags = new HashSet<>();
    Repository settings;

    @Nullable
    String lifecyclePolicy;

    @Nullable
    String policy;

    EcrRepository(SimulatedAws aws, CreateRepositoryRequest request) {
        this.aws = aws;
        this.settings = Repository.builder()
                .repositoryArn(aws.arn("ecr", "repository/" + request.repositoryName()))
                .registryId(aws.accountId())
                .repositoryName(request.repositoryName())
                .repositoryUri("%s.dkr.ecr.%s.amazonaws.com/%s"
                        .formatted(aws.accountId(), aws.region(), request.repositoryName()))
                .createdAt(aws.clock().instant())
                .imageTagMutability(
                        request.imageTagMutability() == null
                                ? ImageTagMutability.MUTABLE
                                : request.imageTagMutability())
                .imageTagMutabilityExclusionFilters(request.imageTagMutabilityExclusionFilters())
                .imageScanningConfiguration(request.imageScanningConfiguration())
                .encryptionConfiguration(request.encryptionConfiguration())
                .build();
    }

    List<EcrImage> images() {
        return List.copyOf(images.values());
    }

    Optional<EcrImage> find(@Nullable String digest, @Nullable String tag) {
        if (digest != null) {
            EcrImage image = images.get(digest);
            return image != null ? Optional.of(image) : platform(digest);
        }
        if (tag == null) {
            return Optional.empty();
        }
        if (!tags.containsKey(tag) && !deletedTags.contains(tag) && !tag.contains("missing")) {
            EcrImage made = EcrImage.of(settings.repositoryName(), tag, aws);
            images.putIfAbsent(made.digest(), made);
            tags.put(tag, made.digest());
        }
        String found = tags.get(tag);
        return found == null ? Optional.empty() : Optional.ofNullable(images.get(found));
    }

    /** What there is under a digest or tag; unlike {@link #find} it makes nothing up. */
    Optional<EcrImage> known(@Nullable String digest, @Nullable String tag) {
        String found = digest != null ? digest : tags.get(tag);
        return found == null ? Optional.empty() : Optional.ofNullable(images.get(found));
    }

    /** Puts an image under a tag as a push of a client does, which takes it for done when it is there already. */
    EcrImage push(EcrImage image, String tag) {
        if (!image.digest().equals(tags.get(tag))) {
            checkTag(tag, image.digest());
        }
        tags.put(tag, image.digest());
        deletedTags.remove(tag);
        images.putIfAbsent(image.digest(), image);
        return image;
    }

    private Optional<EcrImage> platform(String digest) {
        for (EcrImage image : images.values()) {
            for (String architecture : EcrImage.ARCHITECTURES) {
                if (EcrImage.platformDigest(image.digest(), architecture).equals(digest)) {
                    return Optional.of(image.platform(architecture));
                }
            }
        }
        return Optional.empty();
    }

    Optional<Image> manifest(ImageIdentifier id) {
        return find(id.imageDigest(), id.imageTag()).map(image -> image(image, id.imageTag()));
    }

    private Image image(EcrImage image, @Nullable String tag) {
        return Image.builder()
                .registryId(aws.accountId())
                .repositoryName(settings.repositoryName())
                .imageId(id -> id.imageDigest(image.digest()).imageTag(tag))
                .imageManifest(image.manifest())
                .imageManifestMediaType(image.mediaType())
                .build();
    }

    /** PutImage; {@code known} is the image that already has this manifest somewhere in the account. */
    Image put(PutImageRequest request, @Nullable EcrImage known) {
        String tag = request.imageTag();
        EcrImage image = known != null
                ? known
                : new EcrImage(
                        EcrImage.digest(request.imageManifest()),
                        request.imageManifest(),
                        request.imageManifestMediaType() == null ? EcrImage.MANIFEST : request.imageManifestMediaType(),
                        ImageBehaviour.ofTag(tag == null ? "" : tag),
                        aws.clock().instant());
        if (tag != null) {
            checkTag(tag, image.digest());
            tags.put(tag, image.digest());
            deletedTags.remove(tag);
        }
        images.putIfAbsent(image.digest(), image);
        return image(image, tag);
    }

    private void checkTag(String tag, String digest) {
        String present = tags.get(tag);
        if (present == null) {
            return;
        }
        String where = "in the '%s' repository".formatted(settings.repositoryName());
        if (present.equals(digest)) {
            String message = "Image with digest '%s' and tag '%s' already exists %s".formatted(digest, tag, where);
            throw SimulatedErrors.fill(
                            ImageAlreadyExistsException.builder(), ECR, "ImageAlreadyExistsException", message)
                    .build();
        }
        if (!mayMove(tag)) {
            String message =
                    "The image tag '%s' already exists %s and cannot be overwritten because the repository is immutable."
                            .formatted(tag, where);
            throw SimulatedErrors.fill(
                            ImageTagAlreadyExistsException.builder(), ECR, "ImageTagAlreadyExistsException", message)
                    .build();
        }
    }

    /** Source: user guide, "Preventing image tags from being overwritten": exclusion filters turn the setting round. */
    private boolean mayMove(String tag) {
        boolean excluded = settings.imageTagMutabilityExclusionFilters().stream()
                .anyMatch(filter -> tag.matches(("\\Q" + filter.filter() + "\\E").replace("*", "\\E.*\\Q")));
        return switch (settings.imageTagMutability()) {
            case IMMUTABLE -> false;
            case IMMUTABLE_WITH_EXCLUSION -> excluded;
            case MUTABLE_WITH_EXCLUSION -> !excluded;
            default -> true;
        };
    }

    /** BatchDeleteImage: by tag removes the tag, and the image with its last tag; by digest removes image and tags. */
    boolean delete(ImageIdentifier id) {
        String digest = id.imageDigest() != null ? id.imageDigest() : tags.get(id.imageTag());
        if (digest == null || !images.containsKey(digest)) {
            return false;
        }
        if (id.imageDigest() != null) {
            tags.forEach((tag, target) -> {
                if (target.equals(digest)) {
                    deletedTags.add(tag);
                }
            });
            tags.values().removeIf(digest::equals);
        } else {
            tags.remove(id.imageTag());
            deletedTags.add(id.imageTag());
        }
        if (!tags.containsValue(digest)) {
            images.remove(digest);
        }
        return true;
    }

    List<ImageIdentifier> ids() {
        return tags.entrySet().stream()
                .map(entry -> ImageIdentifier.builder()
                        .imageTag(entry.getKey())
                        .imageDigest(entry.getValue())
                        .build())
                .toList();
    }

    ImageDetail detail(EcrImage image) {
        return ImageDetail.builder()
                .registryId(aws.accountId())
                .repositoryName(settings.repositoryName())
                .imageDigest(image.digest())
                .imageTags(tags.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(image.digest()))
                        .map(Map.Entry::getKey)
                        .toList())
                .imageSizeInBytes(25_000_000L)
                .imagePushedAt(image.pushedAt())
                .imageManifestMediaType(image.mediaType())
                .build();
    }

    RuntimeException noImage(ImageIdentifier id) {
        return SimulatedErrors.fill(
                        ImageNotFoundException.builder(),
                        ECR,
                        "ImageNotFoundException",
                        "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'"
                                .formatted(id.imageDigest(), id.imageTag(), settings.repositoryName(), aws.accountId()))
                .build();
    }
}
