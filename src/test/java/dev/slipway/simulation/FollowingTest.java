package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.Surroundings;
import dev.slipway.target.ServiceId;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Services follow their environment: what it gives them and has changed reaches them without a further request. */
class FollowingTest {
    private static final String BEFORE = "terminationProtection: false\nnetwork: {natGateways: none}\n";
    private static final String AFTER = "terminationProtection: false\nnetwork: {natGateways: one}\n";
    private static final ServiceId API = new ServiceId("dev", "api");

    private final World world = new World(1);

    private void live() {
        assertThat(world.apply(World.DEV, BEFORE).failure()).isNull();
        assertThat(world.apply(World.WEB, "container: {port: 8000}\n").failure())
                .isNull();
        assertThat(world.apply(API, "container: {port: 8000}\nrouting: {paths: [/api/*]}\n")
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(outdated(World.WEB)).isFalse();
    }

    private boolean outdated(ServiceId id) {
        return Surroundings.isOutdated(
                world.record(id), world.plane.environments().get(World.DEV));
    }

    @Test
    void theyGetTheOutputsThatHaveChangedOneAfterTheOther() {
        live();
        String before = world.parameter(World.WEB, "TaskSubnets");

        Operation applied = world.apply(World.DEV, AFTER);

        assertThat(applied.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(world.parameter(World.WEB, "TaskSubnets")).isNotEqualTo(before);
        assertThat(world.parameter(API, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(outdated(World.WEB)).isFalse();
        assertThat(outdated(API)).isFalse();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        Operation first = world.plane.operations().find(API, applied.id()).orElseThrow();
        Operation second =
                world.plane.operations().find(World.WEB, applied.id()).orElseThrow();
        assertThat(first.actor()).isEqualTo("ann");
        assertThat(second.acceptedAt()).isAfterOrEqualTo(first.endedAt());
    }

    @Test
    void theyAreLeftAloneWhenNothingHasChangedForThem() {
        live();

        Operation applied = world.apply(World.DEV, BEFORE + "accessLogs: {retentionDays: 3}\n");

        assertThat(applied.failure()).isNull();
        assertThat(world.plane.operations().find(World.WEB, applied.id())).isEmpty();
    }

    @Test
    void tagsOfTheEnvironmentAreTheirsToo() {
        live();

        world.apply(World.DEV, BEFORE + "tags: {team: blue}\n");

        assertThat(world.account
                        .cloudFormation()
                        .describeStacks(request -> request.stackName("slipway-dev-web"))
                        .stacks()
                        .getFirst()
                        .tags())
                .anySatisfy(tag -> assertThat(tag.value()).isEqualTo("blue"));
    }

    @Test
    void oneThatFailsStopsTheOthersAndIsNamed() {
        live();
        world.account.stacks().failNext("slipway-dev-api", "ProductionRule", "as the test wants it");

        Operation applied = world.apply(World.DEV, AFTER + "tags: {team: blue}\n");

        assertThat(applied.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(applied.notes()).anySatisfy(note -> assertThat(note).contains("api, web"));
        assertThat(outdated(API)).isTrue();
        assertThat(outdated(World.WEB)).isTrue();
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("ENABLED");

        assertThat(world.apply(World.DEV, AFTER + "tags: {team: blue}\n").notes())
                .noneSatisfy(note -> assertThat(note).contains("by hand"));
        assertThat(outdated(API)).isFalse();
        assertThat(outdated(World.WEB)).isFalse();
    }

    @Test
    void aServiceThatIsBeingChangedIsWaitedFor() {
        live();
        String location = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(AFTER), null, Set.of(), World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofSeconds(5));
        Rollout rollout = world.rollOut(API, "v1");
        world.settle();

        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.plane
                        .operations()
                        .find(World.DEV, location.substring(location.lastIndexOf('/') + 1))
                        .orElseThrow()
                        .state())
                .isEqualTo(Operation.State.SUCCEEDED);
        assertThat(world.parameter(API, "AssignPublicIp")).isEqualTo("DISABLED");
        assertThat(outdated(API)).isFalse();
    }
}
