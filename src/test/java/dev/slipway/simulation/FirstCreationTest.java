package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.EnvironmentId;
import dev.slipway.operation.Acceptance.Accepted;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/** A first creation that fails on the way leaves nothing that stands in the way of the next. */
class FirstCreationTest {
    private static final String ENVIRONMENT = "terminationProtection: false\n";

    private static final EnvironmentId PROD = new EnvironmentId("prod");

    private final World world = new World(17);

    private StackStatus status() {
        return world.stack(World.DEV).stackStatus();
    }

    @Test
    void anAccountThatNeverUsedEcsGetsItsServiceLinkedRolesBeforeTheStack() {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
    }

    @Test
    void twoEnvironmentsAtTheSameTimeInSuchAnAccountBothWaitForTheRoles() {
        Accepted dev = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(ENVIRONMENT), World.anything(), World.by("ann"));
        Accepted prod = world.plane
                .environments()
                .apply(
                        PROD,
                        World.environmentSpec(ENVIRONMENT + "network: {cidr: 172.19.0.0/16}"),
                        World.anything(),
                        World.by("bob"));

        assertThat(world.ended(World.DEV, dev).failure()).isNull();
        assertThat(world.ended(PROD, prod).failure()).isNull();
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
