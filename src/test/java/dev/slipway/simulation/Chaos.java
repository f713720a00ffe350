package dev.slipway.simulation;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.slipway.aws.AwsLookups;
import dev.slipway.deploy.Rights;
import dev.slipway.lambda.TestContext;
import dev.slipway.lambda.WorkerHandler;
import dev.slipway.lambda.WorkerHandler.MessageReceiver;
import dev.slipway.operation.WorkQueue;
import dev.slipway.simulated.aws.Faults;
import dev.slipway.simulated.aws.SimulatedErrors;
import dev.slipway.simulated.aws.VirtualClock;
import dev.slipway.simulated.sqs.SimulatedQueue.Received;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.ecr.model.BatchGetImageResponse;
import software.amazon.awssdk.services.ecs.model.DescribeServiceDeploymentsResponse;

/**
 * What goes wrong around the control plane, drawn from a seed: calls fail before or after their effect, alone or in
 * bursts; events and messages are lost, doubled or late; a process dies before or after any call or write; and while one
 * pass or request waits for an answer, time goes on and others run. Only calls of the control plane are hit, never those
 * of a test, and nothing at all is until {@link #on}.
 */
public final class Chaos implements Faults {
    /** Less than an invocation may last, so less than a lease. */
    private static final Duration MOST_STALLING = Duration.ofSeconds(100);
    /** As often may handling a message fail in a row; SQS gives up after five times. */
    private static final int MOST_FAILURES = 3;

    private static final Pattern READS = Pattern.compile("describe|list|get|batchGet");

    /**
     * Whose reads may show what was: ECS's guide says so, the others' promise nothing else. What AWS calls strongly consistent
     * (S3, consistent reads of DynamoDB) always shows what is.
     */
    private static final List<String> EVENTUALLY_CONSISTENT =
            List.of("Ecs", "CloudFormation", "ElasticLoadBalancingV2", "Ecr", "CodePipeline", "ApplicationAutoScaling");

    /** Messages of looks that keep no lease. */
    private static final Pattern BESIDE = Pattern.compile("\"(drift|dailyDrift|status)\"");

    /** So long a fault may hold up what comes after it: passes wait half a minute after an error, at the most. */
    private static final Duration WAITED_OUT = Duration.ofMinutes(2);
    /** A pass that dies leaves its lease, and its message comes again by SQS or by the resync. */
    private static final Duration AFTER_A_CRASH = Duration.ofMinutes(15);
    /** As in template.yaml: then Lambda ends the worker, whatever it is at. */
    private static final Duration INVOCATION = Duration.ofSeconds(120);
    /** As in template.yaml. */
    private static final int MOST_IN_BATCH = 5;
    /** Three attempts of eight seconds, and what lies between them. */
    private static final Duration GIVEN_UP = Duration.ofSeconds(25);
    /** So long the account's quota may let ECS start no task. */
    private static final Duration QUOTA_REACHED = Duration.ofMinutes(15);
    /** So long a service of AWS, or the table, may refuse nearly everything. */
    static final Duration STORM = Duration.ofMinutes(30);

    /** Random numbers of seeds that follow each other begin alike. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /** So long a role, or a policy of the organisation, may forbid calls that it allows again. */
    private static final Duration DENIED = Duration.ofSeconds(150);

    private static final String TABLE = "Table";
    private static final List<String> STORMY =
            List.of("Ecs", "CloudFormation", "ElasticLoadBalancingV2", "Ecr", "CloudWatch", "CodePipeline", TABLE);

    private static final Set<String> STOPPED_BY = Set.of("Ecs", TABLE);

    private static final List<String> DENIABLE = STORMY.subList(0, STORMY.indexOf(TABLE));

    private enum Who {
        WORKER,
        REQUEST,
        HOOK,
        PIPELINE,
        TEST
    }

    /** A stretch of time that comes once, and begins at one of so many moments at which it is asked for. */
    private final class Period {
        private final int oneIn;
        private final Duration length;
        private @Nullable Instant from;

        Period(int oneIn, Duration length) {
            this.oneIn = oneIn;
            this.length = length;
        }

