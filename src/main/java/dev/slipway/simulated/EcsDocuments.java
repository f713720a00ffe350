package dev.slipway.simulated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import software.amazon.awssdk.core.document.Document;

/** The SDK's documents (a hook's details) as JSON. */
final class EcsDocuments {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private EcsDocuments() {}

    static JsonNode json(Document document) {
        if (document.isMap()) {
            ObjectNode object = NODES.objectNode();
            document.asMap().forEach((key, value) -> object.set(key, json(value)));
            return object;
        }
        if (document.isList()) {
            ArrayNode array = NODES.arrayNode();
            document.asList().forEach(value -> array.add(json(value)));
            return array;
        }
        if (document.isNumber()) {
            return NODES.numberNode(document.asNumber().bigDecimalValue());
        }
        if (document.isBoolean()) {
            return NODES.booleanNode(document.asBoolean());
        }
        return document.isNull() ? NODES.nullNode() : NODES.textNode(document.asString());
    }
}
