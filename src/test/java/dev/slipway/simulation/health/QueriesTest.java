package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.logs.LogQueries;
import dev.slipway.logs.LogReport;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.Clients;
import dev.slipway.service.ServiceLogs;
import dev.slipway.service.ServiceRecord;
import dev.slipway.simulation.World;
import dev.slipway.store.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecs.EcsClient;

/**
 * What the questions of day two cost with 10, 1,000 and 10,000 services: the same for a service, and no more than a page's worth for
 * a list. {@code make bench} reads the counts and the times.
 */
@Tag("slow")
class QueriesTest {
    private static final int PER_ENVIRONMENT = 49;
    private static final int PAGE = 50;
    private static final int TIMES = 200;
    private static final ServiceLogs.Filter EVERY_LINE =
            new ServiceLogs.Filter(null, null, null, null, null, null, null);

    private final World world = new World(3);
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();

    QueriesTest() {
        world.chaos.watcher = (operation, request) -> {
            calls.incrementAndGet();
            return () -> {};
        };
        world.chaos.table = action -> reads.incrementAndGet();
    }

    /**
     * @param calls to AWS
     * @param reads of the table
     */
    private record Cost(int calls, int reads) {}

    private Cost cost(Runnable question) {
        world.timeline.advance(Duration.ofSeconds(10)); // beyond what is cached
        calls.set(0);
        reads.set(0);
        question.run();
        return new Cost(calls.get(), reads.get());
    }

    private ServiceLogs logs() {
        CloudWatchLogsClient cloudWatchLogs = world.chaos.around(CloudWatchLogsClient.class, world.account.logs());
        return new ServiceLogs(
                world.plane.services(),
                world.plane.rollouts(),
                world.chaos.around(world.store),
                new Clients(
                        world.chaos.around(EcsClient.class, world.account.ecs()),
                        world.account.elb(),
                        world.account.ecr(),
                        cloudWatchLogs,
                        world.account.cloudWatch(),
                        world.account.lambda(),
                        world.account.sns(),
                        world.account.scaling(),
                        world.account.lookups()),
                new LogQueries(cloudWatchLogs, world.timeline, () -> {}),
                world.timeline);
    }

    /** Records alone: nobody asks AWS about them. */
    private void fill(int services) {
        ServiceRecord web = world.record(WEB);
        int missing = services - 1;
        for (int number = 0; missing > 0; number++) {
            EnvironmentId environment = new EnvironmentId("team-" + number);
            if (world.plane.environments().find(environment).isEmpty()) {
                world.plane
                        .environments()
                        .apply(
                                environment,
                                World.environmentSpec("network: {cidr: 10.%d.0.0/16}\n".formatted(number)),
                                World.anything(),
                                World.by("ann"));
            }
            for (int i = 0; i < PER_ENVIRONMENT && missing > 0; i++, missing--) {
                ServiceId id = new ServiceId(environment.environment(), "s" + i);
                if (world.store.get(ServiceRecord.key(id)).isEmpty()) {
                    world.store.write(
                            List.of(new Write.Create<>(ServiceRecord.key(id), web.with(copy -> copy.id(id)))));
                }
            }
        }
    }

    @Test
    void aQuestionCostsTheSameHoweverManyServicesThereAre() throws IOException {
        world.apply(DEV, "terminationProtection: false\n");
        world.apply(WEB, "container: {port: 8000}\n");
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(20));
        ServiceLogs logs = logs();
        String cursor = logs.page(WEB, EVERY_LINE, "", PAGE, null).cursor();
        Map<String, Runnable> questions = new TreeMap<>(Map.of(
                "a page of logs", () -> logs.page(WEB, EVERY_LINE, "", PAGE, null),
                "a page of logs, followed", () -> logs.page(WEB, EVERY_LINE, "", PAGE, cursor),
                "new errors in the logs", () -> logs.report(WEB, LogReport.Kind.NEW_ERRORS, null, null, null),
                "status", () -> world.plane.statuses().of(WEB),
                "status of an environment", () -> world.plane.statuses().of(DEV),
                "diagnosis", () -> world.plane.serviceDiagnosis().report(WEB, List.of()),
                "delivery", () -> world.plane.delivery().of(WEB, 30),
                "a page of all services", () -> world.plane.statusListing().list(null, PAGE, null)));
        Map<String, List<Cost>> costs = new TreeMap<>();
        ObjectNode report = new ObjectMapper().createObjectNode();
        for (int services : new int[] {10, 1000, 10_000}) {
            fill(services);
            questions.forEach((name, question) -> {
                Cost cost = cost(question);
                costs.computeIfAbsent(name, all -> new ArrayList<>()).add(cost);
                long[] nanos = new long[TIMES];
                for (int i = 0; i < TIMES; i++) {
                    world.timeline.advance(Duration.ofSeconds(10));
                    long start = System.nanoTime();
                    question.run();
                    nanos[i] = System.nanoTime() - start;
                }
                Arrays.sort(nanos);
                report.withArray(name)
                        .addObject()
                        .put("services", services)
                        .put("calls", cost.calls())
                        .put("reads", cost.reads())
                        .put("p50Micros", nanos[TIMES / 2] / 1000)
                        .put("p99Micros", nanos[TIMES * 99 / 100] / 1000);
            });
        }
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/queries.json"), report.toPrettyString());

        List<Cost> pages = costs.remove("a page of all services");
        assertThat(pages).allSatisfy(page -> {
            assertThat(page.calls()).isZero();
            assertThat(page.reads()).isLessThanOrEqualTo(2 * PAGE);
        });
        costs.forEach((name, cost) -> assertThat(cost).as(name).containsOnly(cost.getFirst()));
        assertThat(costs.get("status").getFirst().calls()).isLessThanOrEqualTo(6);
        assertThat(costs.get("diagnosis").getFirst().calls()).isLessThanOrEqualTo(8 + 6); // with a status's own
        assertThat(costs.get("status of an environment").getFirst().calls()).isEqualTo(1);
        assertThat(costs.get("delivery").getFirst().calls()).isZero();
        assertThat(costs.get("a page of logs").getFirst().calls()).isEqualTo(1);
        assertThat(costs.get("a page of logs, followed").getFirst().calls()).isLessThanOrEqualTo(4);
    }
}
