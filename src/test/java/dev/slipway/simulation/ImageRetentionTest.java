package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.operation.Operation;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.aws.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecr.model.ImageDetail;
import software.amazon.awssdk.services.ecr.model.ImageIdentifier;

/** Whose images the registry may let expire, and that none is deleted by us. */
class ImageRetentionTest {
    private static final String SERVICE = "container: {port: 8000}\nregistry: {keepReleases: 2}\n";
    private static final String REGISTRY = "slipway-dev-web";

    private final World world = new World(1);

    private void live(String... images) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        for (String image : images) {
            rollOut(image);
        }
    }

    private Rollout rollOut(String image) {
        Rollout rollout = world.rollOut(World.WEB, image);
        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        return rollout;
    }

    private List<Integer> kept() {
        return world.plane.rollouts().releases(World.WEB, 100, null).items().stream()
                .filter(found -> !found.value().imageMayExpire())
                .map(found -> found.value().number())
                .sorted()
                .toList();
    }

    private List<String> tags() {
        return world.account.ecr().listImages(request -> request.repositoryName(REGISTRY)).imageIds().stream()
                .map(ImageIdentifier::imageTag)
                .toList();
    }

    private List<Integer> shielded() {
        return tags().stream()
                .map(Pattern.compile("release-([0-9]+)-[0-9a-f]{12}")::matcher)
                .filter(Matcher::matches)
                .map(tag -> Integer.valueOf(tag.group(1)))
                .sorted()
                .toList();
    }

    private void expire(int release) {
        Release old =
                world.store.get(Release.key(World.WEB, release)).orElseThrow().value();
        world.account
                .ecr()
                .batchDeleteImage(request -> request.repositoryName(REGISTRY)
                        .imageIds(ImageIdentifier.builder()
                                .imageDigest(old.digest())
                                .build()));
    }

    @Test
    void imagesOfReleasesBeyondTheNewestAreLetGoAndNotDeleted() {
        live("v1", "v2", "v3", "v4");

        assertThat(kept()).containsExactly(3, 4);
        assertThat(shielded()).containsExactly(3, 4);
        assertThat(tags()).contains("v1", "v2");
        List<ImageDetail> images = world.account
                .ecr()
                .describeImages(request -> request.repositoryName(REGISTRY))
                .imageDetails();
        assertThat(images).hasSize(4);
    }

    /** Somebody's CI has begun to number its images as we do before anybody told it not to. */
    @Test
    void aTagThatACiHasGivenStaysWhereItIsWhateverItIsCalled() {
        live("v1");
        String repository = world.record(World.WEB).outputs().get("RepositoryUri");
        String second = world.account.pushImage(repository + ":release-2");
        String retired = world.account.pushImage(repository + ":retired-" + second.substring(7, 19));

        rollOut("v2");
        rollOut("v3");
        rollOut("v4");

        assertThat(digest("release-2")).isEqualTo(second);
        assertThat(digest("retired-" + second.substring(7, 19))).isEqualTo(retired);
        assertThat(shielded()).containsExactly(3, 4);
    }

    @Test
    void aReservedTagIsNotRolledOutAndTheAnswerSaysWhy() {
        live("v1");
        String repository = world.record(World.WEB).outputs().get("RepositoryUri");
        String digest = world.account.pushImage(repository + ":release-2");

        for (String image : List.of("release-2", repository + ":release-2", "release-2@" + digest, "retired-x")) {
            assertThatExceptionOfType(ProblemException.class)
                    .isThrownBy(() -> world.plane.rollouts().rollOut(World.WEB, World.asking(image), World.by("ann")))
                    .satisfies(refused -> {
                        assertThat(refused.problem().code()).isEqualTo("tag-reserved");
                        assertThat(refused.problem().action()).contains("under another tag");
                    });
        }
        assertThat(world.rollOut(World.WEB, digest).state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private String digest(String tag) {
        return world.account
                .ecr()
                .describeImages(request -> request.repositoryName(REGISTRY).imageIds(image -> image.imageTag(tag)))
                .imageDetails()
                .getFirst()
                .imageDigest();
    }

    /** An image that was pushed by digest alone has no other tag: taking its last one away would delete it. */
    @Test
    void anImageWhoseOnlyTagWasTheReleasesStaysUnderAnother() {
        live("v1");
        world.account
                .ecr()
                .batchDeleteImage(request -> request.repositoryName(REGISTRY)
                        .imageIds(ImageIdentifier.builder().imageTag("v1").build()));
        rollOut("v2");
        rollOut("v3");

        String first =
                world.store.get(Release.key(World.WEB, 1)).orElseThrow().value().digest();
        assertThat(shielded()).containsExactly(2, 3);
        assertThat(world.account
                        .ecr()
                        .describeImages(
                                request -> request.repositoryName(REGISTRY).imageIds(image -> image.imageDigest(first)))
                        .imageDetails()
                        .getFirst()
                        .imageTags())
                .containsExactly("retired-" + first.substring(7, 19));
    }

    @Test
    void theLiveReleaseAndTheOneBeforeKeepTheirsHoweverManyFail() {
        live("v1", "v2");
        for (int i = 0; i < 4; i++) {
            assertThat(world.rollOut(World.WEB, "v%d-crash".formatted(3 + i)).state())
                    .isEqualTo(Rollout.State.ROLLED_BACK);
        }
        assertThat(kept()).contains(1, 2);

        rollOut("v9");

        assertThat(world.record(World.WEB).previous()).isEqualTo(2);
        assertThat(kept()).containsExactly(2, 6, 7);
        assertThat(shielded()).containsExactly(2, 6, 7);
    }

    @Test
    void anOldReleaseThatIsCalledBackIsKeptAgain() {
        live("v1", "v2", "v3", "v4");

        Rollout back = world.rollBack(World.WEB, 1);

        assertThat(back.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(kept()).containsExactly(1, 3, 4);
        assertThat(shielded()).containsExactly(1, 3, 4);
    }

    @Test
    void anOldReleaseWhoseImageHasExpiredIsNotCalledBack() {
        live("v1", "v2", "v3", "v4");
        expire(1);

        assertThatThrownBy(() -> world.plane.rollouts().rollBack(World.WEB, 1, null, null, World.by("ann")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("image-not-found"));
    }

    @Test
    void aRegistryThatDoesNotAnswerCostsNoRollout() {
        live("v1", "v2");
        List<String> calls = new ArrayList<>();
        world.aws.faults(new Faults() {
            @Override
            public Call on(String service, String operation) {
                calls.add(operation);
                return operation.equals("batchDeleteImage") ? Call.THROTTLED : Call.ANSWERED;
            }
        });

        Rollout rollout = rollOut("v3");

        assertThat(calls).contains("batchDeleteImage");
        Operation operation = world.plane
                .operations()
                .find(World.WEB, rollout.progress().operation())
                .orElseThrow();
        assertThat(operation.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(operation.notes()).anySatisfy(note -> assertThat(note).contains("next rollout tries again"));
        world.aws.faults(Faults.NONE);
        rollOut("v4");
        assertThat(shielded()).containsExactly(3, 4);
    }
}
