package dev.slipway.logs;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which lines tell of an error, and which of them say the same. */
final class ErrorLines {
    /**
     * A JSON line by its {@code level} or {@code status}, any other by its words. Fields of JSON lines are found by Logs Insights
     * itself. AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
     */
    static final String CONDITION =
            "(level in [\"error\", \"ERROR\", \"fatal\", \"FATAL\", \"critical\", \"CRITICAL\"] or status >= 500"
                    + " or (not ispresent(level) and @message like /(?i)\\b(error|fatal|panic|exception|traceback)\\b/))";

    private static final Pattern VARIABLE = Pattern.compile(
            "\\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\b|\\b(?=\\w*\\d)[0-9a-fA-F]{6,}\\b|\\d+");

    private ErrorLines() {}

    /** The line without what differs from one time to the next: numbers, ids, times. */
    static String shape(String line) {
        return VARIABLE.matcher(line).replaceAll("#");
    }

    /** Of each shape that the lines before do not have: how often it is there, by its first line. */
    static <T> Map<T, Integer> fresh(List<T> lines, Function<T, String> message, Collection<String> before) {
        Set<String> known = before.stream().map(ErrorLines::shape).collect(Collectors.toSet());
        Map<String, T> first = new LinkedHashMap<>();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (T line : lines) {
            String shape = shape(message.apply(line));
            if (!known.contains(shape)) {
                first.putIfAbsent(shape, line);
                counts.merge(shape, 1, Integer::sum);
            }
        }
        Map<T, Integer> fresh = new LinkedHashMap<>();
        first.forEach((shape, line) -> fresh.put(line, counts.get(shape)));
        return fresh;
    }
}