        boolean isOn() {
            Instant now = timeline.instant();
            if (from == null && hard.nextInt(oneIn) == 0) {
                from = now;
            }
            return from != null && now.isBefore(from.plus(length));
        }
    }

    private static final class Invocation {
        final Who who;
        final boolean quiet;
        /** By which the clock of the process differs from AWS's. */
        Duration skew = Duration.ZERO;

        Duration stalling = Duration.ZERO;

        @Nullable
        String at;

        /** Whether its message asks for a look beside all operations, without a lease. */
        boolean beside;

        Invocation(Who who, boolean quiet) {
            this.who = who;
            this.quiet = quiet;
        }
    }

    /** Watches the control plane's calls to AWS. */
    public interface Watcher {
        /** Told before a call; what it returns is run after it, however it ended. */
        Runnable before(String operation, SdkRequest request);
    }

    public boolean on;
    /** Whether anything was ever to go wrong. */
    boolean everOn;
    /** Dies at this step of the control plane, counted from 1; 0 for never. A step is before or after a call or write. */
    public int dieAt;

    public int steps;
    /** Runs before each write of the control plane. */
    Runnable beforeWrite = () -> {};

    /** Runs before each read of the control plane. */
    Runnable beforeRead = () -> {};

    /** What the control plane is shown of deployments in place of what there is. */
    UnaryOperator<DescribeServiceDeploymentsResponse> described = UnaryOperator.identity();

    /** Until then BatchGetImage knows no image, whatever DescribeImages lists. */
    public Instant imagesShownAt = Instant.MIN;

    /** Calls of the control plane that AWS refuses, whether or not anything else goes wrong. */
    public Predicate<String> refused = operation -> false;

    /** By service of AWS: how old its next answer to the control plane is. */
    public final Map<String, Supplier<Duration>> stale = new HashMap<>();

    /** Which reads of those services are late at all. */
    public Predicate<String> late = operation -> READS.matcher(operation).lookingAt();

    /** Told of each action on the table, as DynamoDB names it. */
    public Consumer<String> table = action -> {};

    /** What every write to the table holds, and what every read of it finds. */
    public Consumer<List<? extends Write>> written = writes -> {};

    public Consumer<List<? extends Stored<?>>> read = items -> {};

    public Watcher watcher = (operation, request) -> () -> {};
    final List<String> violations = new ArrayList<>();
    final Map<String, Integer> happened = new HashMap<>();

    /** Until then what went wrong may hold up the control plane. */
    private Instant troubledUntil = Instant.MIN;

    private Random hard = new Random();
    private double hangs;
    private int batch = 1;
    private double tableThrottled;
    private int skewMillis;
    private @Nullable String stormy;
    /** Whose calls are denied for a while; empty for those of all services of AWS. */
    private @Nullable String denied;

    private final Period storm = new Period(100, STORM);
    private final Period denial = new Period(100, DENIED);
    private final Period quota = new Period(4, QUOTA_REACHED);
    private boolean reachesQuota;

    private final Random random;
    private final Random flights;
    private final VirtualClock timeline;
    private final Deque<Invocation> invocations = new ArrayDeque<>();
    private int burst;

    Chaos(long seed, VirtualClock timeline) {
        this.random = new Random(seed);
        this.flights = new Random(seed + 1);
        this.timeline = timeline;
    }

    /** Whether since then AWS and the table have answered at once and as they are, and nobody has died. */
    boolean untroubledSince(Instant then) {
        return troubledUntil.isBefore(then);
    }

    private void trouble(String what, Duration atMost) {
        happened.merge(what, 1, Integer::sum);
        Instant until = timeline.instant().plus(atMost);
        troubledUntil = until.isAfter(troubledUntil) ? until : troubledUntil;
    }

    /** In one history of three, some answers of a service of AWS are late while things go wrong; each service by itself. */
    void staleness(long seed) {
        for (String service : EVENTUALLY_CONSISTENT) {
            Random drawn = new Random(SPREAD * (seed + service.hashCode()));
            if (drawn.nextInt(3) == 0) {
                double often = drawn.nextDouble();
                int most = 1 + drawn.nextInt(30_000);
                stale.put(service, () -> {
                    if (!armed() || drawn.nextDouble() > often) {
                        return Duration.ZERO;
                    }
                    trouble("LATE_" + service, WAITED_OUT);
                    return Duration.ofMillis(drawn.nextInt(most));
                });
            }
        }
    }

