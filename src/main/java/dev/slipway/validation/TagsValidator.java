package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.stack.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a schema cannot say of the names of tags, in any spec. */
final class TagsValidator {
    private TagsValidator() {}

    static List<FieldError> check(JsonNode tags) {
        List<FieldError> errors = new ArrayList<>();
        Set<String> twice =
                Tags.twice(tags.properties().stream().map(Map.Entry::getKey).toList());
        for (var tag : tags.properties()) {
            String name = tag.getKey();
            Tags.wrong(name)
                    .or(() -> twice.contains(name)
                            ? Optional.of("differs from another one by case alone, and IAM takes only one of them")
                            : Optional.empty())
                    .ifPresent(message -> errors.add(ValidationMessages.field(
                            ValidationMessages.child("/tags", name), tag.getValue(), message)));
        }
        return errors;
    }
}
