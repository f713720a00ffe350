package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.app.ControlPlane;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.RolloutRequest;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Slipway is upgraded while operations are under way: what versions before have written is read by this one, and carried on to the
 * end. {@code src/test/resources/records} has a set of records for each version, taken at the moments below. A set is never changed;
 * {@code -Dslipway.records=0.2.0} adds that of this version, before a release and where a stored record gets another shape.
 */
class RecordsOfBeforeTest {
    private static final Path SETS = Path.of("src/test/resources/records");
    private static final ObjectMapper JSON = ControlPlane.json();
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    /** The store of this world keeps JSON. */
    private final World world = new World(64);

    /** In the middle of what Slipway is upgraded. */
    enum Moment {
        /** An apply of a service changes its stack. */
        APPLY,
        /** CloudFormation makes the ECS service for the first release. */
        FIRST_RELEASE,
        /** ECS has been told to deploy, in place of the tasks before. */
        ROLLING,
        /** A canary has traffic and a verdict, and another rollout is queued behind it. */
        CANARY,
        /** The gate asks for an approval. */
        APPROVAL,
        /** Services take over what an apply of their environment has changed. */
        ENVIRONMENT,
        /** A deletion is under way. */
        DELETION
    }

    private record OneOfBefore(String type, JsonNode body) {}

    static Stream<Path> sets() throws IOException {
        if (System.getProperty("slipway.records") != null) {
            Files.createDirectories(SETS.resolve(System.getProperty("slipway.records")));
        }
        try (Stream<Path> versions = Files.list(SETS)) {
            return versions.sorted().toList().stream();
        }
    }

    static Stream<Object[]> setsAndMoments() throws IOException {
        return sets().flatMap(set -> Stream.of(Moment.values()).map(moment -> new Object[] {set, moment}));
    }

    @ParameterizedTest
    @MethodSource("setsAndMoments")
    void whatIsUnderWayIsCarriedOnToTheEnd(Path set, Moment moment) throws IOException {
        String location = reach(moment);
        if (set.endsWith(System.getProperty("slipway.records", "none"))) {
            write(set, moment);
        }
        Map<String, Set<String>> known = new TreeMap<>();
        for (Moment each : Moment.values()) {
            if (Files.exists(file(set, each))) {
                read(set, each)
                        .forEach(one ->
                                paths("", one.body(), known.computeIfAbsent(one.type(), type -> new HashSet<>())));
            }
        }
        assertThat(read(set, moment)).isNotEmpty();

        Set<String> components = components();
        world.store.rewrite((type, body) -> {
            Set<String> kept = known.get(type);
            if (kept == null) {
                return body; // a kind of record that the version before did not write: it is this one's
            }
            JsonNode now = tree(body);
            forget("", now, kept, components);
            return now.toString();
        });

        end(moment, location);
    }

    @ParameterizedTest
    @MethodSource("setsAndMoments")
    void eachRecordIsReadAndNothingOfItIsLost(Path set, Moment moment) throws Exception {
        Map<String, ItemType<?>> types = types();
        for (OneOfBefore one : read(set, moment)) {
            assertThat(types).as("a type is renamed: %s", one.type()).containsKey(one.type());
            Object value = JSON.treeToValue(one.body(), types.get(one.type()).type());
            missing("", one.body(), JSON.valueToTree(value), one.type());
        }
    }