    /**
     * In some histories the clocks of processes differ by up to two seconds, the table throttles, calls of the worker hang until they
     * are given up or Lambda ends it (while others meet its lease), messages come in batches, for half an hour a service of AWS or the
     * table refuses nearly everything, for a while the account's quota lets ECS start no task, and for two and a half minutes calls of
     * one service of AWS, or all, are denied.
     */
    void hardships(long seed) {
        hard = new Random(SPREAD * seed);
        skewMillis = hard.nextInt(3) == 0 ? 1000 : 0;
        tableThrottled = hard.nextInt(3) == 0 ? 0.02 * hard.nextDouble() : 0;
        hangs = hard.nextInt(3) == 0 ? 0.003 : 0;
        stormy = hard.nextInt(4) == 0 ? STORMY.get(hard.nextInt(STORMY.size())) : null;
        batch = hard.nextInt(2) == 0 ? MOST_IN_BATCH : 1;
        reachesQuota = hard.nextInt(6) == 0;
        if (hard.nextInt(5) == 0) {
            denied = hard.nextInt(3) == 0 ? "" : DENIABLE.get(hard.nextInt(DENIABLE.size()));
        }
    }

    /** How many messages an invocation of the worker has at most. */
    int batch() {
        return batch;
    }

    @Override
    public @Nullable String placement() {
        if (!on || !reachesQuota) {
            return null;
        }
        if (!quota.isOn()) {
            return null;
        }
        trouble("QUOTA", WAITED_OUT);
        return "You've reached the limit on the number of vCPUs you can run concurrently";
    }

    /** Whether for half an hour nearly everything is refused that stops a deployment: by ECS, or by the table. */
    boolean hasStormForStops() {
        return stormy != null && STOPPED_BY.contains(stormy);
    }

    /** The clock of the process that is at work. */
    InstantSource clock() {
        return () -> {
            Invocation now = invocations.peek();
            return now == null ? timeline.instant() : timeline.instant().plus(now.skew);
        };
    }

    private boolean isRefusedByStorm(String service) {
        return service.equals(stormy) && storm.isOn() && hard.nextInt(10) > 0;
    }

    private boolean isDenied(String service) {
        return denied != null && (denied.isEmpty() || denied.equals(service)) && denial.isOn();
    }

    private void throttleTable() {
        if (armed() && (tableThrottled > 0 && hard.nextDouble() < tableThrottled || isRefusedByStorm(TABLE))) {
            trouble("TABLE_THROTTLED", WAITED_OUT);
            throw SimulatedErrors.fill(
                            ProvisionedThroughputExceededException.builder(),
                            "DynamoDb",
                            "ProvisionedThroughputExceededException",
                            "throttled")
                    .build();
        }
    }

    /** A call hangs until the SDK gives it up, or, where it trickles, until Lambda ends the worker. */
    private void hang(Invocation now) {
        if (hangs == 0 || now.who != Who.WORKER || invocations.size() > 1 || hard.nextDouble() >= hangs) {
            return;
        }
        Duration rest = INVOCATION.minus(now.stalling);
        if (rest.compareTo(GIVEN_UP) > 0 && hard.nextInt(4) > 0) {
            now.stalling = now.stalling.plus(GIVEN_UP);
            trouble("GIVEN_UP", GIVEN_UP.plus(WAITED_OUT));
            timeline.advance(GIVEN_UP);
            throw ApiCallAttemptTimeoutException.create(8_000);
        }
        now.stalling = INVOCATION;
        trouble("HANG", rest.plus(AFTER_A_CRASH));
        timeline.advance(rest);
        throw new Crash("ended by Lambda in " + now.at);
    }

