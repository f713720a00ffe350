package dev.slipway.app;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.slipway.allowlist.Allowlists;
import dev.slipway.cost.PriceList;
import dev.slipway.diagnosis.DiagnosisReader;
import dev.slipway.dora.DeliveryQueries;
import dev.slipway.drift.DriftSweep;
import dev.slipway.drift.Drifts;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Certificates;
import dev.slipway.environment.EnvironmentWorkflow;
import dev.slipway.environment.EnvironmentWorkflow.EnvironmentStack;
import dev.slipway.environment.Environments;
import dev.slipway.environment.HostedZones;
import dev.slipway.health.DeadLetterQueue;
import dev.slipway.health.DeadLetters;
import dev.slipway.health.HealthReader;
import dev.slipway.health.ResyncClock;
import dev.slipway.health.SupportBundle;
import dev.slipway.id.PipelineId;
import dev.slipway.lambda.WorkerHandler.MessageReceiver;
import dev.slipway.ledger.LedgerQueries;
import dev.slipway.metrics.Metrics;
import dev.slipway.metrics.WorkMetrics;
import dev.slipway.notification.Notifications;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.OperationQueries;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Reconciler;
import dev.slipway.operation.WorkListener;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker;
import dev.slipway.pipeline.Grants;
import dev.slipway.pipeline.PipelineExecutions;
import dev.slipway.pipeline.PipelineJobs;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.plan.Declarations;
import dev.slipway.preflight.SecretAccess;
import dev.slipway.release.Images;
import dev.slipway.rollout.Gate;
import dev.slipway.rollout.Probe;
import dev.slipway.rollout.RolloutModule;
import dev.slipway.service.Clients;
import dev.slipway.service.Comparisons;
import dev.slipway.service.CostReports;
import dev.slipway.service.DryRun;
import dev.slipway.service.EnvironmentExpiry;
import dev.slipway.service.LateFollowers;
import dev.slipway.service.Promotions;
import dev.slipway.service.RolloutQueue;
import dev.slipway.service.Rollouts;
import dev.slipway.service.ServiceDiagnosis;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceStack;
import dev.slipway.service.ServiceWorkflow;
import dev.slipway.service.Services;
import dev.slipway.stack.StackReconciler;
import dev.slipway.status.StatusListing;
import dev.slipway.status.StatusSweep;
import dev.slipway.status.Statuses;
import dev.slipway.store.Store;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;

/**
 * Everything that answers requests and does the work, made from what differs between Lambda, a laptop and a test. Each part
 * is a bean, so that nobody else needs the whole.
 */
@Singleton
public class ControlPlane {
    private final Settings settings;
    private final PriceList prices;
    private final Operations operations;
    private final OperationQueries operationQueries;
    private final Environments environments;
    private final Services services;
    private final Rollouts rollouts;
    private final PipelineModule pipelines;
    private final DryRun dryRun;
    private final Promotions promotions;
    private final Comparisons comparisons;
    private final CostReports costs;
    private final ServiceQueries serviceQueries;
    private final StatusListing statusListing;
    private final Statuses statuses;
    private final DeliveryQueries delivery;
    private final LedgerQueries ledger;
    private final Drifts drifts;
    private final ServiceDiagnosis serviceDiagnosis;
    private final Worker worker;
    private final HealthReader health;
    private final DeadLetters deadLetters;
    private final SupportBundle supportBundle;
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
     * @param playbooksUrl address before the names of the playbooks that alarms name
     * @param kmsKeyArn the key of the deployment's own topics; empty for none
     * @param allowlists what specs may name
     */
    public record Settings(
            AwsLocation awsLocation,
            String executionRoleArn,
            String boundaryArn,
            String hookFunctionArn,
            String pipelineFunction,
            String apiUrl,
            String playbooksUrl,
            String kmsKeyArn,
            Allowlists allowlists) {}

