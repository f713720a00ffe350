package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.scaling.CronSchedule;
import dev.slipway.validation.SpecReader.Warning;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What a schema cannot say of one service's spec, because it is about two fields at once. Takes the document with its
 * defaults, which may be wrong in any field: a rule whose fields have the wrong type says nothing.
 */
final class ServiceValidator {
    /**
     * ECS allows 64 KiB for a whole task definition; the rest is for what we put around the container's settings.
     * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
     */
    private static final int TASK_DEFINITION_BYTES = 60 * 1024;

    /** "A total of 8192 characters are allowed for overrides": https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
    private static final int OVERRIDE_BYTES = 8192;

    /** The longest name of a service, which is its container's. */
    private static final String LONGEST_NAME = "x".repeat(24);

    /**
     * What CloudFormation refuses beyond, and no bake should need.
     * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-canaryconfiguration.html
     */
    private static final int MAX_BAKE_MINUTES = 33 * 60;

    /**
     * In one listener rule; nobody can raise it.
     * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
     */
    private static final int MAX_WILDCARDS = 6;

    private static final List<String> WITHOUT_EFFECT_WHEN_ROLLING =
            List.of("bakeMinutes", "canary", "linear", "checks", "checkFunction", "approval", "verdict");
    private static final Pattern SECRET_NAME = Pattern.compile(
            "(?i).*(password|passwd|passphrase|secret|token|credential|private_?key|api_?key|access_?key).*");

    /** What only says where a secret is, or how long it lasts. */
    private static final Pattern HARMLESS_NAME =
            Pattern.compile("(?i).*_(arn|file|path|name|id|url|uri|ttl|expiry|seconds|length|header|issuer)$");

    private static final Pattern SECRET_VALUE =
            Pattern.compile("(?s).*(AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/@\\s:]+:[^/@\\s]+@).*");

    private ServiceValidator() {}

    static List<FieldError> check(JsonNode spec) {
        List<FieldError> errors = new ArrayList<>();
        JsonNode container = spec.path("container");
        size(container, "/container", errors);
        variables(container, errors);
        taskDefinition(container, errors);
        JsonNode inside = container.path("healthCheck");
        shorterThanInterval(inside, "/container/healthCheck", errors);
        JsonNode routing = spec.path("routing");
        shorterThanInterval(routing.path("healthCheck"), "/routing/healthCheck", errors);
        conditions(routing, errors);
        wildcards(routing, errors);
        codes(routing.path("healthCheck"), "/routing/healthCheck", errors);
        scaling(spec, errors);
        errors.addAll(rollout(spec.path("rollout")));
        errors.addAll(EnvironmentValidator.freezes(spec.path("freezes")));
        errors.addAll(TagsValidator.check(spec.path("tags")));
        return errors;
    }

    /** @param at where the container stands */
    static void size(JsonNode container, String at, List<FieldError> errors) {
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
            errors.add(ValidationMessages.field(at + "/memory", memory, message));
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
    }

    /** As JSON in UTF-8, as it is sent; the largest part of it is named. */
    private static void taskDefinition(JsonNode container, List<FieldError> errors) {
        Map<String, JsonNode> parts = new TreeMap<>();
        parts.put("environment", pairs(container.path("environment"), "value"));
        parts.put("secrets", pairs(container.path("secrets"), "valueFrom"));
        for (String list : List.of("command", "entryPoint", "healthCheck")) {
            parts.put(list, container.path(list));
        }
        int all = parts.values().stream().mapToInt(ServiceValidator::bytes).sum();
        if (all > TASK_DEFINITION_BYTES) {
            String largest = parts.entrySet().stream()
                    .max(Comparator.comparingInt(part -> bytes(part.getValue())))
                    .orElseThrow()
                    .getKey();
            errors.add(new FieldError(
                    "/container/" + largest,
                    null,
                    "is too large for an ECS task definition: as JSON in UTF-8 the container's settings take %d bytes, and %d are left for them; keep large values in an object store or a parameter"
                            .formatted(all, TASK_DEFINITION_BYTES)));
        }
    }

