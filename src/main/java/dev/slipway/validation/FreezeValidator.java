package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.freeze.Freeze;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What a schema cannot say of freeze windows, in either spec. */
final class FreezeValidator {
    private FreezeValidator() {}

    static List<FieldError> check(JsonNode freezes) {
        List<FieldError> errors = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int at = 0; at < freezes.size(); at++) {
            String pointer = "/freezes/" + at;
            JsonNode freeze = freezes.get(at);
            field(freeze, pointer, "start", Freeze::startError, errors);
            field(freeze, pointer, "timeZone", Freeze::timeZoneError, errors);
            field(
                    freeze,
                    pointer,
                    "name",
                    name -> names.add(name)
                            ? Optional.empty()
                            : Optional.of("is another window's, too: each needs a name of its own to be overridden by"),
                    errors);
        }
        return errors;
    }

    private static void field(
            JsonNode freeze,
            String pointer,
            String name,
            Function<String, Optional<String>> wrong,
            List<FieldError> errors) {
        JsonNode value = freeze.path(name);
        if (value.isTextual()) {
            wrong.apply(value.asText())
                    .ifPresent(message -> errors.add(ValidationMessages.field(pointer + "/" + name, value, message)));
        }
    }
}
