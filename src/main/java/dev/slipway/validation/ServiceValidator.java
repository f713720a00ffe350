package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;

/**
 * What a schema cannot say of one service's spec, because it is about two fields at once. Takes the document with its
 * defaults, which may be wrong in any field: a rule whose fields have the wrong type says nothing.
 */
final class ServiceValidator {
    /** ECS allows 64 KiB for a whole task definition; the rest is for what we put around the variables. */
    private static final int ENVIRONMENT_BYTES = 56 * 1024;

    private ServiceValidator() {}

    static List<FieldError> check(JsonNode spec) {
        List<FieldError> errors = new ArrayList<>();
        JsonNode container = spec.path("container");
        size(container, errors);
        variables(container, errors);
        JsonNode inside = container.path("healthCheck");
        shorterThanInterval(inside, "/container/healthCheck", errors);
        JsonNode routing = spec.path("routing");
        shorterThanInterval(routing.path("healthCheck"), "/routing/healthCheck", errors);
        conditions(routing, errors);
        codes(routing.path("healthCheck"), "/routing/healthCheck", errors);
        errors.addAll(RolloutValidator.check(spec.path("rollout")));
        errors.addAll(FreezeValidator.check(spec.path("freezes")));
        return errors;
    }

    private static void size(JsonNode container, List<FieldError> errors) {
        JsonNode cpu = container.path("cpu");
        JsonNode memory = container.path("memory");
        if (!cpu.isInt()
                || !memory.isInt()
                || FargateSizes.memories(cpu.asInt()).isEmpty()) {
            return;
        }
        if (!FargateSizes.memories(cpu.asInt()).contains(memory.asInt())) {
            String message = "must be " + FargateSizes.describeMemories(cpu.asInt()) + " (MiB) for " + cpu
                    + " units of cpu; " + memory + " is not";
            errors.add(ValidationMessages.field("/container/memory", memory, message));
        }
    }

    private static void variables(JsonNode container, List<FieldError> errors) {
        JsonNode environment = container.path("environment");
        for (var secret : container.path("secrets").properties()) {
            if (environment.has(secret.getKey())) {
                errors.add(ValidationMessages.field(
                        ValidationMessages.child("/container/secrets", secret.getKey()),
                        secret.getValue(),
                        "is in environment too: a variable has one value"));
            }
        }
        if (environment.isObject() && environment.toString().length() > ENVIRONMENT_BYTES) {
            errors.add(new FieldError(
                    "/container/environment",
                    null,
                    "is too large for an ECS task definition: all names and values together must stay below "
                            + ENVIRONMENT_BYTES + " bytes"));
        }
    }

    /** The load balancer and ECS both refuse a check that may outlast its interval. */
    private static void shorterThanInterval(JsonNode check, String at, List<FieldError> errors) {
        JsonNode timeout = check.path("timeoutSeconds");
        JsonNode interval = check.path("intervalSeconds");
        if (timeout.isInt() && interval.isInt() && timeout.asInt() >= interval.asInt()) {
            errors.add(ValidationMessages.field(
                    at + "/timeoutSeconds",
                    timeout,
                    "must be less than intervalSeconds, which is " + interval + "; " + timeout + " is not"));
        }
    }

    private static void conditions(JsonNode routing, List<FieldError> errors) {
        JsonNode paths = routing.path("paths");
        JsonNode hosts = routing.path("hosts");
        if (paths.isArray() && hosts.isArray() && paths.size() <= 4 && paths.size() + hosts.size() > 4) {
            errors.add(new FieldError(
                    "/routing",
                    null,
                    "must have at most 4 paths and hosts together, because a listener rule has 5 values and one is the"
                            + " test header's; it has " + (paths.size() + hosts.size())));
        }
    }

    static void codes(JsonNode check, String at, List<FieldError> errors) {
        JsonNode codes = check.path("codes");
        if (!codes.isTextual()) {
            return;
        }
        for (String part : codes.asText().split(",")) {
            String[] ends = part.split("-");
            if (ends.length == 2 && ends[0].compareTo(ends[1]) > 0) {
                errors.add(
                        ValidationMessages.field(at + "/codes", codes, "the range " + part + " ends before it begins"));
            }
        }
    }
}
