package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
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
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.ChangeAction;
import software.amazon.awssdk.services.cloudformation.model.DescribeStackDriftDetectionStatusResponse;
import software.amazon.awssdk.services.cloudformation.model.DifferenceType;
import software.amazon.awssdk.services.cloudformation.model.PropertyDifference;
import software.amazon.awssdk.services.cloudformation.model.Replacement;
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
    private final Map<String, String> incomparable = new LinkedHashMap<>(); // reasons, or empty texts, by physical ids

    StackDrift(StackEngine engine) {
        this.engine = engine;
    }

    /** As if somebody had changed a property of a resource whose service is not simulated. */
    Optional<String> change(StackRecord stack, String logicalId, String property, JsonNode value) {
        ResourceRecord resource = stack.resources.get(logicalId);
        if (resource == null) {
            return Optional.empty();
        }
        engine.changeByHand(
                resource.physicalId, resource.properties.objectNode().set(property, value));
        return Optional.of(resource.physicalId);
    }

    /** As if somebody had put all of a resource back. */
    void restore(StackRecord stack, String logicalId) {
        engine.reverted(Objects.requireNonNull(stack.resources.get(logicalId), logicalId).physicalId);
    }

    /**
     * As if CloudFormation could not read a resource: "UNKNOWN: CloudFormation could not run drift detection for the resource",
     * StackResourceDrift. AWSCloudFormation/latest/APIReference/API_StackResourceDrift.html
     *
     * @param reason empty where it gives none
     */
    void hide(StackRecord stack, String logicalId, String reason) {
        incomparable.put(Objects.requireNonNull(stack.resources.get(logicalId), logicalId).physicalId, reason);
    }

    void showAll() {
        incomparable.clear();
    }

    void forget() {
        detections.clear();
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
                    .filter(resource -> resource.skipped)
                    .forEach(resource -> stack.drifts.remove(resource.logicalId));
            stack.resources.values().stream()
                    .filter(resource -> !resource.skipped)
                    .filter(resource -> logicalIds.isEmpty() || logicalIds.contains(resource.logicalId))
                    .forEach(resource -> stack.drifts.put(resource.logicalId, check(stack, resource)));
        });
        return id;
    }

    /** Of one resource, also of one that a rollback has left out. */
    StackResourceDrift detectOne(StackRecord stack, String logicalId) {
        ResourceRecord resource = stack.resources.get(logicalId);
        if (resource == null || !CHECKABLE.contains(stack.status)) {
            throw CloudFormationErrors.validation("Drift detection cannot be performed on resource " + logicalId);
        }
        StackResourceDrift drift = check(stack, resource);
        stack.drifts.put(logicalId, drift);
        return drift;
    }

    /** As if a rollback had been continued without a resource. AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html */
    void skip(StackRecord stack, String logicalId) {
        Objects.requireNonNull(stack.resources.get(logicalId), logicalId).skipped = true;
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
        boolean failed = detection.stack().drifts.values().stream()
                .anyMatch(drift -> drift.stackResourceDriftStatus() == StackResourceDriftStatus.UNKNOWN);
        return response.detectionStatus(
                        failed
                                ? StackDriftDetectionStatus.DETECTION_FAILED
                                : StackDriftDetectionStatus.DETECTION_COMPLETE)
                .detectionStatusReason(failed ? "Failed to detect drift on some resources" : null)
                .stackDriftStatus(overall(detection.stack()))
                .driftedStackResourceCount((int) drifted(detection.stack()))
                .build();
    }

    private static long drifted(StackRecord stack) {
        return stack.drifts.values().stream()
                .filter(drift -> drift.stackResourceDriftStatus() != StackResourceDriftStatus.IN_SYNC
                        && drift.stackResourceDriftStatus() != StackResourceDriftStatus.UNKNOWN)
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
        @Nullable String hidden = incomparable.get(resource.physicalId);
        if (hidden != null) {
            return StackResourceDrift.builder()
                    .stackId(stack.id)
                    .logicalResourceId(resource.logicalId)
                    .physicalResourceId(resource.physicalId)
                    .resourceType(resource.type)
                    .stackResourceDriftStatus(StackResourceDriftStatus.UNKNOWN)
                    .driftStatusReason(hidden.isEmpty() ? null : hidden)
                    .timestamp(engine.account().clock().instant())
                    .build();
        }
        ObjectNode declared = resource.properties;
        Optional<JsonNode> live = engine.actual(resource);
        List<PropertyDifference> differences =
                live.map(actual -> differences(declared, actual)).orElse(List.of());
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

    private static List<PropertyDifference> differences(ObjectNode declared, JsonNode actual) {
        List<PropertyDifference> differences = new ArrayList<>();
        declared.properties()
                .forEach(entry -> compare("/" + entry.getKey(), entry.getValue(), actual, entry.getKey(), differences));
        return differences;
    }

    /** Logical ids of what is there otherwise than {@code desired} declares it. */
    Set<String> deviating(StackRecord stack, StackInput desired) {
        TemplateEvaluator evaluator = engine.evaluator(stack, desired);
        Set<String> found = new TreeSet<>();
        TemplateGraph.of(evaluator).needs().keySet().stream()
                .map(stack.resources::get)
                .filter(Objects::nonNull)
                .filter(resource -> engine.actual(resource)
                        .map(actual -> !differences(
                                        StackEngine.properties(evaluator, desired, resource.logicalId), actual)
                                .isEmpty())
                        .orElse(true))
                .forEach(resource -> found.add(resource.logicalId));
        return found;
    }

    /**
     * The changes of a change set that puts back what differs, beside those that are declared: "will update the actual state of all
     * stack resources to match the desired state, even if the resource is not explicitly modified in the template".
     * AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
     */
    List<ChangeSetDiff.ResourceDiff> reverting(
            StackRecord stack, StackInput desired, List<ChangeSetDiff.ResourceDiff> declared) {
        Map<String, ChangeSetDiff.ResourceDiff> changes = new LinkedHashMap<>();
        declared.forEach(change -> changes.put(change.logicalId(), change));
        TemplateEvaluator evaluator = engine.evaluator(stack, desired);
        for (String id : deviating(stack, desired)) {
            ResourceRecord resource = Objects.requireNonNull(stack.resources.get(id));
            ObjectNode after = StackEngine.properties(evaluator, desired, id);
            Optional<JsonNode> actual = engine.actual(resource);
            List<ChangeSetDiff.PropertyDiff> details =
                    actual.map(found -> differences(after, found)).orElse(List.of()).stream()
                            .map(difference -> reverted(resource.type, difference))
                            .toList();
            changes.put(
                    id,
                    new ChangeSetDiff.ResourceDiff(
                            actual.isPresent() ? ChangeAction.MODIFY : ChangeAction.ADD,
                            id,
                            resource.physicalId,
                            resource.type,
                            actual.isPresent() ? Replacement.FALSE : Replacement.UNKNOWN_TO_SDK_VERSION,
                            details,
                            after.objectNode(),
                            after,
                            ""));
        }
        return List.copyOf(changes.values());
    }

    private static ChangeSetDiff.PropertyDiff reverted(String type, PropertyDifference difference) {
        String name = difference.propertyPath().split("/", -1)[1];
        return new ChangeSetDiff.PropertyDiff(
                "Properties",
                name,
                "/Properties" + difference.propertyPath(),
                node(difference.actualValue()),
                node(difference.expectedValue()),
                false,
                "DirectModification",
                "",
                ResourceType.of(type).createOnly().contains(name) ? "Always" : "Never");
    }

    private static JsonNode node(String text) {
        return text.equals("null") ? MissingNode.getInstance() : TextNode.valueOf(text);
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
