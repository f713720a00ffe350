package dev.slipway.simulation.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.ControlOverride;
import dev.slipway.pipeline.ImagePushes.PushRecord;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ecr.model.Image;
import software.amazon.awssdk.services.ecr.model.ImageIdentifier;

/** Images that somebody else builds and pushes: which of them go out, and when. */
class PushedImagesTest {
    private static final PipelineId WEB = new PipelineId("web");
    private static final EnvironmentId DEV = new EnvironmentId("dev");
    private static final String REGISTRY = "slipway-dev-web";
    private static final String SPEC = "tagPattern: v*\ndeploy: [{environment: dev}]\n";
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: rolling}\n";

    private final World world = new World(1);

    @BeforeEach
    void aServiceInDev() {
        world.apply(DEV, "network: {cidr: 172.17.0.0/16}\n");
        world.apply(WEB.serviceIn("dev"), SERVICE);
        world.plane.pipelines().grants().grant(DEV, WEB, World.by("ann"));
    }

    /** A push as any CI does it, and its event as EventBridge brings it: as often as it likes. */
    private void push(String tag, int events) {
        String digest = push(tag);
        for (int i = 0; i < events; i++) {
            world.queue.send(event("slipway-dev-web", tag, digest), Duration.ofSeconds(i));
        }
    }

    private String push(String tag) {
        world.timeline.advance(Duration.ofSeconds(2));
        Image image = world
                .account
                .ecr()
                .batchGetImage(request -> request.repositoryName(REGISTRY)
                        .imageIds(ImageIdentifier.builder().imageTag(tag).build()))
                .images()
                .stream()
                .findFirst()
                .orElseThrow();
        return image.imageId().imageDigest();
    }

    private static String event(String repository, String tag, String digest) {
        return """
                {"version":"0","id":"13cde686-328b-6117-af20-0e5566167482","detail-type":"ECR Image Action",\
                "source":"aws.ecr","account":"123456789012","time":"2026-11-16T01:54:34Z","region":"eu-central-1",\
                "resources":[],"detail":{"result":"SUCCESS","repository-name":"%s","image-digest":"%s",\
                "action-type":"PUSH","image-tag":"%s"}}""".formatted(repository, digest, tag);
    }

    /** The newest first. */
    private List<Rollout> rollouts() {
        return world.plane.rollouts().rollouts(WEB.serviceIn("dev"), 50, null).items().stream()
                .map(Stored::value)
                .toList();
    }

    private List<String> released() {
        return rollouts().stream()
                .map(rollout -> rollout.request().tag())
                .toList()
                .reversed();
    }

    private void wait(int minutes) {
        world.timeline.advance(Duration.ofMinutes(minutes));
        world.settle();
    }

    private PushRecord.Push last() {
        return world.plane.pipelines().lastPush(WEB.serviceIn("dev")).orElseThrow();
    }

    @Test
    void anImageOfThePatternGoesOutOnceHoweverOftenItsEventComes() {
        world.apply(WEB, SPEC);
        push("v1", 3);
        wait(10);
        push("other", 1);
        push("v2", 2);
        wait(30);

        assertThat(released()).containsExactly("v1", "v2");
        assertThat(last().rollout()).isNotNull();
        assertThat(world.plane.services().get(WEB.serviceIn("dev")).live()).isEqualTo(2);
    }

    @Test
    void anImageThatIsPushedUnderAReservedTagIsToldAndNotRolledOut() {
        world.apply(WEB, SPEC.replace("v*", "\"*\""));
        push("release-7", 1);
        wait(10);

        assertThat(released()).isEmpty();
        assertThat(last().tag()).isEqualTo("release-7");
        assertThat(last().problem()).contains("tags that begin with release- or retired- are Slipway's own");
    }

    @Test
    void whatWeTagOurselvesIsNoPush() {
        world.apply(WEB, SPEC.replace("v*", "\"*\""));
        push("v1", 1);
        wait(30);
        String ours = world.account.ecr().listImages(request -> request.repositoryName(REGISTRY)).imageIds().stream()
                .map(ImageIdentifier::imageTag)
                .filter(tag -> tag.startsWith("release-1-"))
                .findFirst()
                .orElseThrow();
        world.queue.send(event(REGISTRY, ours, push("v1")), Duration.ZERO);
        wait(10);

        assertThat(released()).containsExactly("v1");
        assertThat(last().tag()).isEqualTo("v1");
    }

    @Test
    void anEventThatNeverCameIsMadeUpForByTheResync() {
        world.apply(WEB, SPEC);
        push("v1", 0);
        wait(6);

        assertThat(released()).containsExactly("v1");
    }

    /** Of two calls of the registry the one lists the image and the other does not know it yet. */
    @ParameterizedTest
    @ValueSource(ints = {10, 60, 150})
    void anImageThatTheRegistryShowsLateGoesOutAsSoonAsItDoes(int seconds) {
        world.apply(WEB, SPEC);
        world.chaos.imagesShownAt = world.timeline.instant().plusSeconds(2 + seconds);
        push("v1", 2);
        world.timeline.advance(Duration.ofSeconds(seconds + 40));

        assertThat(released()).containsExactly("v1");
        assertThat(last().problem()).isNull();
    }

    /** Such as one of a kind that nobody can run. */
    @Test
    void anImageThatTheRegistryListsAndDoesNotGiveIsToldAfterAFewMinutes() {
        world.apply(WEB, SPEC);
        world.chaos.imagesShownAt = Instant.MAX;
        push("v1", 1);
        wait(4);
        assertThat(last().problem()).contains("There is no image v1");
        world.chaos.imagesShownAt = Instant.MIN;
        wait(30);

        assertThat(released()).isEmpty();
    }

    /** What the registry gives for the tag may be the image of the push before for a while. */
    @Test
    void ofATagThatIsPushedAgainTheNewImageGoesOut() {
        world.apply(WEB, SPEC.replace("v*", "latest"));
        world.chaos.stale.put("Ecr", () -> Duration.ofSeconds(30));
        world.chaos.late = operation -> operation.equals("batchGetImage");
        push("latest", 1);
        world.timeline.advance(Duration.ofSeconds(5));
        String digest = pushAgain("latest", "v2");
        world.queue.send(event(REGISTRY, "latest", digest), Duration.ZERO);
        wait(30);

        assertThat(released()).containsExactly("latest", "latest");
        assertThat(rollouts().getFirst().request().image()).endsWith(digest);
    }

    /** The one is put where the other was. */
    private String pushAgain(String tag, String other) {
        Image image = world.account
                .ecr()
                .batchGetImage(request -> request.repositoryName(REGISTRY)
                        .imageIds(ImageIdentifier.builder().imageTag(other).build()))
                .images()
                .getFirst();
        world.timeline.advance(Duration.ofSeconds(2));
        return world.account
                .ecr()
                .putImage(request -> request.repositoryName(REGISTRY)
                        .imageManifest(image.imageManifest())
                        .imageManifestMediaType(image.imageManifestMediaType())
                        .imageTag(tag))
                .image()
                .imageId()
                .imageDigest();
    }

    @Test
    void anImageThatComesDuringADeletionGoesOutShouldThatFail() {
        world.apply(WEB, SPEC);
        push("v1", 1);
        wait(10);
        world.account.stacks().failNext("slipway-dev-web", "EcsService", "as the test wants it");
        world.plane.services().delete(WEB.serviceIn("dev"), new Deletion(null, Set.of(), "web"), World.by("ann"));
        push("v2", 1);
        world.timeline.advance(Duration.ofSeconds(2));
        assertThat(last().problem()).contains("is being changed by operation");
        wait(30);

        assertThat(released()).containsExactly("v1", "v2");
    }

    @Test
    void ofSeveralTheNewestGoesOut() {
        world.apply(WEB, SPEC);
        push("v1", 0);
        push("v3", 0);
        push("v2", 1);
        wait(30);

        assertThat(released()).containsExactly("v2");
    }

    @Test
    void whatLaysThereBeforeIsLeftAlone() {
        push("v1", 1);
        wait(10);
        world.timeline.advance(Duration.ofMinutes(1));
        world.apply(WEB, SPEC);
        wait(30);
        assertThat(released()).isEmpty();

        push("main-7", 0);
        world.timeline.advance(Duration.ofMinutes(1));
        world.apply(WEB, SPEC.replace("v*", "main-*"));
        wait(30);
        assertThat(released()).as("it was pushed under the old pattern").isEmpty();
    }

    @Test
    void anotherEnvironmentDoesNotGetWhatLayThereBefore() {
        EnvironmentId other = new EnvironmentId("other");
        world.apply(other, "network: {cidr: 172.18.0.0/16}\n");
        world.apply(WEB.serviceIn("other"), SERVICE);
        world.plane.pipelines().grants().grant(other, WEB, World.by("ann"));
        world.apply(WEB, SPEC.replace("dev", "other"));
        push("v1", 1);
        world.timeline.advance(Duration.ofMinutes(1));

        world.plane.pipelines().grants().grant(World.DEV, WEB, World.by("ann")); // that of before was for nothing yet
        world.apply(WEB, SPEC);
        wait(30);
        assertThat(released()).as("nobody has said that dev takes it").isEmpty();

        push("v2", 1);
        wait(30);
        assertThat(released()).containsExactly("v2");
    }

    @Test
    void goingBackToAnOldReleaseDoesNotBringTheNewOneAgain() {
        world.apply(WEB, SPEC);
        push("v1", 1);
        wait(10);
        push("v2", 1);
        wait(10);
        world.plane.rollouts().rollBack(WEB.serviceIn("dev"), 1, null, null, World.by("ann"));
        wait(60);

        assertThat(released()).containsExactly("v1", "v2", "v1");
        assertThat(world.plane.services().get(WEB.serviceIn("dev")).live()).isEqualTo(1);
    }

    @Test
    void withoutAGrantNothingGoesOutAndItSaysSo() {
        world.plane.pipelines().grants().revoke(DEV, WEB, World.by("eve"));
        world.plane.pipelines().grants().grant(DEV, WEB, World.by("ann"));
        world.apply(WEB, SPEC);
        world.plane.pipelines().grants().revoke(DEV, WEB, World.by("eve"));
        push("v1", 1);
        wait(30);

        assertThat(released()).isEmpty();
        assertThat(last().problem()).isEqualTo("The pipeline has no grant to deploy to dev.");
        assertThat(Ledgers.of(world, DEV))
                .extracting(LedgerEntry::type)
                .contains(LedgerEntry.EventType.GRANTED, LedgerEntry.EventType.GRANT_REVOKED);
    }

    @Test
    void aFreezeHoldsItAndTheEndOfTheFreezeLetsItOut() {
        world.apply(WEB, SPEC);
        var now = world.timeline.instant().atZone(ZoneOffset.UTC);
        String start = "%d %d * * *".formatted(now.getMinute(), now.getHour());
        world.apply(
                WEB.serviceIn("dev"),
                SERVICE + "freezes: [{name: now, start: \"" + start + "\", durationMinutes: 60, timeZone: UTC}]\n");
        push("v1", 2);
        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(released()).isEmpty();
        assertThat(last().problem()).contains("now");
        wait(60);

        assertThat(released()).containsExactly("v1");
        assertThat(last().problem()).isNull();
    }

    @Test
    void whatAHotfixHasOvertakenDuringAFreezeDoesNotComeAfterIt() {
        world.apply(WEB, SPEC);
        var now = world.timeline.instant().atZone(ZoneOffset.UTC);
        String start = "%d %d * * *".formatted(now.getMinute(), now.getHour());
        world.apply(
                WEB.serviceIn("dev"),
                SERVICE + "freezes: [{name: now, start: \"" + start + "\", durationMinutes: 60, timeZone: UTC}]\n");
        push("v1", 1);
        world.timeline.advance(Duration.ofMinutes(10));
        push("hotfix", 0);
        world.plane
                .rollouts()
                .rollOut(
                        WEB.serviceIn("dev"),
                        new RolloutRequest(
                                "hotfix",
                                null,
                                null,
                                RolloutRequest.ConcurrencyPolicy.REJECT,
                                new ControlOverride(List.of("now"), "it burns")),
                        World.by("ann"));
        wait(120);

        assertThat(released()).containsExactly("hotfix");
        assertThat(last().problem()).contains("of ann overrode the freeze");

        push("v2", 1);
        wait(10);
        assertThat(released()).as("what comes later is not held by it").containsExactly("hotfix", "v2");
    }

    @Test
    void aGrantDoesNotOutliveItsEnvironment() {
        world.apply(DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.ended(
                WEB.serviceIn("dev"),
                world.plane
                        .services()
                        .delete(
                                WEB.serviceIn("dev"),
                                new Deletion(
                                        null, Set.of(), WEB.serviceIn("dev").service()),
                                World.by("ann")));
        world.ended(DEV, world.plane.environments().delete(DEV, new Deletion(null, Set.of(), null), World.by("ann")));
        world.timeline.advance(Duration.ofMinutes(1));
        world.apply(DEV, "network: {cidr: 172.17.0.0/16}\n");

        assertThat(world.plane.pipelines().grants().list(DEV, 10, null).items()).isEmpty();
        assertThatThrownBy(() -> world.plane.pipelines().grants().get(DEV, WEB)).isInstanceOf(ProblemException.class);

        world.plane.pipelines().grants().grant(DEV, WEB, World.by("bob"));
        assertThat(world.plane.pipelines().grants().list(DEV, 10, null).items()).hasSize(1);
    }

    @Test
    void anImageThatComesWhileAnotherGoesOutWaitsForItsTurn() {
        world.apply(WEB, SPEC);
        push("v1", 1);
        wait(10);
        push("v2", 1);
        world.timeline.advance(Duration.ofSeconds(40));
        push("v3", 1);
        wait(30);

        assertThat(released()).containsExactly("v1", "v2", "v3");
    }

    @Test
    void anImageThatWaitsForItsTurnDoesNotGoOutOnceItsGrantIsTakenBack() {
        world.apply(WEB, SPEC);
        push("v1", 1);
        wait(10);
        push("v2", 1);
        world.timeline.advance(Duration.ofSeconds(40));
        push("v3", 1);
        world.timeline.advance(Duration.ofSeconds(40));

        world.plane.pipelines().grants().revoke(DEV, WEB, World.by("ann"));
        wait(30);

        assertThat(world.record(WEB.serviceIn("dev")).live()).isEqualTo(2);
        assertThat(world.plane
                        .rollouts()
                        .rollouts(WEB.serviceIn("dev"), 1, null)
                        .items())
                .singleElement()
                .satisfies(found -> assertThat(found.value().outcome().detail())
                        .contains("It did not start. dev does not let the pipeline web deploy to it any more."));
    }

    /** Whoever may change the pipeline could else have any image rolled out, where the environment agreed to versions. */
    @Test
    void aGrantForOnePatternOfTagsIsForNoOther() {
        world.apply(WEB, SPEC);

        world.apply(WEB, SPEC.replace("v*", "'*'"));
        push("nightly", 1);
        wait(30);

        assertThat(released()).isEmpty();
        world.plane.pipelines().grants().grant(DEV, WEB, World.by("ann"));
        push("evening", 1);
        wait(30);
        assertThat(released()).containsExactly("evening");
    }

    @Test
    void aDeletedPipelineRollsNothingOut() {
        world.apply(WEB, SPEC);
        world.ended(
                WEB,
                world.plane.pipelines().pipelines().delete(WEB, new Deletion(null, Set.of(), null), World.by("ann")));
        push("v1", 1);
        wait(30);

        assertThat(released()).isEmpty();
        assertThat(world.plane.pipelines().pipelines().find(WEB)).isEmpty();
        assertThat(Set.copyOf(
                        Ledgers.of(world, WEB).stream().map(LedgerEntry::type).toList()))
                .containsExactlyInAnyOrder(
                        LedgerEntry.EventType.SPEC_ACCEPTED,
                        LedgerEntry.EventType.DELETION_ACCEPTED,
                        LedgerEntry.EventType.DELETED);
    }
}
