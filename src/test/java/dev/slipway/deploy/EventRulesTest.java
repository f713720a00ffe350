package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.simulated.events.EventRules;
import dev.slipway.simulation.RecordedEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Which events the rules of template.yaml send to the queue, and that the simulated account sends the same, over all events of
 * a real history.
 */
class EventRulesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theSimulationFollowsTheDeployedRules() {
        List<JsonNode> patterns = patterns();
        List<String> events = RecordedEvents.ofAGoodAndABadRollout();
        assertThat(patterns).hasSizeGreaterThan(3);
        assertThat(events).anyMatch(EventRules::match).anyMatch(event -> !EventRules.match(event));
        for (String event : events) {
            boolean deployed = patterns.stream().anyMatch(pattern -> matches(pattern, read(event)));
            assertThat(EventRules.match(event)).as(event).isEqualTo(deployed);
        }
    }

    /** As AWS's user guides show them, with our names; of ECR's only the documented sample is known. */
    @Test
    void whatHappensToStacksPipelinesAndRegistriesOfOursReachesTheQueueOnce() throws IOException {
        assertThat(recorded("events/queued.json"))
                .hasSize(8)
                .allSatisfy(event -> assertThat(rulesFor(event)).as("%s", event).isOne());
        assertThat(recorded("pipeline/events.json"))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(rulesFor(event)).as("%s", event).isOne());
    }

    @Test
    void whatIsNotOursOrTellsNothingDoesNotReachIt() throws IOException {
        assertThat(recorded("events/not-queued.json"))
                .hasSize(12)
                .allSatisfy(event -> assertThat(rulesFor(event)).as("%s", event).isZero());
    }

    private static JsonNode recorded(String file) throws IOException {
        return JSON.readTree(Files.readString(Path.of("src/test/resources", file)));
    }

    private static long rulesFor(JsonNode event) {
        return patterns().stream().filter(pattern -> matches(pattern, event)).count();
    }

    private static List<JsonNode> patterns() {
        List<JsonNode> patterns = new ArrayList<>();
        JsonNode template =
                JSON.valueToTree(TemplateFile.read(Path.of("template.yaml")).content());
        for (JsonNode resource : template.path("Resources")) {
            if (resource.path("Type").asText().equals("AWS::Events::Rule")
                    && resource.path("Properties").has("EventPattern")) {
                patterns.add(resource.path("Properties").path("EventPattern"));
            }
        }
        return patterns;
    }

    /** EventBridge's matching, as far as the template uses it: exact values and prefixes; an array matches by any. */
    private static boolean matches(JsonNode pattern, JsonNode value) {
        for (Map.Entry<String, JsonNode> field : pattern.properties()) {
            JsonNode found = value.path(field.getKey());
            boolean fits =
                    field.getValue().isObject() ? matches(field.getValue(), found) : any(field.getValue(), found);
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean any(JsonNode allowed, JsonNode found) {
        if (found.isArray()) {
            for (JsonNode one : found) {
                if (any(allowed, one)) {
                    return true;
                }
            }
            return false;
        }
        for (JsonNode one : allowed) {
            boolean fits = one.isObject()
                    ? found.asText().startsWith(prefix(one))
                    : one.asText().equals(found.asText());
            if (fits) {
                return true;
            }
        }
        return false;
    }

    private static String prefix(JsonNode matcher) {
        JsonNode prefix = matcher.path("prefix");
        String text =
                prefix.isTextual() ? prefix.asText() : prefix.elements().next().asText();
        return text.replace("${AWS::Partition}", "aws")
                .replace("${AWS::Region}", "eu-central-1")
                .replace("${AWS::AccountId}", "123456789012");
    }

    private static JsonNode read(String event) {
        try {
            return JSON.readTree(event);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
