package dev.slipway.simulated;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.app.ControlPlane;
import dev.slipway.app.SlipwayConfig;
import dev.slipway.aws.CallBudget;
import dev.slipway.health.DeadLetterQueue;
import dev.slipway.lambda.HookHandler;
import dev.slipway.lambda.PipelineHandler;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Reconciler;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker;
import dev.slipway.pipeline.PipelineJobs;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.rollout.Gate;
import dev.slipway.rollout.Probe;
import dev.slipway.service.Clients;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import dev.slipway.simulated.events.EventRules;
import dev.slipway.simulated.lambda.HookLog;
import dev.slipway.simulated.sqs.SimulatedQueue;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;

/** A simulated AWS account in memory, and the product on it in place of AWS: for laptops and tests. */
@Alternative
@Priority(1)
@Singleton
public class Simulation {
    private static final String PIPELINE = "arn:aws:lambda:eu-central-1:123456789012:function:";

    private final VirtualClock timeline = new VirtualClock(Instant.now());
    private final SimulatedAccount account;
    private final SimulatedQueue queue;
    private final CallBudget budget;
    private final Store store = new MemoryStore(ControlPlane.json(), timeline);

    Simulation(SlipwayConfig config) {
        SimulatedAws aws = new SimulatedAws(config.account(), config.region(), timeline, new Random());
        account = new SimulatedAccount(aws);
        budget = new CallBudget(1, timeline);
        aws.onCall(budget::spend);
        queue = new SimulatedQueue(aws);
        aws.subscribe(EventRules::match, event -> queue.send(event, Duration.ZERO));
    }

    /** What the account calls: the functions, and the worker at the end of the queue. */
    void connect(
            @Observes @Priority(1) StartupEvent event,
            SlipwayConfig config,
            Gate gate,
            PipelineJobs jobs,
            Worker worker) {
        HookHandler hook = new HookHandler(gate, timeline);
        account.functions()
                .register(
                        config.hookFunction(),
                        HookLog.writing(account.rawLogs(), config.hookFunction(), call -> answer(hook, call)));
        PipelineHandler pipelines = new PipelineHandler(jobs);
        account.functions().register(PIPELINE + config.pipelineFunction(), call -> answer(pipelines, call));
        queue.consumer(worker::receive);
        EventRules.schedule(timeline, queue);
        account.scanned();
    }

    @Produces
    Store store() {
        return store;
    }

    @Produces
    WorkQueue queue() {
        return queue;
    }

    @Produces
    DeadLetterQueue deadLetterQueue() {
        return queue;
    }

    @Produces
    InstantSource clock() {
        return timeline;
    }

    @Produces
    RandomGenerator random() {
        return new Random();
    }

    @Produces
    Acceptance.Pause pause() {
        return Acceptance.Pause.NONE;
    }

    @Produces
    Reconciler.StartLimiter startLimiter() {
        return budget::startsAt;
    }

    @Produces
    Probe probe() {
        return new SimulatedProbe(account);
    }

    @Produces
    CloudFormationClient cloudFormation() {
        return account.cloudFormation();
    }

    @Produces
    PipelineModule.Clients pipelineClients() {
        return new PipelineModule.Clients(account.codePipeline(), account.logs());
    }

    @Produces
    Clients clients() {
        return new Clients(
                account.ecs(),
                account.elb(),
                account.ecr(),
                account.logs(),
                account.cloudWatch(),
                account.lambda(),
                account.sns(),
                account.scaling(),
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
}
