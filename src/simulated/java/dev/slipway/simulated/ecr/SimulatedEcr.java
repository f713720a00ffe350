package dev.slipway.simulated.ecr;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.SimulatedErrors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecr.model.*;

/** A container registry in memory. In a repository that exists, any tag exists unless it contains "missing". */
public final class SimulatedEcr implements EcrClient {
    private final SimulatedAws aws;
    private final Map<String, EcrRepository> repositories = new LinkedHashMap<>();

    public SimulatedEcr(SimulatedAws aws) {
        this.aws = aws;
    }

    /** What a task gets when it pulls {@code reference}; empty when the registry has no such image. */
    public Optional<EcrImage> pull(String reference) {
        EcrReference image = EcrReference.of(reference);
        String tag = image.tag();
        if (!image.repository().startsWith(host())) {
            return String.valueOf(tag).contains("missing")
                    ? Optional.empty()
                    : Optional.of(EcrImage.of(image.repository(), tag == null ? "latest" : tag, aws));
        }
        EcrRepository found = repositories.get(name(image));
        return found == null ? Optional.empty() : found.find(image.digest(), tag);
    }

    private String host() {
        return "%s.dkr.ecr.%s.amazonaws.com/".formatted(aws.accountId(), aws.region());
    }

    private String name(EcrReference image) {
        return image.repository().startsWith(host())
                ? image.repository().substring(host().length())
                : image.repository();
    }

    /** What has been pushed to {@code reference} or asked for there; no tag is made up by asking. */
    public Optional<EcrImage> known(String reference) {
        EcrReference image = EcrReference.of(reference);
        EcrRepository found = repositories.get(name(image));
        return found == null ? Optional.empty() : found.known(image.digest(), image.tag());
    }

    /** A push of a new image to a URI with a tag. Throws what PutImage does. */
    public EcrImage push(String reference) {
        EcrReference image = EcrReference.of(reference);
        return copy(EcrImage.of(name(image), String.valueOf(image.tag()), aws), reference);
    }

    /** Puts an image under another URI with a tag. Throws what PutImage does. */
    public EcrImage copy(EcrImage image, String reference) {
        EcrReference target = EcrReference.of(reference);
        String tag = String.valueOf(target.tag());
        EcrImage put = require(name(target)).push(image, tag);
        pushed(name(target), image.digest(), tag);
        return put;
    }

