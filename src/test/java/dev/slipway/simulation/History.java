package dev.slipway.simulation;

import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.plan.Plan;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.ecs.model.DescribeTaskDefinitionRequest;
import software.amazon.awssdk.services.ecs.model.InvalidParameterException;
import software.amazon.awssdk.services.ecs.model.ListTaskDefinitionsRequest;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.Tag;
import software.amazon.awssdk.services.ecs.model.TaskDefinitionField;
import software.amazon.awssdk.services.ecs.model.TaskDefinitionStatus;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;

/** One history from a seed: users and AWS do what they like to one to three services; then all comes to rest. */
final class History {
    private static final String ENVIRONMENT =
            "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\ntags: {owner: o%d}\n";
    private static final List<String> FAILING =
            List.of("EcsService", "LogGroup", "ProductionRule", "TargetGroupA", "TestRule", "Repository");

    private static final Duration LOOKING = Duration.ofSeconds(5);

    /** What a user wants of a service, changed step by step. */
    private static final class Desired {
        int port = 8000;
        int count = 2;
        int grace = 60;
        int retention = 30;
        int healthSeconds = 5;
        int mode;
        int tag;
        String path;

        Desired(String path) {
            this.path = path;
        }

        String yaml() {
            return """
                    container: {port: %d, environment: {MODE: m%d}}
                    count: %d
                    gracePeriodSeconds: %d
                    logs: {retentionDays: %d}
                    routing: {paths: [%s], healthCheck: {intervalSeconds: %d, timeoutSeconds: 3}}
                    tags: {team: t%d}
                    """.formatted(port, mode, count, grace, retention, path, healthSeconds, tag);
        }
    }

    final List<String> story = new ArrayList<>();
    final World world;
    private final Random random;
    /** Of its own, so that a history without mends is the one that it was. */
    private final Random mends;

    private final Monitor monitor;
    private final List<ServiceId> services = new ArrayList<>();
    private final Map<ServiceId, Desired> desired = new HashMap<>();
    private final Map<String, String> plans = new HashMap<>();
    private final Set<ServiceId> consoled = new HashSet<>();
    /** Once a deletion was asked for, the next apply finishes it before it creates the service anew. */
    private final Set<ServiceId> deleted = new HashSet<>();

    private final Set<ServiceId> foreign = new HashSet<>();
    private final List<String> poison = new ArrayList<>();
    private Instant nextLook = Instant.MIN;
    private int owner;
    private int failNexts;
    private int versions;
    private int keys;

    History(long seed) {
        this.random = new Random(seed);
        this.mends = new Random(seed + 1);
        this.world = new World(seed);
        world.account.rawCloudWatch().alarmsRest("slipway-"); // nobody looks at them
        this.monitor = new Monitor(world);
        world.chaos.watcher = monitor;
        world.chaos.staleness(seed + 3);
        world.chaos.hardships(seed + 4);
        world.work();
        int number = List.of(1, 1, 1, 2, 2, 3).get(random.nextInt(6));
        for (String name : List.of("web", "api", "jobs").subList(0, number)) {
            ServiceId id = new ServiceId("dev", name);
            services.add(id);
            desired.put(id, new Desired("/" + name + "/*"));
        }
    }

    private void applyEnvironment(String what) {
        attempt(
                what,
                () -> world.plane
                        .environments()
                        .apply(
                                World.DEV,
                                World.environmentSpec(ENVIRONMENT.formatted(owner)),
                                World.anything(),
                                World.by("ann")));
    }

