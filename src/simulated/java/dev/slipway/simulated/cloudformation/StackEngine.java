package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** What every operation on stacks needs: the account, its stacks, the handlers of resource types, the told failures. */
final class StackEngine {
    private final SimulatedAws account;
    private final StackEvents events;
    private final Map<String, ResourceProvider> providers;
    private final ResourceProvider generic;
    private final Map<String, Deque<String>> failures = new LinkedHashMap<>();
    /** What people have changed beneath, by physical id: properties as they are now. */
    private final Map<String, ObjectNode> byHand = new LinkedHashMap<>();
    /** By id, deleted ones included. */
    final Map<String, StackRecord> stacks = new LinkedHashMap<>();

    /** {@code providers} by type or by a prefix of types; {@code generic} has the rest. */
    StackEngine(SimulatedAws account, Map<String, ResourceProvider> providers, ResourceProvider generic) {
        this.account = account;
        this.events = new StackEvents(account);
        this.providers = providers;
        this.generic = generic;
    }

    SimulatedAws account() {
        return account;
    }

    StackEvents events() {
        return events;
    }

    ResourceProvider provider(String type) {
        return providers.getOrDefault(type, generic);
    }

    /** As if somebody had changed properties of a resource whose service is not simulated. */
    void changeByHand(String physicalId, ObjectNode properties) {
        byHand.computeIfAbsent(physicalId, id -> properties.objectNode()).setAll(properties);
    }

    Optional<ObjectNode> byHand(ResourceRecord resource) {
        return Optional.ofNullable(byHand.get(resource.physicalId)).map(ObjectNode::deepCopy);
    }

    /** What people had made of it is gone: all that is declared was sent, or they have put it back. */
    Optional<ObjectNode> reverted(String physicalId) {
        return Optional.ofNullable(byHand.remove(physicalId));
    }

