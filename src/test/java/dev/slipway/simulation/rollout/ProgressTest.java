package dev.slipway.simulation.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulation.World;
import dev.slipway.stack.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What whoever watches an operation sees of it between the worker's looks. */
class ProgressTest {
    private static final String ENVIRONMENT = "terminationProtection: false\n";
    private static final String SERVICE = "container: {port: 8000}\n";

    private final World world = new World(1);

    private String apply(Target target) {
        String location = switch (target) {
            case dev.slipway.id.EnvironmentId id ->
                world.plane
                        .environments()
                        .apply(id, World.environmentSpec(ENVIRONMENT), new Order(null, Set.of(), null), World.by("ann"))
                        .location();
            case dev.slipway.id.ServiceId id ->
                world.plane
                        .services()
                        .apply(id, World.serviceSpec(SERVICE), new Order(null, Set.of(), null), World.by("ann"))
                        .location();
            case dev.slipway.id.PipelineId id -> throw new IllegalArgumentException(id.key());
        };
        return World.idOf(location);
    }

    private Progress progress(Target target, String operation) {
        return Objects.requireNonNull(world.plane
                .operationQueries()
                .find(target, operation)
                .orElseThrow()
                .progress());
    }

    private int looks() {
        return world.calls().getOrDefault("CloudFormation.describeStackEvents", 0);
    }

    private int resources(Target target) {
        return world.account
                .cloudFormation()
                .describeStackResources(request -> request.stackName(target.stackName()))
                .stackResources()
                .size();
    }

    /** The account has used ECS before: a first environment waits for nothing. */
    @BeforeEach
    void used() {
        world.account.lookups().makeServiceLinkedRole("ecs.amazonaws.com");
        world.account.lookups().makeServiceLinkedRole("elasticloadbalancing.amazonaws.com");
        world.account.lookups().makeServiceLinkedRole("ecs.application-autoscaling.amazonaws.com");
        world.timeline.advance(Duration.ofSeconds(30));
    }

    @Test
    void growsWhileAStackIsMadeForTheFirstTime() {
        String id = apply(World.DEV);
        world.timeline.advance(Duration.ofSeconds(20));
        Progress early = progress(World.DEV, id);
        world.timeline.advance(Duration.ofSeconds(25));
        Progress later = progress(World.DEV, id);

        assertThat(early.done()).isPositive().isLessThan(later.done());
        assertThat(later.done()).isLessThan(later.total());
        assertThat(later.recent()).isNotEmpty();
        world.settle();
        assertThat(later.total()).isEqualTo(resources(World.DEV));
        assertThat(progress(World.DEV, id).done()).isEqualTo(resources(World.DEV));
    }

    @Test
    void tellsTheResourcesOfANewService() {
        world.apply(World.DEV, ENVIRONMENT);
        String id = apply(World.WEB);
        world.timeline.advance(Duration.ofSeconds(8));

        assertThat(progress(World.WEB, id).total()).isEqualTo(10);
        world.settle();
        assertThat(resources(World.WEB)).isEqualTo(10);
    }

    @Test
    void anOperationShowsWhatItDidItselfAndNothingOfTheOneBefore() {
        apply(World.DEV);
        world.settle();
        String again = apply(World.DEV); // changes nothing
        world.settle();

        assertThat(progress(World.DEV, again).recent()).isEmpty();
        assertThat(progress(World.DEV, again).done()).isZero();
    }

    @Test
    void growsInADeletionToo() {
        world.apply(World.DEV, ENVIRONMENT);
        String id = world.plane
                .environments()
                .delete(World.DEV, new Deletion(null, Set.of(), null), World.by("ann"))
                .id();
        world.timeline.advance(Duration.ofSeconds(40));

        assertThat(progress(World.DEV, id).done()).isPositive();
    }

    @Test
    void asksCloudFormationOnceAQuestionAndNotRightAfterTheWorker() {
        String id = apply(World.DEV);
        world.timeline.advance(Duration.ofSeconds(1));
        int before = looks();
        progress(World.DEV, id);
        assertThat(looks()).isEqualTo(before);

        world.timeline.advance(Duration.ofSeconds(20));
        progress(World.DEV, id);
        assertThat(looks()).isEqualTo(before + 1);

        world.settle();
        int after = looks();
        progress(World.DEV, id);
        assertThat(looks()).isEqualTo(after);
    }

    @ParameterizedTest
    @EnumSource(value = Faults.Call.class, names = "ANSWERED", mode = EnumSource.Mode.EXCLUDE)
    void isWhatItWasWhenAwsDoesNotAnswer(Faults.Call trouble) {
        String id = apply(World.DEV);
        world.timeline.advance(Duration.ofSeconds(20));
        world.aws.faults(new Faults() {
            @Override
            public Call on(String service, String operation) {
                return trouble;
            }

            @Override
            public List<Duration> deliveries() {
                return List.of(Duration.ZERO);
            }
        });

        assertThat(world.plane.operationQueries().find(World.DEV, id))
                .get()
                .isEqualTo(world.plane.operations().find(World.DEV, id).orElseThrow())
                .extracting(Operation::isRunning)
                .isEqualTo(true);
    }
}