    void run() {
        world.chaos.on = random.nextInt(4) == 0;
        while (!isReady()) {
            applyEnvironment("apply dev");
            settle();
        }
        world.chaos.on = false;
        if (random.nextInt(4) > 0) {
            begin(services.getFirst());
        }
        world.chaos.on = random.nextInt(10) > 0;
        int actions = 6 + random.nextInt(random.nextInt(4) == 0 ? 10 : 3);
        for (int i = 0; i < actions; i++) {
            if (random.nextInt(3) == 0) {
                settle();
                atRest();
            } else {
                advance(Duration.ofSeconds(random.nextInt(random.nextBoolean() ? 60 : 1200)));
            }
            monitor.weigh(services);
            act(services.get(random.nextInt(services.size())));
            if (mends.nextInt(12) == 0) {
                mend(services.get(mends.nextInt(services.size())));
            }
        }
        world.chaos.on = false;
        settle();
        advance(Duration.ofHours(1)); // messages that were to come again have come
        atRest();
        fixes(services.get(random.nextInt(services.size())));
        atRest();
        must(
                new HashSet<>(world.queue.bodiesOfDead()).equals(new HashSet<>(poison)),
                "dead letters: " + world.queue.bodiesOfDead());
    }

    private boolean isReady() {
        return world.plane
                .environments()
                .find(World.DEV)
                .filter(found -> !found.outputs().isEmpty())
                .isPresent();
    }

    private void begin(ServiceId id) {
        attempt("apply " + id.key(), () -> apply(id));
        settle();
        attempt("roll out v0", () -> world.plane.rollouts().rollOut(id, World.asking("v0"), World.by("ann")));
        settle();
        atRest();
    }

    private Accepted apply(ServiceId id) {
        return world.plane
                .services()
                .apply(id, World.serviceSpec(desired.get(id).yaml()), World.anything(), World.by("ann"));
    }

    private void act(ServiceId id) {
        switch (random.nextInt(29)) {
            case 0, 1, 2, 3, 4, 5 -> {
                change(desired.get(id));
                attempt("apply %s %s".formatted(id.key(), desired.get(id).yaml().replace('\n', ' ')), () -> apply(id));
            }
            case 6, 7, 8, 9, 10 -> rollOut(id);
            case 11, 12 -> {
                Integer number = random.nextBoolean() ? null : 1 + random.nextInt(4);
                if (!releases(id).stream().allMatch(release -> isGood(release.tag()))) {
                    monitor.mayBreak(id);
                }
                attempt(
                        "roll back %s to %s".formatted(id.key(), number),
                        () -> world.plane.rollouts().rollBack(id, number, null, null, World.by("bob")));
            }
            case 13, 14 -> cancel(id);
            case 15 -> plan(id);
            case 16, 17 -> applyPlan(id);
            case 18 -> scale(id);
            case 19 -> console(id);
            case 20 -> updateStackByHand(id);
            case 21 -> {
                if (random.nextInt(3) == 0) {
                    monitor.mayBreak(id);
                    deleted.add(id);
                    consoled.add(id); // a deletion that fails may leave a stack without an ECS service
                    attempt(
                            "delete " + id.key(),
                            () -> world.plane
                                    .services()
                                    .delete(id, new Deletion(null, Set.of(), id.service()), World.by("ann")));
                }
            }
            case 22, 23 -> fail(id);
            case 24 -> refused(id);
            case 25 -> deregister(id);
            case 26 -> {
                owner++;
                applyEnvironment("apply dev with another tag");
            }
            case 27 -> deleteBeneath(id);
            default -> {
                String message = random.nextBoolean()
                        ? "{not json %d".formatted(keys++)
                        : "{\"target\": \"dev/NO %d\"}".formatted(keys++);
                poison.add(message);
                story("poison " + message);
                world.queue.send(message, Duration.ZERO);
            }
        }
    }

    private void change(Desired wanted) {
        switch (random.nextInt(9)) {
            case 0 -> wanted.retention = List.of(1, 3, 7, 14, 30).get(random.nextInt(5));
            case 1 -> wanted.grace = 30 + random.nextInt(60);
            case 2 -> wanted.healthSeconds = 5 + random.nextInt(5);
            case 3 -> wanted.count = 1 + random.nextInt(4);
            case 4 -> wanted.path = "/p%d/*".formatted(random.nextInt(4));
            case 5 -> wanted.mode++;
            case 6 -> wanted.port = 8000 + random.nextInt(3);
            case 7 -> wanted.tag++;
            default -> {
                wanted.grace = 30 + random.nextInt(60);
                wanted.mode++;
                wanted.count = 1 + random.nextInt(4);
            }
        }
    }

