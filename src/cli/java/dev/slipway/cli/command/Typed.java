package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** Tells what the API refuses of a value by what a person has typed, and not by the field or the parameter that it went to. */
final class Typed {
    private static final Pattern PARAMETER =
            Pattern.compile("(?s)(?<name>[a-zA-Z]+)=(?<value>.*?) (?<wrong>is not .*)");

    // Of fields that have another name than what is typed for them.
    private static final Map<String, List<String>> NAMES = Map.of(
            "freezes", List.of("--freeze"),
            "reason", List.of("--override", "--reason"),
            "rollout/strategy", List.of("--strategy"));

    private Typed() {}

    /** A sentence for each value that is wrong; empty where something else is, which was not typed. */
    static List<String> wrong(JsonNode problem, CommandLine command) {
        List<String> sentences = new ArrayList<>();
        if (problem.path("code").asText().equals("invalid-parameter")) {
            Matcher refused = PARAMETER.matcher(problem.path("detail").asText());
            if (refused.matches()) {
                String name = refused.group("name");
                name(name, command)
                        .ifPresent(typed -> sentences.add("%s %s %s %s"
                                .formatted(
                                        typed,
                                        shown(refused.group("value")),
                                        refused.group("wrong").replaceFirst(" (\\w+)=", " --$1 "),
                                        problem.path("action").asText().replaceFirst("^" + name + " ", "It "))));
            }
        }
        for (JsonNode field : problem.path("errors")) {
            Optional<String> typed = name(field.path("field").asText(), command);
            if (typed.isEmpty()) {
                return List.of();
            }
            String message = field.path("message").asText();
            sentences.add(typed.get()
                    + (field.has("value")
                            ? " " + shown(unquoted(field.path("value").asText()))
                            : "")
                    + (message.startsWith("must ") ? " " : ": ")
                    + message
                    + ".");
        }
        return sentences;
    }

    /** The option or the argument that was given for a field. */
    private static Optional<String> name(String field, CommandLine command) {
        CommandLine.ParseResult parsed = command.getParseResult();
        String key = field.replaceFirst("^/", "").replaceFirst("/[0-9]+$", "");
        String option = "--" + key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        return NAMES.getOrDefault(key, List.of(option)).stream()
                .filter(parsed::hasMatchedOption)
                .findFirst()
                .or(() -> parsed.matchedPositionals().stream()
                        .map(ArgSpec::paramLabel)
                        .filter(label -> label.equalsIgnoreCase(key))
                        .findFirst());
    }

    private static String unquoted(String json) {
        return json.replaceFirst("(?s)^\"(.*)\"$", "$1");
    }

    private static String shown(String value) {
        return value.isEmpty() || value.contains(" ") ? '"' + value + '"' : value;
    }
}
