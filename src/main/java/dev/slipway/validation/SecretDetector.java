package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.validation.SpecReader.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Environment variables that look as if they held a secret. They are warned of and not refused: a name is a guess, and a
 * person who cannot deploy PUBLIC_KEY learns to work around us.
 */
final class SecretDetector {
    private static final Pattern NAME = Pattern.compile(
            "(?i).*(password|passwd|passphrase|secret|token|credential|private_?key|api_?key|access_?key).*");

    /** What only says where a secret is, or how long it lasts. */
    private static final Pattern HARMLESS =
            Pattern.compile("(?i).*_(arn|file|path|name|id|url|uri|ttl|expiry|seconds|length|header|issuer)$");

    private static final Pattern VALUE =
            Pattern.compile("(?s).*(AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/@\\s:]+:[^/@\\s]+@).*");

    private SecretDetector() {}

    static List<Warning> warnings(JsonNode spec) {
        List<Warning> warnings = new ArrayList<>();
        for (var variable : spec.path("container").path("environment").properties()) {
            String name = variable.getKey();
            String value = variable.getValue().asText();
            boolean named =
                    NAME.matcher(name).matches() && !HARMLESS.matcher(name).matches();
            if (!value.isEmpty() && (named || VALUE.matcher(value).matches())) {
                warnings.add(new Warning(
                        ValidationMessages.child("/container/environment", name),
                        "looks like a secret, and whoever may read the task definition can read it; put it into"
                                + " Secrets Manager or an SSM parameter and name its ARN under secrets"));
            }
        }
        return warnings;
    }
}
