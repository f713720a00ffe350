package dev.slipway.app;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentStack;
import dev.slipway.environment.EnvironmentWorkflow;
import dev.slipway.environment.Environments;
import dev.slipway.id.Target;
import dev.slipway.notification.Notifications;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Reconciler;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker;
import dev.slipway.pipeline.PipelineClients;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.release.Images;
import dev.slipway.rollout.Gate;
import dev.slipway.rollout.Probe;
import dev.slipway.rollout.RolloutModule;
import dev.slipway.service.Clients;
import dev.slipway.service.DryRun;
import dev.slipway.service.Promotions;
import dev.slipway.service.RolloutQueue;
import dev.slipway.service.Rollouts;
import dev.slipway.service.ServiceStack;
import dev.slipway.service.ServiceWorkflow;
import dev.slipway.service.Services;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;

/** Everything that answers requests and does the work, made from what differs between Lambda, a laptop and a test. */
public final class ControlPlane {
    private final Store store;
    private final InstantSource clock;
    private final StackReconciler stacks;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final Rollouts rollouts;
    private final PipelineModule pipelines;
    private final DryRun dryRun;
    private final Promotions promotions;
    private final Worker worker;
    private final Gate gate;

    /**
     * What the deployment says.
     *
     * @param awsLocation account and region it runs in
     * @param executionRoleArn the role that CloudFormation acts with
     * @param boundaryArn the permission boundary of every role that the stacks make
     * @param hookFunctionArn the function that ECS asks whether a deployment may go on
     * @param pipelineFunction name of the function that deploy actions of CodePipeline call
     * @param apiUrl where the API is; empty where no links are written
     */
    public record Settings(
            AwsLocation awsLocation,
            String executionRoleArn,
            String boundaryArn,
            String hookFunctionArn,
            String pipelineFunction,
            String apiUrl) {}

    public ControlPlane(
            Settings settings,
            Store store,
            WorkQueue queue,
            InstantSource clock,
            RandomGenerator random,
            CloudFormationClient cloudFormation,
            Clients clients,
            PipelineClients pipelineClients,
            Probe probe) {
        ObjectMapper json = json();
        IdGenerator ids = new IdGenerator(clock, random);
        this.stacks = new StackReconciler(cloudFormation, settings.executionRoleArn());
        Images images = new Images(clients.ecr());
        RolloutModule parts = new RolloutModule(
                new RolloutModule.Clients(
                        clients.ecs(), clients.elb(), clients.cloudWatch(), clients.lambda(), clients.lookups()),
                store,
                queue,
                images,
                stacks,
                probe,
                ids,
                clock,
                settings.awsLocation().region(),
                settings.hookFunctionArn());
        this.store = store;
        this.clock = clock;
        this.operations = new Operations(store, queue);
        this.environments = new Environments(store, operations, ids, clock, settings.awsLocation(), json);
        RolloutQueue waiting = new RolloutQueue(store, operations, parts.events(), ids);
        this.services = new Services(store, operations, environments, waiting, ids, clock, json);
        this.rollouts = new Rollouts(store, operations, services, waiting, images, parts, ids, clock);
        this.pipelines = new PipelineModule(
                new PipelineModule.Settings(
                        settings.awsLocation(), settings.boundaryArn(), settings.pipelineFunction(), settings.apiUrl()),
                new PipelineModule.Dependencies(
                        store,
                        queue,
                        operations,
                        environments,
                        services,
                        rollouts,
                        images,
                        stacks,
                        clients.lookups(),
                        ids,
                        clock,
                        json),
                pipelineClients);
        this.promotions = new Promotions(store, services, rollouts, clock, json);
        this.dryRun = new DryRun(operations, services, environments, images, parts.preflight(), clock);
        Reconciler reconciler = new Reconciler(
                store,
                queue,
                clock,
                new Reconciler.Workflows(
                        new EnvironmentWorkflow(
                                store,
                                stacks,
                                new EnvironmentStack(settings.boundaryArn(), json),
                                services::reapply,
                                ids),
                        new ServiceWorkflow(
                                store,
                                stacks,
                                new ServiceStack(json, settings.hookFunctionArn()),
                                parts,
                                waiting,
                                clients,
                                ids),
                        pipelines.workflow()));
        this.worker =
                new Worker(store, queue, reconciler, new Notifications(store, clients.sns()), pipelines, clock, json);
        this.gate = parts.gate();
    }

    /** How items and specs are written as JSON, everywhere. */
    public static ObjectMapper json() {
        return new ObjectMapper()
                .registerModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);
    }

    public InstantSource clock() {
        return clock;
    }

    public Store store() {
        return store;
    }

    public Operations operations() {
        return operations;
    }

    /** An operation as it stands by now: with what CloudFormation has done since the worker's last look. */
    public Optional<Operation> operation(Target target, String id) {
        return operations.find(target, id).map(found -> {
            Progress progress = found.progress();
            return found.isRunning() && progress != null
                    ? found.withProgress(
                            stacks.refreshProgress(progress, target.stackName(), found.id(), clock.instant()))
                    : found;
        });
    }

    public Environments environments() {
        return environments;
    }

    public Services services() {
        return services;
    }

    public Rollouts rollouts() {
        return rollouts;
    }

    public PipelineModule pipelines() {
        return pipelines;
    }

    public Promotions promotions() {
        return promotions;
    }

    /** What a rollout would meet. */
    public DryRun dryRun() {
        return dryRun;
    }

    /** What the hook function asks. */
    public Gate gate() {
        return gate;
    }

    public Worker worker() {
        return worker;
    }
}
