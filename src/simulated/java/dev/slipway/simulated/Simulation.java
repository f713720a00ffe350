package dev.slipway.simulated;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.app.ControlPlane;
import dev.slipway.app.SlipwayConfig;
import dev.slipway.lambda.HookHandler;
import dev.slipway.lambda.PipelineHandler;
import dev.slipway.pipeline.PipelineClients;
import dev.slipway.service.Clients;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import dev.slipway.simulated.events.EventRules;
import dev.slipway.simulated.sqs.SimulatedQueue;
import dev.slipway.store.MemoryStore;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;

/** The whole product beside a simulated AWS account, in memory: for laptops and tests. */
@Singleton
public class Simulation {
    private static final Duration RESYNC = Duration.ofMinutes(5);
    private static final String PIPELINE = "arn:aws:lambda:eu-central-1:123456789012:function:";

    private final VirtualClock timeline = new VirtualClock(Instant.now());
    private final SimulatedAccount account;
    private final SimulatedQueue queue;
    private final ControlPlane plane;
    // A copy, because the store must not wait for the timeline's lock: whoever advances the timeline waits for the
    // store.
    private volatile Instant now = timeline.instant();

    Simulation(SlipwayConfig config) {
        SimulatedAws aws = new SimulatedAws(config.account(), config.region(), timeline, new Random());
        account = new SimulatedAccount(aws);
        queue = new SimulatedQueue(aws);
        plane = new ControlPlane(
                config.settings(),
                new MemoryStore(ControlPlane.json(), () -> now),
                queue,
                timeline,
                new Random(),
                account.cloudFormation(),
                clients(),
                new PipelineClients(account.codePipeline(), account.logs(), _ -> account.s3()),
                new SimulatedProbe(account));
        HookHandler hook = new HookHandler(plane.gate(), timeline);
        account.functions().register(config.hookFunction(), event -> answer(hook, event));
        PipelineHandler pipelines = new PipelineHandler(plane.pipelines().jobs());
        account.functions().register(PIPELINE + config.pipelineFunction(), event -> answer(pipelines, event));
        queue.consumer(plane.worker()::receive);
        aws.subscribe(event -> {
            if (EventRules.match(event)) {
                queue.send(event, Duration.ZERO);
            }
        });
        resync();
    }

    @Produces
    @Singleton
    ControlPlane plane() {
        return plane;
    }

    @Produces
    @Singleton
    final Clients clients() {
        return new Clients(
                account.ecs(),
                account.elb(),
                account.ecr(),
                account.logs(),
                account.cloudWatch(),
                account.lambda(),
                account.sns(),
                account.lookups());
    }

    /** The account, for making things go wrong in it and for looking at what it does. */
    public SimulatedAccount account() {
        return account;
    }

    /** The simulated time. */
    public Instant now() {
        return timeline.instant();
    }

    /** Has that much time pass, with all that happens in it. */
    public void advance(Duration by) {
        timeline.advance(by);
        now = timeline.instant();
    }

    /** A call of a function, as Lambda makes it: JSON in, JSON out. */
    @SuppressWarnings("unchecked")
    static String answer(RequestHandler<Map<String, Object>, ?> handler, String event) {
        ObjectMapper json = ControlPlane.json();
        try {
            return json.writeValueAsString(handler.handleRequest(json.readValue(event, Map.class), null));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void resync() {
        timeline.after(RESYNC, () -> {
            queue.send("{\"resync\":true}", Duration.ZERO);
            resync();
        });
    }
}
