package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulation.World;
import org.junit.jupiter.api.Test;

class NumberedEnvironmentTest {
    private static final EnvironmentId PR = new EnvironmentId("pr-1234");
    private static final String SPEC = "{network: {cidr: 172.18.0.0/16}, terminationProtection: false}";

    private final World world = new World(1);

    @Test
    void itRunsServicesAsAnyOther() {
        ServiceId web = new ServiceId("pr-1234", "web");
        assertThat(world.apply(PR, SPEC).failure()).isNull();
        assertThat(world.apply(web, "container: {port: 8000}\nrollout: {strategy: blue-green}\n")
                        .failure())
                .isNull();

        assertThat(world.rollOut(web, "v1").state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.rollOut(web, "v2").state()).isEqualTo(State.SUCCEEDED);

        assertThat(world.record(web).live()).isEqualTo(2);
        assertThat(world.traffic(web).allServed()).isTrue();
    }

    @Test
    void beneathTheNameOfAnotherItIsRefused() {
        assertThat(world.apply(PR, SPEC).failure()).isNull();

        ProblemException refused = catchThrowableOfType(
                ProblemException.class, () -> world.apply(new EnvironmentId("pr"), "network: {cidr: 172.19.0.0/16}"));
        assertThat(refused.problem().code()).isEqualTo("invalid-name");
        assertThat(refused.problem().errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message()).startsWith("cannot be beside pr-1234"));
        assertThat(world.apply(PR, SPEC).failure())
                .as("one that is there stays as it is")
                .isNull();
        assertThat(world.apply(new EnvironmentId("pr-12"), "network: {cidr: 172.19.0.0/16}")
                        .failure())
                .isNull();
    }
}
