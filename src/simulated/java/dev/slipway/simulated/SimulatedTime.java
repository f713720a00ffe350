package dev.slipway.simulated;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Lets simulated time pass as real time does, {@code simulated.speed} times as fast. */
@Singleton
class SimulatedTime {
    private static final Logger LOG = Logger.getLogger(SimulatedTime.class);
    private static final Duration TICK = Duration.ofMillis(50);

    private final Simulation simulation;
    private final double speed;
    private final int port;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("simulated-time").daemon().factory());
    private long last = System.nanoTime();

    SimulatedTime(
            Simulation simulation,
            @ConfigProperty(name = "simulated.speed") double speed,
            @ConfigProperty(name = "quarkus.http.port", defaultValue = "8080") int port) {
        this.simulation = simulation;
        this.speed = speed;
        this.port = port;
    }

    void start(@Observes StartupEvent event) {
        if (speed > 0) {
            last = System.nanoTime();
            clock.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
            LOG.info(Welcome.text("http://localhost:" + port, speed));
        }
    }

    void stop(@Observes ShutdownEvent event) {
        clock.shutdownNow();
    }

    private void tick() {
        long now = System.nanoTime();
        long simulated = (long) ((now - last) * speed);
        last = now;
        try {
            simulation.advance(Duration.ofNanos(simulated));
        } catch (RuntimeException e) {
            LOG.error("something that happened in the simulated account failed; time goes on", e);
        }
    }
}
