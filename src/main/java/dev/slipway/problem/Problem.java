package dev.slipway.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a user has to know: why a request was refused or an operation failed.
 *
 * @param code stable and machine readable, for example {@code image-not-found}
 * @param detail what is wrong, in one or two sentences that name the thing
 * @param action what the reader can do about it; null when there is nothing to do but wait
 * @param errors the fields that are wrong, when it is about a document
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(
        String code,
        Category category,
        String detail,
        @Nullable String action,
        List<FieldError> errors) {
    /** Who can fix it: the caller, AWS or another system, or we. */
    public enum Category {
        @JsonProperty("user")
        USER,
        @JsonProperty("dependency")
        DEPENDENCY,
        @JsonProperty("internal")
        INTERNAL
    }

    /**
     * One wrong field.
     *
     * @param field a JSON pointer into the document, for example {@code /container/port}; empty for the whole
     * @param value what stands there, as JSON text; null when it is missing
     * @param message what would be right
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FieldError(String field, @Nullable String value, String message) {
        /** @param value a text, or what stands as one in JSON */
        public static FieldError of(String field, Object value, String message) {
            return new FieldError(field, "\"" + value + "\"", message);
        }
    }

    public Problem {
        errors = errors == null ? List.of() : List.copyOf(errors); // absent in JSON when empty
    }

    /** One that the caller can fix. */
    public static Problem user(String code, String detail, @Nullable String action) {
        return new Problem(code, Category.USER, detail, action, List.of());
    }

    /** One that AWS or another system has caused, not the caller. */
    public static Problem dependency(String code, String detail, @Nullable String action) {
        return new Problem(code, Category.DEPENDENCY, detail, action, List.of());
    }

    /** A fault of ours, about which the reader can do nothing. */
    public static Problem internal(String code, String detail) {
        return new Problem(code, Category.INTERNAL, detail, null, List.of());
    }

    /** A document with wrong fields: {@code invalid-spec} and the like. */
    public static Problem invalid(String code, String detail, List<FieldError> errors) {
        return new Problem(code, Category.USER, detail, null, errors);
    }
}