    private void rollOut(ServiceId id) {
        String behaviour = List.of("", "", "", "", "-crash", "-crash-after-30s", "-never-healthy", "-missing")
                .get(random.nextInt(8));
        String image = "v" + (random.nextInt(6) == 0 ? versions : ++versions) + behaviour;
        if (behaviour.equals("-crash-after-30s")) {
            monitor.mayBreak(id);
        }
        String key = random.nextInt(3) == 0 ? "key-" + keys++ : null;
        Request request = new Request("ann", key, id.key() + image);
        Supplier<Accepted> send = () -> world.plane.rollouts().rollOut(id, World.asking(image), request);
        Optional<String> first = attempt("roll out %s of %s".formatted(image, id.key()), send);
        if (key != null) {
            Optional<String> second = attempt("the same again", send);
            must(
                    first.isEmpty() || second.isEmpty() || first.equals(second),
                    "one request, two answers: %s and %s".formatted(first, second));
        }
    }

    private void cancel(ServiceId id) {
        world.plane
                .operations()
                .findRunning(id)
                .map(Operation::rollout)
                .ifPresent(rollout -> attempt(
                        "cancel " + rollout, () -> world.plane.rollouts().cancel(id, rollout, World.by("eve"))));
    }

    private void plan(ServiceId id) {
        Desired wanted = desired.get(id);
        change(wanted);
        attempt(
                        "plan %s %s".formatted(id.key(), wanted.yaml().replace('\n', ' ')),
                        () -> world.plane.services().plan(id, World.serviceSpec(wanted.yaml()), World.by("ann")))
                .ifPresent(location -> plans.put(id.key(), World.idOf(location)));
    }

    private void applyPlan(ServiceId id) {
        if (!plans.containsKey(id.key())) {
            plan(id);
            settle();
        }
        String plan = plans.remove(id.key());
        if (plan != null) {
            attempt(
                    "apply plan " + plan,
                    () -> world.plane.services().applyPlan(id, plan, Set.of(), null, World.by("ann")));
        }
    }

    private void scale(ServiceId id) {
        monitor.active(id).ifPresent(service -> {
            int count = 1 + random.nextInt(5);
            story("scale %s to %d by hand".formatted(id.key(), count));
            monitor.scaledByHand(id, count);
            byHand(() -> world.scaleByHand(id, count));
        });
    }

    /** Somebody deploys an earlier release outside Slipway. */
    private void console(ServiceId id) {
        List<Release> good = releases(id).stream()
                .filter(release -> isGood(release.tag()) && release.container().port() == livePort(id))
                .filter(this::isActive)
                .toList();
        if (good.isEmpty() || monitor.active(id).isEmpty()) {
            return;
        }
        Release release = good.get(random.nextInt(good.size()));
        story("deploy release %d of %s outside Slipway".formatted(release.number(), id.key()));
        consoled.add(id);
        monitor.mayBreak(id);
        monitor.deployedByHand(
                id,
                () -> byHand(() -> world.account
                        .ecs()
                        .updateService(UpdateServiceRequest.builder()
                                .cluster(id.environmentId().cluster())
                                .service(id.service())
                                .taskDefinition(release.taskDefinition())
                                .build())));
    }

    /** ECS refuses to change a service whose target groups no rule forwards to any more. */
    /** Somebody changes the retention of the logs in the console, and another has that put back, at rest or not. */
    private void mend(ServiceId id) {
        story("change the retention of the logs of %s by hand".formatted(id.key()));
        byHand(() -> world.account
                .logs()
                .putRetentionPolicy(
                        request -> request.logGroupName(id.logGroup()).retentionInDays(5)));
        attempt("compare " + id.key(), () -> world.plane.drifts().detect(id, World.by("ann")));
        advance(Duration.ofSeconds(mends.nextInt(180)));
        attempt("mend " + id.key(), () -> {
            Instant seen = world.plane.drifts().get(id).checkedAt();
            return world.plane.drifts().mend(id, seen == null ? world.timeline.instant() : seen, null, World.by("bob"));
        });
    }

