package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** One resource of a stack as CloudFormation remembers it: what it declared last, never what it looks like live. */
final class ResourceRecord {
    final String logicalId;
    final String type;
    /** Empty until the resource's creation has been initiated. */
    String physicalId = "";

    String status = "";
    String reason = "";
    Instant at = Instant.EPOCH;
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    Map<String, JsonNode> attributes = new LinkedHashMap<>();
    String deletionPolicy = "Delete";
    String updateReplacePolicy = "Delete";
    Set<String> needs = Set.of();
    /** Whether a rollback has left it out: then a detection of the stack does, too. */
    boolean skipped;

    ResourceRecord(String logicalId, String type) {
        this.logicalId = logicalId;
        this.type = type;
    }

    JsonNode attribute(String name) {
        JsonNode value = attributes.get(name);
        if (value == null) {
            throw CloudFormationErrors.notModelled("the attribute " + name + " of " + type);
        }
        return value;
    }
}
