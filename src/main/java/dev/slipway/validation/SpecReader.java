package dev.slipway.validation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.EnvironmentSpec.ServiceDefaults;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.ServiceSpec;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the spec of an environment, of a service or of a pipeline. What is wrong is thrown as {@link ProblemException}: 415 {@code
 * unsupported-media-type}; 413 {@code document-too-large}; 400 {@code malformed-document} when it is not YAML or JSON,
 * with line and column; 422 {@code invalid-spec} with every wrong field, when it is not a spec. Checks against other
 * specs are in {@code EnvironmentRules}, {@code ServiceRules} and {@code
 * PipelineRules}. Thread-safe.
 */
@Singleton
public class SpecReader {
    /** Where scripts, certificates and the like stand. */
    private static final Pattern LINES = Pattern.compile(
            "/container/(environment|command|entryPoint|healthCheck/command)/.*|/rollout/(before/command/.*|checks/[0-9]+/contains)|/build/test/commands/.*");

    private static final ObjectMapper BINDER =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final SpecSchema environments = SpecSchema.load("environment");
    private final SpecSchema services = SpecSchema.load("service");
    private final SpecSchema pipelines = SpecSchema.load("pipeline");
    private final JsonNode presets = SpecSchema.resource("/presets.json");

    /**
     * A spec, and what its author should know though it is not wrong.
     *
     * @param spec with every default filled in
     * @param written where in the document stands what is at a place of the spec; both are JSON pointers
     */
    public record Result<T>(T spec, List<Warning> warnings, UnaryOperator<String> written) {
        public Result {
            warnings = List.copyOf(warnings);
        }

        Result(T spec) {
            this(spec, List.of(), UnaryOperator.identity());
        }
    }

    /** @param field a JSON pointer into the document */
    public record Warning(String field, String message) {}

    /**
     * @param contentType of JSON or YAML, parameters such as a charset allowed
     * @param awsLocation what account and region mean when they are left out
     */
    public Result<EnvironmentSpec> environment(byte[] document, @Nullable String contentType, AwsLocation awsLocation) {
        JsonNode declared = parse("environment", document, contentType);
        JsonNode complete = environments.withDefaults(
                MergePatch.apply(presets.path(declared.path("preset").asText()), declared));
        if (complete instanceof ObjectNode object) {
            setIfAbsent(object, "account", awsLocation.account());
            setIfAbsent(object, "region", awsLocation.region());
        }
        rejectIf("environment", environments.errors(declared), EnvironmentValidator.check(complete));
        return new Result<>(bind(complete, EnvironmentSpec.class));
    }

    /** The sets of defaults of environments, by name. */
    public JsonNode presets() {
        return presets;
    }

    /**
     * Where a service's spec is to hold.
     *
     * @param environment its name
     * @param defaults what a spec has there where it says nothing
     * @param exists whether there is an environment of a name
     */
    public record Place(String environment, ServiceDefaults defaults, Predicate<String> exists) {}

    /**
     * The spec that holds in an environment: what the document says for all, with what it says for this one. What is wrong for any
     * other environment is wrong, too.
     *
     * @param contentType of JSON or YAML, parameters such as a charset allowed
     */
    public Result<ServiceSpec> service(byte[] document, @Nullable String contentType, Place place) {
        String environment = place.environment();
        JsonNode defaults = BINDER.valueToTree(place.defaults());
        ServiceDocument declared = ServiceDocument.of(DocumentParser.parse(document, contentType));
        rejectUnwritable(declared);
        rejectIf("service", errors(declared, environment, defaults), List.of());
        JsonNode here = declared.in(environment);
        JsonNode complete = complete(here, defaults);
        List<Warning> warnings = new ArrayList<>(ServiceValidator.secretWarnings(complete));
        warnings.addAll(ServiceValidator.rolloutWarnings(here, complete));
        warnings.replaceAll(warning -> new Warning(declared.written(environment, warning.field()), warning.message()));
        declared.overrides().keySet().stream()
                .filter(name -> !name.equals(environment) && !place.exists().test(name))
                .map(name -> new Warning(
                        ServiceDocument.at(name), "is for an environment that there is not: nothing has this override"))
                .forEach(warnings::add);
        return new Result<>(
                bind(complete, ServiceSpec.class), warnings, pointer -> declared.written(environment, pointer));
    }

    /** Each where its author wrote it. */
    private List<FieldError> errors(ServiceDocument declared, String environment, JsonNode defaults) {
        List<FieldError> errors = new ArrayList<>(services.errors(declared.frame()).stream()
                .filter(error -> error.field().startsWith("/" + ServiceDocument.KEY))
                .toList());
        errors.addAll(declared.unknown(services.source()));
        List<FieldError> everywhere = errors(declared.base(), defaults);
        if (!declared.overrides().containsKey(environment)) {
            errors.addAll(everywhere);
        }
        for (String name : declared.overrides().keySet()) {
            for (FieldError error :
                    errors(declared.in(name), name.equals(environment) ? defaults : MissingNode.getInstance())) {
                boolean everybodys = everywhere.contains(error) && !declared.overrides(name, error.field());
                errors.add(everybodys ? error : located(error, name, declared.written(name, error.field())));
            }
        }
        Map<String, FieldError> each = new LinkedHashMap<>();
        errors.forEach(error -> each.putIfAbsent(error.field() + " " + error.message(), error));
        return List.copyOf(each.values());
    }

