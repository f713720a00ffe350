package dev.slipway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.metrics.Sample.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddedMetricsTest {
    private final List<String> lines = new ArrayList<>();
    private final Metrics metrics = new EmbeddedMetrics(lines::add, () -> Instant.ofEpochMilli(1_767_225_600_123L));

    @Test
    void aSampleIsOneLineThatCloudWatchReads() {
        metrics.put(new Sample()
                .by("Type", "APPLY")
                .by("State", "FAILED")
                .value("OperationDuration", Unit.SECONDS, 72.5)
                .property("target", "prod/web")
                .property("failure", null));

        assertThat(lines)
                .containsExactly(
                        "{\"_aws\":{\"Timestamp\":1767225600123,\"CloudWatchMetrics\":[{\"Namespace\":\"Slipway\","
                                + "\"Dimensions\":[[\"Type\",\"State\"]],"
                                + "\"Metrics\":[{\"Name\":\"OperationDuration\",\"Unit\":\"Seconds\"}]}]},"
                                + "\"Type\":\"APPLY\",\"State\":\"FAILED\",\"OperationDuration\":72.5,\"target\":\"prod/web\"}");
        assertThat(EmbeddedLine.read(lines.getFirst()).values()).containsEntry("OperationDuration", 72.5);
    }

    @Test
    void severalValuesWithoutADimensionAreOneLineToo() {
        metrics.put(new Sample().value("OpenOperations", Unit.COUNT, 3).value("StuckOperations", Unit.COUNT, 0));

        EmbeddedLine line = EmbeddedLine.read(lines.getFirst());
        assertThat(line.dimensions()).isEmpty();
        assertThat(line.values()).containsOnlyKeys("OpenOperations", "StuckOperations");
    }

    @Test
    void whatAPropertyHoldsBreaksNoLine() {
        metrics.put(new Sample().value("FailedPasses", Unit.COUNT, 1).property("phase", "a \"b\"\n{c}"));

        assertThat(EmbeddedLine.read(lines.getFirst()).root().path("phase").asText())
                .isEqualTo("a \"b\"\n{c}");
    }
}
