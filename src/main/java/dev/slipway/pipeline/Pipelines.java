package dev.slipway.pipeline;

import dev.slipway.allowlist.AllowedConnections;
import dev.slipway.cost.Cost;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.Transaction;
import dev.slipway.pipeline.ImagePushes.PushRecord;
import dev.slipway.pipeline.PipelineWorkflow.PipelineStack;
import dev.slipway.plan.Declarations;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.service.Services;
import dev.slipway.stack.Risk;
import dev.slipway.store.Key;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Accepts what callers want of pipelines. What the executions of one that is deleted have started goes on. */
public final class Pipelines extends Declarations<PipelineId, PipelineSpec, PipelineRecord> {
    private final Environments environments;
    private final Services services;
    private final Grants grants;
    private final AwsLocation awsLocation;
    private final AllowedConnections connections;

    Pipelines(
            Base base,
            Environments environments,
            Services services,
            Grants grants,
            AwsLocation awsLocation,
            AllowedConnections connections) {
        super(base, "pipeline", PipelineSpec.class);
        this.environments = environments;
        this.services = services;
        this.grants = grants;
        this.awsLocation = awsLocation;
        this.connections = connections;
    }

    /** Pipelines by name. */
    public Page<PipelineRecord> list(int limit, @Nullable String next) {
        return base.store().list(PipelineRecord.PARTITION, "", PipelineRecord.ITEM_TYPE, false, limit, next);
    }

    /** All of them, by name. */
    public List<PipelineRecord> all() {
        return base.store().stream(PipelineRecord.PARTITION, "", PipelineRecord.ITEM_TYPE, false)
                .map(Stored::value)
                .toList();
    }

    @Override
    protected Key<PipelineRecord> key(PipelineId id) {
        return PipelineRecord.key(id);
    }

    @Override
    protected PipelineRecord created(PipelineId id, PipelineSpec spec, Instant now) {
        return PipelineRecord.created(id, spec, now);
    }

    @Override
    protected String describe(PipelineId id) {
        return "pipeline " + id.service();
    }

    @Override
    protected Admission admit(PipelineId id, PipelineSpec spec, Optional<PipelineRecord> found) {
        List<String> declared = environments.names();
        Map<String, PipelineRules.StageSnapshot> facts = new HashMap<>();
        for (String name : spec.environments()) {
            if (declared.contains(name)) {
                services.find(id.serviceIn(name)).ifPresent(service -> facts.put(name, facts(id, name, service)));
            }
        }
        List<Problem.FieldError> errors = new ArrayList<>(PipelineRules.check(
                id, spec, facts, Set.copyOf(declared), awsLocation.account(), awsLocation.region()));
        PipelineSpec.Repository repository = spec.repository();
        if (repository != null && repository.connectionArn() != null) {
            connections.refusal(repository.connectionArn()).ifPresent(errors::add);
        }
        ProblemException.throwIfAny(
                "invalid-spec", "The pipeline's spec does not fit its environments and the deployment.", errors);
        return new Admission(grants.bound(id, spec, found.map(PipelineRecord::declared)), List.of());
    }

    @Override
    protected Transaction ordered(PipelineRecord record, PipelineSpec spec, Order order, Request request, Instant now) {
        return grants.told(record.id(), spec, record.declared(), request.actor());
    }

    /** The grants of another repository, or of other stages before, are not for this one. */
    @Override
    protected Basis basis(PipelineId id, PipelineSpec spec, Optional<PipelineRecord> found) {
        return new Basis(
                null,
                Map.of(),
                List.of(),
                grants.lapsed(id, spec, found.map(PipelineRecord::declared)).stream()
                        .map(sentence -> new Risk("deploy", sentence, false))
                        .toList());
    }

    @Override
    protected Cost cost(PipelineId id, PipelineSpec spec) {
        Architecture architecture = services.find(
                        id.serviceIn(spec.environments().getFirst()))
                .map(service -> service.declared().container().architecture())
                .orElse(Architecture.X86_64);
        return PipelineCost.of(spec, architecture, awsLocation.region(), base.prices());
    }

