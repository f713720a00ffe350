package dev.slipway.simulation;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceRecord;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A control plane under load: many services, and as many workers as template.yaml allows, each busy for as long as its
 * calls to AWS take. Counts the calls of each simulated second.
 */
final class Load {
    /** MaximumConcurrency of the worker in template.yaml. */
    private static final int WORKERS = 5;
    /** About what a call to AWS takes from the same region. */
    private static final Duration CALL = Duration.ofMillis(40);

    private static final Duration MESSAGE = Duration.ofMillis(20);
    private static final int SERVICES_PER_ENVIRONMENT = 50;

    /** Capacity and refill a second of AWS's token buckets. */
    private static final Map<String, double[]> LIMITS = Map.of(
            "registerTaskDefinition|deregisterTaskDefinition", new double[] {20, 1},
            "describeTaskDefinition|listTaskDefinitions", new double[] {50, 20},
            "createService|updateService|deleteService", new double[] {50, 5},
            "describeServices|listServices", new double[] {100, 20},
            "describeServiceDeployments|listServiceDeployments", new double[] {50, 20},
            "describeServiceRevisions", new double[] {50, 20},
            "describeTasks|listTasks", new double[] {100, 20},
            "describe(Rules|TargetHealth|TargetGroups|Listeners|LoadBalancers|Tags)", new double[] {40, 10},
            "getMetricData", new double[] {50, 50});

    /** Which service of AWS has an operation. */
    private static final Map<String, String> SERVICES = new LinkedHashMap<>();

    static {
        SERVICES.put("describe(Rules|TargetHealth|TargetGroups|Listeners|LoadBalancers|Tags)", "load balancing");
        SERVICES.put(".*(Metric|Alarm).*", "CloudWatch");
        SERVICES.put(".*Drift.*", "CloudFormation");
        SERVICES.put(
                ".*(Stack|ChangeSet|Stacks|StackEvents|StackResources?|Template|Policy)(Paginator)?", "CloudFormation");
        SERVICES.put(".*Image.*|.*Repositor.*", "ECR");
        SERVICES.put(".*(Service|TaskDefinition|ServiceDeployment|ServiceRevision|Task)s?(Paginator)?", "ECS");
        SERVICES.put("invoke", "Lambda");
        SERVICES.put("publish", "SNS");
        SERVICES.put(".*Log.*", "CloudWatch Logs");
    }

    final World world = new World(11);
    final List<ServiceId> services = new ArrayList<>();
    /** Calls by second and operation, for example {@code Ecs.describeServices}. */
    final TreeMap<Instant, Map<String, Integer>> calls = new TreeMap<>();

    /** How long messages waited for a worker since {@link #forget}, the shortest first. */
    final List<Duration> waited = new ArrayList<>();

    private record Message(String body, Instant came) {}

    private final Deque<Message> waiting = new ArrayDeque<>();
    private int idle = WORKERS;
    private int made;

    Load(int count) {
        world.account.rawCloudWatch().alarmsRest("slipway-"); // nobody looks at them
        for (int i = 0; i < count; i++) {
            EnvironmentId environment = new EnvironmentId("e" + i / SERVICES_PER_ENVIRONMENT);
            if (i % SERVICES_PER_ENVIRONMENT == 0) {
                world.apply(
                        environment,
                        "terminationProtection: false\nnetwork: {cidr: 10.%d.0.0/16}\n"
                                .formatted(i / SERVICES_PER_ENVIRONMENT));
            }
            services.add(new ServiceId(environment.environment(), "s" + i % SERVICES_PER_ENVIRONMENT));
        }
        world.chaos.watcher = (operation, request) -> {
            made++;
            calls.computeIfAbsent(Instant.ofEpochSecond(now().getEpochSecond()), _ -> new TreeMap<>())
                    .merge(operation, 1, Integer::sum);
            return () -> {};
        };
        world.queue.consumer(body -> {
            waiting.add(new Message(body, now()));
            work();
        });
    }

