package dev.slipway.simulation;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.allowlist.AllowedConnections;
import dev.slipway.allowlist.AllowedDomains;
import dev.slipway.allowlist.AllowedSecrets;
import dev.slipway.allowlist.AllowedTags;
import dev.slipway.allowlist.Allowlists;
import dev.slipway.app.ControlPlane;
import dev.slipway.aws.CallBudget;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.lambda.HookHandler;
import dev.slipway.lambda.PipelineHandler;
import dev.slipway.lambda.WorkerHandler;
import dev.slipway.metrics.Metrics;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Approvals;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.Clients;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.simulated.SimulatedAccount;
import dev.slipway.simulated.SimulatedProbe;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.VirtualClock;
import dev.slipway.simulated.ecs.EcsTraffic;
import dev.slipway.simulated.events.EventRules;
import dev.slipway.simulated.lambda.HookLog;
import dev.slipway.simulated.sqs.SimulatedQueue;
import dev.slipway.store.MemoryStore;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.SpecReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.applicationautoscaling.ApplicationAutoScalingClient;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.DescribeServicesRequest;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sns.SnsClient;

/** A control plane in a simulated account, at a clock that stands still until somebody advances it. */
public final class World {
    public static final AwsLocation HOME = new AwsLocation("123456789012", "eu-central-1");
    public static final EnvironmentId DEV = new EnvironmentId("dev");
    public static final ServiceId WEB = new ServiceId("dev", "web");
    public static final String HOOK = "arn:aws:lambda:eu-central-1:123456789012:function:slipway-hook:live";
    public static final String PIPELINE = "arn:aws:lambda:eu-central-1:123456789012:function:slipway-pipeline";
    private static final Allowlists ALLOWED = new Allowlists(
            new AllowedSecrets(List.of(
                    "arn:aws:ssm:eu-central-1:123456789012:parameter/{environment}/*",
                    "arn:aws:*:eu-central-1:123456789012:*shared/*")),
            new AllowedDomains(List.of("dev=Z1/dev.example.com", "dev=Z2/dev.example.com", "prod=Z1/example.com")),
            new AllowedConnections(List.of("c1")),
            new AllowedTags(List.of("*")));
    /** One world in so many has a store that writes JSON and reads it; in the others values are kept as they are. */
    private static final int REAL_STORES = 64;

    private static final int MOST_SPECS = 2000;

    private static final ObjectMapper JSON = ControlPlane.json();
    private static final SpecReader SPECS = new SpecReader();
    private static final Map<String, ServiceSpec> SERVICE_SPECS = new ConcurrentHashMap<>();
    private static final Map<String, EnvironmentSpec> ENVIRONMENT_SPECS = new ConcurrentHashMap<>();

    public final VirtualClock timeline = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    public final SimulatedAws aws;
    public final SimulatedAccount account;
    public final SimulatedQueue queue;
    public final MemoryStore store;
    public final ControlPlane plane;
    public final Chaos chaos;
    /** Where metrics go, as in a deployment that has not asked for any. */
    public Metrics metrics = Metrics.OFF;