    /** A resource as it is; empty when it is gone. */
    Optional<JsonNode> actual(ResourceRecord resource) {
        try {
            return provider(resource.type)
                    .actual(new ResourceProvider.Target(
                            resource.logicalId, resource.type, resource.physicalId, resource.properties, ""))
                    .map(actual -> {
                        ObjectNode changed = byHand.get(resource.physicalId);
                        return changed == null ? actual : changed(actual, changed);
                    });
        } catch (AwsServiceException e) {
            if (e.awsErrorDetails() != null && e.awsErrorDetails().errorCode().contains("NotFound")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What is declared of a resource, with the plain values that it has; one that is gone, as declared. */
    ObjectNode asItIs(ResourceRecord resource) {
        ObjectNode properties = resource.properties.deepCopy();
        ObjectNode changed = byHand.get(resource.physicalId);
        actual(resource)
                .ifPresent(actual -> actual.properties()
                        .forEach(property -> properties
                                .propertyStream()
                                .filter(declared -> declared.getKey().equalsIgnoreCase(property.getKey())
                                        && property.getValue().isValueNode())
                                .toList()
                                .forEach(declared -> properties.set(declared.getKey(), property.getValue()))));
        return changed == null ? properties : properties.setAll(changed);
    }

    /** APIs spell names with a small letter first. */
    private static ObjectNode changed(JsonNode actual, ObjectNode byHand) {
        ObjectNode changed = actual.deepCopy();
        actual.fieldNames()
                .forEachRemaining(name -> byHand.fieldNames().forEachRemaining(set -> {
                    if (set.equalsIgnoreCase(name)) {
                        changed.remove(name);
                    }
                }));
        return changed.setAll(byHand);
    }

    void failNext(String stackName, String logicalId, String reason) {
        failures.computeIfAbsent(stackName + "/" + logicalId, key -> new ArrayDeque<>())
                .add(reason);
    }

    void failIfTold(String stackName, String logicalId) {
        Deque<String> reasons = failures.get(stackName + "/" + logicalId);
        if (reasons != null && !reasons.isEmpty()) {
            throw new ResourceFailure(reasons.removeFirst());
        }
    }

    @Nullable
    StackRecord byName(String name) {
        for (StackRecord stack : stacks.values()) {
            if (stack.deleted == null && stack.name.equals(name)) {
                return stack;
            }
        }
        return null;
    }

    /** By name, or by id, where deleted stacks are found too. */
    @Nullable
    StackRecord find(@Nullable String nameOrId) {
        if (nameOrId == null) {
            return null;
        }
        return nameOrId.startsWith("arn:") ? stacks.get(nameOrId) : byName(nameOrId);
    }

    TemplateEvaluator evaluator(StackRecord stack, StackInput input) {
        return evaluator(stack, input, new TemplateEvaluator.References() {
            @Override
            public JsonNode ref(String logicalId) {
                return TextNode.valueOf(known(logicalId).physicalId);
            }

            @Override
            public JsonNode attribute(String logicalId, String attribute) {
                return known(logicalId).attribute(attribute);
            }

            private ResourceRecord known(String logicalId) {
                ResourceRecord resource = stack.resources.get(logicalId);
                if (resource == null) {
                    throw new IllegalStateException(logicalId + " is used before it exists");
                }
                return resource;
            }
        });
    }

    TemplateEvaluator evaluator(StackRecord stack, StackInput input, TemplateEvaluator.References references) {
        Map<String, String> pseudo = Map.of(
                "AWS::AccountId",
                account.accountId(),
                "AWS::Region",
                account.region(),
                "AWS::Partition",
                "aws",
                "AWS::URLSuffix",
                "amazonaws.com",
                "AWS::StackName",
                stack.name,
                "AWS::StackId",
                stack.id);
        return new TemplateEvaluator(input.template(), input.parameters(), pseudo, references);
    }

    /** Notes edges and policies of what exists, as {@code template} declares them. */
    void remember(StackRecord stack, TemplateGraph graph, Template template) {
        graph.needs().forEach((id, needs) -> {
            ResourceRecord resource = stack.resources.get(id);
            if (resource != null) {
                JsonNode declared = template.resource(id);
                resource.needs = needs;
                resource.deletionPolicy = declared.path("DeletionPolicy").asText("Delete");
                resource.updateReplacePolicy =
                        declared.path("UpdateReplacePolicy").asText("Delete");
            }
        });
    }

    /** The properties that a resource is given: the template's, and the stack's tags. */
    static ObjectNode properties(TemplateEvaluator evaluator, StackInput input, String logicalId) {
        ObjectNode properties = evaluator.properties(logicalId);
        if (ResourceType.of(input.template().type(logicalId)).taggable()) {
            ResourceTags.inherit(properties, input.tags());
        }
        return properties;
    }

    /**
     * {@code stack-logicalId-RANDOM}, cut to what load balancing allows where needed;
     * AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
     */
    String suggestName(StackRecord stack, ResourceRecord resource) {
        String random = account.hex(12).toUpperCase(Locale.ROOT);
        if (!resource.type.startsWith("AWS::ElasticLoadBalancingV2::")) {
            return cut(stack.name, 24) + "-" + cut(resource.logicalId, 24) + "-" + random;
        }
        return cut(stack.name, 6).replaceAll("-+$", "") + "-" + cut(resource.logicalId, 6) + "-" + random;
    }

    private static String cut(String text, int length) {
        return text.substring(0, Math.min(length, text.length()));
    }

    /** Refuses an explicit name that another stack's resource has. */
    void checkOwner(StackRecord stack, String type, ObjectNode properties) {
        String naming = ResourceType.of(type).naming();
        String name = naming.isEmpty() ? "" : properties.path(naming).asText("");
        if (name.isEmpty()) {
            return;
        }
        for (StackRecord other : stacks.values()) {
            if (other == stack || other.deleted != null) {
                continue;
            }
            for (ResourceRecord resource : other.resources.values()) {
                if (resource.type.equals(type) && resource.physicalId.equals(name)) {
                    throw new ResourceFailure(name + " already exists in stack " + other.id);
                }
            }
        }
    }
}