    public ControlPlane(
            Settings settings,
            Store store,
            WorkQueue queue,
            DeadLetterQueue deadLetterQueue,
            InstantSource clock,
            RandomGenerator random,
            Acceptance.Pause pause,
            Reconciler.StartLimiter startLimiter,
            CloudFormationClient cloudFormation,
            Clients clients,
            PipelineModule.Clients pipelineClients,
            Probe probe,
            Metrics metrics) {
        ObjectMapper json = json();
        this.prices = PriceList.load();
        IdGenerator ids = new IdGenerator(clock, random);
        WorkListener listener = new WorkMetrics(metrics);
        Outbox outbox = new Outbox(store, queue, listener);
        Acceptance acceptance = new Acceptance(store, outbox, clock, pause);
        this.operations = new Operations(store);
        StackReconciler stacks =
                new StackReconciler(cloudFormation, settings.executionRoleArn(), operations::mayHaveChanged);
        Images images = new Images(clients.ecr());
        String partition = settings.boundaryArn().split(":")[1];
        SecretAccess secrets =
                new SecretAccess(clients.lookups(), settings.allowlists().secrets(), partition, settings.awsLocation());
        DiagnosisReader diagnoses =
                DiagnosisReader.inTurn(clients.ecs(), clients.elb(), clients.logs(), settings.hookFunctionArn());
        RolloutModule rolloutModule = new RolloutModule(
                new RolloutModule.Clients(
                        clients.ecs(), clients.elb(), clients.cloudWatch(), clients.lambda(), clients.lookups()),
                store,
                outbox,
                images,
                stacks,
                secrets,
                diagnoses,
                probe,
                ids,
                clock,
                settings.awsLocation().region(),
                prices.in(settings.awsLocation().region()),
                settings.hookFunctionArn());
        this.settings = settings;
        this.operationQueries = new OperationQueries(operations, stacks, clock);
        Declarations.Base base = new Declarations.Base(
                store,
                operations,
                acceptance,
                ids,
                clock,
                json,
                settings.allowlists().tags(),
                prices);
        Certificates certificates = new Certificates(clients.lookups());
        this.environments = new Environments(
                base,
                settings.awsLocation(),
                settings.allowlists().domains(),
                certificates,
                new HostedZones(clients.lookups()),
                id -> Services.liveTasks(store, id));
        Grants grants = new Grants(store, environments, acceptance, ids, clock);
        RolloutQueue rolloutQueue = new RolloutQueue(
                store,
                operations,
                rolloutModule.events(),
                ids,
                (environment, pipeline) -> grants.allow(environment, new PipelineId(pipeline)));
        this.services = new Services(base, outbox, environments, rolloutQueue, secrets, certificates);
        this.rollouts = new Rollouts(
                store, operations, services, rolloutQueue, images, rolloutModule.approvals(), acceptance, ids, clock);
        this.pipelines = new PipelineModule(
                new PipelineModule.Settings(
                        settings.awsLocation(),
                        settings.boundaryArn(),
                        settings.pipelineFunction(),
                        settings.apiUrl(),
                        settings.allowlists().connections()),
                new PipelineModule.Dependencies(
                        base, queue, environments, services, rollouts, images, stacks, clients.lookups(), grants),
                pipelineClients);
        this.dryRun =
                new DryRun(operations, services, environments, rolloutQueue, images, rolloutModule.preflight(), clock);
        this.promotions = new Promotions(store, environments, services, rollouts, dryRun, acceptance, clock, json);
        this.comparisons = new Comparisons(services, store, json);
        this.costs = new CostReports(environments, services, clients, stacks, images, prices, clock);
        this.serviceQueries = new ServiceQueries(store, operations, clients);
        Reconciler reconciler = new Reconciler(
                store,
                queue,
                listener,
                clock,
                startLimiter,
                new Reconciler.Workflows(
                        new EnvironmentWorkflow(
                                store,
                                stacks,
                                new EnvironmentStack(
                                        settings.boundaryArn(), settings.playbooksUrl(), settings.kmsKeyArn()),
                                services,
                                clients.lookups(),
                                ids,
                                json),
                        new ServiceWorkflow(
                                store,
                                stacks,
                                new ServiceStack(json, settings.hookFunctionArn(), settings.playbooksUrl()),
                                rolloutModule,
                                rolloutQueue,
                                clients,
                                ids),
                        pipelines.workflow()));
        EnvironmentExpiry expiry = new EnvironmentExpiry(store, outbox, operations, environments, services, ids, clock);
        this.statusListing = new StatusListing(store, operations, environments, services);
        this.statuses = new Statuses(
                store,
                operations,
                environments,
                services,
                clients,
                service -> pipelines.newestExecution(service).flatMap(PipelineExecutions.Execution::failure),
                clock);
        this.serviceDiagnosis = new ServiceDiagnosis(
                services,
                store,
                operations,
                stacks,
                DiagnosisReader.sideBySide(clients.ecs(), clients.elb(), clients.logs(), settings.hookFunctionArn()),
                statuses::symptoms,
                clock);
        this.delivery = new DeliveryQueries(store, environments, services, pipelines, clock);
        this.ledger = new LedgerQueries(store);
        StatusSweep statusSweep =
                new StatusSweep(store, queue, outbox, operations, environments, services, clients, ids, clock);
        this.drifts = new Drifts(
                store, queue, operations, environments, services, pipelines.pipelines(), acceptance, ids, clock, json);
        DriftSweep driftSweep = new DriftSweep(
                store,
                queue,
                outbox,
                operations,
                environments,
                services,
                pipelines.pipelines(),
                serviceQueries,
                cloudFormation,
                clients.lookups(),
                drifts,
                Stream.of("api", "worker", "hook", "pipeline")
                        .map(settings.pipelineFunction().replaceFirst("pipeline$", "")::concat)
                        .collect(Collectors.toUnmodifiableSet()),
                ids,
                clock);
        this.worker = new Worker(
                store,
                queue,
                reconciler,
                listener,
                new Notifications(store, clients.sns()),
                List.of(
                        pipelines,
                        expiry,
                        new LateFollowers(store, queue, outbox, operations, services, clock),
                        statusSweep,
                        driftSweep,
                        new ResyncClock(store, outbox, listener, clock)),
                clock,
                json);
        this.health = new HealthReader(store, operations, deadLetterQueue, clock);
        this.deadLetters = new DeadLetters(deadLetterQueue, outbox, ledger, ids, clock, json);
        this.supportBundle = new SupportBundle(
                new SupportBundle.Parts(health, deadLetters, operations, environments, statuses),
                cloudFormation,
                clients.logs(),
                new SupportBundle.Deployment(
                        settings.awsLocation(),
                        settings.apiUrl(),
                        settings.pipelineFunction(),
                        !settings.kmsKeyArn().isEmpty()),
                clock,
                json);
        this.gate = rolloutModule.gate();
    }

