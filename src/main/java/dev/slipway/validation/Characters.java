package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds characters that no value may have: NUL and other control characters, which AWS refuses or logs and terminals obey; invisible
 * ones that make a text read otherwise than it is, such as a change of direction; and halves of characters, which cannot be written
 * as UTF-8.
 */
public final class Characters {
    private static final String ALLOWED_IN_LINES = "\n\r\t";
    private static final Set<Integer> REFUSED = Set.of(
            (int) Character.CONTROL,
            (int) Character.FORMAT,
            (int) Character.LINE_SEPARATOR,
            (int) Character.PARAGRAPH_SEPARATOR,
            (int) Character.SURROGATE);

    private Characters() {}

    /** @param lines whether it is data, such as a script or a certificate: line breaks, tabs and joined emojis are right */
    public static Optional<String> refused(String text, boolean lines) {
        int position = 0;
        while (position < text.length()) {
            int at = text.codePointAt(position);
            int type = Character.getType(at);
            boolean allowed = lines && (ALLOWED_IN_LINES.indexOf(at) >= 0 || type == Character.FORMAT);
            if (!allowed && REFUSED.contains(type)) {
                return Optional.of(
                        "must not have the character U+%04X, which it has at position %d".formatted(at, position + 1));
            }
            position += Character.charCount(at);
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
