package dev.slipway.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.EnvironmentId;
import dev.slipway.notification.Notifications.Notification;
import dev.slipway.simulated.sns.SnsMessage;
import dev.slipway.store.Store;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The product beside the simulated account, as it runs on a laptop. */
@Tag("slow")
@QuarkusTest
class SimulationTest {
    @Inject
    Simulation simulation;

    @Inject
    Store store;

    @Test
    void whatWasLostIsFoundByTheResync() {
        String topic = simulation
                .account()
                .sns()
                .createTopic(request -> request.name("slipway-lost"))
                .topicArn();
        store.write(new Notification("lost", new EnvironmentId("lost"), topic, "Lost", "found again", simulation.now())
                .write());

        simulation.advance(Duration.ofMinutes(11));

        assertThat(simulation.account().published())
                .extracting(SnsMessage::message)
                .contains("found again");
    }
}