    @Override
    protected String removes(PipelineRecord record, Deletion order) {
        List<String> running = running(record.id());
        return "It removes the stack %s, by which nothing is built or deployed any more.%s No service changes."
                .formatted(
                        record.id().stackName(),
                        running.isEmpty()
                                ? ""
                                : " No further stage begins of what is in progress (%s); the rollouts that it has started go on."
                                        .formatted(String.join(", ", running)));
    }

    private List<String> running(PipelineId id) {
        return base
                .store()
                .get(PipelineExecutions.key(id))
                .map(found -> found.value().executions())
                .orElse(List.of())
                .stream()
                .filter(execution -> execution.current().isPresent())
                .map(PipelineExecutions.Execution::id)
                .toList();
    }

    /** Environments in which something has been rolled out by it. */
    private List<String> deployed(PipelineRecord record) {
        return record.declared().environments().stream()
                .filter(environment -> {
                    ServiceId service = record.id().serviceIn(environment);
                    return base.store()
                                    .get(DeployJobs.key(service))
                                    .filter(found ->
                                            found.value().jobs().stream().anyMatch(job -> job.rollout() != null))
                                    .isPresent()
                            || base.store()
                                    .get(PushRecord.key(service))
                                    .filter(found -> found.value().last().rollout() != null)
                                    .isPresent();
                })
                .toList();
    }

    /** One that is at work, or by which something went out, is deleted by its name only. */
    @Override
    protected Transaction deleting(Stored<PipelineRecord> found, Deletion order, Request request, Instant now) {
        PipelineRecord record = found.value();
        String name = record.id().service();
        List<String> running = running(record.id());
        List<String> deployed = deployed(record);
        String past = deployed.isEmpty() ? null : "has deployed to %s.".formatted(String.join(", ", deployed));
        String why = running.isEmpty() ? past : "is at work.";
        order.requireName(name, "The pipeline " + name, why, () -> removes(record, order));
        return new Transaction().update(found, record.withDeleting(true));
    }

    private PipelineRules.StageSnapshot facts(PipelineId id, String environment, ServiceRecord service) {
        return new PipelineRules.StageSnapshot(
                waits(service.declared()),
                service.declared().container().architecture(),
                grants.find(new EnvironmentId(environment), id).isPresent(),
                PipelineStack.hasRegistry(service));
    }

    /** How long a rollout of a service may wait at most. */
    static PipelineRules.RolloutDurations waits(ServiceSpec service) {
        RolloutSettings settings = service.rollout();
        Duration before = settings.before() == null
                ? Duration.ZERO
                : Duration.ofSeconds(settings.before().timeoutSeconds());
        return new PipelineRules.RolloutDurations(
                settings.maxDuration(service.mostTasks(), service.routing().drainingSeconds())
                        .minus(settings.totalBakeTime())
                        .minus(settings.totalApprovalTimeout())
                        .minus(settings.doubtTimeout())
                        .plus(before),
                settings.totalApprovalTimeout().plus(settings.doubtTimeout()).plus(settings.taskApprovalTimeout()),
                settings.totalBakeTime());
    }

    /** What a pipeline's spec must keep towards the environments that it deploys to. */
    public static final class PipelineRules {
        /**
         * CodePipeline fails an action after 24 hours whatever it waits for; the hour is for builds of tasks, health checks and
         * our own looks. Source: CodePipeline's quotas, "action timeout", and its Lambda action.
         */
        public static final Duration MAX_ROLLOUT_DURATION = Duration.ofHours(23);

