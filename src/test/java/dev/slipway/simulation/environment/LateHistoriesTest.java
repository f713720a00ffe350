package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.environment.LateFollower;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.EnvironmentDigest;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.simulation.World;
import dev.slipway.store.Store.WriteConflictException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.ecs.model.AssignPublicIp;

/**
 * Applies of an environment while its services roll out, wait for people, are in freezes, are deleted and made anew, and while workers
 * die, calls get lost and messages come twice. {@code -Dslipway.first=N} takes other seeds than usual, {@code -Dslipway.late=N} says
 * how many.
 */
@Tag("slow")
class LateHistoriesTest {
    private static final List<ServiceId> SERVICES = List.of(World.WEB, new ServiceId("dev", "api"));
    private static final String SPEC =
            "container: {port: 8000}\nrouting: {paths: [/%s/*]}\nrollout: {strategy: blue-green, approval: {when: before-production, timeoutMinutes: 600}}\n";
    private static final String FREEZE =
            "freezes: [{name: nights, start: '0 */8 * * *', durationMinutes: 240, timeZone: UTC}]\n";

    private final List<String> story = new ArrayList<>();

    static LongStream seeds() {
        long first = Long.getLong("slipway.first", 1);
        return LongStream.range(first, first + Integer.getInteger("slipway.late", 12));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void inTheEndEveryServiceHasWhatItsEnvironmentHas(long seed) {
        World world = new World(seed).withoutAlarms();
        Random random = new Random(seed);
        apply(world, "terminationProtection: false\nnetwork: {natGateways: one}\n");
        world.settle();
        for (ServiceId service : SERVICES) {
            declare(world, service, "");
            world.settle();
            rollOut(world, service, "v1");
            advance(world, Duration.ofMinutes(5));
            answer(world, service, true);
            world.settle();
        }
        world.chaos.on = random.nextInt(3) > 0;
        if (random.nextBoolean()) {
            world.chaos.stacksShownLate(() -> Duration.ofSeconds(random.nextInt(31)));
        }
        for (int i = 0; i < 12; i++) {
            ServiceId service = SERVICES.get(random.nextInt(SERVICES.size()));
            switch (random.nextInt(9)) {
                case 0, 1, 2 ->
                    apply(
                            world,
                            "terminationProtection: false\ntags: {team: t%d}\nnetwork: {natGateways: %s}\n"
                                            .formatted(i, random.nextBoolean() ? "one" : "none")
                                    + (random.nextBoolean() ? FREEZE : ""));
                case 3, 4 -> rollOut(world, service, "v" + (2 + i));
                case 5, 6 -> answer(world, service, random.nextBoolean());
                case 7 -> declare(world, service, "count: %d\n".formatted(1 + random.nextInt(3)));
                default -> delete(world, service);
            }
            advance(world, Duration.ofMinutes(random.nextInt(3) == 0 ? random.nextInt(600) : random.nextInt(15)));
        }
        world.chaos.on = false;
        advance(world, Duration.ofDays(2));

        assertThat(world.store.stream(LateFollower.PARTITION, "", LateFollower.ITEM_TYPE, false))
                .as("%s", story)
                .isEmpty();
        for (ServiceId service : SERVICES) {
            world.plane
                    .services()
                    .find(service)
                    .ifPresent(record -> assertThat(EnvironmentDigest.isOutdated(
                                    record, world.plane.environments().get(World.DEV)))
                            .as("%s outdated: %s", service, story)
                            .isFalse());
        }
        assertThat(world.plane.operations().stream(World.DEV)
                        .flatMap(apply -> apply.services().stream())
                        .filter(service -> service.state() != FollowingState.DONE))
                .as("%s", story)
                .allMatch(service -> String.valueOf(service.finding()).startsWith("By a later apply: GET "));
    }

    private void advance(World world, Duration time) {
        Instant until = world.timeline.instant().plus(time);
        world.timeline.after(time, () -> {});
        while (world.timeline.instant().isBefore(until)) {
            world.timeline.step();
            hasWayOut(world);
        }
    }

    /** No service has its tasks in the private subnets while these have no NAT gateway. */
    private void hasWayOut(World world) {
        for (ServiceId service : SERVICES) {
            boolean isPrivate = world
                    .account
                    .ecs()
                    .describeServices(
                            request -> request.cluster(World.DEV.cluster()).services(service.service()))
                    .services()
                    .stream()
                    .anyMatch(found -> found.status().equals("ACTIVE")
                            && found.networkConfiguration()
                                            .awsvpcConfiguration()
                                            .assignPublicIp()
                                    == AssignPublicIp.DISABLED);
            if (isPrivate) {
                assertThat(world.resources(World.DEV).keySet())
                        .as("%s at %s: %s", service, world.timeline.instant(), story)
                        .contains("NatGatewayA", "PrivateRouteA");
            }
        }
    }

    private void tried(World world, String what, Runnable request) {
        String how = "";
        try {
            request.run();
        } catch (ProblemException | WriteConflictException e) {
            how = ": " + e.getMessage();
        }
        story.add("\n%s %s%s".formatted(world.timeline.instant(), what, how));
    }

    private void apply(World world, String spec) {
        tried(
                world,
                "apply " + spec,
                () -> world.plane
                        .environments()
                        .apply(
                                World.DEV,
                                World.environmentSpec(spec),
                                World.anything(Set.of("NatGatewayA", "NatAddressA")),
                                World.by("ann")));
    }

    private void declare(World world, ServiceId service, String more) {
        ControlOverride override = new ControlOverride(List.of(), "as the test wants it");
        tried(
                world,
                "declare " + service + more,
                () -> world.plane
                        .services()
                        .apply(
                                service,
                                World.serviceSpec(SPEC.formatted(service.service()) + more),
                                new Order(null, Set.of(), override),
                                World.by("ann")));
    }

    private void rollOut(World world, ServiceId service, String image) {
        tried(
                world,
                "roll out " + service + image,
                () -> world.plane
                        .rollouts()
                        .rollOut(
                                service,
                                new RolloutRequest(image, null, null, ConcurrencyPolicy.QUEUE, null),
                                World.by("bob")));
    }

    private void answer(World world, ServiceId service, boolean yes) {
        world.plane
                .operations()
                .findRunning(service)
                .map(Operation::rollout)
                .ifPresent(rollout -> tried(world, "answer " + service + yes, () -> {
                    Rollout seen = world.plane.rollouts().rollout(service, rollout);
                    if (world.plane
                            .rollouts()
                            .gate(seen)
                            .flatMap(gate -> gate.awaitingApproval())
                            .isPresent()) {
                        world.answer(service, rollout, yes, "because", "eve");
                    }
                }));
    }

    private void delete(World world, ServiceId service) {
        tried(
                world,
                "delete " + service,
                () -> world.plane
                        .services()
                        .delete(service, new Deletion(null, Set.of(), service.service()), World.by("ann")));
    }
}
