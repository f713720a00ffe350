package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.ecs.EcsDocuments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.utils.builder.Buildable;

/** Carries template properties into SDK requests: the names are the same but for the case of letters. */
public final class SdkRequests {
    private static final Map<Class<?>, Map<String, SdkField<?>>> FIELDS = new ConcurrentHashMap<>();

    private SdkRequests() {}

    /** Fills a request's builder with all properties but {@code apart}; an unknown property is an error, not skipped. */
    static <B extends SdkPojo> B fill(B builder, ObjectNode properties, Set<String> apart) {
        properties.properties().forEach(entry -> {
            if (!apart.contains(entry.getKey())) {
                set(builder, entry.getKey(), entry.getValue());
            }
        });
        return builder;
    }

    private static void set(SdkPojo builder, String property, JsonNode value) {
        SdkField<?> field = FIELDS.computeIfAbsent(builder.getClass(), type -> fields(builder))
                .get(property);
        if (field == null) {
            throw new ResourceFailure("Encountered unsupported property " + property);
        }
        field.set(builder, convert(field, value));
    }

    private static Map<String, SdkField<?>> fields(SdkPojo builder) {
        Map<String, SdkField<?>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        builder.sdkFields().forEach(field -> fields.putIfAbsent(field.memberName(), field));
        return fields;
    }

    private static Object convert(SdkField<?> field, JsonNode value) {
        MarshallingType<?> type = field.marshallingType();
        if (type == MarshallingType.STRING) {
            return value.isContainerNode() ? value.toString() : value.asText();
        } else if (type == MarshallingType.INTEGER) {
            return value.asInt();
        } else if (type == MarshallingType.LONG) {
            return value.asLong();
        } else if (type == MarshallingType.DOUBLE) {
            return value.asDouble();
        } else if (type == MarshallingType.FLOAT) {
            return (float) value.asDouble();
        } else if (type == MarshallingType.BOOLEAN) {
            return value.asText().equals("true");
        } else if (type == MarshallingType.LIST) {
            return list(field.getTrait(ListTrait.class).memberFieldInfo(), value);
        } else if (type == MarshallingType.MAP) {
            return map(field.getTrait(MapTrait.class).valueFieldInfo(), value);
        } else if (type == MarshallingType.SDK_POJO) {
            return object(field, value);
        } else if (type == MarshallingType.DOCUMENT) {
            return EcsDocuments.document(value);
        }
        throw new IllegalStateException("no conversion for " + field.memberName());
    }

    private static List<Object> list(SdkField<?> member, JsonNode value) {
        List<Object> items = new ArrayList<>();
        value.forEach(item -> items.add(convert(member, item)));
        return items;
    }

    private static Map<String, Object> map(SdkField<?> member, JsonNode value) {
        Map<String, Object> map = new LinkedHashMap<>();
        value.properties().forEach(entry -> map.put(entry.getKey(), convert(member, entry.getValue())));
        return map;
    }

    /** What an answer says, under the API's names and with every scalar as text; what it does not say is left out. */
    public static ObjectNode json(SdkPojo pojo) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (SdkField<?> field : pojo.sdkFields()) {
            Object value = field.getValueOrDefault(pojo);
            if (value != null && !(value instanceof SdkAutoConstructList) && !(value instanceof SdkAutoConstructMap)) {
                json.set(field.memberName(), node(value));
            }
        }
        return json;
    }

    private static JsonNode node(Object value) {
        return switch (value) {
            case SdkPojo pojo -> json(pojo);
            case Document document -> EcsDocuments.json(document);
            case List<?> list -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                list.forEach(item -> array.add(node(item)));
                yield array;
            }
            case Map<?, ?> map -> {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                map.forEach((key, item) -> object.set(key.toString(), node(item)));
                yield object;
            }
            default -> JsonNodeFactory.instance.textNode(value.toString());
        };
    }

    private static Object object(SdkField<?> field, JsonNode value) {
        SdkPojo builder = field.constructor().get();
        value.properties().forEach(entry -> set(builder, entry.getKey(), entry.getValue()));
        return ((Buildable) builder).build();
    }
}
