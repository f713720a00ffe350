package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds characters that no value may have: NUL and other control characters, which AWS refuses or logs and terminals obey, and
 * halves of characters, which cannot be written as UTF-8.
 */
public final class Characters {
    private static final String ALLOWED_IN_LINES = "\n\r\t";

    private Characters() {}

    /** @param lines whether line breaks and tabs are right, as in scripts and certificates */
    public static Optional<String> refused(String text, boolean lines) {
        for (int i = 0; i < text.length(); i++) {
            char at = text.charAt(i);
            boolean pair = Character.isHighSurrogate(at)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
                continue;
            }
            boolean control = Character.isISOControl(at) && !(lines && ALLOWED_IN_LINES.indexOf(at) >= 0);
            if (control || Character.isSurrogate(at)) {
                return Optional.of(
                        "must not have the character U+%04X, which it has at position %d".formatted((int) at, i + 1));
            }
        }
        return Optional.empty();
    }

    /** Everything in a document, names included. */
    static List<FieldError> check(JsonNode document, Predicate<String> isOfLines) {
        List<FieldError> errors = new ArrayList<>();
        check(document, "", isOfLines, errors);
        return errors;
    }

    private static void check(JsonNode value, String pointer, Predicate<String> isOfLines, List<FieldError> errors) {
        if (value.isTextual()) {
            refused(value.textValue(), isOfLines.test(pointer))
                    .ifPresent(message -> errors.add(ValidationMessages.field(pointer, value, message)));
        }
        for (var field : value.properties()) {
            Optional<String> name = refused(field.getKey(), false);
            if (name.isPresent()) {
                errors.add(new FieldError(pointer, null, "has a name that " + name.get()));
            } else {
                check(field.getValue(), ValidationMessages.child(pointer, field.getKey()), isOfLines, errors);
            }
        }
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            check(value.get(i), pointer + "/" + i, isOfLines, errors);
        }
    }
}
