package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/** A first creation that fails on the way leaves nothing that stands in the way of the next. */
class FirstCreationTest {
    private static final String ENVIRONMENT = "terminationProtection: false\n";

    private final World world = new World(17);

    private StackStatus status() {
        return world.account
                .cloudFormation()
                .describeStacks(request -> request.stackName("slipway-dev"))
                .stacks()
                .getFirst()
                .stackStatus();
    }

    @Test
    void anAccountThatNeverUsedEcsGetsItsServiceLinkedRolesBeforeTheStack() {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
    }

    @Test
    void anEnvironmentThatFailsBehindItsLoadBalancerIsMadeByTheNextApply() {
        world.account.stacks().failNext("slipway-dev", "HttpListener", "as the test wants it");

        assertThat(Objects.requireNonNull(world.apply(World.DEV, ENVIRONMENT).failure())
                        .detail())
                .contains("as the test wants it");
        assertThat(status()).isEqualTo(StackStatus.ROLLBACK_COMPLETE);

        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(status()).isEqualTo(StackStatus.CREATE_COMPLETE);
    }
}