    private void byHand(Runnable act) {
        try {
            act.run();
        } catch (InvalidParameterException | ResourceNotFoundException e) {
            story("  refused: " + e.getMessage());
        }
    }

    /** Somebody cleans task definitions up; not in the middle of an operation, which is told as a fault. */
    private void deregister(ServiceId id) {
        List<Release> all = releases(id);
        if (all.isEmpty() || world.plane.operations().findRunning(id).isPresent()) {
            return;
        }
        Release release = all.get(random.nextInt(all.size()));
        story("deregister release %d of %s".formatted(release.number(), id.key()));
        world.account.ecs().deregisterTaskDefinition(request -> request.taskDefinition(release.taskDefinition()));
    }

    /** Somebody deletes what belongs to the stack: nobody is served without the rule, and no task starts without the log group. */
    private void deleteBeneath(ServiceId id) {
        Map<String, String> outputs =
                world.plane.services().find(id).map(ServiceRecord::outputs).orElse(Map.of());
        String what = List.of("ProductionRule", "TestRule", "log group").get(random.nextInt(3));
        monitor.deletedByHand(id);
        try {
            if (outputs.containsKey(what)) {
                world.account.elb().deleteRule(request -> request.ruleArn(outputs.get(what)));
            } else if (what.equals("log group")) {
                world.account.logs().deleteLogGroup(request -> request.logGroupName("/slipway/" + id.key()));
            }
            story("delete the %s of %s by hand".formatted(what, id.key()));
        } catch (RuleNotFoundException | ResourceNotFoundException e) {
            story("no %s of %s to delete".formatted(what, id.key()));
        }
    }

    private boolean isActive(Release release) {
        return world.account
                        .ecs()
                        .describeTaskDefinition(request -> request.taskDefinition(release.taskDefinition()))
                        .taskDefinition()
                        .status()
                == TaskDefinitionStatus.ACTIVE;
    }

    private int livePort(ServiceId id) {
        return monitor.active(id)
                .filter(service -> !service.loadBalancers().isEmpty())
                .map(service -> service.loadBalancers().getFirst().containerPort())
                .orElse(0);
    }

    private void updateStackByHand(ServiceId id) {
        try {
            var stack = world.stack(id);
            var parameters = stack.parameters().stream()
                    .map(parameter -> parameter.parameterKey().equals("LogRetentionDays")
                            ? parameter.toBuilder().parameterValue("90").build()
                            : parameter.toBuilder()
                                    .parameterValue(null)
                                    .usePreviousValue(true)
                                    .build())
                    .toList();
            story("update the stack of %s by hand".formatted(id.key()));
            world.account
                    .cloudFormation()
                    .updateStack(request -> request.stackName(id.stackName())
                            .usePreviousTemplate(true)
                            .capabilitiesWithStrings("CAPABILITY_NAMED_IAM")
                            .parameters(parameters));
            foreign.add(id);
        } catch (CloudFormationException e) {
            story("  refused: " + e.getMessage());
        }
    }

    private void fail(ServiceId id) {
        String resource = FAILING.get(random.nextInt(FAILING.size()));
        int times = 1 + random.nextInt(2); // the second may hit the rollback of the first
        story("%s of %s fails %d times".formatted(resource, id.key(), times));
        for (int i = 0; i < times; i++) {
            failNexts++;
            world.account.stacks().failNext(id.stackName(), resource, "as the history wants it");
        }
    }

