package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.environment.Cidr;
import dev.slipway.freeze.Freeze;
import dev.slipway.problem.Problem.FieldError;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a schema cannot say of one environment's spec. See {@link ServiceValidator}. */
final class EnvironmentValidator {
    private static final List<Cidr> PRIVATE = Stream.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
            .map(Cidr::parse)
            .toList();

    private EnvironmentValidator() {}

    static List<FieldError> check(JsonNode spec) {
        List<FieldError> errors = new ArrayList<>();
        cidr(spec.path("network").path("cidr"), errors);
        JsonNode domain = spec.path("domain");
        if (domain.isObject() && !domain.has("hostedZoneId") && !spec.has("certificateArn")) {
            errors.add(new FieldError(
                    "/domain/hostedZoneId",
                    null,
                    "is required to make the name's certificate; or give certificateArn a certificate of your own"));
        }
        additionalDomains(spec, errors);
        ObjectNode container =
                JsonNodeFactory.instance.objectNode().put("cpu", 256).put("memory", 512);
        ServiceValidator.size(
                MergePatch.apply(container, spec.at("/services/container")), "/services/container", errors);
        errors.addAll(FirewallValidator.check(spec.path("firewall")));
        expires(spec, errors);
        JsonNode alarms = spec.path("alarms");
        if (alarms.has("topic") && alarms.has("email")) {
            errors.add(
                    ValidationMessages.field(
                            "/alarms/email",
                            alarms.path("email"),
                            "is told by the environment's own topic, and there is none beside alarms.topic: subscribe it to that topic, or leave topic out"));
        }
        errors.addAll(freezes(spec.path("freezes")));
        errors.addAll(TagsValidator.check(spec.path("tags")));
        return errors;
    }

    private static void additionalDomains(JsonNode spec, List<FieldError> errors) {
        List<JsonNode> domains = ValidationMessages.items(spec.path("additionalDomains"));
        Set<String> names = new HashSet<>();
        names.add(spec.path("domain").path("name").asText());
        Set<String> certificates = new HashSet<>();
        certificates.add(spec.path("certificateArn").asText());
        for (int i = 0; i < domains.size(); i++) {
            JsonNode domain = domains.get(i);
            String pointer = "/additionalDomains/" + i;
            JsonNode name = domain.path("name");
            if (name.isTextual() && !names.add(name.asText())) {
                errors.add(ValidationMessages.field(pointer + "/name", name, "is named before: each name once"));
            }
            JsonNode certificate = domain.path("certificateArn");
            if (certificate.isTextual() && !certificates.add(certificate.asText())) {
                errors.add(ValidationMessages.field(
                        pointer + "/certificateArn",
                        certificate,
                        "is named before; a certificate serves all the names it is for, so name it once"));
            }
            if (domain.isObject() && !domain.has("hostedZoneId") && !domain.has("certificateArn")) {
                errors.add(
                        new FieldError(
                                pointer + "/hostedZoneId",
                                null,
                                "is required to make the name's certificate; or give certificateArn a certificate of your own"));
            }
        }
        if (!domains.isEmpty() && !spec.path("domain").has("hostedZoneId") && !spec.has("certificateArn")) {
            errors.add(
                    new FieldError(
                            "/domain",
                            null,
                            "is required, or certificateArn, for additionalDomains: HTTPS begins with the certificate that clients without server name indication are shown"));
        }
    }

    private static void expires(JsonNode spec, List<FieldError> errors) {
        JsonNode expires = spec.path("expires");
        if (!expires.isTextual()) {
            return;
        }
        try {
            Instant.parse(expires.asText());
        } catch (DateTimeParseException e) {
            errors.add(ValidationMessages.field(
                    "/expires", expires, "must be a time that there is; " + expires + " is not"));
        }
        if (spec.path("terminationProtection").asBoolean()) {
            errors.add(
                    ValidationMessages.field(
                            "/expires",
                            expires,
                            "goes not together with terminationProtection: say terminationProtection: false, and everybody may know that it ends"));
        }
    }

    private static void cidr(JsonNode value, List<FieldError> errors) {
        if (!value.isTextual()) {
            return;
        }
        try {
            Cidr cidr = Cidr.parse(value.asText());
            if (cidr.prefix() < 16 || cidr.prefix() > 24) {
                errors.add(error(value, "must be a /16 to /24; " + value + " is not"));
            } else if (PRIVATE.stream().noneMatch(range -> range.contains(cidr))) {
                errors.add(error(
                        value, "must be within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16; " + value + " is not"));
            }
        } catch (IllegalArgumentException e) {
            errors.add(error(value, Objects.requireNonNull(e.getMessage(), "a range says what is wrong with it")));
        }
    }

    private static FieldError error(JsonNode value, String message) {
        return ValidationMessages.field("/network/cidr", value, message);
    }

    /** What a schema cannot say of freeze windows, in either spec. */
    static List<FieldError> freezes(JsonNode freezes) {
        List<FieldError> errors = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<JsonNode> windows = ValidationMessages.items(freezes);
        for (int at = 0; at < windows.size(); at++) {
            String pointer = "/freezes/" + at;
            JsonNode freeze = windows.get(at);
            times(freeze, pointer, errors);
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

    /** Of whatever has a start and a time zone. */
    static void times(JsonNode recurring, String pointer, List<FieldError> errors) {
        field(recurring, pointer, "start", Freeze::startError, errors);
        field(recurring, pointer, "timeZone", Freeze::timeZoneError, errors);
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
