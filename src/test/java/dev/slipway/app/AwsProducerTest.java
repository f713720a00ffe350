package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.service.Clients;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import javax.naming.spi.NamingManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The application as it is built for Lambda: on AWS's clients, of which none is made before it is used. */
@Tag("slow")
@QuarkusTest
@TestProfile(AwsProducerTest.OnAws.class)
class AwsProducerTest {
    public static class OnAws implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("quarkus.arc.exclude-types", "dev.slipway.simulated.**");
        }
    }

    @Inject
    Clients clients;

    @Inject
    ControlPlane plane;

    @Test
    void startsWithoutCallingAws() {
        assertThat(plane.worker()).isNotNull();
        assertThat(clients.ecs().serviceName()).isEqualTo("ecs");
        assertThat(clients.ecr().serviceName()).isEqualTo("ecr");
    }

    /** Quarkus turns JNDI off unless it is told otherwise, and the DNS is asked by it. */
    @Test
    void theDnsCanBeAsked() {
        assertThat(NamingManager.hasInitialContextFactoryBuilder()).isFalse();
    }
}