        /** Where CodeBuild and repository connections both exist; the same as {@code pipeline-regions.txt} of the tests. */
        static final Set<String> REGIONS = Set.of(
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-south-1",
                "ap-southeast-1",
                "ap-southeast-2",
                "ca-central-1",
                "eu-central-1",
                "eu-north-1",
                "eu-south-1",
                "eu-west-1",
                "eu-west-2",
                "eu-west-3",
                "sa-east-1",
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2");

        private PipelineRules() {}

        /**
         * How long a rollout may wait at most, by the service's spec.
         *
         * @param other time limit of what is neither approval nor bake
         * @param approvals of all approvals together, each at its timeout
         * @param bakes of all bakes together: each canary or linear step, and the final one
         */
        public record RolloutDurations(Duration other, Duration approvals, Duration bakes) {
            public Duration total() {
                return other.plus(approvals).plus(bakes);
            }
        }

        /**
         * What is known of the service in an environment.
         *
         * @param granted whether somebody who is authorised there lets this pipeline deploy to it
         * @param ready whether its registry is there
         */
        public record StageSnapshot(
                RolloutDurations durations, Architecture architecture, boolean granted, boolean ready) {}

        /**
         * @param environments by name; an environment that does not exist, or has no such service, is missing
         * @param declared the names of the environments that exist, with the service or without
         * @param account the control plane's own, as is the region
         * @return what is wrong; empty when nothing is
         */
        public static List<FieldError> check(
                PipelineId id,
                PipelineSpec spec,
                Map<String, StageSnapshot> environments,
                Set<String> declared,
                String account,
                String region) {
            List<FieldError> errors = new ArrayList<>();
            PipelineSpec.Repository repository = spec.repository();
            if (repository != null) {
                checkConnectionLocation(repository, account, region, errors);
            }
            Architecture first = null;
            for (int i = 0; i < spec.deploy().size(); i++) {
                String environment = spec.deploy().get(i).environment();
                String field = "/deploy/" + i + "/environment";
                Consumer<String> wrong = message -> errors.add(FieldError.of(field, environment, message));
                StageSnapshot facts = environments.get(environment);
                if (facts == null) {
                    wrong.accept(missing(id, environment, declared));
                    continue;
                }
                if (!facts.ready()) {
                    wrong.accept("has no registry for " + id.service()
                            + " yet: wait until the service's first apply has succeeded");
                }
                if (!facts.granted()) {
                    wrong.accept("has no grant for this pipeline: somebody who may change " + environment
                            + " has to give it: PUT /v1/environments/" + environment + "/grants/" + id.service());
                    continue; // what is declared there is not to be told to whoever asks
                }
                if (repository == null) {
                    continue; // who builds elsewhere waits for nobody, and may build twice
                }
                tooLong(facts.durations()).ifPresent(wrong);
                first = first == null ? facts.architecture() : first;
                if (facts.architecture() != first) {
                    wrong.accept("runs on another processor than "
                            + spec.deploy().getFirst().environment()
                            + ": one image is built for all; give both the same container.architecture");
                }
            }
            return errors;
        }

        /** Whether a rollout could outlast its pipeline's patience, in words. */
        public static Optional<String> tooLong(RolloutDurations durations) {
            if (durations.total().compareTo(MAX_ROLLOUT_DURATION) <= 0) {
                return Optional.empty();
            }
            return Optional.of(
                    "may take " + words(durations.total()) + " (approvals " + words(durations.approvals()) + ", bakes "
                            + words(durations.bakes()) + ", the rest " + words(durations.other())
                            + "), and CodePipeline gives up after 24 hours: at most 23 are possible in a pipeline");
        }

        private static void checkConnectionLocation(
                PipelineSpec.Repository repository, String account, String region, List<FieldError> errors) {
            if (!REGIONS.contains(region)) {
                errors.add(new FieldError(
                        "/repository",
                        null,
                        "is not possible in " + region
                                + ", where AWS has no connections to repositories; build elsewhere and"
                                + " give tagPattern, or call the API from any CI"));
            }
            @Nullable String arn = repository.connectionArn();
            if (arn != null) {
                AwsLocation location = AwsLocation.of(arn);
                if (!location.equals(new AwsLocation(account, region))) {
                    errors.add(FieldError.of(
                            "/repository/connectionArn",
                            arn,
                            "is in " + location + "; the pipeline runs in " + region + " of " + account
                                    + " and can use connections of that region and account only"));
                }
            }
        }

        private static String missing(PipelineId id, String environment, Set<String> declared) {
            return declared.contains(environment)
                    ? "has no service " + id.service()
                            + " yet: declare it first, since images are pushed to its registry"
                    : "does not exist; these do: "
                            + (declared.isEmpty()
                                    ? "none"
                                    : String.join(
                                            ", ", declared.stream().sorted().toList()));
        }

        private static String words(Duration duration) {
            long hours = duration.toHours();
            int minutes = duration.toMinutesPart();
            return (hours > 0 ? hours + " h" : "")
                    + (hours > 0 && minutes > 0 ? " " : "")
                    + (minutes > 0 || hours == 0 ? minutes + " min" : "");
        }
    }
}