    /** An invocation of the worker: the messages that it could not handle; all of them, where its process dies. */
    List<Received> working(List<Received> batch, WorkerHandler worker) {
        Invocation now =
                new Invocation(Who.WORKER, batch.stream().anyMatch(message -> message.receipt() > MOST_FAILURES));
        TestContext context =
                new TestContext(() -> (int) INVOCATION.minus(now.stalling).toMillis());
        try {
            List<BatchItemFailure> failures = inside(now, () -> worker.handleRequest(event(batch), context))
                    .getBatchItemFailures();
            return failures.stream()
                    .map(failure -> batch.get(Integer.parseInt(failure.getItemIdentifier())))
                    .toList();
        } catch (Crash e) {
            throw new IllegalStateException("crashed " + e.getMessage(), e); // for the queue, as SQS sees it
        }
    }

    /** CloudFormation shows each stack as it was so long ago; the stack's events are not late, and nothing else is. */
    public void stacksShownLate(Duration age) {
        stacksShownLate(() -> age);
    }

    /** The same, drawn anew for each look: what is shown may be what is, and then again what was. */
    public void stacksShownLate(Supplier<Duration> age) {
        stale.put("CloudFormation", age);
        late = operation -> operation.equals("describeStacks");
    }

    /** What takes the messages. */
    MessageReceiver around(MessageReceiver receiver) {
        return new MessageReceiver() {
            @Override
            public void receive(String body, int receiveCount) {
                Invocation now = invocations.peek();
                if (now != null) {
                    now.beside = BESIDE.matcher(body).find();
                }
                receiver.receive(body, receiveCount);
            }

            @Override
            public void putBack(String body) {
                receiver.putBack(body);
            }
        };
    }

    private static SQSEvent event(List<Received> batch) {
        List<SQSMessage> messages = new ArrayList<>();
        for (Received received : batch) {
            SQSMessage message = new SQSMessage();
            message.setMessageId(String.valueOf(messages.size()));
            message.setBody(received.body());
            message.setAttributes(Map.of("ApproximateReceiveCount", String.valueOf(received.receipt())));
            messages.add(message);
        }
        SQSEvent event = new SQSEvent();
        event.setRecords(messages);
        return event;
    }

    /** A caller's request. Crash, or an error of AWS, means that the caller does not know what became of it. */
    <T> T requesting(Supplier<T> request) {
        return inside(new Invocation(Who.REQUEST, false), request);
    }

    /** CodePipeline calls our pipeline function. */
    public <T> T piping(Supplier<T> call) {
        return inside(new Invocation(Who.PIPELINE, false), call);
    }

    /** The role that a call is made with; none for what a test does itself. */
    private @Nullable String role() {
        Invocation now = invocations.peek();
        return switch (now == null ? Who.TEST : now.who) {
            case WORKER -> "WorkerRole";
            case REQUEST -> "ApiRole";
            case HOOK -> "HookRole";
            case PIPELINE -> "PipelineRole";
            case TEST -> null;
        };
    }

    private void authorize(Function<String, Optional<String>> rights) {
        Optional.ofNullable(role()).flatMap(rights).ifPresent(missing -> {
            violations.add(missing);
            throw new AssertionError(missing);
        });
    }