    /** As a task definition has them: a list of objects with name and value. */
    private static JsonNode pairs(JsonNode map, String value) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        map.properties()
                .forEach(entry -> list.addObject().put("name", entry.getKey()).set(value, entry.getValue()));
        return list;
    }

    private static int bytes(JsonNode part) {
        return part.isMissingNode() ? 0 : part.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** What RunTask is sent in place of the image's own command. */
    private static void override(JsonNode before, List<FieldError> errors) {
        if (!before.path("command").isArray()) {
            return;
        }
        ObjectNode override = JsonNodeFactory.instance.objectNode();
        override.putArray("containerOverrides")
                .addObject()
                .put("name", LONGEST_NAME)
                .set("command", before.path("command"));
        int size = bytes(override);
        if (size > OVERRIDE_BYTES) {
            errors.add(new FieldError(
                    "/rollout/before/command",
                    null,
                    "is too long for ECS: what a one-off task is told takes %d bytes as JSON, and %d are allowed; put the script into the image"
                            .formatted(size, OVERRIDE_BYTES)));
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

    private static void wildcards(JsonNode routing, List<FieldError> errors) {
        long wildcards = Stream.of(routing.path("paths"), routing.path("hosts"))
                .flatMap(patterns -> StreamSupport.stream(patterns.spliterator(), false))
                .flatMapToInt(pattern -> pattern.asText().chars())
                .filter(letter -> letter == '*' || letter == '?')
                .count();
        if (wildcards > MAX_WILDCARDS) {
            errors.add(new FieldError(
                    "/routing",
                    null,
                    "must have at most %d wildcards, * and ?, in paths and hosts together, because a listener rule takes no"
                                    .formatted(MAX_WILDCARDS)
                            + " more; it has " + wildcards));
        }
    }

    private static void codes(JsonNode check, String at, List<FieldError> errors) {
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

    private static void scaling(JsonNode spec, List<FieldError> errors) {
        JsonNode scaling = spec.path("scaling");
        if (!scaling.isObject()) {
            return;
        }
        if (spec.has("count")) {
            errors.add(
                    ValidationMessages.field(
                            "/count",
                            spec.path("count"),
                            "is together with scaling, which sets the number of tasks by itself: leave count out, and write the fewest tasks as scaling.min"));
        }
        ordered(scaling, "/scaling", errors);
        List<JsonNode> schedules = ValidationMessages.items(scaling.path("schedules"));
        if (Stream.of("cpuPercent", "memoryPercent", "requestsPerTask").noneMatch(scaling::has)
                && schedules.isEmpty()) {
            errors.add(
                    new FieldError(
                            "/scaling",
                            null,
                            "must have a target, one of cpuPercent, memoryPercent and requestsPerTask, or schedules: nothing would ever change the number of tasks"));
        }
        Set<String> names = new HashSet<>();
        for (int at = 0; at < schedules.size(); at++) {
            String pointer = "/scaling/schedules/" + at;
            JsonNode schedule = schedules.get(at);
            ordered(schedule, pointer, errors);
            if (schedule.path("min").asInt(-1) == 0 && schedule.path("max").asInt() > 0) {
                errors.add(
                        ValidationMessages.field(
                                pointer + "/min",
                                schedule.path("min"),
                                "must be at least 1 where max is more than 0: a service without tasks has no load that would start one; to stop it, let max be 0, too"));
            }
            EnvironmentValidator.times(schedule, pointer, errors);
            JsonNode start = schedule.path("start");
            CronSchedule.error(start.asText())
                    .ifPresent(wrong -> errors.add(ValidationMessages.field(pointer + "/start", start, wrong)));
            JsonNode name = schedule.path("name");
            if (name.isTextual() && !names.add(name.asText())) {
                errors.add(ValidationMessages.field(
                        pointer + "/name", name, "is another schedule's, too: each needs a name of its own"));
            }
        }
    }

    private static void ordered(JsonNode limits, String at, List<FieldError> errors) {
        JsonNode min = limits.path("min");
        JsonNode max = limits.path("max");
        if (min.isInt() && max.isInt() && min.asInt() > max.asInt()) {
            errors.add(ValidationMessages.field(
                    at + "/max", max, "must be at least min, which is " + min + "; " + max + " is not"));
        }
    }

    private static List<FieldError> rollout(JsonNode rollout) {
        List<FieldError> errors = new ArrayList<>();
        bakes(rollout, errors);
        override(rollout.path("before"), errors);
        int at = 0;
        for (JsonNode check : rollout.path("checks")) {
            codes(check, "/rollout/checks/" + at++, errors);
        }
        return errors;
    }

    private static void bakes(JsonNode rollout, List<FieldError> errors) {
        int last = RolloutSettings.finalBakeMinutes(rollout.path("bakeMinutes").asInt());
        String strategy = rollout.path("strategy").asText();
        int minutes = switch (strategy) {
            case "blue-green" -> last;
            case "canary" -> last + rollout.at("/canary/bakeMinutes").asInt();
            case "linear" -> {
                double step = Math.max(rollout.at("/linear/stepPercent").asDouble(), 3);
                int steps = (int) Math.ceil(100 / step - 1e-9);
                yield last + (steps - 1) * rollout.at("/linear/bakeMinutes").asInt();
            }
            default -> 0;
        };
        if (minutes > MAX_BAKE_MINUTES) {
            errors.add(new FieldError(
                    "/rollout",
                    null,
                    "bakes for %d minutes in all; at most %d (33 hours) are possible"
                            .formatted(minutes, MAX_BAKE_MINUTES)));
        }
    }

    /**
     * @param declared the document without defaults
     * @param complete with them
     */
    static List<Warning> rolloutWarnings(JsonNode declared, JsonNode complete) {
        JsonNode rollout = declared.path("rollout");
        if (!rollout.path("strategy").asText("rolling").equals("rolling")) {
            boolean given = rollout.at("/verdict/latencyWarmUpMinutes").isInt()
                    && complete.at("/rollout/verdict/slowMillis").isInt();
            return given ? latencyWarmUpWarnings(complete.path("rollout")) : List.of();
        }
        return WITHOUT_EFFECT_WHEN_ROLLING.stream()
                .filter(rollout::has)
                .map(key -> new Warning(
                        "/rollout/" + key,
                        "has no effect while the strategy is rolling, unless a rollout names another"))
                .toList();
    }

    /** Slow answers that nobody has judged when the first bake ends. Warned of and not refused: a rollout may name another strategy. */
    private static List<Warning> latencyWarmUpWarnings(JsonNode rollout) {
        int warmUp = rollout.at("/verdict/latencyWarmUpMinutes").asInt();
        String strategy = rollout.path("strategy").asText();
        String bake = switch (strategy) {
            case "blue-green" -> "bakeMinutes";
            case "canary" -> "canary/bakeMinutes";
            default -> "linear/bakeMinutes";
        };
        int minutes = rollout.at("/" + bake).asInt();
        return warmUp < minutes
                ? List.of()
                : List.of(new Warning(
                        "/rollout/verdict/latencyWarmUpMinutes",
                        "is %d, and %s is %d: %s; less than %d would be judged in time"
                                .formatted(
                                        warmUp,
                                        bake.replace('/', '.'),
                                        minutes,
                                        strategy.equals("blue-green")
                                                ? "slow answers are never judged"
                                                : "the first step waits beyond its bake until slow answers are judged",
                                        minutes)));
    }

    /**
     * Environment variables that look as if they held a secret. They are warned of and not refused: a name is a guess, and
     * a person who cannot deploy PUBLIC_KEY learns to work around us.
     */
    static List<Warning> secretWarnings(JsonNode spec) {
        List<Warning> warnings = new ArrayList<>();
        for (var variable : spec.path("container").path("environment").properties()) {
            String name = variable.getKey();
            String value = variable.getValue().asText();
            boolean named = SECRET_NAME.matcher(name).matches()
                    && !HARMLESS_NAME.matcher(name).matches();
            if (!value.isEmpty() && (named || SECRET_VALUE.matcher(value).matches())) {
                warnings.add(new Warning(
                        ValidationMessages.child("/container/environment", name),
                        "looks like a secret, and whoever may read the task definition can read it; put it into"
                                + " Secrets Manager or an SSM parameter and name its ARN under secrets"));
            }
        }
        return warnings;
    }
}

/**
 * The pairs of CPU and memory that Fargate runs on Linux. Source: the Amazon ECS API Reference, RegisterTaskDefinition,
 * {@code memory}.
 */
final class FargateSizes {
    private static final Map<Integer, List<Integer>> MEMORIES = Map.of(
            256, List.of(512, 1024, 2048),
            512, steps(1024, 4096, 1024),
            1024, steps(2048, 8192, 1024),
            2048, steps(4096, 16384, 1024),
            4096, steps(8192, 30720, 1024),
            8192, steps(16384, 61440, 4096),
            16384, steps(32768, 122880, 8192));

    private FargateSizes() {}

    /** MiB, rising; empty for an amount of CPU that Fargate does not have. */
    static List<Integer> memories(int cpu) {
        return MEMORIES.getOrDefault(cpu, List.of());
    }

    /** The same for people: up to seven by number, more of them as a range. */
    static String describeMemories(int cpu) {
        List<Integer> all = memories(cpu);
        if (all.size() <= 7) {
            return "one of " + all.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        return "from " + all.getFirst() + " to " + all.getLast() + " in steps of " + (all.get(1) - all.get(0));
    }

    private static List<Integer> steps(int from, int to, int by) {
        return IntStream.iterate(from, memory -> memory <= to, memory -> memory + by)
                .boxed()
                .toList();
    }
}
