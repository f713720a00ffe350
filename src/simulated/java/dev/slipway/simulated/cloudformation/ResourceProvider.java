package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/** What CloudFormation's handler of a resource type does: calls of that service's API, and how to see that they took. */
public interface ResourceProvider {
    /** The physical id (what Ref gives) and the attributes that Fn::GetAtt gives. */
    record Created(String physicalId, Map<String, JsonNode> attributes) {}

    /**
     * One resource to act on.
     *
     * @param properties all declared properties, evaluated, the stack's tags among them
     * @param suggestedName a name for a resource that declares none
     */
    record Target(String logicalId, String type, String physicalId, ObjectNode properties, String suggestedName) {
        public String text(String property) {
            return properties.path(property).asText("");
        }
    }

    /** How far a resource is after a call. */
    sealed interface Progress {
        record Done() implements Progress {}

        record Waiting() implements Progress {}

        record Failed(String reason) implements Progress {}
    }

    Created create(Target target);

    /** What there is of the name that {@code target} has as its physical id, left as it is; throws when there is none. */
    default Created adopt(Target target) {
        throw CloudFormationErrors.notModelled("an import of " + target.type());
    }

    /** Sends every declared property of {@code target}; {@code before} is what the last deployment declared. */
    Created update(Target target, ObjectNode before);

    void delete(Target target);

    /**
     * What the resource looks like live, under the API's names, as far as it can be compared with what is declared;
     * empty when it is gone. A resource that nothing but its stack can change is as declared.
     */
    default Optional<JsonNode> actual(Target target) {
        return Optional.of(target.properties());
    }

    /** Asked after {@link #create} and {@link #update} until it is no longer waiting. */
    default Progress progress(Target target) {
        return new Progress.Done();
    }

    /** Asked after {@link #delete} until it is no longer waiting. */
    default Progress deletion(Target target) {
        return new Progress.Done();
    }
}
