package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.traffic.HttpCall.Client;
import dev.slipway.simulated.traffic.Senders;
import dev.slipway.simulation.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudformation.model.StackResource;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.CompositeAlarm;

/**
 * Every switch of an environment and of a service is turned on the living thing, from pairwise combinations of all to others:
 * nothing that holds traffic or data is replaced, and no request fails meanwhile. {@code -Dslipway.switches=all} goes from each
 * combination to each other; usually it is around all of them, both ways.
 */
class SwitchesTest {
    private static final boolean ALL = "all".equals(System.getProperty("slipway.switches"));
    private static final ServiceId API = new ServiceId("dev", "api");
    private static final String ARN =
            "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    /** In a network that the firewall blocks in some of the combinations. */
    private static final Client ATTACKER = new Client("203.0.113.70", "US");

    private static final String PAGER = "slipway-shared-pager";
    private static final String DOMAIN = "domain: {name: dev.example.com, hostedZoneId: Z1}\n";

    /** What carries requests or holds data, and must be the same afterwards. */
    private static final Set<String> STAYS = Set.of(
            "AWS::EC2::VPC",
            "AWS::EC2::Subnet",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            "AWS::ECS::Cluster",
            "AWS::ECS::Service",
            "AWS::ECR::Repository",
            "AWS::Logs::LogGroup",
            "AWS::S3::Bucket");

    /** A parameter that is a list, which cfn-lint wants as such. */
    private static final Pattern LIST =
            Pattern.compile("(?m)^  (\\w+):(?: \\{|\n    )Type: (?:CommaDelimitedList|List<)");

    /** What no switch turns here, and why. */
    private static final Map<String, String> APART = Map.of(
            "account", "compared, and kept nowhere",
            "region", "compared, and kept nowhere",
            "terminationProtection", "off, since presets differ in it: PresetChangesTest",
            "expires", "comes with an environment: ExpiryTest",
            "container", "is a rollout: MainJobTest",
            "environments", "merged before anything is applied: EnvironmentOverridesTest");

    private static final Map<String, List<String>> ENVIRONMENT = new TreeMap<>(Map.ofEntries(
            Map.entry("preset", List.of("", "preset: development\n", "preset: production\n")),
            Map.entry("network", List.of("", "network: {natGateways: one}\n", "network: {natGateways: none}\n")),
            Map.entry(
                    "https",
                    List.of(
                            "",
                            DOMAIN,
                            "domain: {name: dev.example.com, hostedZoneId: Z2}\n",
                            "certificateArn: " + ARN + "\n",
                            DOMAIN + "additionalDomains: [{name: shop.dev.example.com, hostedZoneId: Z1}]\n")),
            Map.entry("accessLogs", List.of("", "accessLogs: {enabled: false}\n")),
            Map.entry("flowLogs", List.of("", "flowLogs: {enabled: true}\n")),
            Map.entry(
                    "firewall",
                    List.of(
                            "",
                            "firewall: {}\n",
                            "firewall: {managedRules: {common: block, sql: none, largeBodies: count}, rateLimit: {requests: 100000}, block: [203.0.113.64/26]}\n")),
            Map.entry("insights", List.of("", "containerInsights: true\n")),
            Map.entry(
                    "alarms",
                    List.of(
                            "",
                            "alarms: {enabled: false}\n",
                            "alarms: {email: ops@example.com, dashboard: false}\n",
                            "alarms: {topic: 'arn:aws:sns:eu-central-1:123456789012:" + PAGER + "'}\n")),
            Map.entry("others", List.of("", "services: {capacity: {spotPercent: 100}}\npromoteTo: [prod]\n")),
            Map.entry("tags", List.of("", "tags: {team: blue}\n"))));