    /** With services that have a release and no task, and of which nobody asks anything: enough for who looks at them all. */
    static Load idle(int count) {
        Load load = new Load(1);
        ServiceId first = load.services.getFirst();
        load.applyAll("");
        load.rollOutAll("v1");
        load.world.settle();
        ServiceRecord record = load.world.record(first);
        String definition = load.world.ecs(first).taskDefinition();
        for (int i = 1; i < count; i++) {
            EnvironmentId environment = new EnvironmentId("e" + i / SERVICES_PER_ENVIRONMENT);
            if (i % SERVICES_PER_ENVIRONMENT == 0) {
                load.world
                        .plane
                        .environments()
                        .apply(
                                environment,
                                World.environmentSpec(
                                        "network: {cidr: 10.%d.0.0/16}\n".formatted(i / SERVICES_PER_ENVIRONMENT)),
                                World.anything(),
                                World.by("ann"));
            }
            load.services.add(new ServiceId(environment.environment(), "s" + i % SERVICES_PER_ENVIRONMENT));
        }
        load.world.timeline.advance(Duration.ofHours(1));
        for (ServiceId id : load.services.subList(1, count)) {
            load.world.store.write(
                    List.of(new Write.Create<>(ServiceRecord.key(id), record.with(next -> next.id(id)))));
            load.world
                    .account
                    .ecs()
                    .createService(request -> request.cluster(id.environmentId().cluster())
                            .serviceName(id.service())
                            .taskDefinition(definition)
                            .desiredCount(0));
        }
        load.world.timeline.advance(Duration.ofHours(1));
        return load;
    }

    Instant now() {
        return world.timeline.instant();
    }

    private void work() {
        while (idle > 0 && !waiting.isEmpty()) {
            idle--;
            int before = made;
            Message message = waiting.remove();
            waited.add(Duration.between(message.came(), now()));
            world.plane.worker().receive(message.body());
            world.timeline.after(CALL.multipliedBy(made - before).plus(MESSAGE), () -> {
                idle++;
                work();
            });
        }
    }

    /** Declares every service with {@code spec}, and waits until all are there. */
    void applyAll(String spec) {
        for (int i = 0; i < services.size(); i++) {
            String yaml = "container: {port: 8000}\nrouting: {paths: [/s%d/*]}\n".formatted(i) + spec;
            world.plane
                    .services()
                    .apply(services.get(i), World.serviceSpec(yaml), new Order(null, Set.of(), null), World.by("ann"));
        }
        world.timeline.advance(Duration.ofHours(1));
    }

    /** Starts a rollout of every service, at one moment; their ids. */
    List<String> rollOutAll(String image) {
        return services.stream()
                .map(id -> world.plane
                        .rollouts()
                        .rollOut(id, World.asking(image), World.by("ann"))
                        .location())
                .map(World::idOf)
                .toList();
    }

    List<Rollout.State> states(List<String> rollouts) {
        List<Rollout.State> states = new ArrayList<>();
        for (int i = 0; i < rollouts.size(); i++) {
            states.add(world.plane
                    .rollouts()
                    .rollout(services.get(i), rollouts.get(i))
                    .state());
        }
        return states;
    }

    /**
     * How many calls of each category AWS would have refused: its token buckets are played with every call that was made.
     * <a href="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html">ECS</a>,
     * <a href="https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html">load balancing</a>.
     */
    Map<String, Integer> throttled(Instant since) {
        Map<String, Integer> refused = new TreeMap<>();
        LIMITS.forEach((operations, limit) -> {
            double tokens = limit[0];
            Instant last = since;
            for (var second : calls.tailMap(since, true).entrySet()) {
                tokens = Math.min(
                        limit[0],
                        tokens
                                + limit[1]
                                        * Duration.between(last, second.getKey())
                                                .toSeconds());
                last = second.getKey();
                for (var made : second.getValue().entrySet()) {
                    if (made.getKey().matches("(" + operations + ")(Paginator)?")) {
                        tokens -= made.getValue();
                    }
                }
                if (tokens < 0) {
                    refused.merge(operations, (int) -tokens, Integer::sum);
                    tokens = 0;
                }
            }
        });
        return refused;
    }

    /** Forgets what was counted until now. */
    void forget() {
        calls.clear();
        waited.clear();
    }

    /** How often an operation was called, and at most in a second. */
    record Calls(int all, int inASecond) {}

    Calls calls(String operation) {
        IntSummaryStatistics seconds = calls.values().stream()
                .mapToInt(made -> made.getOrDefault(operation, 0))
                .summaryStatistics();
        return new Calls((int) seconds.getSum(), Math.max(0, seconds.getMax()));
    }

    /** The most calls in a minute, by the service of AWS that took them. */
    Map<String, Integer> peaks() {
        Map<String, Map<Long, Integer>> minutes = new TreeMap<>();
        calls.forEach((second, made) -> made.forEach((operation, count) -> minutes.computeIfAbsent(
                        SERVICES.entrySet().stream()
                                .filter(service -> operation.matches(service.getKey()))
                                .map(Map.Entry::getValue)
                                .findFirst()
                                .orElseThrow(() -> new IllegalStateException(operation)),
                        _ -> new TreeMap<>())
                .merge(second.getEpochSecond() / 60, count, Integer::sum)));
        Map<String, Integer> peaks = new TreeMap<>();
        minutes.forEach((service, counts) -> peaks.put(
                service,
                counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow()));
        return peaks;
    }
}
