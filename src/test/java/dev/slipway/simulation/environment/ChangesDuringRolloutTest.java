package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.Target;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An environment is changed while a release of a service is shifting traffic: the release goes on and goes live, no request fails, and
 * the service takes over what has changed for it. The same where the change fails at any of its resources.
 */
class ChangesDuringRolloutTest {
    private static final String PLAIN = "terminationProtection: false\n";
    private static final String REASON = "as the test wants it";
    private static final Set<Target> BOTH = Set.of(World.DEV, World.WEB);
    private static final List<String> STRATEGIES = List.of("rolling", "blue-green", "canary", "linear");

    /** From what to what. */
    private static final Map<String, List<String>> CHANGES = new LinkedHashMap<>(Map.ofEntries(
            Map.entry("firewall on", List.of("", "firewall: {managedRules: {common: block, sql: block}}\n")),
            Map.entry("firewall off", List.of("firewall: {managedRules: {common: block}}\n", "")),
            Map.entry(
                    "firewall blocks",
                    List.of("firewall: {}\n", "firewall: {managedRules: {sql: block}, block: [203.0.113.64/26]}\n")),
            Map.entry("https on", List.of("", "domain: {name: dev.example.com, hostedZoneId: Z1}\n")),
            Map.entry("https off", List.of("domain: {name: dev.example.com, hostedZoneId: Z1}\n", "")),
            Map.entry(
                    "another zone",
                    List.of(
                            "domain: {name: dev.example.com, hostedZoneId: Z1}\n",
                            "domain: {name: dev.example.com, hostedZoneId: Z2}\n")),
            Map.entry("to production", List.of("", "preset: production\n")),
            Map.entry("to development", List.of("preset: production\n", "preset: development\n")),
            Map.entry("from development", List.of("preset: development\n", "preset: production\n")),
            Map.entry("without alarms", List.of("", "alarms: {enabled: false}\n")),
            Map.entry("other tags", List.of("", "tags: {team: blue}\n"))));

    private final World world = new World(1);
    private final Reachability reachability = new Reachability(world, List.of(World.WEB));

    private static Order order() {
        Set<String> allowed = new LinkedHashSet<>(
                List.of("HttpsListener", "DomainRecord", "WildcardRecord", "FirewallLog", "FlowLogBucket"));
        for (String zone : List.of("A", "B", "C")) {
            allowed.add("NatGateway" + zone);
            allowed.add("NatAddress" + zone);
        }
        return new Order(null, allowed, new ControlOverride(List.of(), REASON));
    }

    private void living(String environment, String strategy) {
        assertThat(world.apply(World.DEV, PLAIN + environment).failure()).isNull();
        assertThat(world.apply(
                                World.WEB,
                                "container: {port: 8000}\nrouting: {paths: [/web/*]}\nrollout: {strategy: " + strategy
                                        + "}\n")
                        .failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
    }

    private void until(BooleanSupplier condition) {
        Instant limit = world.timeline.instant().plusSeconds(100_000);
        while (!condition.getAsBoolean()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            reachability.look();
        }
    }

    private boolean isBusy() {
        return BOTH.stream()
                .anyMatch(each -> world.plane.operations().findRunning(each).isPresent());
    }

    /** A rollout that has come as far as to shift traffic, or to replace tasks. */
    private String rollingOut(String image) {
        String id = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking(image), World.by("ann"))
                .id();
        until(() -> world.plane.rollouts().rollout(World.WEB, id).progress().startedAt() != null
                && world.ecs(World.WEB).runningCount() > 2);
        return id;
    }

    private Operation change(String spec) {
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(PLAIN + spec), order(), World.by("bob"))
                .id();
        until(() -> !isBusy());
        return world.plane.operations().find(World.DEV, id).orElseThrow();
    }

    private void wentLive(String rollout) {
        Rollout ended = world.plane.rollouts().rollout(World.WEB, rollout);
        assertThat(ended.state()).as("%s", ended.outcome()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    static Stream<Arguments> aReleaseGoesLiveWhileItsEnvironmentChanges() {
        return STRATEGIES.stream()
                .flatMap(strategy -> CHANGES.keySet().stream().sorted().map(change -> Arguments.of(strategy, change)));
    }

    @ParameterizedTest
    @MethodSource
    void aReleaseGoesLiveWhileItsEnvironmentChanges(String strategy, String change) {
        List<String> specs = CHANGES.get(change);
        living(specs.getFirst(), strategy);
        reachability.closing = change.equals("https off");
        String rollout = rollingOut("v2");

        Operation changed = change(specs.getLast());

        wentLive(rollout);
        assertThat(changed.failure()).isNull(); // a rollout that lasts has the service follow later, by itself
        world.timeline.advance(Duration.ofMinutes(1)); // a service that is idle again begins to follow
        world.settle();
        assertThat(changed.leftovers()).isEmpty();
        assertThat(world.parameter(World.WEB, "ListenerArn"))
                .as("it takes over what has changed")
                .isEqualTo(world.plane.environments().get(World.DEV).outputs().get("ListenerArn"));
        wentLive(rollingOutToItsEnd("v3"));
    }

    private String rollingOutToItsEnd(String image) {
        String rollout = rollingOut(image);
        until(() -> !isBusy());
        return rollout;
    }

    static Stream<Arguments> soItDoesWhereverTheChangeFails() {
        return Stream.of(
                Arguments.of("canary", "firewall on"),
                Arguments.of("canary", "firewall blocks"),
                Arguments.of("canary", "https on"),
                Arguments.of("blue-green", "to production"),
                Arguments.of("rolling", "to development"),
                Arguments.of("rolling", "https off"));
    }

    @ParameterizedTest
    @MethodSource
    void soItDoesWhereverTheChangeFails(String strategy, String change) {
        List<String> specs = CHANGES.get(change);
        living(specs.getFirst(), strategy);
        reachability.closing = change.startsWith("https");
        Instant begun = world.timeline.instant();
        assertThat(change(specs.getLast()).failure()).isNull();
        Set<String> touched = touched(begun);
        assertThat(change(specs.getFirst()).failure()).isNull();
        reachability.look();

        List<String> failed = new ArrayList<>();
        for (String resource : touched) {
            String rollout = rollingOut("v" + (failed.size() + 2));
            world.account.stacks().failNext("slipway-dev", resource, REASON);
            Operation refused = change(specs.getLast());
            wentLive(rollout);
            if (refused.failure() == null) {
                assertThat(change(specs.getFirst()).failure()).isNull();
                continue; // made once and kept since
            }
            failed.add(resource);
            assertThat(refused.failure().detail()).contains(REASON);
            until(() -> !isBusy());
        }

        assertThat(failed).as("of %s", touched).isNotEmpty();
        assertThat(change(specs.getLast()).failure()).isNull();
    }

    private Set<String> touched(Instant since) {
        Set<String> touched = new LinkedHashSet<>();
        boolean[] cleaning = new boolean[1];
        world
                .account
                .cloudFormation()
                .describeStackEventsPaginator(request -> request.stackName("slipway-dev"))
                .stackEvents()
                .stream()
                .filter(event -> !event.timestamp().isBefore(since))
                .toList()
                .reversed()
                .forEach(event -> {
                    boolean stack = event.logicalResourceId().equals("slipway-dev");
                    cleaning[0] = stack
                            ? event.resourceStatusAsString().equals("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
                            : cleaning[0];
                    if (!stack && !cleaning[0] && event.resourceStatusAsString().endsWith("_IN_PROGRESS")) {
                        touched.add(event.logicalResourceId());
                    }
                });
        return touched;
    }
}