    /** What has to be refused changes nothing. */
    private void refused(ServiceId id) {
        boolean on = world.chaos.on;
        world.chaos.on = false;
        Optional<ServiceRecord> before = world.plane.services().find(id);
        int operations = operations(id).size();
        int kind = random.nextInt(3);
        Supplier<Accepted> request = () -> switch (kind) {
            case 0 ->
                world.plane
                        .services()
                        .apply(
                                id,
                                World.serviceSpec(desired.get(id).yaml()),
                                new Order(4711L, Set.of(), null),
                                World.by("ann"));
            case 1 -> world.plane.rollouts().rollOut(id, World.asking("no such image!"), World.by("ann"));
            default ->
                world.plane
                        .environments()
                        .apply(
                                World.DEV,
                                World.environmentSpec(
                                        ENVIRONMENT.formatted(owner).replace("172.17", "172.18")),
                                World.anything(),
                                World.by("ann"));
        };
        must(attempt("wrong request " + kind, request).isEmpty(), "a wrong request was accepted");
        must(before.equals(world.plane.services().find(id)), "a refused request changed " + id.key());
        must(operations == operations(id).size(), "a refused request left an operation at " + id.key());
        world.chaos.on = on;
    }

    /** The location, when it was accepted. */
    private Optional<String> attempt(String what, Supplier<Accepted> request) {
        try {
            String location = world.chaos.requesting(request).location();
            story("%s → %s".formatted(what, location));
            return Optional.of(location);
        } catch (ProblemException e) {
            story("%s → %d %s".formatted(what, e.status(), e.problem().code()));
            must(e.problem().category() != Problem.Category.INTERNAL, "refused by a fault of our own: " + e.problem());
        } catch (WriteConflictException e) {
            story("%s → conflict".formatted(what)); // the API answers 409
        } catch (RuntimeException | Crash e) {
            story("%s → %s".formatted(what, e));
            must(world.chaos.on, "%s failed: %s".formatted(what, e));
        }
        return Optional.empty();
    }

    private void advance(Duration by) {
        Instant until = world.timeline.instant().plus(by);
        while (world.timeline.next().filter(next -> !next.isAfter(until)).isPresent()) {
            step();
        }
        world.timeline.advanceTo(until);
    }

    private void step() {
        world.timeline.step();
        world.chaos.happened.merge("STEP", 1, Integer::sum);
        if (!world.timeline.instant().isBefore(nextLook)) {
            nextLook = world.timeline.instant().plus(LOOKING);
            monitor.look(services);
        }
        must(world.chaos.violations.isEmpty(), String.join("\n", world.chaos.violations));
    }

    private void settle() {
        Instant limit = world.timeline.instant().plus(Duration.ofDays(1));
        while (busy()) {
            must(world.timeline.instant().isBefore(limit), "still busy after a day");
            step();
        }
    }

    /** What waits in a queue is under way, too: it begins with a message that is on its way. */
    private boolean busy() {
        return world.plane.operations().findRunning(World.DEV).isPresent()
                || services.stream()
                        .anyMatch(id -> world.plane.operations().findRunning(id).isPresent())
                || services.stream().anyMatch(id -> rollouts(id).stream().anyMatch(Rollout::isOpen));
    }

    private void atRest() {
        monitor.look(services);
        monitor.weigh(services);
        atRest(World.DEV);
        for (ServiceId id : services) {
            atRest(id);
            Optional<ServiceRecord> record = world.plane.services().find(id);
            if (record.isEmpty()) {
                consoled.remove(id);
                deleted.remove(id);
                continue;
            }
            noTwins(id);
            follows(id, record.get());
            rollouts(id)
                    .forEach(rollout -> must(
                            !rollout.isRunning(), "%s is at rest, its rollout runs: %s".formatted(id.key(), rollout)));
            agrees(id, record.get());
        }
    }

