package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.list;
import static dev.slipway.deploy.TemplateFile.map;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metrics of Slipway itself in template.yaml: nobody has them who has not asked for them. */
class OwnMetricsTemplateTest {
    private static final TemplateFile TEMPLATE = TemplateFile.read(Path.of("template.yaml"));
    private static final Pattern SEARCHED = Pattern.compile("\\{Slipway,[A-Za-z,]+} MetricName=\"([A-Za-z]+)\"");

    /** The dashboard's body as CloudFormation makes it, with X for what comes from other resources. */
    private static JsonNode widgets(boolean metrics) throws JsonProcessingException {
        List<Object> sub = list(map(TEMPLATE.properties("ControlPlaneDashboard").get("DashboardBody"))
                .get("Sub"));
        List<Object> own = list(map(map(sub.get(1)).get("OwnMetrics")).get("If"));
        assertThat(own.getFirst()).isEqualTo("HasMetrics");
        String added =
                metrics ? map(own.get(1)).get("Sub").toString() : own.get(2).toString();
        String body = sub.getFirst().toString().replace("${OwnMetrics}", added);
        return new ObjectMapper()
                .readTree(body.replaceAll("\\$\\{[A-Z][A-Za-z:.]*}", "X").replace("${!", "${"))
                .path("widgets");
    }

    private static Set<String> shown(JsonNode widgets) {
        String text = widgets.toString().replace("\\\"", "\"");
        return Stream.concat(
                        SEARCHED.matcher(text).results().map((MatchResult found) -> found.group(1)),
                        widgets.findValues("metrics").stream()
                                .flatMap(metrics -> Stream.iterate(0, i -> i < metrics.size(), i -> i + 1)
                                        .map(metrics::get))
                                .filter(metric -> metric.path(0).asText().equals("Slipway"))
                                .map(metric -> metric.path(1).asText()))
                .collect(toSet());
    }

    @Test
    void theyAreOffByDefault() {
        assertThat(map(map(TEMPLATE.content().get("Parameters")).get("Metrics")))
                .containsEntry("Default", "false")
                .containsEntry("AllowedValues", List.of("true", "false"));
        assertThat(map(TEMPLATE.variables("WorkerFunction").get("SLIPWAY_METRICS")))
                .containsEntry("Ref", "Metrics");
    }

    @Test
    void theDashboardShowsThemWhereBothWereAskedFor() throws JsonProcessingException {
        assertThat(shown(widgets(false))).isEmpty();
        assertThat(shown(widgets(true)))
                .containsExactlyInAnyOrder(
                        "OperationDuration",
                        "RolloutDuration",
                        "TimeToVerdict",
                        "FailedPasses",
                        "ReturnedMessages",
                        "ThrottledCalls",
                        "OpenOperations",
                        "StuckOperations",
                        "ResyncInterval");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noWidgetLiesOnAnother(boolean metrics) throws JsonProcessingException {
        JsonNode widgets = widgets(metrics);

        assertThat(widgets).isNotEmpty().allSatisfy(widget -> {
            assertThat(widget.path("x").asInt() + widget.path("width").asInt()).isLessThanOrEqualTo(24);
            assertThat(widgets)
                    .filteredOn(other -> other != widget
                            && other.path("x").asInt()
                                    < widget.path("x").asInt()
                                            + widget.path("width").asInt()
                            && widget.path("x").asInt()
                                    < other.path("x").asInt()
                                            + other.path("width").asInt()
                            && other.path("y").asInt()
                                    < widget.path("y").asInt()
                                            + widget.path("height").asInt()
                            && widget.path("y").asInt()
                                    < other.path("y").asInt()
                                            + other.path("height").asInt())
                    .isEmpty();
        });
    }

    /** CloudWatch makes metrics out of log groups of the standard class only, and Lambda leaves lines as they are in the format Text. */
    @ParameterizedTest
    @ValueSource(strings = {"ApiFunction", "WorkerFunction", "HookFunction", "PipelineFunction"})
    void theLinesOfAFunctionReachALogThatCloudWatchReads(String function) {
        assertThat(map(TEMPLATE.properties(function).get("LoggingConfig"))).containsOnlyKeys("LogGroup");
        String group = map(map(TEMPLATE.properties(function).get("LoggingConfig"))
                        .get("LogGroup"))
                .get("Ref")
                .toString();
        assertThat(TEMPLATE.properties(group)).doesNotContainKey("LogGroupClass");
    }
}