    public World(long seed) {
        chaos = new Chaos(seed + 2, timeline);
        aws = new SimulatedAws(HOME.account(), HOME.region(), timeline, new Random(seed));
        CallBudget budget = new CallBudget(1, timeline);
        aws.onCall(budget::spend);
        account = new SimulatedAccount(aws);
        queue = new SimulatedQueue(aws);
        store = new MemoryStore(seed % REAL_STORES == 0 ? JSON : new RememberingMapper(), timeline, chaos::inFlight);
        plane = new ControlPlane(
                new ControlPlane.Settings(
                        HOME,
                        "arn:aws:iam::123456789012:role/slipway-cloudformation-eu-central-1",
                        "arn:aws:iam::123456789012:policy/slipway-boundary-eu-central-1",
                        HOOK,
                        "slipway-pipeline",
                        "https://api.example",
                        "https://slipway.dev/playbooks/",
                        "",
                        ALLOWED),
                chaos.around(store),
                chaos.around(queue),
                queue,
                chaos.clock(),
                new Random(seed + 1),
                Acceptance.Pause.NONE,
                budget::startsAt,
                chaos.around(CloudFormationClient.class, account.cloudFormation()),
                new Clients(
                        chaos.around(EcsClient.class, account.ecs()),
                        chaos.around(ElasticLoadBalancingV2Client.class, account.elb()),
                        chaos.around(EcrClient.class, account.ecr()),
                        chaos.around(CloudWatchLogsClient.class, account.logs()),
                        chaos.around(CloudWatchClient.class, account.cloudWatch()),
                        chaos.around(LambdaClient.class, account.lambda()),
                        chaos.around(SnsClient.class, account.sns()),
                        chaos.around(ApplicationAutoScalingClient.class, account.scaling()),
                        chaos.around(account.lookups())),
                new PipelineModule.Clients(
                        chaos.around(CodePipelineClient.class, account.codePipeline()),
                        chaos.around(CloudWatchLogsClient.class, account.logs())),
                new SimulatedProbe(account),
                sample -> metrics.put(sample));
        HookHandler hook = new HookHandler(plane.gate(), chaos.clock());
        account.functions()
                .register(
                        HOOK,
                        HookLog.writing(account.rawLogs(), HOOK, event -> chaos.hooking(() -> call(hook, event))));
        PipelineHandler pipelines = new PipelineHandler(plane.pipelines().jobs());
        account.functions().register(PIPELINE, event -> lambda(() -> call(pipelines, event)));
        work();
        aws.faults(chaos);
        aws.subscribe(EventRules::match, event -> queue.send(event, Duration.ZERO));
        EventRules.schedule(timeline, queue);
    }

    /** From now on the worker handles what is in the queue. */
    public void work() {
        WorkerHandler worker = new WorkerHandler(chaos.around(plane.messageReceiver()));
        queue.batches(chaos.batch(), batch -> chaos.working(batch, worker));
    }

    /** With the alarms of stacks at rest: for stories of days in which nobody looks at them. */
    public World withoutAlarms() {
        account.rawCloudWatch().alarmsRest("slipway-");
        return this;
    }