    private void atRest(Target target) {
        for (Operation operation : operations(target)) {
            must(!operation.isRunning(), "runs without being the one under way: " + operation);
            Problem failure = operation.failure();
            must(
                    (operation.state() == Operation.State.FAILED) == (failure != null),
                    "failed without a reason, or the other way round: " + operation);
            if (failure != null) {
                must(failure.category() != Problem.Category.INTERNAL, "a fault of our own: " + operation);
                must(!failure.code().isBlank() && !failure.detail().isBlank(), "says not why: " + operation);
            }
            if (operation.plan() != null && operation.type() == Operation.Type.PLAN) {
                must(
                        world.store
                                .get(Plan.key(target, operation.plan()))
                                .filter(plan -> plan.value().state() == Plan.State.COMPUTING)
                                .isEmpty(),
                        "the operation of a plan has ended, the plan computes: " + operation);
            }
        }
    }

    /** What an environment's apply has changed has reached every service with a live release, unless it says which it has not. */
    private void follows(ServiceId id, ServiceRecord record) {
        Operation last = operations(World.DEV).stream()
                .filter(operation -> operation.type() == Operation.Type.APPLY)
                .findFirst()
                .orElseThrow();
        if (last.state() != Operation.State.SUCCEEDED || record.live() == null || deleted.contains(id)) {
            return;
        }
        String wanted =
                world.plane.environments().get(World.DEV).declared().tags().get("owner");
        List<String> present = world.stack(id).tags().stream()
                .filter(tag -> tag.key().equals("owner"))
                .map(tag -> tag.value())
                .toList();
        must(
                present.equals(List.of(wanted)),
                "%s has not followed its environment: %s and not %s".formatted(id.key(), present, wanted));
    }

    private void agrees(ServiceId id, ServiceRecord record) {
        Optional<Service> service = monitor.active(id);
        List<Rollout> rollouts = rollouts(id);
        if (!rollouts.isEmpty()
                && rollouts.getFirst().state() == Rollout.State.SUCCEEDED
                && service.isPresent()
                && service.get().deployments().size() == 1) {
            boolean ours = live(id, record)
                    .filter(release -> release.isTaskDefinition(service.get().taskDefinition()))
                    .isPresent();
            if (ours) {
                consoled.remove(id);
            }
        }
        if (consoled.contains(id)) {
            return;
        }
        if (record.live() == null) {
            // What a failed rollback of the stack has left goes with its next change.
            must(
                    service.isEmpty() || world.stack(id).stackStatus() == StackStatus.UPDATE_ROLLBACK_FAILED,
                    id.key() + " has an ECS service but no live release");
            return;
        }
        Release live = live(id, record).orElseThrow();
        must(service.isPresent(), id.key() + " has a live release but no ECS service");
        must(
                live.isTaskDefinition(service.get().taskDefinition()),
                "%s: live is release %d, %s, but ECS has %s"
                        .formatted(
                                id.key(),
                                live.number(),
                                live.taskDefinition(),
                                service.get().taskDefinition()));
        if (!deleted.contains(id) && isGood(live.tag()) && world.traffic(id).allServed()) {
            monitor.serves(id);
        }
    }

    private Optional<Release> live(ServiceId id, ServiceRecord record) {
        return Optional.ofNullable(record.live())
                .flatMap(number -> world.store.get(Release.key(id, number)))
                .map(Stored::value);
    }

    /** No content is registered twice. */
    private void noTwins(ServiceId id) {
        Set<String> contents = new HashSet<>();
        for (String arn : world.account
                .ecs()
                .listTaskDefinitions(ListTaskDefinitionsRequest.builder()
                        .familyPrefix(id.family())
                        .status("ACTIVE")
                        .build())
                .taskDefinitionArns()) {
            String content = world
                    .account
                    .ecs()
                    .describeTaskDefinition(DescribeTaskDefinitionRequest.builder()
                            .taskDefinition(arn)
                            .include(TaskDefinitionField.TAGS)
                            .build())
                    .tags()
                    .stream()
                    .filter(tag -> tag.key().equals("slipway:content"))
                    .map(Tag::value)
                    .findFirst()
                    .orElse(arn);
            must(contents.add(content), "two task definitions of the same content, one is " + arn);
        }
    }

