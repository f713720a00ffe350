package dev.slipway.docs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A curl command in a document, or a call of {@code run}, as the quick start names a curl whose end it waits for.
 *
 * @param path from {@code /v1} or {@code /q} on, without the query
 */
record Curl(String line, String method, String path) {
    private static final Pattern VARIABLE = Pattern.compile("^([a-z]+)=(\\S+)$");
    private static final Pattern EXPLICIT = Pattern.compile("-X ([A-Z]+)");
    /** A path that only an answer tells, or whatever the caller of {@code run} gives. */
    private static final Pattern KNOWN_LATER = Pattern.compile("\\$\\{?(location|plan)|\\$1|\"\\$@\"");

    private static final Pattern COMMAND = Pattern.compile("\\bcurl |^run ");

    private static final Pattern ADDRESS = Pattern.compile("https?://[^/\\s\"']+(/[^\\s\"'?]*)");

    /** The commands of a shell block; variables that it sets are filled in, others count as a segment of a path. */
    static List<Curl> in(String block, Map<String, String> variables) {
        Map<String, String> known = new HashMap<>(variables);
        List<Curl> commands = new ArrayList<>();
        for (String line : block.replace("\\\n", " ").split("\n")) {
            String command = line.replaceFirst("^\\$ ", "").replaceFirst("\\s+# .*$", "");
            Matcher set = VARIABLE.matcher(command);
            if (set.matches()) {
                known.put(set.group(1), fill(set.group(2), known));
            }
            Matcher found = COMMAND.matcher(command);
            if (found.find() && !KNOWN_LATER.matcher(command).find()) {
                commands.add(of(fill(command.substring(found.start()), known)));
            }
        }
        variables.putAll(known);
        return commands;
    }

    private static String fill(String command, Map<String, String> variables) {
        String filled = command;
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            filled = filled.replaceAll(
                    "\\$" + variable.getKey() + "(?![a-z])", Matcher.quoteReplacement(variable.getValue()));
        }
        return filled.replaceAll("\\$[a-z]+", "x");
    }

    private static Curl of(String command) {
        Matcher address = ADDRESS.matcher(command);
        if (!address.find()) {
            throw new AssertionError("no address in: " + command);
        }
        return new Curl(command, method(command), address.group(1));
    }

    private static String method(String command) {
        Matcher explicit = EXPLICIT.matcher(command);
        if (explicit.find()) {
            return explicit.group(1);
        }
        return command.contains(" -T ") ? "PUT" : command.contains(" -d ") ? "POST" : "GET";
    }
}
