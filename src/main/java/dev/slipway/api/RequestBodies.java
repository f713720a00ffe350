package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.slipway.operation.ControlOverride;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.validation.Characters;
import dev.slipway.validation.Suggestions;
import dev.slipway.validation.ValidationMessages;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The JSON bodies of requests other than specs, whatever their content type says: curl sends a form's. */
public final class RequestBodies {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();
    private static final Pattern DUPLICATE_KEY = Pattern.compile("^Duplicate field '(.*)' for ");
    private static final int MAX_BYTES = 64 * 1024;
    static final int MAX_REASON_LENGTH = 500;
    /** A commit's name, however long the hash of the version control system is. */
    static final int MAX_COMMIT_LENGTH = 200;
    /** More than any name, address or reason needs. */
    private static final int MAX_TEXT_LENGTH = 1024;

    /**
     * {@code POST …/rollouts}.
     *
     * @param rollout what of the spec's rollout settings is different this time
     */
    @RegisterForReflection
    record RollOut(
            @Nullable String image,
            @Nullable String commit,
            @Nullable JsonNode rollout,
            @Nullable String concurrencyPolicy) {}

    /** {@code POST …/override/services/{service}/rollouts}: the same, in spite of declared controls. */
    @RegisterForReflection
    record OverridingRollOut(
            @Nullable String image,
            @Nullable String commit,
            @Nullable JsonNode rollout,
            @Nullable String concurrencyPolicy,
            @Nullable List<String> freezes,
            @Nullable String reason) {}

    /** {@code POST …/rollback}: null for the release that was live before. */
    @RegisterForReflection
    record RollBack(@Nullable Integer release, @Nullable JsonNode rollout) {}

    /** {@code POST …/override/services/{service}/rollback}: likewise. */
    @RegisterForReflection
    record OverridingRollBack(
            @Nullable Integer release,
            @Nullable JsonNode rollout,
            @Nullable String reason) {}

    /** {@code POST …/override/services/{service}/restart}. */
    @RegisterForReflection
    record OverridingRestart(
            @Nullable List<String> freezes, @Nullable String reason) {}

    /** {@code POST …/rollouts/{id}/approve} and {@code /reject}. */
    @RegisterForReflection
    record ApprovalDecision(
            @Nullable Integer release,
            @Nullable Double percent,
            @Nullable String reason) {}

    /** {@code POST …/promotions}: the reason is for what is not proven. */
    @RegisterForReflection
    record Promote(
            @Nullable String from,
            @Nullable String reason,
            @Nullable JsonNode rollout,
            @Nullable String concurrencyPolicy) {}

    /** {@code POST …/override/services/{service}/promotions}: the same, in spite of declared controls. */
    @RegisterForReflection
    record OverridingPromote(
            @Nullable String from,
            @Nullable JsonNode rollout,
            @Nullable String concurrencyPolicy,
            @Nullable List<String> freezes,
            @Nullable String reason) {}

    /** {@code POST …/plans/{id}/apply}: logical ids of what may be replaced or deleted. */
    @RegisterForReflection
    record ApplyPlan(@Nullable Set<String> allow) {}

    /** {@code POST …/override/services/{service}/plans/{id}/apply}: the same, in spite of declared controls. */
    @RegisterForReflection
    record OverridingApplyPlan(
            @Nullable Set<String> allow,
            @Nullable List<String> freezes,
            @Nullable String reason) {}

    /** {@code POST …/override/plans/{id}/apply} of an environment, which has no tasks that a freeze window would hold. */
    @RegisterForReflection
    record OverridingApplyEnvironmentPlan(
            @Nullable Set<String> allow, @Nullable String reason) {}

    /** {@code POST …/drift/mend}: the look that has found what is to be put back. */
    @RegisterForReflection
    record Mend(@Nullable String checkedAt) {}

    /** {@code POST …/override/services/{service}/drift/mend}: the same, in spite of freeze windows. */
    @RegisterForReflection
    record OverridingMend(
            @Nullable String checkedAt,
            @Nullable List<String> freezes,
            @Nullable String reason) {}

    private RequestBodies() {}

    /** The time of a look at drift. Throws {@link ProblemException} 400 when it is missing, or none. */
    static Instant checkedAt(@Nullable String text) {
        String time = required("/checkedAt", text, "of the drift that was looked at, as GET …/drift has it");
        try {
            return Instant.parse(time);
        } catch (DateTimeParseException e) {
            throw invalid("/checkedAt", time, "must be a time such as 2026-03-01T12:04:10Z");
        }
    }