    /** Brings the world there; what is to be looked at in the end. */
    private String reach(Moment moment) {
        world.apply(World.DEV, "terminationProtection: false\n");
        if (moment == Moment.APPLY) {
            String location = world.plane
                    .services()
                    .apply(
                            World.WEB,
                            World.serviceSpec(SERVICE.formatted("rolling")),
                            new Order(null, Set.of(), null),
                            World.by("ann"))
                    .location();
            until(Phase.STACK);
            return location;
        }
        String strategy = switch (moment) {
            case CANARY -> "canary";
            case APPROVAL -> "blue-green, approval: {when: before-production}";
            case APPLY, FIRST_RELEASE, ROLLING, ENVIRONMENT, DELETION -> "rolling";
        };
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy)).failure())
                .isNull();
        world.account.traffic().requestsPerMinute(3000);
        String first = started("v1", RolloutRequest.ConcurrencyPolicy.REJECT);
        if (moment == Moment.FIRST_RELEASE) {
            until(Phase.CREATE_SERVICE);
            return first;
        }
        if (moment == Moment.APPROVAL) {
            world.answerWhenAsked(World.WEB, World.idOf(first), true, "eve");
        }
        assertThat(world.rolledOut(World.WEB, first).state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(15));
        if (moment == Moment.ENVIRONMENT) {
            String location = world.plane
                    .environments()
                    .apply(
                            World.DEV,
                            World.environmentSpec("terminationProtection: false\ntags: {owner: ann}\n"),
                            new Order(null, Set.of(), null),
                            World.by("ann"))
                    .location();
            until(Phase.SERVICES);
            return location;
        }
        if (moment == Moment.DELETION) {
            String location = world.plane
                    .services()
                    .delete(World.WEB, deletion(), World.by("ann"))
                    .location();
            world.timeline.advance(Duration.ofSeconds(90));
            return location;
        }
        String second = started("v2", RolloutRequest.ConcurrencyPolicy.REJECT);
        world.timeline.advance(moment == Moment.ROLLING ? Duration.ofSeconds(20) : Duration.ofMinutes(12));
        if (moment == Moment.CANARY) {
            started("v3", RolloutRequest.ConcurrencyPolicy.QUEUE);
            world.timeline.advance(Duration.ofSeconds(30));
        }
        return second;
    }

    private static Deletion deletion() {
        return new Deletion(null, Set.of(), World.WEB.service());
    }

    private void end(Moment moment, String location) {
        String id = World.idOf(location);
        switch (moment) {
            case APPLY -> assertThat(operation(World.WEB, id).state()).isEqualTo(Operation.State.SUCCEEDED);
            case ENVIRONMENT -> assertThat(operation(World.DEV, id).state()).isEqualTo(Operation.State.SUCCEEDED);
            case DELETION -> {
                assertThat(operation(World.WEB, id).state()).isEqualTo(Operation.State.SUCCEEDED);
                assertThat(world.plane.services().list(World.DEV, 10, null).items())
                        .isEmpty();
            }
            case FIRST_RELEASE, ROLLING -> succeeded(location);
            case CANARY -> {
                succeeded(location);
                world.timeline.advance(Duration.ofHours(4));
                assertThat(world.record(World.WEB).live()).isEqualTo(3);
            }
            case APPROVAL -> {
                assertThat(world.plane.rollouts().rollout(World.WEB, id).isRunning())
                        .isTrue();
                world.answer(World.WEB, id, true, "because", "eve");
                succeeded(location);
            }
        }
        assertThat(world.queue.bodiesOfDead()).isEmpty();
    }

    private void succeeded(String location) {
        Rollout rollout = world.rolledOut(World.WEB, location);
        assertThat(rollout.state()).as(String.valueOf(rollout)).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private Operation operation(Target target, String id) {
        world.settle();
        return world.plane.operations().find(target, id).orElseThrow();
    }

    private String started(String image, RolloutRequest.ConcurrencyPolicy policy) {
        return world.plane
                .rollouts()
                .rollOut(World.WEB, new RolloutRequest(image, null, null, policy, null), World.by("ann"))
                .location();
    }

    private void until(Phase phase) {
        for (int steps = 0; steps < 10_000; steps++) {
            if (Stream.of(World.WEB, World.DEV)
                    .flatMap(target -> world.plane.operations().findRunning(target).stream())
                    .anyMatch(running -> running.phase() == phase)) {
                return;
            }
            world.timeline.step();
        }
        throw new AssertionError("never came to " + phase);
    }

    private static Path file(Path set, Moment moment) {
        return set.resolve(moment.name().toLowerCase(Locale.ROOT) + ".json");
    }

    private void write(Path set, Moment moment) throws IOException {
        List<JsonNode> records = new ArrayList<>();
        world.store.rewrite((type, body) -> {
            ObjectNode one = JSON.createObjectNode().put("type", type);
            one.set("body", tree(body));
            records.add(one);
            return body;
        });
        records.sort((a, b) -> a.toString().compareTo(b.toString()));
        Files.createDirectories(set);
        Files.writeString(
                file(set, moment), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(records) + "\n");
    }

    private static List<OneOfBefore> read(Path set, Moment moment) throws IOException {
        List<OneOfBefore> records = new ArrayList<>();
        JSON.readTree(file(set, moment).toFile())
                .forEach(one -> records.add(new OneOfBefore(one.get("type").asText(), one.get("body"))));
        return records;
    }

    private static JsonNode tree(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new IllegalStateException(body, e);
        }
    }

    private static void paths(String path, JsonNode node, Set<String> known) {
        known.add(path);
        node.properties().forEach(field -> paths(path + "." + field.getKey(), field.getValue(), known));
        if (node.isArray()) {
            node.forEach(element -> paths(path + "[]", element, known));
        }
    }

    /** Takes what no record of the set has, and is a component of a record of ours: keys of maps stay. */
    private static void forget(String path, JsonNode node, Set<String> known, Set<String> components) {
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                String field = path + "." + name;
                if (!known.contains(field) && components.contains(name)) {
                    object.remove(name);
                } else {
                    forget(field, object.get(name), known, components);
                }
            }
        } else if (node.isArray()) {
            node.forEach(element -> forget(path + "[]", element, known, components));
        }
    }

    /** What took the place of a component since, and is read from it. */
    private static final Map<String, String> REPLACED = Map.of("lowTraffic", "onNoEvidence");

    private static void missing(String path, JsonNode before, JsonNode now, String type) {
        assertThat(now).as("%s lost %s", type, path).isNotNull();
        if (before.isObject()) {
            before.properties().forEach(field -> {
                String instead = REPLACED.get(field.getKey());
                JsonNode found = now.get(instead == null ? field.getKey() : instead);
                JsonNode wanted = instead == null || found == null ? field.getValue() : found;
                missing(path + "." + field.getKey(), wanted, found, type);
            });
        } else if (before.isArray()) {
            assertThat(now.size()).as("%s lost of %s", type, path).isEqualTo(before.size());
            for (int i = 0; i < before.size(); i++) {
                missing(path + "[]", before.get(i), before.get(i).isValueNode() ? before.get(i) : now.get(i), type);
            }
        } else {
            assertThat(now.asText()).as("%s changed %s", type, path).isEqualTo(before.asText());
        }
    }

    private static List<Class<?>> classes() throws Exception {
        Path root = Path.of("target/classes");
        List<Class<?>> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root.resolve("dev/slipway"))) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".class"))::iterator) {
                String name = root.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
                if (!name.endsWith("package-info")) {
                    found.add(Class.forName(name, false, RecordsOfBeforeTest.class.getClassLoader()));
                }
            }
        }
        return found;
    }

    private static Set<String> components() {
        try {
            Set<String> names = new HashSet<>();
            for (Class<?> type : classes()) {
                if (type.isRecord()) {
                    for (RecordComponent component : type.getRecordComponents()) {
                        names.add(component.getName());
                    }
                }
            }
            return names;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, ItemType<?>> types() throws Exception {
        Map<String, ItemType<?>> types = new TreeMap<>();
        for (Class<?> type : classes()) {
            for (Field field : type.getDeclaredFields()) {
                boolean of = field.getType() == ItemType.class || field.getType() == Key.class;
                if (of && Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    Object value = field.get(null);
                    ItemType<?> found = value instanceof Key<?> key ? key.itemType() : (ItemType<?>) value;
                    types.put(found.name(), found);
                }
            }
        }
        return types;
    }
}
