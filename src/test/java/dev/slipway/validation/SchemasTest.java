package dev.slipway.validation;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.firewall.FirewallSettings;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.release.ContainerSettings;
import dev.slipway.scaling.ScalingSettings;
import dev.slipway.service.ServiceSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemasTest {
    @Test
    void schemasAndRecordsHaveTheSameKeys() {
        Map<String, Class<?>> service = Map.ofEntries(
                Map.entry("", ServiceSpec.class),
                Map.entry("/properties/container", ContainerSettings.class),
                Map.entry("/properties/container/properties/healthCheck", ContainerSettings.HealthCheck.class),
                Map.entry("/properties/routing", ServiceSpec.Routing.class),
                Map.entry("/properties/routing/properties/healthCheck", ServiceSpec.HealthCheck.class),
                Map.entry("/properties/logs", ServiceSpec.Logs.class),
                Map.entry("/properties/alarms", ServiceSpec.Alarms.class),
                Map.entry("/properties/registry", ServiceSpec.Registry.class),
                Map.entry("/properties/scaling", ScalingSettings.class),
                Map.entry("/properties/scaling/properties/schedules/items", ScalingSettings.Schedule.class),
                Map.entry("/properties/capacity", ServiceSpec.Capacity.class));
        service.forEach((pointer, type) ->
                assertSameKeys("service", pointer, type, pointer.isEmpty() ? Set.of(ServiceDocument.KEY) : Set.of()));
        Map<String, Class<?>> rollout = Map.of(
                "", RolloutSettings.class,
                "/properties/canary", RolloutSettings.Canary.class,
                "/properties/linear", RolloutSettings.Linear.class,
                "/properties/checks/items", RolloutSettings.Check.class,
                "/properties/approval", RolloutSettings.Approval.class,
                "/properties/verdict", RolloutSettings.VerdictRules.class,
                "/properties/verdict/properties/metrics/items", RolloutSettings.VerdictRules.Metric.class,
                "/properties/before", RolloutSettings.Before.class);
        rollout.forEach((pointer, type) -> assertSameKeys("service", "/properties/rollout" + pointer, type, Set.of()));
        Map<String, Class<?>> environment = Map.ofEntries(
                entry("", EnvironmentSpec.class),
                entry("/properties/network", EnvironmentSpec.Network.class),
                entry("/properties/domain", EnvironmentSpec.Domain.class),
                entry("/properties/alarms", EnvironmentSpec.Alarms.class),
                entry("/properties/accessLogs", EnvironmentSpec.Logs.class),
                entry("/properties/flowLogs", EnvironmentSpec.Logs.class),
                entry("/properties/services", EnvironmentSpec.ServiceDefaults.class),
                entry("/properties/services/properties/container", EnvironmentSpec.ServiceDefaults.Container.class),
                entry("/properties/services/properties/capacity", EnvironmentSpec.ServiceDefaults.Capacity.class),
                entry("/properties/firewall", FirewallSettings.class),
                entry("/properties/firewall/properties/managedRules", FirewallSettings.ManagedRules.class),
                entry("/properties/firewall/properties/rateLimit", FirewallSettings.RateLimit.class),
                entry("/properties/firewall/properties/countries", FirewallSettings.Countries.class),
                entry("/properties/firewall/properties/exceptions/items", FirewallSettings.PathException.class),
                entry("/properties/firewall/properties/logs", FirewallSettings.Logs.class));
        environment.forEach((pointer, type) -> assertSameKeys("environment", pointer, type, Set.of()));
        Map<String, Class<?>> pipeline = Map.of(
                "", PipelineSpec.class,
                "/properties/repository", PipelineSpec.Repository.class,
                "/properties/build", PipelineSpec.Build.class,
                "/properties/build/properties/test", PipelineSpec.Test.class,
                "/properties/deploy/items", PipelineSpec.Stage.class,
                "/properties/logs", PipelineSpec.Logs.class);
        pipeline.forEach((pointer, type) -> assertSameKeys("pipeline", pointer, type, Set.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"service", "environment", "pipeline"})
    void everyDefaultIsWithinItsOwnSchema(String name) {
        SpecSchema schema = SpecSchema.load(name);
        ObjectNode least = new ObjectMapper().createObjectNode();
        if (name.equals("service")) {
            least.putObject("container")
                    .put("port", 1)
                    .putObject("healthCheck")
                    .putArray("command")
                    .add("CMD")
                    .add("x");
        }
        if (name.equals("pipeline")) {
            least.putObject("repository").put("id", "acme/web");
            least.putArray("deploy").addObject().put("environment", "prod");
        }
        JsonNode complete = schema.withDefaults(least);

        assertThat(schema.errors(complete)).isEmpty();
        assertThat(least.size()).as("the document itself is left as it is").isLessThan(complete.size());
        assertThat(meaning(name, complete)).isEmpty();
    }

    private static List<?> meaning(String name, JsonNode complete) {
        return switch (name) {
            case "service" -> ServiceValidator.check(complete);
            case "environment" -> EnvironmentValidator.check(complete);
            default -> PipelineValidator.check(complete);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"service", "environment", "pipeline"})
    void everyObjectRefusesUnknownKeysAndEveryKeySaysWhatItIs(String name) {
        walk(name, SpecSchema.load(name).source());
    }

    /** Repeated groups make the JDK's matcher recurse: of 5 KB and more each of these once exhausted the stack. */
    @ParameterizedTest
    @ValueSource(strings = {"service", "environment", "pipeline"})
    void aTextOfAnyLengthIsRefusedAndNotMatched(String name) {
        SpecSchema schema = SpecSchema.load(name);
        List<String> pointers = new ArrayList<>();
        texts("", schema.source(), pointers);

        assertThat(pointers).isNotEmpty().allSatisfy(pointer -> {
            for (String unit : List.of("a.", "a-", "a/", "/a", "200,", "1", "arn:aws:", "é", "\\")) {
                JsonNode document = nested(pointer, unit.repeat(100_000));
                assertThat(schema.errors(document))
                        .as(pointer + " " + unit)
                        .anyMatch(error -> pointer.startsWith(error.field()) || pointer.endsWith("{}"));
                meaning(name, schema.withDefaults(document));
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"service", "environment", "pipeline"})
    void everyTextWithAPatternHasALengthWithinWhatIsMatched(String name) {
        assertThat(SpecSchema.load(name).source().findParents("pattern"))
                .filteredOn(schema -> schema.path("pattern").isTextual())
                .isNotEmpty()
                .allSatisfy(schema -> assertThat(schema.path("maxLength").asInt(Integer.MAX_VALUE))
                        .as(schema.toString())
                        .isLessThanOrEqualTo(SpecSchema.MAX_MATCHED_LENGTH));
    }

    /** Where texts with a pattern stand: pointers into a document, {@code 0} for an item, {@code {}} for a key of any name. */
    private static void texts(String at, JsonNode schema, List<String> found) {
        if (!schema.isObject()) {
            return;
        }
        if (schema.path("pattern").isTextual()) {
            found.add(at);
        }
        schema.path("properties")
                .properties()
                .forEach(inner -> texts(at + "/" + inner.getKey(), inner.getValue(), found));
        texts(at + "/0", schema.path("items"), found);
        texts(at + "/A", schema.path("additionalProperties"), found);
        texts(at + "/{}", schema.path("propertyNames"), found);
    }

    private static JsonNode nested(String pointer, String text) {
        JsonNode value = new ObjectMapper().getNodeFactory().textNode(text);
        String[] keys = pointer.substring(1).split("/");
        for (int at = keys.length - 1; at >= 0; at--) {
            value = switch (keys[at]) {
                case "0" -> new ObjectMapper().createArrayNode().add(value);
                case "{}" -> new ObjectMapper().createObjectNode().put(text, "x");
                default -> new ObjectMapper().createObjectNode().set(keys[at], value);
            };
        }
        return value;
    }

    private static void walk(String at, JsonNode schema) {
        assertThat(schema.path("title").asText()).as(at).isNotEmpty();
        if (schema.path("type").asText().equals("object")) {
            assertThat(schema.has("additionalProperties")).as(at).isTrue();
        }
        schema.path("properties").properties().forEach(inner -> walk(at + "/" + inner.getKey(), inner.getValue()));
    }

    private static void assertSameKeys(String schema, String pointer, Class<?> type, Set<String> besides) {
        Set<String> components = new TreeSet<>(besides);
        Arrays.stream(type.getRecordComponents()).forEach(component -> components.add(component.getName()));
        Set<String> keys = new TreeSet<>();
        SpecSchema.load(schema)
                .source()
                .at(pointer + "/properties")
                .fieldNames()
                .forEachRemaining(keys::add);
        assertThat(keys).as(schema + pointer).isEqualTo(components);
    }
}
