package dev.slipway.stack;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a change would do to a stack, in the order of logical ids: readable, and the same for the same change.
 *
 * @param digest of the whole difference, and of a new stack also of the values it is made from; two plans with the same
 *     digest do the same
 */
@RegisterForReflection
public record Difference(List<Resource> resources, String digest) {
    public Difference {
        resources = List.copyOf(resources);
    }

    /** What happens to a resource. */
    public enum Action {
        ADD,
        /** It is there already, left by an earlier stack, and is taken over as it is. */
        IMPORT,
        MODIFY,
        REMOVE
    }

    /** Whether a resource is made anew, which gives it another identity. CONDITIONAL is only known when executing. */
    public enum Replacement {
        NO,
        CONDITIONAL,
        YES
    }

    /**
     * One resource.
     *
     * @param physicalId null when it is added
     * @param retained whether CloudFormation leaves the old one in the account when it is removed or replaced
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Resource(
            String logicalId,
            @Nullable String physicalId,
            String type,
            Action action,
            Replacement replacement,
            boolean retained,
            List<Property> properties) {
        public Resource {
            properties = List.copyOf(properties);
        }
    }

    /**
     * One property of it.
     *
     * @param before null when it was not there
     * @param after null when it will not be there, or is only known after execution
     * @param cause what causes the change: a parameter's or attribute's name, or "the template"
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Property(
            String path, @Nullable String before, @Nullable String after, String cause) {}
}