    @SuppressWarnings("unchecked")
    public static String call(RequestHandler<Map<String, Object>, ?> handler, String event) {
        try {
            return JSON.writeValueAsString(handler.handleRequest(JSON.readValue(event, Map.class), null));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A function whose process dies has failed, as Lambda sees it. */
    private String lambda(Supplier<String> function) {
        try {
            return chaos.piping(function);
        } catch (Crash e) {
            throw new IllegalStateException("crashed " + e.getMessage(), e);
        }
    }

    public static EnvironmentSpec environmentSpec(String yaml) {
        return ENVIRONMENT_SPECS.computeIfAbsent(
                yaml,
                text -> SPECS.environment(text.getBytes(StandardCharsets.UTF_8), "application/yaml", HOME)
                        .spec());
    }

    public static ServiceSpec serviceSpec(String yaml) {
        if (SERVICE_SPECS.size() > MOST_SPECS) {
            SERVICE_SPECS.clear(); // a million histories have more of them than fit
        }
        return SERVICE_SPECS.computeIfAbsent(
                yaml,
                text -> SpecFixture.service(text.getBytes(StandardCharsets.UTF_8), "application/yaml")
                        .spec());
    }

    public static PipelineSpec pipelineSpec(String yaml) {
        return SPECS.pipeline(yaml.getBytes(StandardCharsets.UTF_8), "application/yaml")
                .spec();
    }

    public static Request by(String actor) {
        return new Request(actor, null, "");
    }

    public Operation apply(EnvironmentId id, String yaml) {
        return ended(id, plane.environments().apply(id, environmentSpec(yaml), anything(), by("ann")));
    }

    public Operation apply(ServiceId id, String yaml) {
        return ended(id, plane.services().apply(id, serviceSpec(yaml), anything(), by("ann")));
    }

    /** To apply whatever a spec says, also what is weaker than the one before. */
    public static Order anything() {
        return anything(Set.of());
    }

    /** Likewise, with logical ids of what may be replaced or deleted. */
    public static Order anything(Set<String> allow) {
        return new Order(null, allow, new ControlOverride(List.of(), "as the test wants it"));
    }

    public Operation apply(PipelineId id, String yaml) {
        return ended(
                id,
                plane.pipelines()
                        .pipelines()
                        .apply(id, pipelineSpec(yaml), new Order(null, Set.of(), null), by("ann")));
    }

    /** The image as the spec says, unless something is under way. */
    public static RolloutRequest asking(String image) {
        return new RolloutRequest(image, null, null, RolloutRequest.ConcurrencyPolicy.REJECT, null);
    }

    /** The id at the end of the location of what was accepted. */
    public static String idOf(String location) {
        return location.substring(location.lastIndexOf('/') + 1);
    }

    /** The id of a rollout that has begun. */
    public String started(ServiceId id, String image) {
        return plane.rollouts().rollOut(id, World.asking(image), by("ann")).id();
    }

    /** To its end; a first release is approved by somebody else where it has to be, unless a task is asked for as well. */
    public Rollout rollOut(ServiceId id, String image) {
        ServiceRecord record = record(id);
        String location =
                plane.rollouts().rollOut(id, World.asking(image), by("ann")).location();
        if (record.live() == null
                && record.declared().rollout().isApproved()
                && record.declared().rollout().before() == null) {
            answerWhenAsked(id, idOf(location), true, "eve");
        }
        return rolledOut(id, location);
    }

    /** What a rollout asks people, answered as by somebody who has just looked. */
    public Accepted answer(ServiceId id, String rollout, boolean yes, @Nullable String reason, String who) {
        Rollout seen = store.get(Rollout.key(id, rollout)).orElseThrow().value();
        double percent = store.get(GateRecord.key(id, rollout))
                .flatMap(gate -> gate.value().awaitingApproval())
                .map(asking -> asking.approves(seen.settings()))
                .orElse(100.0);
        Integer release = seen.release();
        return plane.rollouts()
                .answer(
                        id,
                        rollout,
                        new Approvals.Answer(yes, release == null ? 0 : release, percent, reason),
                        by(who));
    }

    /** The same, once it asks. */
    public Accepted answerWhenAsked(ServiceId id, String rollout, boolean yes, String who) {
        for (int i = 0; i < 10_000; i++) {
            if (plane.rollouts()
                    .gate(plane.rollouts().rollout(id, rollout))
                    .flatMap(gate -> gate.awaitingApproval())
                    .isPresent()) {
                return answer(id, rollout, yes, "because", who);
            }
            timeline.step();
        }
        throw new AssertionError("asks nobody");
    }

    /** @param number of the release; null for the one before */
    public Rollout rollBack(ServiceId id, @Nullable Integer number) {
        return rolledOut(
                id, plane.rollouts().rollBack(id, number, null, null, by("ann")).location());
    }

    public Rollout rolledOut(ServiceId id, String location) {
        settle();
        return plane.rollouts().rollout(id, idOf(location));
    }

    public Operation ended(Target target, Accepted accepted) {
        settle();
        String id = accepted.id();
        return plane.operations().find(target, id).orElseThrow();
    }

    /** Advances time until no operation is under way; fails after a simulated day. */
    public void settle() {
        Instant limit = timeline.instant().plus(Duration.ofDays(1));
        while (busy()) {
            if (timeline.instant().isAfter(limit)) {
                throw new AssertionError("still busy after a day: " + store);
            }
            timeline.step();
        }
    }

    private boolean busy() {
        return plane.pipelines().pipelines().list(100, null).items().stream()
                        .anyMatch(found -> plane.operations()
                                .findRunning(found.value().id())
                                .isPresent())
                || plane.environments().names().stream().anyMatch(name -> {
                    EnvironmentId id = new EnvironmentId(name);
                    return plane.operations().findRunning(id).isPresent()
                            || plane.services().list(id, 100, null).items().stream()
                                    .anyMatch(found -> plane.operations()
                                            .findRunning(found.value().id())
                                            .isPresent());
                });
    }

    public ServiceRecord record(ServiceId id) {
        return plane.services().get(id);
    }

    /** A target's stack, as CloudFormation describes it. */
    public Stack stack(Target target) {
        return account.cloudFormation()
                .describeStacks(request -> request.stackName(target.stackName()))
                .stacks()
                .getFirst();
    }

    /** The value of a parameter of a target's stack. */
    public String parameter(Target target, String name) {
        return stack(target).parameters().stream()
                .filter(found -> found.parameterKey().equals(name))
                .map(found -> found.parameterValue())
                .findFirst()
                .orElseThrow();
    }

    /** Physical ids of what a stack has, and does not delete, by logical ids. */
    public Map<String, String> resources(Target target) {
        Map<String, String> resources = new TreeMap<>();
        account
                .cloudFormation()
                .describeStackResources(request -> request.stackName(target.stackName()))
                .stackResources()
                .stream()
                .filter(resource -> !resource.resourceStatusAsString().startsWith("DELETE"))
                .forEach(resource -> resources.put(resource.logicalResourceId(), resource.physicalResourceId()));
        return resources;
    }

    public EcsTraffic traffic(ServiceId id) {
        return account.traffic(String.valueOf(record(id).outputs().get("ProductionRule")));
    }

    public Service ecs(ServiceId id) {
        return account.ecs()
                .describeServices(DescribeServicesRequest.builder()
                        .cluster(id.environmentId().cluster())
                        .services(id.service())
                        .build())
                .services()
                .getFirst();
    }

    /**
     * In the console: the present settings with a task definition that is none of ours.
     *
     * @param like whose containers it has
     * @return its ARN
     */
    public String deployByHand(ServiceId id, String like) {
        var present = account.ecs()
                .describeTaskDefinition(request -> request.taskDefinition(like))
                .taskDefinition();
        String own = account.ecs()
                .registerTaskDefinition(request -> request.family("by-hand")
                        .containerDefinitions(present.containerDefinitions())
                        .networkMode(present.networkMode())
                        .requiresCompatibilities(present.requiresCompatibilities())
                        .cpu(present.cpu())
                        .memory(present.memory())
                        .executionRoleArn(present.executionRoleArn())
                        .taskRoleArn(present.taskRoleArn())
                        .runtimePlatform(present.runtimePlatform()))
                .taskDefinition()
                .taskDefinitionArn();
        account.ecs()
                .updateService(request -> request.cluster(id.environmentId().cluster())
                        .service(id.service())
                        .taskDefinition(own));
        return own;
    }

    public void scaleByHand(ServiceId id, int count) {
        account.ecs()
                .updateService(UpdateServiceRequest.builder()
                        .cluster(id.environmentId().cluster())
                        .service(id.service())
                        .desiredCount(count)
                        .build());
    }

    public Map<String, Integer> calls() {
        return aws.calls();
    }

    /** What the API asks of a service. */
    public ServiceQueries queries() {
        return new ServiceQueries(
                store,
                plane.operations(),
                new Clients(
                        account.ecs(),
                        account.elb(),
                        account.ecr(),
                        account.logs(),
                        account.cloudWatch(),
                        account.lambda(),
                        account.sns(),
                        account.scaling(),
                        account.lookups()));
    }

    /** A field of a JSON text. */
    public static String text(String json, String field) {
        try {
            return ControlPlane.json().readTree(json).path(field).asText();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    public static JsonNode json(Object value) {
        return JSON.valueToTree(value);
    }
}
