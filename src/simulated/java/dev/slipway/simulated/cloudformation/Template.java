package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A template in long form, with every scalar as text. */
record Template(ObjectNode root) {
    private static final Set<String> SECTIONS = Set.of(
            "AWSTemplateFormatVersion",
            "Description",
            "Metadata",
            "Parameters",
            "Rules",
            "Mappings",
            "Conditions",
            "Resources",
            "Outputs");
    private static final Set<String> ATTRIBUTES =
            Set.of("Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata");
    /** AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: an inline body has at most 51,200 bytes. */
    private static final int MAX_BYTES = 51_200;

    private static final Map<String, ObjectNode> PARSED = new ConcurrentHashMap<>();

    static Template parse(@Nullable String body) {
        if (body == null || body.isBlank()) {
            throw CloudFormationErrors.validation("Either Template URL or Template Body must be specified.");
        }
        if (body.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw CloudFormationErrors.validation(
                    "1 validation error detected: Value at 'templateBody' failed to satisfy"
                            + " constraint: Member must have length less than or equal to 51200");
        }
        // The same few templates come again and again; reading YAML is slower than all the rest of an update.
        Template template =
                new Template(PARSED.computeIfAbsent(body, TemplateYaml::parse).deepCopy());
        template.check();
        return template;
    }

    ObjectNode section(String name) {
        return root.get(name) instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }

    Map<String, ObjectNode> entries(String section) {
        Map<String, ObjectNode> entries = new LinkedHashMap<>();
        section(section).properties().forEach(entry -> {
            if (!(entry.getValue() instanceof ObjectNode object)) {
                throw CloudFormationErrors.validation(
                        "Template format error: [/" + section + "/" + entry.getKey() + "] must be an object");
            }
            entries.put(entry.getKey(), object);
        });
        return entries;
    }

    Map<String, ObjectNode> resources() {
        return entries("Resources");
    }

    ObjectNode resource(String logicalId) {
        return (ObjectNode) section("Resources").get(logicalId);
    }

    String type(String logicalId) {
        return resource(logicalId).path("Type").asText();
    }

    String description() {
        return root.path("Description").asText("");
    }

    /** The ids that a resource names in DependsOn. */
    List<String> dependsOn(String logicalId) {
        JsonNode declared = resource(logicalId).path("DependsOn");
        List<String> ids = new ArrayList<>();
        if (declared.isTextual()) {
            ids.add(declared.asText());
        }
        declared.forEach(id -> ids.add(id.asText()));
        return ids;
    }

    boolean secret(String parameter) {
        return section("Parameters").path(parameter).path("NoEcho").asText().equals("true");
    }

    private void check() {
        root.fieldNames().forEachRemaining(name -> {
            if (!SECTIONS.contains(name)) {
                throw name.equals("Transform")
                        ? CloudFormationErrors.notModelled("Transform")
                        : CloudFormationErrors.validation("Invalid template property or properties [" + name + "]");
            }
        });
        if (section("Resources").isEmpty()) {
            throw CloudFormationErrors.validation(
                    "Template format error: At least one Resources member must be defined.");
        }
        resources().forEach((id, resource) -> {
            resource.fieldNames().forEachRemaining(attribute -> {
                if (!ATTRIBUTES.contains(attribute)) {
                    throw CloudFormationErrors.notModelled("the attribute " + attribute + " of resource " + id);
                }
            });
            ResourceType.of(resource.path("Type").asText());
        });
    }
}
