package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Plan;
import dev.slipway.rollout.Rollout;
import dev.slipway.stack.Difference;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudformation.model.StackResource;
import software.amazon.awssdk.services.ecr.model.ImageIdentifier;

/** Services whose parts are gone, or are there already: the next apply puts them right and loses no image. */
@Tag("slow")
class RecreationTest {
    private static final String ENVIRONMENT = "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n";
    private static final String SERVICE = "container: {port: 8000}\n";
    private static final String STACK = "slipway-dev-web";

    private final World world = new World(1).withoutAlarms();

    private void live(String... images) {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        for (String image : images) {
            assertThat(world.rollOut(World.WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
    }

    private Operation delete(String... keep) {
        return world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Deletion(null, Set.of(keep), World.WEB.service()), World.by("ann")));
    }

    private List<String> resources() {
        return world.account.cloudFormation().describeStackResources(r -> r.stackName(STACK)).stackResources().stream()
                .map(StackResource::logicalResourceId)
                .toList();
    }

    private List<String> tags() {
        return world.account.ecr().listImages(r -> r.repositoryName(STACK)).imageIds().stream()
                .map(ImageIdentifier::imageTag)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry logs", "registry", "logs"})
    void whatADeletionKeptBelongsToTheNextServiceOfTheName(String kept) {
        live("v1", "v2");
        assertThat(delete(kept.split(" ")).failure()).isNull();

        Operation applied = world.apply(World.WEB, SERVICE + "logs: {retentionDays: 7}\nregistry: {keepImages: 3}\n");

        assertThat(applied.failure()).isNull();
        assertThat(resources()).contains("Repository", "LogGroup");
        assertThat(world.account.logs().describeLogGroups().logGroups())
                .singleElement()
                .satisfies(group -> assertThat(group.retentionInDays()).isEqualTo(7));
        assertThat(world.account
                        .ecr()
                        .getLifecyclePolicy(r -> r.repositoryName(STACK))
                        .lifecyclePolicyText())
                .contains("\"countNumber\": 3}");
        if (kept.contains("registry")) {
            assertThat(tags()).contains("v1", "v2");
        }
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        assertThat(delete().failure()).isNull();
        assertThat(world.account.ecr().describeRepositories().repositories()).isEmpty();
        assertThat(world.account.logs().describeLogGroups().logGroups()).isEmpty();
    }

    /** Both lives have a release 1, and tags cannot be moved. */
    @Test
    void anImageThatWasAReleaseOfTheServiceBeforeKeepsItsOtherTagsAndMakesRoom() {
        live("v1", "v2");
        delete("registry");
        world.apply(World.WEB, SERVICE);

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);

        String second = world.account
                .ecr()
                .describeImages(r -> r.repositoryName(STACK).imageIds(id -> id.imageTag("v2")))
                .imageDetails()
                .getFirst()
                .imageDigest();
        assertThat(world.account
                        .ecr()
                        .describeImages(r -> r.repositoryName(STACK)
                                .imageIds(id -> id.imageTag("release-1-" + second.substring(7, 19))))
                        .imageDetails()
                        .getFirst()
                        .imageDigest())
                .isEqualTo(second);
        assertThat(tags()).contains("v1");
    }

    @Test
    void aPlanOfANewServiceTellsWhatItTakesOverAndHolds() {
        live("v1");
        delete("registry", "logs");
        String id = world.plane
                .services()
                .plan(World.WEB, World.serviceSpec(SERVICE), World.by("ann"))
                .id();
        world.settle();
        world.timeline.advance(Duration.ofMinutes(5));
        Plan plan = world.store.get(Plan.key(World.WEB, id)).orElseThrow().value();

        assertThat(plan.stack().resources())
                .filteredOn(resource -> resource.action() == Difference.Action.IMPORT)
                .extracting(Difference.Resource::physicalId)
                .containsExactly("/slipway/dev/web", STACK);
        assertThat(plan.stack().resources()).hasSize(10);

        Operation applied = world.ended(
                World.WEB, world.plane.services().applyPlan(World.WEB, id, Set.of(), null, World.by("ann")));

        assertThat(applied.failure()).isNull();
        assertThat(resources()).hasSize(10);
    }

    @Test
    void aPlanThatWasMadeBeforeTheRegistryAppearedIsOvertaken() {
        world.apply(World.DEV, ENVIRONMENT);
        String id = world.plane
                .services()
                .plan(World.WEB, World.serviceSpec(SERVICE), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofMinutes(5));
        world.account.ecr().createRepository(request -> request.repositoryName(STACK));

        Operation applied = world.ended(
                World.WEB, world.plane.services().applyPlan(World.WEB, id, Set.of(), null, World.by("ann")));

        assertThat(applied.failure().code()).isEqualTo("plan-stale");
    }

    @Test
    void aStackDeletedByHandComesBackWithItsReleaseByTheNextApply() {
        live("v1", "v2");
        String release = world.ecs(World.WEB).taskDefinition();
        world.account.cloudFormation().deleteStack(request -> request.stackName(STACK));
        world.timeline.advance(Duration.ofHours(1));

        Operation applied = world.apply(World.WEB, SERVICE + "count: 3\n");

        assertThat(applied.failure()).isNull();
        assertThat(applied.notes()).anySatisfy(note -> assertThat(note).contains("release 2 goes out again"));
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(release);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(3);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.record(World.WEB).previous()).isEqualTo(1);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.apply(World.WEB, SERVICE).notes())
                .containsExactly("Nothing to change in the stack: it is as the spec says.");
    }

    @Test
    void aDeletionThatFailedIsRolledBackByTheNextApply() {
        live("v1");
        world.account.stacks().failNext(STACK, "ExecutionRole", "as the test wants it");
        assertThat(delete("registry", "logs").failure().detail()).contains("as the test wants it");

        Operation applied = world.apply(World.WEB, SERVICE);

        assertThat(applied.failure()).isNull();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(tags()).contains("v1");
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Repository", "LogGroup", "TaskRole"})
    void anApplyAfterAFailedAdoptionGoesThrough(String failing) {
        live("v1");
        delete("registry", "logs");
        world.account.stacks().failNext(STACK, failing, "as the test wants it");
        assertThat(world.apply(World.WEB, SERVICE).failure().detail()).contains("as the test wants it");

        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        assertThat(tags()).contains("v1");
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30})
    void anEcsServiceDeletedByHandComesBackWithTheNextApply(int minutes) {
        live("v1", "v2");
        String release = world.ecs(World.WEB).taskDefinition();
        deleteService();
        world.timeline.advance(Duration.ofMinutes(minutes));

        Operation applied = world.apply(World.WEB, SERVICE + "count: 3\ngracePeriodSeconds: 90\n");

        assertThat(applied.failure()).isNull();
        assertThat(world.ecs(World.WEB).status()).isEqualTo("ACTIVE");
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(release);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(3);
        assertThat(world.ecs(World.WEB).healthCheckGracePeriodSeconds()).isEqualTo(90);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }

    @Test
    void whatOnlyTheEcsServiceHasIsCommittedBeforeThereIsOne() {
        live();
        assertThat(world.apply(World.WEB, SERVICE + "gracePeriodSeconds: 90\n").failure())
                .isNull();

        world.rollOut(World.WEB, "v1");

        assertThat(world.ecs(World.WEB).healthCheckGracePeriodSeconds()).isEqualTo(90);
    }

    @Test
    void anEcsServiceDeletedByHandComesBackWithTheNextRollout() {
        live("v1");
        deleteService();
        world.timeline.advance(Duration.ofMinutes(30));

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.outcome().failure()).isNull();
        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    /** A process dies before or after each call and write in turn, while a service is made of what another has left. */
    @Test
    void aCrashAnywhereInAnAdoptionChangesNothing() {
        int steps = recreated(0).chaos.steps;
        for (int at = 1; at <= steps; at += 3) {
            World crashed = recreated(at);
            assertThat(crashed.record(World.WEB).live()).as("crash at %d", at).isEqualTo(1);
            assertThat(crashed.traffic(World.WEB).allServed())
                    .as("crash at %d", at)
                    .isTrue();
            assertThat(crashed.queue.bodiesOfDead()).as("crash at %d", at).isEmpty();
        }
    }

    private static World recreated(int crashAt) {
        World world = new World(7).withoutAlarms();
        world.apply(World.DEV, ENVIRONMENT);
        world.apply(World.WEB, SERVICE);
        world.rollOut(World.WEB, "v1");
        world.account.cloudFormation().deleteStack(request -> request.stackName(STACK));
        world.timeline.advance(Duration.ofHours(1));
        world.chaos.steps = 0;
        world.chaos.dieAt = crashAt;
        try {
            world.apply(World.WEB, SERVICE);
        } catch (Crash e) {
            world.settle();
            world.apply(World.WEB, SERVICE);
        }
        return world;
    }

    private void deleteService() {
        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster("slipway-dev").service("web").force(true));
    }
}
