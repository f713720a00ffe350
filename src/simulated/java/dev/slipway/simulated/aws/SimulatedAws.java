package dev.slipway.simulated.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * What every simulated service shares: the account and region, the clock, the seed, the faults, the event bus and the
 * count of calls. One lock, the timeline's, guards the whole account, so a call is atomic as it is in the service it
 * stands for, and nothing happens on the timeline meanwhile.
 */
public final class SimulatedAws {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** By class of a client: reflection is asked once for each of its methods. */
    private static final ClassValue<Map<Method, Boolean>> OVERRIDDEN = new ClassValue<>() {
        @Override
        protected Map<Method, Boolean> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    /** What a rule of EventBridge sends, and where to. */
    private record Rule(Predicate<JsonNode> pattern, Consumer<String> target) {}

    /** ECS itself knows what its services were, and so needs no one who has asked before. */
    private static final String KEEPS_ITS_PAST = "Ecs";

    private final String accountId;
    private final String region;
    private final VirtualClock clock;
    private final RandomGenerator random;
    private final List<Rule> rules = new ArrayList<>();
    private static final Map<String, String> OPERATIONS = new ConcurrentHashMap<>();

    private final Map<Object, Object> clients = new IdentityHashMap<>();
    private final Map<String, Integer> calls = new TreeMap<>();
    private Consumer<String> listener = operation -> {};
    private Faults faults = Faults.NONE;
    private Duration age = Duration.ZERO;
    private final PastAnswers past = new PastAnswers();

    public SimulatedAws(String accountId, String region, VirtualClock timeline, RandomGenerator random) {
        this.accountId = accountId;
        this.region = region;
        this.clock = timeline;
        this.random = random;
    }

    public String accountId() {
        return accountId;
    }

    public String region() {
        return region;
    }

    public VirtualClock clock() {
        return clock;
    }

    public RandomGenerator random() {
        return random;
    }

    /** A random lower-case hexadecimal id, as AWS puts at the end of ARNs. */
    public String hex(int length) {
        StringBuilder id = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            id.append(Character.forDigit(random.nextInt(16), 16));
        }
        return id.toString();
    }

    /** A random UUID from the seed. */
    public String uuid() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    /** {@code arn:aws:service:region:account:resource}. */
    public String arn(String service, String resource) {
        return "arn:aws:" + service + ":" + region + ":" + accountId + ":" + resource;
    }

    public void faults(Faults faults) {
        synchronized (clock) {
            this.faults = faults;
        }
    }

    public Faults faults() {
        return faults;
    }

    /** How old the answer to the call that is being made now shall be. */
    public Duration age() {
        return age;
    }

    /** Every event that is emitted from now on goes to {@code subscriber} as EventBridge's JSON, when it is delivered. */
    public void subscribe(Consumer<String> subscriber) {
        subscribe(event -> true, subscriber);
    }

    /** Those alone that fit a pattern; of the others, which are most, no text is made. */
    public void subscribe(Predicate<JsonNode> pattern, Consumer<String> target) {
        synchronized (clock) {
            rules.add(new Rule(pattern, target));
        }
    }

    /** Emits an EventBridge event; {@link Faults#deliveries} says when it arrives, how often, or not at all. */
    public void emit(String source, String detailType, List<String> resources, JsonNode detail) {
        synchronized (clock) {
            emit(uuid(), source, detailType, resources, detail);
        }
    }

    /** The same with an id that takes nothing from the seed. */
    public void emit(String id, String source, String detailType, List<String> resources, JsonNode detail) {
        synchronized (clock) {
            ObjectNode event = JSON.createObjectNode();
            event.put("version", "0");
            event.put("id", id);
            event.put("detail-type", detailType);
            event.put("source", source);
            event.put("account", accountId);
            event.put("time", clock.instant().toString());
            event.put("region", region);
            resources.forEach(event.putArray("resources")::add);
            event.set("detail", detail);
            faults.deliveries().forEach(delay -> clock.after(delay, () -> deliver(event)));
        }
    }

    private void deliver(JsonNode event) {
        for (Rule rule : List.copyOf(rules)) {
            if (rule.pattern().test(event)) {
                rule.target().accept(event.toString());
            }
        }
    }