    /** What is to be done when something else is under way. Throws {@link ProblemException} 400 when it is nothing we know. */
    static ConcurrencyPolicy concurrencyPolicy(@Nullable String text) {
        return text == null
                ? ConcurrencyPolicy.REJECT
                : Arrays.stream(ConcurrencyPolicy.values())
                        .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(text))
                        .findFirst()
                        .orElseThrow(() -> invalid("/concurrencyPolicy", text, "must be reject, queue or replace"));
    }

    /** An order to override controls. Throws {@link ProblemException} 400 when it lacks a reason. */
    static ControlOverride override(@Nullable List<String> freezes, @Nullable String reason) {
        return new ControlOverride(freezes == null ? List.of() : freezes, reason(reason));
    }

    /** A share of the traffic. Throws {@link ProblemException} 400 when it is missing, or none. */
    static double percent(@Nullable Double value) {
        double percent = required("/percent", value, "of the traffic that it is to get next; 0 for its one-off task");
        if (!(percent >= 0 && percent <= 100)) { // what is no number is neither
            throw invalid("/percent", null, "must be a number from 0 to 100");
        }
        return percent;
    }

    /** Throws {@link ProblemException} 400 when it is missing. */
    static <T> T required(String field, @Nullable T value, String what) {
        if (value == null) {
            throw invalid(field, null, "is missing: " + what);
        }
        return value;
    }

    /** Throws {@link ProblemException} 400 when it is none. */
    static String reason(@Nullable String reason) {
        if (reason == null || reason.isBlank() || reason.length() > MAX_REASON_LENGTH) {
            throw invalid(
                    "/reason",
                    null,
                    "must be 1 to %d characters: it stands in the ledger".formatted(MAX_REASON_LENGTH));
        }
        return reason;
    }

    /** A field of a body that has the right type and is still wrong. */
    public static ProblemException invalid(String field, @Nullable String value, String message) {
        return malformed(
                "The body has a wrong field.",
                List.of(new Problem.FieldError(field, value == null ? null : "\"" + value + "\"", message)));
    }

    /** Reads a body; one that is empty is an object without fields. Throws {@link ProblemException} 400 naming what is wrong, 413 when it is too large. */
    public static <T> T read(byte @Nullable [] body, Class<T> type) {
        if (body != null && body.length > MAX_BYTES) {
            throw new ProblemException(
                    413,
                    "document-too-large",
                    "The body has %d bytes; %d are allowed.".formatted(body.length, MAX_BYTES),
                    null);
        }
        byte[] text = body == null || new String(body, StandardCharsets.UTF_8).isBlank() ? new byte[] {'{', '}'} : body;
        JsonNode tree = tree(text);
        List<Problem.FieldError> wrong = new ArrayList<>();
        texts(tree, "", wrong);
        if (!wrong.isEmpty()) {
            throw malformed("The body has a wrong field.", wrong);
        }
        try {
            T value = JSON.treeToValue(tree, type);
            if (value == null) {
                throw malformed("The body is null; it must be a JSON object.", List.of());
            }
            return value;
        } catch (UnrecognizedPropertyException e) {
            throw malformed("The body has an unknown field.", List.of(unknown(e)));
        } catch (JsonMappingException e) {
            throw malformed("The body has a wrong field.", List.of(invalid(e, tree)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All texts but those of a rollout's settings, which are held against the schema. */
    private static void texts(JsonNode value, String pointer, List<Problem.FieldError> wrong) {
        if (pointer.equals("/rollout")) {
            return;
        }
        if (value.isTextual()) {
            String text = value.textValue();
            Characters.refused(text, false)
                    .or(() -> text.length() <= MAX_TEXT_LENGTH
                            ? Optional.empty()
                            : Optional.of("must have at most %d characters; it has %d"
                                    .formatted(MAX_TEXT_LENGTH, text.length())))
                    .ifPresent(message ->
                            wrong.add(new Problem.FieldError(pointer, ValidationMessages.shown(value), message)));
        }
        value.properties().forEach(field -> texts(field.getValue(), pointer + "/" + field.getKey(), wrong));
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            texts(value.get(i), pointer + "/" + i, wrong);
        }
    }

    /** A text that is kept and shown: null, or 1 to so many characters. Throws {@link ProblemException} 400 otherwise. */
    static @Nullable String requireShort(String field, @Nullable String text, int most) {
        if (text != null && (text.isBlank() || text.length() > most)) {
            throw invalid(
                    field,
                    text.length() > ValidationMessages.MAX_VALUE_LENGTH ? null : text,
                    "must have 1 to %d characters; it has %d".formatted(most, text.length()));
        }
        return text;
    }

    private static JsonNode tree(byte[] text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            Matcher twice = DUPLICATE_KEY.matcher(e.getOriginalMessage());
            throw malformed(
                    twice.find()
                            ? "The field %s appears twice.".formatted(twice.group(1))
                            : "The body is not JSON: " + e.getOriginalMessage(),
                    List.of());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Problem.FieldError unknown(UnrecognizedPropertyException e) {
        List<String> known = e.getKnownPropertyIds() == null
                ? List.of()
                : e.getKnownPropertyIds().stream()
                        .map(Object::toString)
                        .sorted()
                        .toList();
        return new Problem.FieldError(
                pointer(e),
                null,
                Suggestions.closest(known, e.getPropertyName())
                        .map(candidate -> "is not known; did you mean %s?".formatted(candidate))
                        .orElse("is not known; there is " + String.join(", ", known)));
    }

    private static Problem.FieldError invalid(JsonMappingException e, JsonNode body) {
        String pointer = pointer(e);
        JsonNode value = body.at(pointer);
        Class<?> wanted = e instanceof MismatchedInputException mismatch
                ? mismatch.getTargetType()
                : e.getCause() instanceof InputCoercionException outOfRange ? outOfRange.getTargetType() : null;
        return new Problem.FieldError(
                pointer, value.isMissingNode() ? null : ValidationMessages.shown(value), wanted(wanted));
    }

    private static String wanted(@Nullable Class<?> type) {
        if (type == null) {
            return "has the wrong type";
        } else if (type == String.class) {
            return "must be text";
        } else if (type == Integer.class || type == int.class) {
            return "must be a whole number, up to %d".formatted(Integer.MAX_VALUE);
        } else if (type == Double.class || type == double.class) {
            return "must be a number";
        } else if (Collection.class.isAssignableFrom(type)) {
            return "must be a list of texts";
        }
        return "must be an object";
    }

    private static String pointer(JsonMappingException e) {
        return e.getPath().stream()
                .map(at -> at.getFieldName() == null ? "/" + at.getIndex() : "/" + at.getFieldName())
                .collect(Collectors.joining());
    }

    private static ProblemException malformed(String detail, List<Problem.FieldError> errors) {
        return new ProblemException(400, Problem.invalid("malformed-body", detail, errors));
    }
}
