package dev.slipway.simulated.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Filter patterns of CloudWatch Logs: words that must all be there, quoted phrases, {@code -word}, {@code ?word} of which one must be
 * there, and comparisons of JSON fields with {@code &&} or {@code ||}.
 * AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
final class FilterPattern {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TERM = Pattern.compile("([-?]?)(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s\"]+))\\s*");
    private static final Pattern COMPARISON =
            Pattern.compile("\\(?\\s*\\$\\.([\\w.-]+)\\s*(=|!=|>=|<=|>|<)\\s*(?:\"([^\"]*)\"|([\\w.*+-]+))\\s*\\)?");

    private FilterPattern() {}

    /** Throws {@link IllegalArgumentException} where it is none. */
    static Predicate<String> of(String pattern) {
        String text = pattern.strip();
        return text.startsWith("{") ? json(text) : words(text);
    }

    private static Predicate<String> words(String text) {
        List<String> all = new ArrayList<>();
        List<String> none = new ArrayList<>();
        List<String> any = new ArrayList<>();
        Matcher term = TERM.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!term.find(at) || term.start() != at) {
                throw new IllegalArgumentException("Invalid filter pattern");
            }
            String word = term.group(2) == null ? term.group(3) : term.group(2).replaceAll("\\\\(.)", "$1");
            if (term.group(2) == null && !word.matches("\\w+")) {
                throw new IllegalArgumentException("Invalid character(s) in term '%s'".formatted(word));
            }
            (switch (term.group(1)) {
                        case "-" -> none;
                        case "?" -> any;
                        default -> all;
                    })
                    .add(word);
            at = term.end();
        }
        return message -> all.stream().allMatch(message::contains)
                && none.stream().noneMatch(message::contains)
                // "?" is ignored beside terms that must be there
                && (any.isEmpty() || !all.isEmpty() || any.stream().anyMatch(message::contains));
    }

    private static Predicate<String> json(String text) {
        if (!text.endsWith("}")) {
            throw new IllegalArgumentException("Invalid filter pattern");
        }
        String inner = text.substring(1, text.length() - 1).strip();
        boolean or = inner.contains("||");
        List<Predicate<JsonNode>> parts = Arrays.stream(inner.split(or ? "\\|\\|" : "&&"))
                .map(part -> comparison(part.strip()))
                .toList();
        return message -> {
            JsonNode node = parse(message);
            return node.isObject()
                    && (or
                            ? parts.stream().anyMatch(part -> part.test(node))
                            : parts.stream().allMatch(part -> part.test(node)));
        };
    }

    private static Predicate<JsonNode> comparison(String text) {
        Matcher part = COMPARISON.matcher(text);
        if (!part.matches()) {
            throw new IllegalArgumentException("Invalid filter pattern");
        }
        String path = "/" + part.group(1).replace('.', '/');
        String operator = part.group(2);
        String value = part.group(3) == null ? part.group(4) : part.group(3);
        return node -> {
            JsonNode found = node.at(path);
            if (found.isMissingNode()) {
                return false;
            }
            return switch (operator) {
                case "=" -> like(found.asText(), value);
                case "!=" -> !like(found.asText(), value);
                default -> found.isNumber() && ordered(operator, Double.compare(found.asDouble(), number(value)));
            };
        };
    }

    private static boolean like(String found, String value) {
        return Pattern.matches(
                Arrays.stream(value.split("\\*", -1))
                        .map(Pattern::quote)
                        .reduce((a, b) -> a + ".*" + b)
                        .orElse(""),
                found);
    }

    private static double number(String value) {
        return Double.parseDouble(value);
    }

    private static boolean ordered(String operator, int compared) {
        return switch (operator) {
            case ">=" -> compared >= 0;
            case "<=" -> compared <= 0;
            case ">" -> compared > 0;
            default -> compared < 0;
        };
    }

    private static JsonNode parse(String message) {
        try {
            return JSON.readTree(message);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
