package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackDriftDetectionStatusResponse;
import software.amazon.awssdk.services.cloudformation.model.DifferenceType;
import software.amazon.awssdk.services.cloudformation.model.PropertyDifference;
import software.amazon.awssdk.services.cloudformation.model.StackDriftDetectionStatus;
import software.amazon.awssdk.services.cloudformation.model.StackDriftInformation;
import software.amazon.awssdk.services.cloudformation.model.StackDriftStatus;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDrift;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDriftStatus;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/**
 * Compares declared properties with live ones. Only what the template declares is checked.
 * AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 */
final class StackDrift {
    private static final Duration DETECTION = Duration.ofSeconds(15);
    private static final Set<StackStatus> CHECKABLE = Set.of(
            StackStatus.CREATE_COMPLETE,
            StackStatus.UPDATE_COMPLETE,
            StackStatus.UPDATE_ROLLBACK_COMPLETE,
            StackStatus.UPDATE_ROLLBACK_FAILED);

    private record Detection(StackRecord stack, Instant at) {}

    private final StackEngine engine;
    private final Map<String, Detection> detections = new LinkedHashMap<>();
    private final Set<String> running = new TreeSet<>();
    /** What people have changed beneath, by physical id: properties as they are now. */
    private final Map<String, ObjectNode> byHand = new LinkedHashMap<>();

    StackDrift(StackEngine engine) {
        this.engine = engine;
    }

    /** As if somebody had changed a property of a resource whose service is not simulated. */
    void change(StackRecord stack, String logicalId, String property, JsonNode value) {
        ResourceRecord resource = Objects.requireNonNull(stack.resources.get(logicalId), logicalId);
        byHand.computeIfAbsent(resource.physicalId, id -> resource.properties.objectNode())
                .set(property, value);
    }

    /** As if somebody had put all of a resource back. */
    void restore(StackRecord stack, String logicalId) {
        byHand.remove(Objects.requireNonNull(stack.resources.get(logicalId), logicalId).physicalId);
    }

    /** Begins, for the given logical ids or for all, and answers with the id to ask by. */
    String detect(StackRecord stack, Collection<String> logicalIds) {
        if (!CHECKABLE.contains(stack.status)) {
            throw CloudFormationErrors.validation("Drift detection cannot be performed on stack [" + stack.name
                    + "] while it is in the state " + stack.status + ".");
        }
        String id = engine.account().uuid();
        detections.put(id, new Detection(stack, engine.account().clock().instant()));
        running.add(id);
        engine.account().clock().after(DETECTION, () -> {
            running.remove(id);
            stack.driftChecked = engine.account().clock().instant();
            stack.drifts.keySet().retainAll(stack.resources.keySet());
            stack.resources.values().stream()
                    .filter(resource -> logicalIds.isEmpty() || logicalIds.contains(resource.logicalId))
                    .forEach(resource -> stack.drifts.put(resource.logicalId, check(stack, resource)));
        });
        return id;
    }

    DescribeStackDriftDetectionStatusResponse status(String id) {
        Detection detection = detections.get(id);
        if (detection == null) {
            throw CloudFormationErrors.validation("Could not find a drift detection operation with id [" + id + "]");
        }
        DescribeStackDriftDetectionStatusResponse.Builder response = DescribeStackDriftDetectionStatusResponse.builder()
                .stackId(detection.stack().id)
                .stackDriftDetectionId(id)
                .timestamp(detection.at());
        if (running.contains(id)) {
            return response.detectionStatus(StackDriftDetectionStatus.DETECTION_IN_PROGRESS)
                    .build();
        }
        return response.detectionStatus(StackDriftDetectionStatus.DETECTION_COMPLETE)
                .stackDriftStatus(overall(detection.stack()))
                .driftedStackResourceCount((int) drifted(detection.stack()))
                .build();
    }

    private static long drifted(StackRecord stack) {
        return stack.drifts.values().stream()
                .filter(drift -> drift.stackResourceDriftStatus() != StackResourceDriftStatus.IN_SYNC)
                .count();
    }

    private static StackDriftStatus overall(StackRecord stack) {
        return drifted(stack) > 0 ? StackDriftStatus.DRIFTED : StackDriftStatus.IN_SYNC;
    }

    static StackDriftInformation information(StackRecord stack) {
        StackDriftInformation.Builder information = StackDriftInformation.builder();
        return stack.driftChecked == null
                ? information.stackDriftStatus(StackDriftStatus.NOT_CHECKED).build()
                : information
                        .stackDriftStatus(overall(stack))
                        .lastCheckTimestamp(stack.driftChecked)
                        .build();
    }