    private static FieldError located(FieldError error, String environment, String written) {
        String message = error.field().equals(written)
                ? "%s; it is so in %s, whose override can say otherwise, or null"
                        .formatted(error.message(), environment)
                : error.message();
        return new FieldError(written, error.value(), message);
    }

    private List<FieldError> errors(JsonNode spec, JsonNode defaults) {
        return combined(services.errors(spec), ServiceValidator.check(complete(spec, defaults)));
    }

    /**
     * The rollout settings of a service with some of them replaced, for one rollout.
     *
     * @param instead as in a spec's {@code rollout}; an object replaces only what it names, null removes
     */
    public RolloutSettings rollout(ServiceSpec declared, JsonNode instead) {
        ObjectNode document = BINDER.valueToTree(declared);
        if (!instead.isObject()) {
            throw new ProblemException(
                    422,
                    Problem.invalid(
                            "invalid-spec",
                            "The rollout's settings: one field is wrong.",
                            List.of(new FieldError("/rollout", instead.toString(), "must be an object"))));
        }
        document.set("rollout", MergePatch.apply(document.path("rollout"), instead));
        rejectUnwritable("rollout", document);
        JsonNode complete = complete(document, MissingNode.getInstance());
        rejectIf("rollout", about(services.errors(document)), about(ServiceValidator.check(complete)));
        return bind(complete, ServiceSpec.class).rollout();
    }

    /** With every default; a service that scales has no count unless somebody says one, which is refused. */
    private JsonNode complete(JsonNode declared, JsonNode defaults) {
        JsonNode complete = services.withDefaults(MergePatch.apply(defaults, declared));
        if (complete instanceof ObjectNode object && declared.has("scaling") && !declared.has("count")) {
            object.remove("count");
        }
        return complete;
    }

    private static List<FieldError> about(List<FieldError> errors) {
        return errors.stream()
                .filter(error -> error.field().startsWith("/rollout"))
                .toList();
    }

    /** @param contentType of JSON or YAML, parameters such as a charset allowed */
    public Result<PipelineSpec> pipeline(byte[] document, @Nullable String contentType) {
        JsonNode declared = parse("pipeline", document, contentType);
        JsonNode complete = pipelines.withDefaults(declared);
        rejectIf("pipeline", pipelines.errors(declared), PipelineValidator.check(complete));
        return new Result<>(bind(complete, PipelineSpec.class));
    }

    private static JsonNode parse(String what, byte[] document, @Nullable String contentType) {
        JsonNode declared = DocumentParser.parse(document, contentType);
        rejectUnwritable(what, declared);
        return declared;
    }

    private static void rejectUnwritable(String what, JsonNode document) {
        rejectNonFinite(what, document);
        rejectIf(
                what,
                Characters.check(document, pointer -> LINES.matcher(pointer).matches()),
                List.of());
    }

    /** An override may say what a spec may say, at the same places. */
    private static void rejectUnwritable(ServiceDocument declared) {
        rejectUnwritable("service", declared.frame());
        rejectUnwritable("service", declared.base());
        declared.overrides().forEach((environment, override) -> {
            try {
                rejectUnwritable("service", override);
            } catch (ProblemException e) {
                throw e.withFields(field -> ServiceDocument.at(environment) + field);
            }
        });
    }

    /** Numbers such as 1e999, which are infinite by the time that they are read: no check can compute with them. */
    private static void rejectNonFinite(String what, JsonNode document) {
        List<FieldError> endless = new ArrayList<>();
        findNonFinite(document, "", endless);
        rejectIf(what, endless, List.of());
    }

    private static void findNonFinite(JsonNode value, String pointer, List<FieldError> found) {
        if (value.isDouble() && !Double.isFinite(value.doubleValue())) {
            found.add(new FieldError(pointer, value.asText(), "must be a number with an end"));
        }
        value.properties().forEach(field -> findNonFinite(field.getValue(), pointer + "/" + field.getKey(), found));
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            findNonFinite(value.get(i), pointer + "/" + i, found);
        }
    }

    private static void rejectIf(String what, List<FieldError> shape, List<FieldError> meaning) {
        List<FieldError> all = new ArrayList<>(combined(shape, meaning));
        if (!all.isEmpty()) {
            all.sort(Comparator.comparing(FieldError::field));
            String count = all.size() == 1 ? "one field is" : all.size() + " fields are";
            throw new ProblemException(
                    422, Problem.invalid("invalid-spec", "The " + what + "'s spec: " + count + " wrong.", all));
        }
    }

    /** A field that does not even fit the schema is named once: checks of its meaning say nothing more about it. */
    private static List<FieldError> combined(List<FieldError> shape, List<FieldError> meaning) {
        return Stream.concat(
                        shape.stream(),
                        meaning.stream()
                                .filter(error ->
                                        shape.stream().noneMatch(s -> s.field().equals(error.field()))))
                .toList();
    }

    private static void setIfAbsent(ObjectNode object, String key, String value) {
        if (!object.has(key)) {
            object.put(key, value);
        }
    }

    private static <T> T bind(JsonNode complete, Class<T> type) {
        try {
            return BINDER.treeToValue(complete, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("schema and record differ: " + e.getOriginalMessage(), e);
        }
    }
}
