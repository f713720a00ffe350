package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.firewall.AddressRange;
import dev.slipway.firewall.PathPattern;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a schema cannot say of the firewall in an environment's spec. See {@link ServiceValidator}. */
final class FirewallValidator {
    /** What AWS WAF knows beside those of ISO 3166: GeoMatchStatement in its API reference. */
    private static final String KOSOVO = "XK";

    private static final Pattern SHAPE = Pattern.compile("[0-9a-fA-F.:]+(/[0-9]{1,3})?");
    private static final int LONGEST_RANGE = 43;

    private FirewallValidator() {}

    static List<FieldError> check(JsonNode firewall) {
        List<FieldError> errors = new ArrayList<>();
        for (String list : List.of("allow", "block")) {
            ranges(ValidationMessages.items(firewall.path(list)), "/firewall/" + list, errors);
        }
        countries(firewall.path("countries"), errors);
        exceptions(ValidationMessages.items(firewall.path("exceptions")), errors);
        return errors;
    }

    private static void ranges(List<JsonNode> ranges, String at, List<FieldError> errors) {
        for (int i = 0; i < ranges.size(); i++) {
            JsonNode range = ranges.get(i);
            // What has not the shape of one the schema refuses.
            if (!range.isTextual()
                    || range.asText().length() > LONGEST_RANGE
                    || !SHAPE.matcher(range.asText()).matches()) {
                continue;
            }
            try {
                AddressRange.parse(range.asText());
            } catch (IllegalArgumentException e) {
                errors.add(ValidationMessages.field(
                        at + "/" + i,
                        range,
                        Objects.requireNonNull(e.getMessage(), "a range says what is wrong with it")));
            }
        }
    }

    private static void countries(JsonNode countries, List<FieldError> errors) {
        if (!countries.isObject()) {
            return;
        }
        if (countries.has("allow") == countries.has("block")) {
            errors.add(
                    new FieldError(
                            "/firewall/countries",
                            null,
                            "needs one of allow and block: the only countries that requests may come from, or those that they may not"));
        }
        Set<String> known = new HashSet<>(Arrays.asList(Locale.getISOCountries()));
        known.add(KOSOVO);
        for (String list : List.of("allow", "block")) {
            List<JsonNode> codes = ValidationMessages.items(countries.path(list));
            for (int i = 0; i < codes.size(); i++) {
                if (codes.get(i).isTextual() && !known.contains(codes.get(i).asText())) {
                    errors.add(ValidationMessages.field(
                            "/firewall/countries/" + list + "/" + i,
                            codes.get(i),
                            "is no country of ISO 3166; Germany is DE, the United Kingdom GB"));
                }
            }
        }
    }

    private static void exceptions(List<JsonNode> exceptions, List<FieldError> errors) {
        Map<String, List<String>> paths = new TreeMap<>();
        for (int i = 0; i < exceptions.size(); i++) {
            JsonNode path = exceptions.get(i).path("path");
            if (!path.isTextual()) {
                continue;
            }
            String at = "/firewall/exceptions/" + i + "/path";
            PathPattern.wrong(path.asText())
                    .ifPresent(message -> errors.add(ValidationMessages.field(at, path, message)));
            for (JsonNode rule : exceptions.get(i).path("rules")) {
                paths.computeIfAbsent(rule.asText(), key -> new ArrayList<>()).add(path.asText());
            }
        }
        paths.forEach((rule, all) -> {
            int length = PathPattern.of(all.stream().distinct().toList()).length();
            if (length > PathPattern.LONGEST) {
                errors.add(new FieldError(
                        "/firewall/exceptions",
                        null,
                        "are too long for %s: its paths come to %d characters of a regular expression, and AWS WAF takes %d; name a common beginning, such as /api/*"
                                .formatted(rule, length, PathPattern.LONGEST)));
            }
        });
    }
}
