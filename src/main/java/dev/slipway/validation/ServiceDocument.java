package dev.slipway.validation;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A service's spec as it was sent: what holds in every environment, and what is different in some.
 *
 * @param base without {@code environments}
 * @param overrides what is different, as a merge patch, by the environment's name; what is no patch is left out
 * @param frame the document without all that is in base or overrides, for checks of what is left
 */
record ServiceDocument(JsonNode base, Map<String, ObjectNode> overrides, JsonNode frame) {
    static final String KEY = "environments";
    private static final int WHOLE_WAY = Integer.MAX_VALUE;

    ServiceDocument {
        overrides = Collections.unmodifiableMap(new TreeMap<>(overrides));
    }

    static ServiceDocument of(JsonNode document) {
        ObjectNode frame = JsonNodeFactory.instance.objectNode();
        if (!(document instanceof ObjectNode object) || !object.has(KEY)) {
            return new ServiceDocument(document, Map.of(), frame);
        }
        JsonNode environments = object.path(KEY).deepCopy();
        frame.set(KEY, environments);
        Map<String, ObjectNode> overrides = new TreeMap<>();
        for (var override : environments.properties()) {
            if (override.getValue() instanceof ObjectNode patch) {
                overrides.put(override.getKey(), patch);
                override.setValue(JsonNodeFactory.instance.objectNode());
            }
        }
        return new ServiceDocument(object.deepCopy().without(KEY), overrides, frame);
    }

    /** The spec that holds in an environment, as if it had been written so. */
    JsonNode in(String environment) {
        ObjectNode override = overrides.get(environment);
        return override == null
                ? base
                : MergePatch.apply(base, override.deepCopy().without(KEY));
    }

    /**
     * Where in the document stands what is at a place of the spec that holds in an environment: in its override, if that says as
     * much of what leads there as the rest of the document does.
     */
    String written(String environment, String pointer) {
        int steps = steps(overrides.get(environment), pointer);
        return steps > 0 && steps >= steps(base, pointer) ? at(environment) + pointer : pointer;
    }

    /** Whether an environment's override itself says what is at a place of the spec. */
    boolean overrides(String environment, String pointer) {
        return steps(overrides.get(environment), pointer) == WHOLE_WAY;
    }

    /** How many steps of a pointer a document can be gone; below text or a list, all is the document's own. */
    private static int steps(@Nullable JsonNode document, String pointer) {
        if (document == null || pointer.isEmpty()) {
            return 0;
        }
        JsonNode at = document;
        int steps = 0;
        for (JsonPointer rest = JsonPointer.compile(pointer); !rest.matches() && at.isObject(); rest = rest.tail()) {
            at = at.path(rest.getMatchingProperty());
            if (at.isMissingNode()) {
                return steps;
            }
            steps++;
        }
        return WHOLE_WAY;
    }

    /** Names in overrides that the schema does not know, though nothing is left of them when they have been merged. */
    List<FieldError> unknown(JsonNode schema) {
        List<FieldError> errors = new ArrayList<>();
        overrides.forEach((environment, override) -> {
            if (override.has(KEY)) {
                errors.add(new FieldError(
                        at(environment) + "/" + KEY,
                        null,
                        "is not a key here: an override has no overrides of its own"));
            }
            unknown(override, schema, schema, at(environment), errors);
        });
        return errors;
    }

    private static void unknown(
            JsonNode patch, JsonNode schema, JsonNode root, String pointer, List<FieldError> errors) {
        for (var change : patch.properties()) {
            JsonNode known = schema.path("properties").path(change.getKey());
            String at = ValidationMessages.child(pointer, change.getKey());
            if (known.isMissingNode()
                    && change.getValue().isNull()
                    && schema.path("additionalProperties").isBoolean()) {
                errors.add(new FieldError(at, "null", new Suggestions(root).unknown(schema, change.getKey())));
            }
            unknown(change.getValue(), known, root, at, errors);
        }
    }

    static String at(String environment) {
        return ValidationMessages.child("/" + KEY, environment);
    }
}