    /** {@code listener} gets the operation of each call from now on, for example {@code UpdateService}. */
    public void onCall(Consumer<String> listener) {
        synchronized (clock) {
            this.listener = listener;
        }
    }

    /** How often each operation was called since the start, for example {@code Ecs.updateService → 2}. */
    public Map<String, Integer> calls() {
        synchronized (clock) {
            return new TreeMap<>(calls);
        }
    }

    /**
     * The client that callers get: {@code implementation} behind the account's lock, call count and faults. Methods that
     * the SDK's interface implements itself (with a consumer of a builder, paginators) come back through the client, so
     * each request they make is counted once.
     */
    public <C> C client(Class<C> type, C implementation) {
        synchronized (clock) {
            return type.cast(clients.computeIfAbsent(implementation, made -> wrapped(type, implementation)));
        }
    }

    private <C> Object wrapped(Class<C> type, C implementation) {
        String service = type.getSimpleName().replaceFirst("Client$", "");
        Map<Method, Boolean> overridden = OVERRIDDEN.get(implementation.getClass());
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == Object.class) {
                return method.invoke(implementation, arguments);
            }
            Boolean own = overridden.get(method);
            if (own == null) {
                own = overrides(implementation, method);
                overridden.put(method, own);
            }
            if (!own) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            synchronized (clock) {
                return call(service, method, implementation, arguments);
            }
        };
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }

    private static boolean overrides(Object implementation, Method method) throws NoSuchMethodException {
        Method found = implementation.getClass().getMethod(method.getName(), method.getParameterTypes());
        return !found.getDeclaringClass().isInterface() || Modifier.isAbstract(method.getModifiers());
    }

    /** {@code UpdateService} of {@code updateService}, {@code GetMetricData} of {@code getMetricDataPaginator}. */
    private static String operation(String method) {
        String name = method.replaceFirst("Paginator$", "");
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    private Object call(String service, Method method, Object implementation, Object[] arguments) throws Throwable {
        if (arguments == null || arguments.length != 1) {
            return invoke(method, implementation, arguments); // close(), serviceName()
        }
        calls.merge(service + "." + method.getName(), 1, Integer::sum);
        listener.accept(OPERATIONS.computeIfAbsent(method.getName(), SimulatedAws::operation));
        Faults.Call fate = faults.on(service, method.getName());
        switch (fate) {
            case THROTTLED -> throw throttled(service);
            case DENIED -> throw denied(service, method.getName());
            case LOST -> throw SdkClientException.create("connection lost before the call");
            case ANSWERED -> {
                Duration before = age;
                age = faults.age(service, method.getName());
                try {
                    return faults.mayBeStale(service) && isRead(method) && !KEEPS_ITS_PAST.equals(service)
                            ? late(method, implementation, arguments)
                            : invoke(method, implementation, arguments);
                } finally {
                    age = before;
                }
            }
            case ANSWER_LOST -> {
                invoke(method, implementation, arguments);
                throw SdkClientException.create("connection lost before the answer");
            }
        }
        throw new AssertionError(fate);
    }

    private static boolean isRead(Method method) {
        String name = method.getName();
        return name.startsWith("describe")
                || name.startsWith("list")
                || name.startsWith("get")
                || name.startsWith("batchGet");
    }

    /** The answer as it was as long ago as this call is to see it. */
    private Object late(Method method, Object implementation, Object[] arguments) throws Throwable {
        PastAnswers.Answer now;
        try {
            now = new PastAnswers.Answer(clock.instant(), invoke(method, implementation, arguments));
        } catch (AwsServiceException e) {
            now = new PastAnswers.Answer(clock.instant(), e);
        }
        return past.late(arguments[0], now, age).get();
    }

    private static Object invoke(Method method, Object implementation, Object[] arguments) throws Throwable {
        try {
            method.setAccessible(true);
            return method.invoke(implementation, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static AwsServiceException throttled(String service) {
        return refusal(service, "ThrottlingException", "Rate exceeded");
    }

    private static AwsServiceException denied(String service, String method) {
        return refusal(service, "AccessDeniedException", "not authorized to perform: " + operation(method));
    }

    private static AwsServiceException refusal(String service, String code, String message) {
        return AwsServiceException.builder()
                .message(message)
                .statusCode(400)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .serviceName(service)
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .build();
    }
}
