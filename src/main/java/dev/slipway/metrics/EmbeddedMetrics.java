package dev.slipway.metrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * Writes each sample as a line in CloudWatch's embedded metric format, out of which CloudWatch Logs makes metrics: one JSON object
 * with nothing before and after it. So the line goes past the logger, which would wrap it.
 *
 * <p>https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
public final class EmbeddedMetrics implements Metrics {
    static final String NAMESPACE = "Slipway";

    private final Consumer<String> lines;
    private final InstantSource clock;

    /** @param lines takes one line each time, without its end */
    public EmbeddedMetrics(Consumer<String> lines, InstantSource clock) {
        this.lines = lines;
        this.clock = clock;
    }

    @Override
    public void put(Sample sample) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = line.putObject("_aws").put("Timestamp", clock.millis());
        ObjectNode directive =
                metadata.putArray("CloudWatchMetrics").addObject().put("Namespace", NAMESPACE);
        ArrayNode dimensions = directive.putArray("Dimensions").addArray(); // one set: each set is paid for
        ArrayNode definitions = directive.putArray("Metrics");
        sample.dimensions().forEach((name, value) -> {
            dimensions.add(name);
            line.put(name, value);
        });
        sample.values().forEach((name, value) -> {
            definitions.addObject().put("Name", name).put("Unit", value.unit().spelled());
            line.put(name, value.number());
        });
        sample.properties().forEach(line::put);
        lines.accept(line.toString());
    }
}
