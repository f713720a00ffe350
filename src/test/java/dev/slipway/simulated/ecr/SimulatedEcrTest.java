package dev.slipway.simulated.ecr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.simulated.ecs.SimulatedEcsFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecr.model.*;

class SimulatedEcrTest {
    private static final String REPOSITORY = SimulatedEcsFixture.REPOSITORY;
    private final EcrClient ecr = new SimulatedEcsFixture().ecr;

    @Test
    void onlyATagThatIsExcludedMovesInAnImmutableRegistry() {
        ecr.putImageTagMutability(request -> request.repositoryName(REPOSITORY)
                .imageTagMutability(ImageTagMutability.IMMUTABLE_WITH_EXCLUSION)
                .imageTagMutabilityExclusionFilters(
                        filter -> filter.filterType("WILDCARD").filter("latest")));
        put("v1", "{1}");
        put("latest", "{1}");

        assertThat(put("latest", "{2}")).isNotEqualTo(put("b", "{1}"));
        assertThatThrownBy(() -> put("v1", "{2}")).isInstanceOf(ImageTagAlreadyExistsException.class);
    }

    @Test
    void anyTagExistsUnlessItIsMissing() {
        assertThat(get("v1").images().getFirst().imageId().imageDigest()).isEqualTo(EcrImage.digest("web" + "v1"));
        assertThat(get("missing-1").failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.failureCode()).isEqualTo(ImageFailureCode.IMAGE_NOT_FOUND));
        assertThatThrownBy(() -> ecr.describeImages(
                        request -> request.repositoryName(REPOSITORY).imageIds(id -> id.imageTag("missing"))))
                .isInstanceOf(ImageNotFoundException.class);
        assertThatThrownBy(() -> ecr.batchGetImage(
                        request -> request.repositoryName("none").imageIds(id -> id.imageTag("v1"))))
                .isInstanceOf(RepositoryNotFoundException.class);
    }

    private BatchGetImageResponse get(String tag) {
        return ecr.batchGetImage(request -> request.repositoryName(REPOSITORY).imageIds(id -> id.imageTag(tag)));
    }

    @Test
    void theManifestListsBothArchitecturesByDigest() {
        Image image = get("v1").images().getFirst();
        String arm = EcrImage.platformDigest(image.imageId().imageDigest(), "arm64");
        assertThat(image.imageManifest()).contains("\"architecture\":\"amd64\"").contains(arm);
        assertThat(ecr.batchGetImage(
                                request -> request.repositoryName(REPOSITORY).imageIds(id -> id.imageDigest(arm)))
                        .images()
                        .getFirst()
                        .imageManifestMediaType())
                .isEqualTo(EcrImage.MANIFEST);
    }

    @Test
    void anImmutableTagIsNotOverwritten() {
        ecr.putImageTagMutability(
                request -> request.repositoryName(REPOSITORY).imageTagMutability(ImageTagMutability.IMMUTABLE));
        put("a", "{1}");
        assertThatThrownBy(() -> put("a", "{1}")).isInstanceOf(ImageAlreadyExistsException.class);
        assertThatThrownBy(() -> put("a", "{2}")).isInstanceOf(ImageTagAlreadyExistsException.class);
    }

    private String put(String tag, String manifest) {
        return ecr.putImage(request ->
                        request.repositoryName(REPOSITORY).imageTag(tag).imageManifest(manifest))
                .image()
                .imageId()
                .imageDigest();
    }

    @Test
    void anImageTaggedAgainKeepsDigestAndBehaviour() {
        Image bad = get("v1-crash").images().getFirst();
        assertThat(put("stable", bad.imageManifest())).isEqualTo(bad.imageId().imageDigest());
        assertThat(ecr.describeImages(
                                request -> request.repositoryName(REPOSITORY).imageIds(id -> id.imageTag("stable")))
                        .imageDetails()
                        .getFirst()
                        .imageTags())
                .containsExactly("v1-crash", "stable");
    }

    @Test
    void aRepositoryWithImagesIsDeletedOnlyByForce() {
        get("v1");
        assertThatThrownBy(() -> ecr.deleteRepository(request -> request.repositoryName(REPOSITORY)))
                .isInstanceOf(RepositoryNotEmptyException.class);
        ecr.batchDeleteImage(request -> request.repositoryName(REPOSITORY).imageIds(id -> id.imageTag("v1")));
        assertThat(get("v1").images()).isEmpty();
        ecr.deleteRepository(request -> request.repositoryName(REPOSITORY));
        assertThat(ecr.describeRepositories(request -> {}).repositories()).isEmpty();
    }

    @Test
    void aLifecyclePolicyIsThereAfterItWasPut() {
        assertThatThrownBy(() -> ecr.getLifecyclePolicy(request -> request.repositoryName(REPOSITORY)))
                .isInstanceOf(LifecyclePolicyNotFoundException.class);
        ecr.putLifecyclePolicy(request -> request.repositoryName(REPOSITORY).lifecyclePolicyText("{}"));
        assertThat(ecr.getLifecyclePolicy(request -> request.repositoryName(REPOSITORY))
                        .lifecyclePolicyText())
                .isEqualTo("{}");
    }

    @Test
    void theWordsOfATagSayHowAnImageBehaves() {
        assertThat(ImageBehaviour.ofTag("v7")).isEqualTo(ImageBehaviour.GOOD);
        assertThat(ImageBehaviour.ofTag("crashes-not")).isEqualTo(ImageBehaviour.GOOD);
        assertThat(ImageBehaviour.ofTag("v7-crash").crashesAtStart()).isTrue();
        ImageBehaviour mixed = ImageBehaviour.ofTag("v7-errors-2.5-slow-3-crash-after-30s");
        assertThat(mixed.errorPercent()).isEqualTo(2.5);
        assertThat(mixed.slowFactor()).isEqualTo(3);
        assertThat(mixed.crashAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(mixed.crashesAtStart()).isFalse();
        assertThat(ImageBehaviour.ofTag("never-healthy").neverHealthy()).isTrue();
        ImageBehaviour sly = ImageBehaviour.ofTag("v7-prod-errors-5-zone-errors-20-lb-crashes-2-slow-under-load-3");
        assertThat(sly).isEqualTo(new ImageBehaviour(false, null, false, false, 0, 5, 20, 2, 1, 3, ImageFault.NONE));
    }
}