    private static final Map<String, List<String>> SERVICE = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "strategy",
                    List.of(
                            "{strategy: rolling}",
                            "{strategy: blue-green}",
                            "{strategy: canary}",
                            "{strategy: linear}")),
            Map.entry(
                    "number",
                    List.of(
                            "count: 2\n",
                            "count: 3\n",
                            "scaling: {min: 2, max: 6, requestsPerTask: 300}\n",
                            "scaling: {min: 2, max: 5, cpuPercent: 60, memoryPercent: 70, schedules: [{name: night, start: 0 22 * * *, timeZone: UTC, min: 1, max: 4}]}\n")),
            Map.entry("capacity", List.of("", "capacity: {spotPercent: 50, onDemandBase: 1}\n")),
            Map.entry(
                    "routing",
                    List.of(
                            "routing: {paths: [/web/*]}\n",
                            "routing: {paths: [/web/*, /shop/*], drainingSeconds: 10}\n",
                            "routing: {paths: [/web/*], healthCheck: {path: /health, intervalSeconds: 10}}\n")),
            Map.entry("grace", List.of("", "gracePeriodSeconds: 90\n")),
            Map.entry(
                    "alarms",
                    List.of(
                            "",
                            "alarms: {enabled: false}\n",
                            "alarms: {failedPercent: 5, slowSeconds: 0.5, cpuPercent: 80, memoryPercent: 95, dashboard: false}\n")),
            Map.entry("logs", List.of("", "logs: {retentionDays: 7}\n")),
            Map.entry("exec", List.of("", "exec: true\n")),
            Map.entry(
                    "others",
                    List.of(
                            "",
                            "registry: {keepImages: 20}\nfreezes: [{name: night, start: 0 1 * * SUN, durationMinutes: 1, timeZone: UTC}]\n")),
            Map.entry("tags", List.of("", "tags: {team: blue}\n"))));

    private World world = new World(1);
    private Reachability reachability = new Reachability(world, List.of());

    private static String environment(Map<String, String> settings) {
        return "terminationProtection: false\n" + String.join("", settings.values());
    }

    private static String service(Map<String, String> settings) {
        Map<String, String> others = new TreeMap<>(settings);
        String strategy = others.remove("strategy");
        return "container: {port: 8000}\nrollout: " + strategy + "\n" + String.join("", others.values());
    }

    /** Around all combinations, both ways, in a few walks; or from each to each other. */
    private static Stream<List<Map<String, String>>> walks(Map<String, List<String>> switches) {
        List<Map<String, String>> all = Pairwise.combinations(switches, 7);
        if (!ALL) {
            return Stream.of(all, all.reversed());
        }
        return all.stream()
                .map(one -> all.stream().flatMap(other -> Stream.of(one, other)).toList());
    }

    static Stream<List<Map<String, String>>> environments() {
        return walks(ENVIRONMENT);
    }

    static Stream<List<Map<String, String>>> services() {
        return walks(SERVICE);
    }

    private void living(String environment, String service) {
        world = new World(1);
        reachability = new Reachability(world, List.of(World.WEB, API));
        world.account.sns().createTopic(request -> request.name(PAGER));
        assertThat(world.apply(World.DEV, environment).failure()).isNull();
        assertThat(world.apply(World.WEB, service).failure()).isNull();
        assertThat(world.apply(
                                API,
                                "container: {port: 8000}\nrouting: {paths: [/api/*]}\nrollout: {strategy: rolling}\n")
                        .failure())
                .isNull();
        for (ServiceId id : List.of(World.WEB, API)) {
            assertThat(world.rollOut(id, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
        reachability.people = 0.9;
        world.account
                .traffic()
                .senders("web", Senders.people(0.9), Senders.asking(0.1, 5, "/web/?q=1'%20or%201=1", ATTACKER));
        reachability.look();
    }

    /** A setting that comes is switched here, or is named among those that are not. */
    @ParameterizedTest
    @ValueSource(strings = {"environment", "service"})
    void everySettingThereIsIsSwitched(String kind) throws IOException {
        JsonNode schema =
                new ObjectMapper().readTree(Files.readString(Path.of("src/main/resources/schemas/" + kind + ".json")));
        Map<String, List<String>> switches = kind.equals("environment") ? ENVIRONMENT : SERVICE;
        List<String> settings = switches.entrySet().stream()
                .flatMap(each -> each.getValue().stream()
                        .map(setting -> each.getKey().equals("strategy") ? "rollout: " + setting : setting))
                .toList();

        assertThat(schema.path("properties").fieldNames())
                .toIterable()
                .filteredOn(property ->
                        !APART.containsKey(property) && !(kind.equals("environment") && property.equals("freezes")))
                .allSatisfy(property -> assertThat(settings)
                        .anyMatch(setting -> setting.lines().anyMatch(line -> line.startsWith(property + ":"))
                                || setting.contains(" " + property + ": ")));
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource
    void environments(List<Map<String, String>> walk) {
        String plain =
                "container: {port: 8000}\nrouting: {paths: [/web/*]}\nrollout: {strategy: blue-green, bakeMinutes: 0}\n";
        living(environment(walk.getFirst()), plain);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        for (Map<String, String> next : walk.subList(1, walk.size())) {
            change(
                    World.DEV,
                    environment(next),
                    () -> world.plane
                            .environments()
                            .apply(World.DEV, World.environmentSpec(environment(next)), order(), World.by("ann")));
        }
        assertThat(world.rollOut(World.WEB, "v3").state()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource
    void services(List<Map<String, String>> walk) {
        living("terminationProtection: false\n", service(walk.getFirst()));
        for (Map<String, String> next : walk.subList(1, walk.size())) {
            change(
                    World.WEB,
                    service(next),
                    () -> world.plane
                            .services()
                            .apply(World.WEB, World.serviceSpec(service(next)), order(), World.by("ann")));
            assertThat(world.record(World.WEB).live()).isEqualTo(1);
        }
        Rollout rollout = world.rollOut(World.WEB, "v2");
        assertThat(rollout.state()).as("%s", rollout.outcome()).isEqualTo(Rollout.State.SUCCEEDED);
        reachability.look();
    }

    /** What is meant to go may go: names, the listener that nobody uses any more, ways out, logs. */
    private Order order() {
        Set<String> allowed = Stream.concat(
                        Stream.of("HttpsListener", "DomainRecord", "WildcardRecord", "FirewallLog", "FlowLogBucket"),
                        IntStream.rangeClosed(1, 4)
                                .boxed()
                                .flatMap(slot -> Stream.of("DomainRecord" + slot, "WildcardRecord" + slot)))
                .collect(Collectors.toSet());
        for (String zone : List.of("A", "B", "C")) {
            allowed.add("NatGateway" + zone);
            allowed.add("NatAddress" + zone);
        }
        return new Order(null, allowed, new ControlOverride(List.of(), "as the test wants it"));
    }

    private void change(Target target, String spec, java.util.function.Supplier<Accepted> apply) {
        List<Target> stacks = List.of(World.DEV, World.WEB, API);
        Map<String, String> before = new LinkedHashMap<>();
        stacks.forEach(stack -> before.putAll(lasting(stack)));
        reachability.closing = !spec.contains("domain:") && !spec.contains("certificateArn:");
        String accepted = apply.get().id();
        Instant limit = world.timeline.instant().plusSeconds(100_000);
        while (stacks.stream()
                .anyMatch(stack -> world.plane.operations().findRunning(stack).isPresent())) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            reachability.look();
        }
        Operation operation = world.plane.operations().find(target, accepted).orElseThrow();
        assertThat(operation.failure()).as(spec).isNull();
        Map<String, String> after = new LinkedHashMap<>();
        stacks.forEach(stack -> after.putAll(lasting(stack)));
        before.forEach((resource, id) -> {
            if (after.containsKey(resource)) {
                assertThat(after).as(spec).containsEntry(resource, id);
            } else { // logs that were turned off
                assertThat(resource).as(spec).containsAnyOf("FirewallLog", "FlowLog");
            }
        });
        watched(target, spec);
        written(target);
    }

    /** What the stack was made with, for {@code make lint-switches} to hold the template to. */
    private void written(Target target) {
        Path template = Path.of("src/main/resources/stacks")
                .resolve(target.equals(World.DEV) ? "environment.yaml" : "service.yaml");
        ObjectNode deployment = JsonNodeFactory.instance.objectNode().put("template-file-path", template.toString());
        ObjectNode parameters = deployment.putObject("parameters");
        try {
            Set<String> lists = LIST.matcher(Files.readString(template))
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toSet());
            world.stack(target).parameters().forEach(parameter -> {
                if (lists.contains(parameter.parameterKey())) {
                    ArrayNode items = parameters.putArray(parameter.parameterKey());
                    Stream.of(parameter.parameterValue().split(",", -1))
                            .filter(item -> !item.isEmpty())
                            .forEach(items::add);
                } else {
                    parameters.put(parameter.parameterKey(), parameter.parameterValue());
                }
            });
            Path file = Path.of("target/switches/%s-%08x.json"
                    .formatted(target.stackName(), deployment.toString().hashCode()));
            Files.createDirectories(file.getParent());
            Files.writeString(file, deployment.toPrettyString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Who is watched is so to the last alarm, by the topic of the environment, and none of the changes is an incident. */
    private void watched(Target target, String spec) {
        List<CompositeAlarm> pages = world.account
                .cloudWatch()
                .describeAlarms(request -> request.alarmNames("slipway-dev/web").alarmTypes(AlarmType.COMPOSITE_ALARM))
                .compositeAlarms();
        int environments = world.account
                .cloudWatch()
                .describeAlarms(request -> request.alarmNamePrefix("slipway-dev/environment/"))
                .metricAlarms()
                .size();
        boolean off = spec.contains("alarms: {enabled: false}");
        if (target.equals(World.DEV)) {
            assertThat(environments > 0).as(spec).isEqualTo(!off);
            assertThat(pages).as(spec).singleElement().satisfies(page -> {
                assertThat(page.alarmActions()).hasSize(off ? 0 : 1);
                assertThat(page.alarmActions()).allMatch(topic -> topic.endsWith(PAGER) == spec.contains(PAGER));
            });
        } else {
            assertThat(pages).as(spec).hasSize(off ? 0 : 1);
        }
        assertThat(world.account.published())
                .as(spec)
                .noneMatch(message -> message.message().contains("\"NewStateValue\":\"ALARM\""));
    }

    private Map<String, String> lasting(Target target) {
        Map<String, String> found = new LinkedHashMap<>();
        world
                .account
                .cloudFormation()
                .describeStackResources(request -> request.stackName(target.stackName()))
                .stackResources()
                .stream()
                .filter(resource -> STAYS.contains(resource.resourceType()))
                .filter(resource -> !resource.resourceStatusAsString().startsWith("DELETE"))
                .sorted(Comparator.comparing(StackResource::logicalResourceId))
                .forEach(resource ->
                        found.put(target.key() + " " + resource.logicalResourceId(), resource.physicalResourceId()));
        return found;
    }
}
