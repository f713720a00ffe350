package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.World;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

/**
 * An apply that changes all that can be changed at once fails at each resource that it touches, in turn: what lives is as it was, no
 * request has failed, and the next apply succeeds.
 */
class EveryResourceTest {
    private static final String STATUS_OF_CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS";
    private static final String REASON = "as the test wants it";

    private static final String PLAIN =
            "terminationProtection: false\ndomain: {name: dev.example.com, hostedZoneId: Z1}\n";
    private static final String FULL = PLAIN + """
            additionalDomains: [{name: shop.dev.example.com, hostedZoneId: Z1}]
            accessLogs: {enabled: true, retentionDays: 30}
            flowLogs: {enabled: true}
            firewall:
              managedRules: {common: block}
              rateLimit: {requests: 100000}
              allow: [192.0.2.0/24]
              block: [203.0.113.64/26, '2001:db8:bad::/48']
              countries: {block: [KP]}
            containerInsights: true
            alarms: {email: ops@example.com}
            tags: {team: blue}
            """;
    private static final String SMALL =
            "container: {port: 8000}\nrouting: {paths: [/web/*]}\nrollout: {strategy: rolling}\n"
                    + "alarms: {enabled: false}\n";
    private static final String LARGE = """
            container: {port: 8000}
            rollout: {strategy: rolling}
            routing: {paths: [/web/*, /shop/*], drainingSeconds: 10, healthCheck: {path: /health, intervalSeconds: 10}}
            scaling:
              min: 2
              max: 5
              requestsPerTask: 100000
              cpuPercent: 60
              memoryPercent: 70
              schedules: [{name: night, start: 0 22 * * *, timeZone: UTC, min: 2, max: 4}]
            capacity: {spotPercent: 50, onDemandBase: 1}
            gracePeriodSeconds: 90
            logs: {retentionDays: 7}
            alarms: {failedPercent: 5}
            tags: {team: blue}
            """;

    private final World world = new World(1);
    private final Reachability reachability = new Reachability(world, List.of(World.WEB));

    private void living(String environment, String service) {
        assertThat(world.apply(World.DEV, environment).failure()).isNull();
        assertThat(world.apply(World.WEB, service).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
    }

    /** Applies, and asks for the service at every step. */
    private Operation apply(Target target, String spec) {
        Order order = new Order(
                null,
                Set.of("FirewallLog", "FlowLogBucket", "DomainRecord1", "WildcardRecord1"),
                new ControlOverride(List.of(), REASON));
        String accepted = (target instanceof ServiceId id
                        ? world.plane.services().apply(id, World.serviceSpec(spec), order, World.by("ann"))
                        : world.plane
                                .environments()
                                .apply(World.DEV, World.environmentSpec(spec), order, World.by("ann")))
                .id();
        BooleanSupplier busy = () -> List.of(World.DEV, World.WEB).stream()
                .anyMatch(each -> world.plane.operations().findRunning(each).isPresent());
        Instant limit = world.timeline.instant().plusSeconds(100_000);
        while (busy.getAsBoolean()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            reachability.look();
        }
        return world.plane.operations().find(target, accepted).orElseThrow();
    }

    /** What the stack's updates since have made or changed, in their order; what goes, goes when an update has succeeded. */
    private Set<String> touched(Target target, Instant since) {
        List<StackEvent> events = new ArrayList<>(world
                .account
                .cloudFormation()
                .describeStackEventsPaginator(request -> request.stackName(target.stackName()))
                .stackEvents()
                .stream()
                .filter(event -> !event.timestamp().isBefore(since))
                .toList()
                .reversed());
        Set<String> touched = new LinkedHashSet<>();
        boolean cleaning = false;
        for (StackEvent event : events) {
            boolean stack = event.logicalResourceId().equals(target.stackName());
            cleaning = stack ? event.resourceStatusAsString().equals(STATUS_OF_CLEANUP) : cleaning;
            if (!stack && !cleaning && event.resourceStatusAsString().endsWith("_IN_PROGRESS")) {
                touched.add(event.logicalResourceId());
            }
        }
        return touched;
    }

    private Map<String, String> alive() {
        Map<String, String> alive = new TreeMap<>();
        for (Target target : List.of(World.DEV, World.WEB)) {
            world.resources(target).forEach((resource, id) -> alive.put(target.key() + " " + resource, id));
        }
        alive.put("release", String.valueOf(world.record(World.WEB).live()));
        alive.put("task definition", world.ecs(World.WEB).taskDefinition());
        alive.put("tasks", String.valueOf(world.ecs(World.WEB).desiredCount()));
        alive.put(
                "deployments", String.valueOf(world.ecs(World.WEB).deployments().size()));
        return alive;
    }

    @ParameterizedTest
    @CsvSource({"environment, more", "environment, less", "service, more", "service, less"})
    void whereverAChangeFailsAllIsAsItWas(String kind, String direction) {
        boolean environment = kind.equals("environment");
        boolean more = direction.equals("more");
        Target target = environment ? World.DEV : World.WEB;
        String small = environment ? PLAIN : SMALL;
        String large = environment ? FULL : LARGE;
        String from = more ? small : large;
        String to = more ? large : small;
        living(environment ? from : PLAIN, environment ? SMALL : from);
        Instant begun = world.timeline.instant();
        assertThat(apply(target, to).failure()).isNull();
        Set<String> touched = touched(target, begun);
        assertThat(touched).hasSizeGreaterThan(environment ? 15 : 10);
        assertThat(apply(target, from).failure()).isNull();
        int tasks = world.ecs(World.WEB).desiredCount();
        Map<String, String> before = alive();

        List<String> failed = new ArrayList<>();
        for (String resource : touched) {
            world.account.stacks().failNext(target.stackName(), resource, REASON);
            Operation operation = apply(target, to);
            if (operation.failure() == null) {
                continue; // made once and kept since
            }
            failed.add(resource);
            assertThat(Objects.requireNonNull(operation.failure()).detail())
                    .as(resource)
                    .contains(REASON);
            assertThat(alive()).as(resource).isEqualTo(before);
            assertThat(world.ecs(World.WEB).desiredCount()).as(resource).isEqualTo(tasks);
        }

        assertThat(failed).as("of %s", touched).hasSameSizeAs(touched);
        assertThat(apply(target, to).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
    }
}
