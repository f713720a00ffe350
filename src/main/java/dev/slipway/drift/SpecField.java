package dev.slipway.drift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a spec has to say for something to stay as it is.
 *
 * @param field such as {@code logs.retentionDays}
 * @param value that it has to have there; whether a spec may have it is found when the spec is applied
 */
@RegisterForReflection
public record SpecField(String field, JsonNode value) {
    private static final String GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup ";
    private static final String POLICY = "/TargetTrackingScalingPolicyConfiguration";

    /** By the type of a resource, or by its logical id where several of a type have fields of their own, and the property. */
    private static final Map<String, String> SERVICE = Map.ofEntries(
            Map.entry("AWS::Logs::LogGroup /RetentionInDays", "logs.retentionDays"),
            Map.entry("AWS::ECS::Service /HealthCheckGracePeriodSeconds", "gracePeriodSeconds"),
            Map.entry("AWS::ECS::Service /EnableExecuteCommand", "exec"),
            Map.entry(GROUP + "/HealthCheckPath", "routing.healthCheck.path"),
            Map.entry(GROUP + "/HealthCheckIntervalSeconds", "routing.healthCheck.intervalSeconds"),
            Map.entry(GROUP + "/HealthCheckTimeoutSeconds", "routing.healthCheck.timeoutSeconds"),
            Map.entry(GROUP + "/HealthyThresholdCount", "routing.healthCheck.healthyThreshold"),
            Map.entry(GROUP + "/UnhealthyThresholdCount", "routing.healthCheck.unhealthyThreshold"),
            Map.entry(GROUP + "/Matcher/HttpCode", "routing.healthCheck.codes"),
            Map.entry(GROUP + "/TargetGroupAttributes/0/Value", "routing.drainingSeconds"),
            Map.entry("ScaleByCpu " + POLICY + "/TargetValue", "scaling.cpuPercent"),
            Map.entry("ScaleByMemory " + POLICY + "/TargetValue", "scaling.memoryPercent"),
            Map.entry("ScaleByRequests " + POLICY + "/TargetValue", "scaling.requestsPerTask"),
            Map.entry(
                    "AWS::ApplicationAutoScaling::ScalingPolicy " + POLICY + "/ScaleOutCooldown",
                    "scaling.scaleOutCooldownSeconds"),
            Map.entry(
                    "AWS::ApplicationAutoScaling::ScalingPolicy " + POLICY + "/ScaleInCooldown",
                    "scaling.scaleInCooldownSeconds"),
            Map.entry("FailedAlarm /Threshold", "alarms.failedPercent"),
            Map.entry("CpuAlarm /Threshold", "alarms.cpuPercent"),
            Map.entry("MemoryAlarm /Threshold", "alarms.memoryPercent"));

    private static final Map<String, String> ENVIRONMENT =
            Map.of("FirewallLog /RetentionInDays", "firewall.logs.retentionDays");
    private static final Map<String, String> PIPELINE = Map.of(
            "LogGroup /RetentionInDays",
            "logs.retentionDays",
            "BuildProject /TimeoutInMinutes",
            "build.timeoutMinutes");

    static SpecField of(String field, int value) {
        return new SpecField(field, IntNode.valueOf(value));
    }

    /** What keeps a property as it is; empty where no field stands for it, or it is not there. */
    static Optional<SpecField> of(Target target, String resource, String type, String path, @Nullable String actual) {
        Map<String, String> fields = switch (target) {
            case ServiceId _ -> SERVICE;
            case EnvironmentId _ -> ENVIRONMENT;
            case PipelineId _ -> PIPELINE;
        };
        String field = fields.getOrDefault(resource + " " + path, fields.get(type + " " + path));
        return field == null || actual == null
                ? Optional.empty()
                : Optional.of(new SpecField(field, value(field, actual)));
    }

    /** CloudFormation tells all values as texts; codes such as {@code 200} are one. */
    private static JsonNode value(String field, String text) {
        if (field.equals("routing.healthCheck.codes") || field.equals("routing.healthCheck.path")) {
            return TextNode.valueOf(text);
        }
        if (text.equals("true") || text.equals("false")) {
            return BooleanNode.valueOf(Boolean.parseBoolean(text));
        }
        try {
            BigDecimal number = new BigDecimal(text).stripTrailingZeros();
            return number.scale() <= 0 ? IntNode.valueOf(number.intValueExact()) : DecimalNode.valueOf(number);
        } catch (ArithmeticException | NumberFormatException e) {
            return TextNode.valueOf(text);
        }
    }

    /** Has a spec say it. What the spec does not have yet on the way there is made. */
    void putInto(ObjectNode spec) {
        String[] names = field.split("\\.", -1);
        ObjectNode at = spec;
        for (String name : Arrays.copyOf(names, names.length - 1)) {
            at = at.path(name) instanceof ObjectNode inner ? inner : at.putObject(name);
        }
        at.set(names[names.length - 1], value);
    }

    @Override
    public String toString() {
        return "%s: %s".formatted(field, value.isTextual() ? value.asText() : value);
    }
}