    /** Once AWS is well, what is declared can be applied, and a good image goes live. */
    private void fixes(ServiceId id) {
        Desired wanted = desired.get(id);
        wanted.path = "/" + id.service() + "/*";
        Operation applied = null;
        for (int i = 0; i <= failNexts + 1; i++) {
            Optional<String> location = attempt("fix " + id.key(), () -> apply(id));
            must(location.isPresent(), "the last apply was refused");
            settle();
            applied = world.plane.operations().find(id, last(location.get())).orElseThrow();
            story("  " + applied.failure());
            if (applied.failure() == null || !isForStack(applied)) {
                break;
            }
            if (applied.failure().code().equals("priority-in-use")) {
                // A change of another service's path failed, and its rule has the priority that it had before.
                for (ServiceId other : services) {
                    attempt("apply what is in the way, " + other.key(), () -> apply(other));
                    settle();
                }
            }
            if (applied.failure().code().equals("already-exists")) {
                // What a failed deletion retained is in the way; deleting once more takes it along.
                attempt(
                        "delete what is left",
                        () -> world.plane
                                .services()
                                .delete(id, new Deletion(null, Set.of(), id.service()), World.by("ann")));
                settle();
            }
        }
        for (int i = 0; i <= failNexts + 1; i++) {
            Optional<String> location = attempt(
                    "fix by a rollout",
                    () -> world.plane.rollouts().rollOut(id, World.asking("v-final"), World.by("ann")));
            must(location.isPresent(), "the last rollout was refused");
            settle();
            Rollout rollout = world.plane.rollouts().rollout(id, last(location.get()));
            if (rollout.state() == Rollout.State.SUCCEEDED) {
                break;
            }
            story("  " + rollout.outcome().detail());
            must(i <= failNexts, "the last rollout failed: " + rollout);
        }
        if (random.nextInt(3) == 0) {
            attempt("apply once more", () -> apply(id));
            settle();
        }
        Operation last = operations(id).getFirst();
        must(last.failure() == null || failNexts > 0, "the last apply failed: " + last);
        must(world.traffic(id).allServed(), "not all is well in the end: " + world.traffic(id));
        consoled.remove(id);
        ServiceSpec declared = world.record(id).declared();
        if (last.failure() == null && last.type() == Operation.Type.APPLY) {
            var parameters = new HashMap<String, String>();
            world.stack(id)
                    .parameters()
                    .forEach(parameter -> parameters.put(parameter.parameterKey(), parameter.parameterValue()));
            must(
                    parameters.get("GracePeriodSeconds").equals("" + declared.gracePeriodSeconds())
                            && parameters
                                    .get("LogRetentionDays")
                                    .equals("" + declared.logs().retentionDays())
                            && parameters
                                    .get("Paths")
                                    .equals(String.join(",", declared.routing().paths())),
                    "applied, but the stack has " + parameters);
            must(
                    live(id, world.record(id)).orElseThrow().container().equals(declared.container()),
                    "applied, but the live container is another");
        }
    }

    private static boolean isForStack(Operation applied) {
        return applied.rollout() == null;
    }

    private static String last(String location) {
        return World.idOf(location);
    }

    private static boolean isGood(String tag) {
        return tag == null || !(tag.contains("crash") || tag.contains("never"));
    }

    private List<Operation> operations(Target target) {
        return world.plane.operations().list(target, 100, null).items().stream()
                .map(Stored::value)
                .toList();
    }

    private List<Rollout> rollouts(ServiceId id) {
        return world.plane.services().find(id).isEmpty()
                ? List.of()
                : world.plane.rollouts().rollouts(id, 100, null).items().stream()
                        .map(Stored::value)
                        .toList();
    }

    private List<Release> releases(ServiceId id) {
        return world.plane.services().find(id).isEmpty()
                ? List.of()
                : world.plane.rollouts().releases(id, 100, null).items().stream()
                        .map(Stored::value)
                        .toList();
    }

    private void story(String what) {
        story.add(world.timeline.instant() + " " + what);
    }

    private static void must(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
