package dev.slipway.simulation.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.slipway.simulation.World;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecr.model.RepositoryPolicyNotFoundException;

/** Who may push to a service's registry beside the roles of its own account. */
class RegistryAccessTest {
    private static final String SERVICE = "container: {port: 8000}\n";
    private static final String ROLE = "arn:aws:iam::210987654321:role/slipway-pipeline-web-copy-eu-central-1";
    private final World world = new World(1);

    @Test
    void anApplyLetsTheNamedRolesIn() {
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        assertThatExceptionOfType(RepositoryPolicyNotFoundException.class).isThrownBy(this::policy);

        assertThat(world.apply(World.WEB, SERVICE + "registry: {pushFrom: ['%s']}\n".formatted(ROLE))
                        .failure())
                .isNull();

        assertThat(policy()).contains(ROLE, "ecr:PutImage").doesNotContain("ecr:BatchDeleteImage");
        assertThat(world.rollOut(World.WEB, "v1").outcome().failure()).isNull();
    }

    private String policy() {
        return world.account
                .ecr()
                .getRepositoryPolicy(r -> r.repositoryName("slipway-dev-web"))
                .policyText();
    }
}