    /** What the control plane looks up is authorized, and otherwise answered as it is. */
    AwsLookups around(AwsLookups lookups) {
        return (AwsLookups) Proxy.newProxyInstance(
                AwsLookups.class.getClassLoader(), new Class<?>[] {AwsLookups.class}, (proxy, method, args) -> {
                    authorize(role -> Rights.missing(role, method.getName(), args[0]));
                    try {
                        return method.invoke(lookups, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** ECS calls our hook function, which takes no time; an instance that dies is a failed call, which ECS does not repeat. */
    public <T> T hooking(Supplier<T> call) {
        try {
            return inside(new Invocation(Who.HOOK, false), call);
        } catch (Crash e) {
            happened.merge("HOOK_CRASH", 1, Integer::sum);
            throw new IllegalStateException("crashed " + e.getMessage(), e);
        }
    }

    /** What a test itself does, in the middle of whatever is going on. */
    void apart(Runnable action) {
        inside(new Invocation(Who.TEST, true), () -> {
            action.run();
            return "";
        });
    }

    private <T> T inside(Invocation invocation, Supplier<T> action) {
        if (on && skewMillis > 0 && invocation.who != Who.TEST) {
            invocation.skew = Duration.ofMillis(hard.nextInt(2 * skewMillis + 1) - skewMillis);
        }
        invocations.push(invocation);
        try {
            return action.get();
        } finally {
            invocations.pop();
        }
    }

    private boolean armed() {
        Invocation now = invocations.peek();
        return on && now != null && !now.quiet;
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    @Override
    public Call on(String service, String operation) {
        if (invocations.peek() != null && invocations.peek().who != Who.TEST && refused.test(operation)) {
            return count(Call.DENIED);
        }
        if (!armed()) {
            return Call.ANSWERED;
        }
        if (isDenied(service)) {
            return count(Call.DENIED);
        }
        if (isRefusedByStorm(service)) {
            return count(Call.THROTTLED);
        }
        if (burst == 0 && chance(0.005)) {
            burst = 1 + random.nextInt(10);
        }
        if (burst > 0) {
            burst--;
        }
        if (!chance(burst > 0 ? 0.7 : 0.02)) {
            return Call.ANSWERED;
        }
        return count(
                switch (random.nextInt(3)) {
                    case 0 -> Call.THROTTLED;
                    case 1 -> Call.LOST;
                    default -> Call.ANSWER_LOST;
                });
    }

    private Call count(Call fate) {
        trouble(fate.name(), WAITED_OUT);
        return fate;
    }

    @Override
    public List<Duration> deliveries() {
        if (!on || chance(0.6)) {
            return List.of(Duration.ofSeconds(1));
        }
        return switch (random.nextInt(3)) {
            case 0 -> List.of();
            case 1 -> List.of(Duration.ofMillis(random.nextInt(5000)), Duration.ofSeconds(random.nextInt(300)));
            default -> List.of(Duration.ofSeconds(random.nextInt(400)));
        };
    }

    @Override
    public boolean mayBeStale(String service) {
        return stale.containsKey(service);
    }

    @Override
    public Duration age(String service, String operation) {
        Invocation now = invocations.peek();
        Supplier<Duration> age = stale.get(service);
        return age == null || now == null || now.who == Who.TEST || !late.test(operation) ? Duration.ZERO : age.get();
    }

    @Override
    public boolean hookTwice() {
        return on && chance(0.1);
    }

    /** The control plane's client: its calls can crash, stall and be watched. */
    public <C> C around(Class<C> type, C client) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            SdkRequest request = args != null && args.length == 1 && args[0] instanceof SdkRequest r ? r : null;
            if (request == null) {
                return java.lang.reflect.Modifier.isAbstract(method.getModifiers()) || !method.isDefault()
                        ? method.invoke(client, args)
                        : java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, args);
            }
            authorize(role -> Rights.missing(role, type.getSimpleName(), method.getName(), request));
            enter(target(request));
            try {
                step("before " + method.getName());
                stall();
                Runnable after = watcher.before(method.getName(), request);
                try {
                    Object answer = method.invoke(client, args);
                    return switch (answer) {
                        case DescribeServiceDeploymentsResponse found -> described.apply(found);
                        case BatchGetImageResponse _
                        when timeline.instant().isBefore(imagesShownAt) ->
                            BatchGetImageResponse.builder().build();
                        default -> answer;
                    };
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                } finally {
                    after.run();
                    step("after " + method.getName());
                }
            } finally {
                leave();
            }
        }));
    }

    /** Two passes at one target at the same time are what the lease is for. */
    private void enter(@Nullable String target) {
        Invocation now = invocations.peek();
        if (now == null) {
            return;
        }
        String place = now.beside ? null : target;
        now.at = place;
        if (place != null && now.who == Who.WORKER) {
            invocations.stream()
                    .skip(1)
                    .filter(outer -> outer.who == Who.WORKER && place.equals(outer.at))
                    .findFirst()
                    .ifPresent(outer -> violations.add("two passes at " + place + " at the same time"));
        }
    }

    private void leave() {
        Invocation now = invocations.peek();
        if (now != null) {
            now.at = null;
        }
    }

    private static @Nullable String target(SdkRequest request) {
        return request.getValueForField("StackName", String.class)
                .or(() -> request.getValueForField("cluster", String.class)
                        .flatMap(cluster -> request.getValueForField("service", String.class)
                                .map(name -> cluster + "-" + name)))
                .orElse(null);
    }

    private void step(String where) {
        Invocation now = invocations.peek();
        if (now == null || now.who == Who.TEST) {
            return;
        }
        steps++;
        // A hook that dies rolls the release back; were it as often as elsewhere, hardly one would go live.
        if (steps == dieAt || (armed() && chance(now.who == Who.HOOK ? 0.0005 : 0.004))) {
            trouble("CRASH", AFTER_A_CRASH);
            throw new Crash(where);
        }
    }

    private void stall() {
        Invocation now = invocations.peek();
        if (!armed() || now == null || now.who == Who.HOOK || invocations.size() > 2) {
            return;
        }
        hang(now);
        if (!chance(0.04)) {
            return;
        }
        Duration wait = Duration.ofSeconds(1 + random.nextInt(50));
        // Whoever is called meanwhile takes its time out of the caller's.
        if (invocations.stream().anyMatch(found -> found.stalling.plus(wait).compareTo(MOST_STALLING) > 0)) {
            return;
        }
        invocations.forEach(found -> found.stalling = found.stalling.plus(wait));
        trouble("STALL", wait.plus(WAITED_OUT));
        timeline.advance(wait);
    }

    /** Now and then others write while a transaction is on its way; DynamoDB refuses those that meet it. */
    void inFlight() {
        Invocation now = invocations.peek();
        if (!armed() || now == null || now.who == Who.HOOK || invocations.size() > 2 || flights.nextInt(100) > 0) {
            return;
        }
        trouble("FLIGHT", WAITED_OUT);
        timeline.advance(Duration.ofMillis(500));
    }

    /** The control plane's queue: SQS delivers now and then twice. */
    WorkQueue around(WorkQueue queue) {
        return new WorkQueue() {
            @Override
            public void send(String body, Duration delay) {
                step("before send");
                queue.send(body, delay);
                if (armed() && chance(0.03)) {
                    queue.send(body, delay);
                }
            }

            @Override
            public void deadLetter(String body) {
                queue.deadLetter(body);
            }
        };
    }

    /** The control plane's store. */
    public Store around(Store store) {
        return new Store() {
            @Override
            public <T> Optional<Stored<T>> get(Key<T> key) {
                step("before get");
                table.accept("GetItem");
                beforeRead.run();
                stall();
                throttleTable();
                Optional<Stored<T>> found = store.get(key);
                read.accept(found.stream().toList());
                return found;
            }

            @Override
            public void write(List<? extends Write> writes) {
                step("before write");
                writes.forEach(write -> table.accept(
                        switch (write) {
                            case Write.Create<?> _ -> "PutItem";
                            case Write.Update<?> _ -> "UpdateItem";
                            case Write.Delete<?> _ -> "DeleteItem";
                            case Write.Check<?> _ -> "ConditionCheckItem";
                        }));
                written.accept(writes);
                beforeWrite.run();
                stall();
                throttleTable();
                if (armed() && chance(0.005)) {
                    trouble("WRITE_LOST", WAITED_OUT);
                    throw SdkClientException.create("the store's connection broke before the write");
                }
                store.write(writes);
                step("after write");
                if (armed() && chance(0.005)) {
                    trouble("WRITE_ANSWER_LOST", WAITED_OUT);
                    throw new UnknownOutcomeException("the store's answer was lost", new IllegalStateException("lost"));
                }
            }

            @Override
            public <T> Page<T> list(
                    String partition,
                    String prefix,
                    ItemType<T> kind,
                    boolean newestFirst,
                    int limit,
                    @Nullable String next) {
                step("before list");
                table.accept("Query");
                throttleTable();
                Page<T> page = store.list(partition, prefix, kind, newestFirst, limit, next);
                read.accept(page.items());
                return page;
            }
        };
    }
}
