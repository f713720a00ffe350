package dev.slipway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A line as CloudWatch Logs reads it, if it follows the rules of the format: otherwise no metric comes of it, and nobody is told.
 *
 * <p>https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * @param dimensions by name
 * @param values by metric
 */
public record EmbeddedLine(Map<String, String> dimensions, Map<String, Double> values, JsonNode root) {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
    private static final Set<String> UNITS = Set.of("Seconds", "Milliseconds", "Count", "Percent", "Bytes", "None");
    private static final int MOST_BYTES = 256 * 1024; // the smaller of the two that AWS's pages tell
    private static final int MOST_METRICS = 100;
    private static final int MOST_DIMENSIONS = 30;

    /** Fails where the line breaks a rule. */
    public static EmbeddedLine read(String line) {
        assertThat(line).startsWith("{").endsWith("}").doesNotContain("\n", "\r");
        assertThat(line.getBytes(StandardCharsets.UTF_8).length).isLessThan(MOST_BYTES);
        JsonNode root = parse(line);
        JsonNode metadata = root.path("_aws");
        assertThat(metadata.path("Timestamp").isIntegralNumber()).isTrue();
        assertThat(metadata.path("CloudWatchMetrics")).hasSize(1);
        JsonNode directive = metadata.path("CloudWatchMetrics").path(0);
        assertThat(directive.path("Namespace").asText())
                .matches("[A-Za-z0-9._/#:-]{1,255}")
                .doesNotStartWith("AWS/");
        assertThat(directive.path("Dimensions")).as("each set is paid for").hasSize(1);
        Map<String, String> dimensions = new TreeMap<>();
        directive.path("Dimensions").path(0).forEach(name -> {
            JsonNode target = root.path(name.asText());
            assertThat(name.asText()).hasSizeBetween(1, 250);
            assertThat(target.isTextual()).as(name.asText()).isTrue();
            assertThat(target.asText()).hasSizeBetween(1, 1024);
            dimensions.put(name.asText(), target.asText());
        });
        assertThat(dimensions).hasSizeLessThanOrEqualTo(MOST_DIMENSIONS);
        Map<String, Double> values = new TreeMap<>();
        directive.path("Metrics").forEach(metric -> {
            JsonNode target = root.path(metric.path("Name").asText());
            assertThat(target.isNumber()).as(metric.toString()).isTrue();
            assertThat(UNITS).contains(metric.path("Unit").asText());
            values.put(metric.path("Name").asText(), target.asDouble());
        });
        assertThat(values).isNotEmpty().hasSizeLessThanOrEqualTo(MOST_METRICS);
        assertThat(root.has("Service") && root.has("Environment"))
                .as("CloudWatch takes the two for an entity")
                .isFalse();
        return new EmbeddedLine(dimensions, values, root);
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }
}