    /** AmazonECR/latest/userguide/ecr-eventbridge.html, "Event for a completed image push". */
    private void pushed(String repository, String digest, @Nullable String tag) {
        ObjectNode detail = JsonNodeFactory.instance
                .objectNode()
                .put("result", "SUCCESS")
                .put("repository-name", repository)
                .put("image-digest", digest)
                .put("action-type", "PUSH");
        if (tag != null) {
            detail.put("image-tag", tag);
        }
        String id = UUID.nameUUIDFromBytes((aws.clock().instant() + detail.toString()).getBytes(UTF_8))
                .toString();
        aws.emit(id, "aws.ecr", "ECR Image Action", List.of(), detail);
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    @Override
    public CreateRepositoryResponse createRepository(CreateRepositoryRequest request) {
        String name = request.repositoryName();
        if (repositories.containsKey(name)) {
            throw SimulatedErrors.fill(
                            RepositoryAlreadyExistsException.builder(),
                            EcrRepository.ECR,
                            "RepositoryAlreadyExistsException",
                            "The repository with name '%s' already exists in the registry with id '%s'"
                                    .formatted(name, aws.accountId()))
                    .build();
        }
        EcrRepository repository = new EcrRepository(aws, request);
        repositories.put(name, repository);
        return CreateRepositoryResponse.builder()
                .repository(repository.settings)
                .build();
    }

    @Override
    public DescribeRepositoriesResponse describeRepositories(DescribeRepositoriesRequest request) {
        List<Repository> found = request.repositoryNames().isEmpty()
                ? repositories.values().stream()
                        .map(repository -> repository.settings)
                        .toList()
                : request.repositoryNames().stream()
                        .map(name -> require(name).settings)
                        .toList();
        return DescribeRepositoriesResponse.builder().repositories(found).build();
    }

    /** DeleteRepository: refused while images are in it, unless forced. */
    @Override
    public DeleteRepositoryResponse deleteRepository(DeleteRepositoryRequest request) {
        EcrRepository repository = require(request.repositoryName());
        if (!repository.images().isEmpty() && !Boolean.TRUE.equals(request.force())) {
            throw SimulatedErrors.fill(
                            RepositoryNotEmptyException.builder(),
                            EcrRepository.ECR,
                            "RepositoryNotEmptyException",
                            "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images"
                                    .formatted(request.repositoryName(), aws.accountId()))
                    .build();
        }
        repositories.remove(request.repositoryName());
        return DeleteRepositoryResponse.builder()
                .repository(repository.settings)
                .build();
    }

    @Override
    public DescribeImagesResponse describeImages(DescribeImagesRequest request) {
        EcrRepository repository = require(request.repositoryName());
        List<EcrImage> found = request.imageIds().isEmpty()
                ? repository.images()
                : request.imageIds().stream()
                        .map(id -> repository
                                .find(id.imageDigest(), id.imageTag())
                                .orElseThrow(() -> repository.noImage(id)))
                        .toList();
        return DescribeImagesResponse.builder()
                .imageDetails(found.stream().map(repository::detail).toList())
                .build();
    }

    @Override
    public ListImagesResponse listImages(ListImagesRequest request) {
        EcrRepository repository = require(request.repositoryName());
        return ListImagesResponse.builder().imageIds(repository.ids()).build();
    }

    @Override
    public BatchGetImageResponse batchGetImage(BatchGetImageRequest request) {
        EcrRepository repository = require(request.repositoryName());
        List<Image> images = new ArrayList<>();
        List<ImageFailure> failures = new ArrayList<>();
        for (ImageIdentifier id : request.imageIds()) {
            repository
                    .manifest(id)
                    .ifPresentOrElse(
                            images::add,
                            () -> failures.add(ImageFailure.builder()
                                    .imageId(id)
                                    .failureCode(ImageFailureCode.IMAGE_NOT_FOUND)
                                    .failureReason("Requested image not found")
                                    .build()));
        }
        return BatchGetImageResponse.builder().images(images).failures(failures).build();
    }

    /** Of the configurations of images only: nobody asks for layers. The address says what would be found there. */
    @Override
    public GetDownloadUrlForLayerResponse getDownloadUrlForLayer(GetDownloadUrlForLayerRequest request) {
        String architecture = require(request.repositoryName()).images().stream()
                .flatMap(image -> EcrImage.ARCHITECTURES.stream()
                        .filter(found -> image.platform(found).manifest().contains(request.layerDigest())))
                .findFirst()
                .orElseThrow(() -> SimulatedErrors.fill(
                                LayersNotFoundException.builder(),
                                EcrRepository.ECR,
                                "LayersNotFoundException",
                                "The layer with digest '%s' does not exist".formatted(request.layerDigest()))
                        .build());
        return GetDownloadUrlForLayerResponse.builder()
                .layerDigest(request.layerDigest())
                .downloadUrl("https://layers.example/%s?architecture=%s".formatted(request.layerDigest(), architecture))
                .build();
    }

    /** A manifest that another repository of the account already has keeps its digest, as content addressing demands. */
    @Override
    public PutImageResponse putImage(PutImageRequest request) {
        EcrRepository repository = require(request.repositoryName());
        @Nullable
        EcrImage known = repositories.values().stream()
                .flatMap(other -> other.images().stream())
                .filter(image -> image.manifest().equals(request.imageManifest()))
                .findFirst()
                .orElse(null);
        Image put = repository.put(request, known);
        pushed(request.repositoryName(), put.imageId().imageDigest(), request.imageTag());
        return PutImageResponse.builder().image(put).build();
    }

    @Override
    public BatchDeleteImageResponse batchDeleteImage(BatchDeleteImageRequest request) {
        EcrRepository repository = require(request.repositoryName());
        List<ImageIdentifier> deleted = new ArrayList<>();
        List<ImageFailure> failures = new ArrayList<>();
        for (ImageIdentifier id : request.imageIds()) {
            if (repository.delete(id)) {
                deleted.add(id);
            } else {
                failures.add(ImageFailure.builder()
                        .imageId(id)
                        .failureCode(ImageFailureCode.IMAGE_NOT_FOUND)
                        .failureReason("Requested image not found")
                        .build());
            }
        }
        return BatchDeleteImageResponse.builder()
                .imageIds(deleted)
                .failures(failures)
                .build();
    }

    @Override
    public PutLifecyclePolicyResponse putLifecyclePolicy(PutLifecyclePolicyRequest request) {
        require(request.repositoryName()).lifecyclePolicy = request.lifecyclePolicyText();
        return PutLifecyclePolicyResponse.builder()
                .repositoryName(request.repositoryName())
                .lifecyclePolicyText(request.lifecyclePolicyText())
                .build();
    }

    @Override
    public GetLifecyclePolicyResponse getLifecyclePolicy(GetLifecyclePolicyRequest request) {
        EcrRepository repository = require(request.repositoryName());
        if (repository.lifecyclePolicy == null) {
            throw SimulatedErrors.fill(
                            LifecyclePolicyNotFoundException.builder(),
                            EcrRepository.ECR,
                            "LifecyclePolicyNotFoundException",
                            "Lifecycle policy does not exist for the repository with name '%s'"
                                    .formatted(request.repositoryName()))
                    .build();
        }
        return GetLifecyclePolicyResponse.builder()
                .repositoryName(request.repositoryName())
                .lifecyclePolicyText(repository.lifecyclePolicy)
                .build();
    }

    @Override
    public SetRepositoryPolicyResponse setRepositoryPolicy(SetRepositoryPolicyRequest request) {
        require(request.repositoryName()).policy = request.policyText();
        return SetRepositoryPolicyResponse.builder()
                .policyText(request.policyText())
                .build();
    }

    @Override
    public GetRepositoryPolicyResponse getRepositoryPolicy(GetRepositoryPolicyRequest request) {
        EcrRepository repository = require(request.repositoryName());
        if (repository.policy == null) {
            throw SimulatedErrors.fill(
                            RepositoryPolicyNotFoundException.builder(),
                            EcrRepository.ECR,
                            "RepositoryPolicyNotFoundException",
                            "Repository policy does not exist for the repository with name '%s'"
                                    .formatted(request.repositoryName()))
                    .build();
        }
        return GetRepositoryPolicyResponse.builder()
                .policyText(repository.policy)
                .build();
    }

    @Override
    public PutImageTagMutabilityResponse putImageTagMutability(PutImageTagMutabilityRequest request) {
        EcrRepository repository = require(request.repositoryName());
        repository.settings = repository.settings.toBuilder()
                .imageTagMutability(request.imageTagMutability())
                .imageTagMutabilityExclusionFilters(request.imageTagMutabilityExclusionFilters())
                .build();
        return PutImageTagMutabilityResponse.builder()
                .imageTagMutability(request.imageTagMutability())
                .build();
    }

    @Override
    public PutImageScanningConfigurationResponse putImageScanningConfiguration(
            PutImageScanningConfigurationRequest request) {
        EcrRepository repository = require(request.repositoryName());
        repository.settings = repository.settings.toBuilder()
                .imageScanningConfiguration(request.imageScanningConfiguration())
                .build();
        return PutImageScanningConfigurationResponse.builder()
                .imageScanningConfiguration(request.imageScanningConfiguration())
                .build();
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest request) {
        requireArn(request.resourceArn());
        return TagResourceResponse.builder().build();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest request) {
        requireArn(request.resourceArn());
        return UntagResourceResponse.builder().build();
    }

    private EcrRepository requireArn(String arn) {
        return require(arn.substring(arn.indexOf("repository/") + "repository/".length()));
    }

    private EcrRepository require(String name) {
        EcrRepository repository = repositories.get(name);
        if (repository == null) {
            throw SimulatedErrors.fill(
                            RepositoryNotFoundException.builder(),
                            EcrRepository.ECR,
                            "RepositoryNotFoundException",
                            "The repository with name '%s' does not exist in the registry with id '%s'"
                                    .formatted(name, aws.accountId()))
                    .build();
        }
        return repository;
    }
}
