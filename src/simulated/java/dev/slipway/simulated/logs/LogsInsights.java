package dev.slipway.simulated.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of the query language of CloudWatch Logs Insights as our queries use: fields with jsonParse, unnest, filter, stats with
 * count and latest, sort and limit. Fields of JSON lines are found by themselves. AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html and its page of each command.
 */
final class LogsInsights {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PARSED = Pattern.compile("jsonParse\\(@message\\) as (\\w+)");
    private static final Pattern ALIAS = Pattern.compile("([\\w.]+) as (\\w+)");
    private static final Pattern UNNEST = Pattern.compile("unnest ([\\w.]+) into (\\w+)");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    private static final Pattern HAS = Pattern.compile("ispresent\\((\\w+)\\)");
    private static final Pattern CONTAINS = Pattern.compile("(@\\w+) like \"([^\"]*)\"");
    private static final Pattern MATCHES = Pattern.compile("(@\\w+) like /(.*)/");
    private static final Pattern AT_LEAST = Pattern.compile("(\\w+) >= (\\d+)");
    private static final Pattern PRESENT = Pattern.compile("(\\w+) like /\\./");
    private static final Pattern EQUAL = Pattern.compile("(\\w+) = \"([^\"]*)\"");
    private static final Pattern IN = Pattern.compile("(\\w+) in \\[([^]]*)]");
    private static final Pattern STATS = Pattern.compile("stats (.*) by (.*)");
    private static final Pattern AGGREGATE = Pattern.compile("(count\\(\\*\\)|latest\\((\\w+)\\)) as (\\w+)");
    private static final Pattern SORT = Pattern.compile("sort (@?\\w+) desc");
    private static final Pattern LIMIT = Pattern.compile("limit (\\d+)");

    private LogsInsights() {}

    /** A line of a log. */
    record Entry(Instant at, String stream, String message) {}

    /** @param entries in the order of their times */
    static List<Map<String, String>> run(String query, List<Entry> entries) {
        List<Map<String, JsonNode>> rows = new ArrayList<>();
        entries.forEach(entry -> {
            Map<String, JsonNode> row = new HashMap<>();
            JsonNode parsed = parse(entry.message());
            parsed.properties().forEach(field -> row.put(field.getKey(), field.getValue()));
            row.put("@message", TextNode.valueOf(entry.message()));
            row.put("@logStream", TextNode.valueOf(entry.stream()));
            row.put("@timestamp", TextNode.valueOf(TIME.format(entry.at())));
            rows.add(row);
        });
        List<Map<String, JsonNode>> now = rows;
        for (String command : query.split(" \\| ")) {
            now = step(command.strip(), now);
        }
        List<Map<String, String>> shown = new ArrayList<>();
        for (Map<String, JsonNode> row : now) {
            Map<String, String> values = new LinkedHashMap<>();
            row.forEach((name, value) -> {
                if (!value.isMissingNode() && !value.isNull()) {
                    values.put(name, value.asText());
                }
            });
            shown.add(values);
        }
        return shown;
    }

    private static List<Map<String, JsonNode>> step(String command, List<Map<String, JsonNode>> rows) {
        String verb = command.substring(0, command.indexOf(' '));
        return switch (verb) {
            case "fields" -> fields(command.substring(verb.length() + 1), rows);
            case "unnest" -> unnest(matched(UNNEST, command), rows);
            case "filter" ->
                rows.stream()
                        .filter(row -> holds(command.substring(verb.length() + 1), row))
                        .toList();
            case "stats" -> stats(matched(STATS, command), rows);
            case "sort" -> {
                String by = matched(SORT, command).group(1);
                yield rows.stream()
                        .sorted(Comparator.comparing((Map<String, JsonNode> row) ->
                                        value(row, by).asDouble())
                                .thenComparing(row -> value(row, by).asText())
                                .reversed())
                        .toList();
            }
            case "limit" ->
                rows.stream()
                        .limit(Long.parseLong(matched(LIMIT, command).group(1)))
                        .toList();
            default -> throw notModelled(command);
        };
    }

    private static List<Map<String, JsonNode>> fields(String list, List<Map<String, JsonNode>> rows) {
        for (String field : list.split(", ")) {
            Matcher parsed = PARSED.matcher(field);
            if (parsed.matches()) {
                rows.forEach(row ->
                        row.put(parsed.group(1), parse(value(row, "@message").asText())));
            } else if (field.contains(" ")) {
                Matcher alias = matched(ALIAS, field);
                rows.forEach(row -> row.put(alias.group(2), value(row, alias.group(1))));
            }
        }
        return rows;
    }

