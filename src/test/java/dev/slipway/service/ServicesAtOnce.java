package dev.slipway.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.allowlist.AllowedDomains;
import dev.slipway.allowlist.AllowedSecrets;
import dev.slipway.allowlist.AllowedTags;
import dev.slipway.app.ControlPlane;
import dev.slipway.aws.AwsLookups;
import dev.slipway.cost.PriceList;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Certificates;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.Environments;
import dev.slipway.environment.HostedZones;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.WorkQueue;
import dev.slipway.plan.Declarations;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.preflight.SecretAccess;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.RolloutEventRecorder;
import dev.slipway.routing.RouteClaim;
import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Write;
import dev.slipway.validation.SpecFixture;
import dev.slipway.validation.SpecReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many callers at the same moment, each with a service of its own in one environment. */
abstract class ServicesAtOnce {
    private static final EnvironmentId DEV = new EnvironmentId("dev");
    private static final AwsLocation HOME = new AwsLocation("123456789012", "eu-central-1");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final SpecReader SPECS = new SpecReader();

    private final InstantSource clock = InstantSource.fixed(START);
    private final ObjectMapper json = ControlPlane.json();
    private final Queue<String> sent = new ConcurrentLinkedQueue<>();
    private final AtomicInteger looks = new AtomicInteger();

    abstract Store open(ObjectMapper mapper, InstantSource clock);

    private final WorkQueue queue = new WorkQueue() {
        @Override
        public void send(String body, Duration delay) {
            sent.add(body);
        }

        @Override
        public void deadLetter(String body) {
            throw new IllegalStateException(body);
        }
    };

    /** Whatever is asked for is dev's. */
    private final AwsLookups lookups = (AwsLookups) Proxy.newProxyInstance(
            AwsLookups.class.getClassLoader(), new Class<?>[] {AwsLookups.class}, (proxy, method, arguments) -> {
                looks.incrementAndGet();
                return Optional.of(Map.of("slipway:environment", "dev"));
            });

    private Services services(Store store) {
        IdGenerator ids = new IdGenerator(clock, new Random(1));
        Operations operations = new Operations(store);
        Outbox outbox = new Outbox(store, queue);
        Acceptance acceptance = new Acceptance(store, outbox, clock, Acceptance.Pause.NONE);
        Declarations.Base base = new Declarations.Base(
                store, operations, acceptance, ids, clock, json, new AllowedTags(List.of("*")), PriceList.load());
        return new Services(
                base,
                outbox,
                new Environments(
                        base,
                        HOME,
                        new AllowedDomains(List.of()),
                        new Certificates(lookups),
                        new HostedZones(lookups),
                        _ -> Map.of()),
                new RolloutQueue(store, operations, new RolloutEventRecorder(ids), ids, (_, _) -> true),
                new SecretAccess(lookups, new AllowedSecrets(List.of()), "aws", HOME),
                new Certificates(lookups));
    }

    /** The store of callers who all read before the first of them writes. */
    private static Store together(Store store, int callers) {
        CountDownLatch writing = new CountDownLatch(callers);
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("write")) {
                        writing.countDown();
                        writing.await();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static ServiceSpec spec(String path) {
        String yaml = "container: {port: 8000, secrets: {KEY: /key}}\nrouting: {paths: [%s]}\n".formatted(path);
        return SpecFixture.service(yaml.getBytes(StandardCharsets.UTF_8), "application/yaml")
                .spec();
    }

    private static Request by(int caller) {
        return new Request("caller-" + caller, null, "");
    }

    private Store withAnEnvironment() {
        Store store = open(json, clock);
        var spec = SPECS.environment("{}".getBytes(StandardCharsets.UTF_8), "application/yaml", HOME)
                .spec();
        EnvironmentRecord applied =
                new EnvironmentRecord(DEV, spec, null, 1, Map.of("VpcId", "vpc-1"), Map.of(), false, START, START);
        store.write(new Write.Create<>(EnvironmentRecord.key(DEV), applied));
        return store;
    }

    /** Runs all at once and waits for each. */
    private static void all(List<Runnable> callers) throws Exception {
        try (var threads = Executors.newFixedThreadPool(callers.size())) {
            for (var done : callers.stream().map(threads::submit).toList()) {
                done.get();
            }
        }
    }

    @Test
    void areAllAccepted() throws Exception {
        Store store = withAnEnvironment();
        int many = ServiceRules.MAX_SERVICES;
        Services services = services(together(store, many));

        all(IntStream.range(0, many)
                .<Runnable>mapToObj(caller -> () -> services.apply(
                        new ServiceId("dev", "service-" + caller),
                        spec("/service-" + caller),
                        new Order(0L, Set.of(), null),
                        by(caller)))
                .toList());

        Map<String, RouteClaim> claims =
                store.get(EnvironmentRecord.key(DEV)).orElseThrow().value().services();
        assertThat(claims).hasSize(many);
        assertThat(claims.values().stream().map(RouteClaim::priority)).doesNotHaveDuplicates();
        assertThat(sent).hasSize(many).doesNotHaveDuplicates();
        assertThat(looks)
                .as("AWS is asked once for a request, however often that is tried")
                .hasValue(many);
    }

    /** Trying again does not get anybody past the lock. */
    @Test
    void ofOneServiceOneIsAcceptedAndTheOthersMeetItsOperation() throws Exception {
        Store store = withAnEnvironment();
        Services services = services(together(store, 8));
        AtomicInteger accepted = new AtomicInteger();
        Queue<String> refusals = new ConcurrentLinkedQueue<>();

        all(IntStream.range(0, 8)
                .<Runnable>mapToObj(caller -> () -> {
                    try {
                        services.apply(
                                new ServiceId("dev", "web"), spec("/"), new Order(null, Set.of(), null), by(caller));
                        accepted.incrementAndGet();
                    } catch (ProblemException e) {
                        refusals.add(e.problem().code());
                    } catch (WriteConflictException e) {
                        refusals.add("conflict");
                    }
                })
                .toList());

        assertThat(accepted).hasValue(1);
        assertThat(refusals).hasSize(7).containsOnly("operation-in-progress");
    }
}