    /** How items and specs are written as JSON, everywhere. */
    public static ObjectMapper json() {
        return new ObjectMapper()
                .registerModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE) // where one has a default
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);
    }

    @Produces
    public AwsLocation awsLocation() {
        return settings.awsLocation();
    }

    @Produces
    public PriceList prices() {
        return prices;
    }

    @Produces
    public Operations operations() {
        return operations;
    }

    @Produces
    public OperationQueries operationQueries() {
        return operationQueries;
    }

    @Produces
    public Environments environments() {
        return environments;
    }

    @Produces
    public Services services() {
        return services;
    }

    @Produces
    public ServiceQueries serviceQueries() {
        return serviceQueries;
    }

    @Produces
    public DeliveryQueries delivery() {
        return delivery;
    }

    @Produces
    public LedgerQueries ledger() {
        return ledger;
    }

    @Produces
    public Drifts drifts() {
        return drifts;
    }

    @Produces
    public StatusListing statusListing() {
        return statusListing;
    }

    @Produces
    public Statuses statuses() {
        return statuses;
    }

    @Produces
    public ServiceDiagnosis serviceDiagnosis() {
        return serviceDiagnosis;
    }

    @Produces
    public HealthReader health() {
        return health;
    }

    @Produces
    public DeadLetters deadLetters() {
        return deadLetters;
    }

    @Produces
    public SupportBundle supportBundle() {
        return supportBundle;
    }

    @Produces
    public Rollouts rollouts() {
        return rollouts;
    }

    @Produces
    public Promotions promotions() {
        return promotions;
    }

    @Produces
    public Comparisons comparisons() {
        return comparisons;
    }

    @Produces
    public CostReports costs() {
        return costs;
    }

    /** What a rollout would meet. */
    @Produces
    public DryRun dryRun() {
        return dryRun;
    }

    @Produces
    public PipelineModule pipelines() {
        return pipelines;
    }

    /** What the hook function asks. */
    @Produces
    public Gate gate() {
        return gate;
    }

    /** What the pipeline function hands its jobs to. */
    @Produces
    public PipelineJobs jobs() {
        return pipelines.jobs();
    }

    @Produces
    public Worker worker() {
        return worker;
    }

    /** The worker counts its own failures: a look-again message is a new message, received for the first time. */
    @Produces
    public MessageReceiver messageReceiver() {
        return new MessageReceiver() {
            @Override
            public void receive(String body, int receiveCount) {
                worker.receive(body);
            }

            @Override
            public void putBack(String body) {
                worker.putBack(body);
            }
        };
    }
}