    private StackResourceDrift check(StackRecord stack, ResourceRecord resource) {
        ObjectNode declared = resource.properties;
        Optional<JsonNode> live = live(resource);
        List<PropertyDifference> differences = new ArrayList<>();
        live.ifPresent(actual -> declared.properties()
                .forEach(
                        entry -> compare("/" + entry.getKey(), entry.getValue(), actual, entry.getKey(), differences)));
        StackResourceDriftStatus status = live.isEmpty()
                ? StackResourceDriftStatus.DELETED
                : differences.isEmpty() ? StackResourceDriftStatus.IN_SYNC : StackResourceDriftStatus.MODIFIED;
        StackResourceDrift.Builder drift = StackResourceDrift.builder()
                .stackId(stack.id)
                .logicalResourceId(resource.logicalId)
                .physicalResourceId(resource.physicalId)
                .resourceType(resource.type)
                .stackResourceDriftStatus(status)
                .expectedProperties(stack.mask.hide(declared.toString()))
                .propertyDifferences(differences)
                .timestamp(engine.account().clock().instant());
        live.ifPresent(actual -> drift.actualProperties(stack.mask.hide(actual.toString())));
        return drift.build();
    }

    private Optional<JsonNode> live(ResourceRecord resource) {
        try {
            return engine.provider(resource.type)
                    .actual(new ResourceProvider.Target(
                            resource.logicalId, resource.type, resource.physicalId, resource.properties, ""))
                    .map(actual -> withChanges(resource, actual));
        } catch (AwsServiceException e) {
            if (e.awsErrorDetails() != null && e.awsErrorDetails().errorCode().contains("NotFound")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private JsonNode withChanges(ResourceRecord resource, JsonNode actual) {
        ObjectNode changed = byHand.get(resource.physicalId);
        return changed == null ? actual : ((ObjectNode) actual.deepCopy()).setAll(changed);
    }

    /** A declared value that the API's answer does not carry under its name cannot be compared and is left out. */
    private static void compare(
            String path, JsonNode declared, JsonNode live, String name, List<PropertyDifference> differences) {
        JsonNode actual = member(live, name);
        if (!actual.isMissingNode()) {
            compareValues(path, declared, actual, differences);
        }
    }

    private static JsonNode member(JsonNode object, String name) {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue();
            }
        }
        return MissingNode.getInstance();
    }

    private static void compareValues(
            String path, JsonNode declared, JsonNode actual, List<PropertyDifference> differences) {
        if (declared.isObject() && actual.isObject()) {
            declared.properties()
                    .forEach(entry -> compare(
                            path + "/" + entry.getKey(), entry.getValue(), actual, entry.getKey(), differences));
        } else if (declared.isArray() && actual.isArray() && declared.size() == actual.size() && ofObjects(declared)) {
            for (int i = 0; i < declared.size(); i++) {
                compareValues(path + "/" + i, declared.get(i), actual.get(i), differences);
            }
        } else if (ofObjects(declared) && actual.size() > declared.size() && startsWith(actual, declared)) {
            for (int i = declared.size(); i < actual.size(); i++) {
                differences.add(PropertyDifference.builder()
                        .propertyPath(path + "/" + i)
                        .expectedValue("null")
                        .actualValue(text(actual.get(i)))
                        .differenceType(DifferenceType.ADD)
                        .build());
            }
        } else if (!same(declared, actual)) {
            differences.add(PropertyDifference.builder()
                    .propertyPath(path)
                    .expectedValue(text(declared))
                    .actualValue(text(actual))
                    .differenceType(DifferenceType.NOT_EQUAL)
                    .build());
        }
    }

    private static boolean startsWith(JsonNode actual, JsonNode declared) {
        for (int i = 0; i < declared.size(); i++) {
            if (!actual.get(i).equals(declared.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean ofObjects(JsonNode array) {
        return array.isArray() && !array.isEmpty() && array.get(0).isObject();
    }

    /** Lists of plain values count as sets. */
    private static boolean same(JsonNode declared, JsonNode actual) {
        return declared.isArray() && actual.isArray()
                ? sorted(declared).equals(sorted(actual))
                : text(declared).equals(text(actual));
    }

    private static List<String> sorted(JsonNode array) {
        List<String> items = new ArrayList<>();
        array.forEach(item -> items.add(text(item)));
        return items.stream().sorted().toList();
    }

    private static String text(JsonNode node) {
        return node.isValueNode() ? node.asText() : node.toString();
    }
}