    private static JsonNode parse(String message) {
        try {
            return JSON.readTree(message);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    private static JsonNode value(Map<String, JsonNode> row, String path) {
        String[] parts = path.split("\\.");
        JsonNode value = row.getOrDefault(parts[0], MissingNode.getInstance());
        for (int i = 1; i < parts.length; i++) {
            value = value.isArray() ? value.path(Integer.parseInt(parts[i])) : value.path(parts[i]);
        }
        return value;
    }

    /** "This command discards the current record and generates new records." */
    private static List<Map<String, JsonNode>> unnest(Matcher command, List<Map<String, JsonNode>> rows) {
        List<Map<String, JsonNode>> more = new ArrayList<>();
        for (Map<String, JsonNode> row : rows) {
            for (JsonNode item : value(row, command.group(1))) {
                Map<String, JsonNode> copy = new HashMap<>(row);
                copy.put(command.group(2), item);
                more.add(copy);
            }
        }
        return more;
    }

    private static boolean holds(String condition, Map<String, JsonNode> row) {
        if (condition.startsWith("(") && condition.endsWith(")")) {
            return holds(condition.substring(1, condition.length() - 1), row);
        }
        List<String> alternatives = split(condition, " or ");
        if (alternatives.size() > 1) {
            return alternatives.stream().anyMatch(one -> holds(one, row));
        }
        for (String part : split(condition, " and ")) {
            if (part.startsWith("not ")) {
                if (holds(part.substring(4), row)) {
                    return false;
                }
                continue;
            }
            Matcher has = HAS.matcher(part);
            Matcher contains = CONTAINS.matcher(part);
            Matcher matches = MATCHES.matcher(part);
            Matcher atLeast = AT_LEAST.matcher(part);
            Matcher present = PRESENT.matcher(part);
            Matcher equal = EQUAL.matcher(part);
            Matcher in = IN.matcher(part);
            boolean held;
            if (has.matches()) {
                held = row.containsKey(has.group(1));
            } else if (contains.matches()) {
                held = value(row, contains.group(1)).asText().contains(contains.group(2));
            } else if (matches.matches()) {
                held = Pattern.compile(matches.group(2))
                        .matcher(value(row, matches.group(1)).asText())
                        .find();
            } else if (atLeast.matches()) {
                held = value(row, atLeast.group(1)).asDouble() >= Double.parseDouble(atLeast.group(2));
            } else if (present.matches()) {
                JsonNode value = value(row, present.group(1));
                held = !value.isNull() && !value.asText().isEmpty();
            } else if (equal.matches()) {
                held = value(row, equal.group(1)).asText().equals(equal.group(2));
            } else if (in.matches()) {
                held = List.of(in.group(2).replace("\"", "").split(", "))
                        .contains(value(row, in.group(1)).asText());
            } else {
                throw notModelled(part);
            }
            if (!held) {
                return false;
            }
        }
        return true;
    }

    /** At a word outside of parentheses. */
    private static List<String> split(String condition, String word) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < condition.length(); i++) {
            char letter = condition.charAt(i);
            depth += letter == '(' ? 1 : letter == ')' ? -1 : 0;
            if (depth == 0 && condition.startsWith(word, i)) {
                parts.add(condition.substring(begin, i));
                begin = i + word.length();
            }
        }
        parts.add(condition.substring(begin));
        return parts;
    }

    private static List<Map<String, JsonNode>> stats(Matcher command, List<Map<String, JsonNode>> rows) {
        List<String> by = List.of(command.group(2).split(", "));
        Map<List<String>, List<Map<String, JsonNode>>> groups = new LinkedHashMap<>();
        rows.forEach(row -> groups.computeIfAbsent(
                        by.stream().map(name -> value(row, name).asText()).toList(), key -> new ArrayList<>())
                .add(row));
        List<Map<String, JsonNode>> counted = new ArrayList<>();
        groups.forEach((key, members) -> {
            Map<String, JsonNode> row = new LinkedHashMap<>();
            for (int i = 0; i < by.size(); i++) {
                row.put(by.get(i), TextNode.valueOf(key.get(i)));
            }
            for (String aggregate : command.group(1).split(", ")) {
                Matcher one = matched(AGGREGATE, aggregate);
                row.put(
                        one.group(3),
                        one.group(2) == null
                                ? TextNode.valueOf(String.valueOf(members.size()))
                                : value(members.getLast(), one.group(2)));
            }
            counted.add(row);
        });
        return counted;
    }

    private static Matcher matched(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw notModelled(text);
        }
        return matcher;
    }

    private static UnsupportedOperationException notModelled(String what) {
        return new UnsupportedOperationException("not modelled: " + what);
    }
}
