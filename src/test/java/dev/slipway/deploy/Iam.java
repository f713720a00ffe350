package dev.slipway.deploy;

import static dev.slipway.deploy.TemplateFile.list;
import static dev.slipway.deploy.TemplateFile.map;

import dev.slipway.deploy.TemplateFile.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Decides as IAM does about policies of our templates, in account 123456789012 and eu-central-1: a statement that denies wins,
 * and what none allows is refused. Source: IAM user guide, "Policy evaluation logic" and "Condition operators".
 *
 * @param values what references of the template stand for, by name. A key of a request that has several values has them
 *     with commas between.
 */
record Iam(Map<String, String> values) {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]+)}");
    /** Of the request, not of the template. */
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(aws:[^}]+)}");

    /** Those of templates, which are few: histories ask for them thousands of times. */
    private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

    /**
     * What somebody asks for.
     *
     * @param principal ARN of the role that asks
     * @param context condition keys of the request, {@code aws:PrincipalArn} is there anyway; IAM knows no case in them
     */
    record Request(String principal, String action, String resource, Map<String, String> context) {
        Request {
            var all = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            all.putAll(context);
            all.put("aws:PrincipalArn", principal);
            context = Collections.unmodifiableMap(all);
        }

        /** A text with the variables of the request put in; empty when the request has no such key: then nothing matches. */
        Optional<String> with(String text) {
            return VARIABLE.matcher(text).results().allMatch(found -> context.containsKey(found.group(1)))
                    ? Optional.of(VARIABLE.matcher(text)
                            .replaceAll(found -> Matcher.quoteReplacement(context.get(found.group(1)))))
                    : Optional.empty();
        }

        private List<String> with(List<String> texts) {
            return texts.stream().flatMap(text -> with(text).stream()).toList();
        }
    }

    Iam {
        var all = new HashMap<>(values);
        all.put("AWS::Partition", "aws");
        all.put("AWS::Region", "eu-central-1");
        all.put("AWS::AccountId", "123456789012");
        all.put("AWS::StackName", "slipway");
        all.put("IsCommercial", "true");
        values = Map.copyOf(all);
    }

    boolean allows(List<Statement> policy, Request request) {
        var matching =
                policy.stream().filter(statement -> matches(statement, request)).toList();
        return !matching.isEmpty() && matching.stream().allMatch(Statement::allows);
    }

    /** Every text that a value of a template can become: both branches of a condition that no value decides. */
    List<String> texts(Object value) {
        if (value instanceof List<?> several) {
            return several.stream().flatMap(one -> texts(one).stream()).toList();
        }
        if (value instanceof String text) {
            return List.of(text);
        }
        var function = map(value);
        if (function.get("If") instanceof List<?> choice) {
            var holds = values.get(choice.getFirst().toString());
            return texts(holds == null ? choice.subList(1, 3) : choice.get(holds.equals("true") ? 1 : 2));
        }
        if (function.get("Split") instanceof List<?> split) {
            return texts(split.get(1)).stream()
                    .flatMap(text ->
                            Stream.of(text.split(Pattern.quote(split.get(0).toString()), -1)))
                    .toList();
        }
        if (function.get("Join") instanceof List<?> join) {
            return List.of(String.join(join.get(0).toString(), texts(join.get(1))));
        }
        if (function.get("Sub") instanceof List<?> sub) {
            var text = sub.get(0).toString();
            for (var local : map(sub.get(1)).entrySet()) {
                text = text.replace("${" + local.getKey() + "}", String.join("", texts(local.getValue())));
            }
            return texts(Map.of("Sub", text));
        }
        if (function.get("Sub") instanceof String text) {
            return List.of(
                    REFERENCE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(named(found.group(1)))));
        }
        var name = function.getOrDefault("Ref", function.get("GetAtt"));
        return "AWS::NoValue".equals(name) ? List.of() : List.of(named(String.valueOf(name)));
    }

    /** Every statement below a value, those behind conditions too. */
    static List<Statement> statementsIn(String owner, Object value) {
        if (value instanceof List<?> several) {
            return several.stream()
                    .flatMap(one -> statementsIn(owner, one).stream())
                    .toList();
        }
        if (!(value instanceof Map<?, ?>)) {
            return List.of();
        }
        var found = new ArrayList<Statement>();
        if (map(value).containsKey("Effect")) {
            found.add(new Statement(owner, map(value)));
        }
        map(value).values().forEach(inner -> found.addAll(statementsIn(owner, inner)));
        return found;
    }

    private String named(String name) {
        var value = values.get(name);
        if (value == null) {
            throw new AssertionError("give a value for " + name);
        }
        return value;
    }

    private boolean matches(Statement statement, Request request) {
        var content = statement.content();
        var action = content.containsKey("NotAction")
                ? texts(content.get("NotAction")).stream().noneMatch(pattern -> like(pattern, request.action()))
                : texts(content.get("Action")).stream().anyMatch(pattern -> like(pattern, request.action()));
        return action
                && request.with(texts(content.get("Resource"))).stream()
                        .anyMatch(pattern -> like(pattern, request.resource()))
                && conditions(content.get("Condition"), request)
                        .allMatch(condition -> condition.holds(request.context()));
    }

    private Stream<Condition> conditions(Object conditions, Request request) {
        return list(conditions).stream()
                .flatMap(all -> map(all).entrySet().stream())
                .flatMap(operator -> map(operator.getValue()).entrySet().stream()
                        .map(key ->
                                new Condition(operator.getKey(), key.getKey(), request.with(texts(key.getValue())))));
    }

    private record Condition(String operator, String key, List<String> values) {
        boolean holds(Map<String, String> context) {
            var asked = context.get(key);
            return switch (operator) {
                case "StringEquals" -> asked != null && values.contains(asked);
                case "StringEqualsIfExists" -> asked == null || values.contains(asked);
                case "StringLike", "ArnLike", "ArnEquals" -> asked != null && anyLike(asked);
                case "ArnLikeIfExists" -> asked == null || anyLike(asked);
                case "ForAllValues:StringLike" ->
                    asked == null || Stream.of(asked.split(",")).allMatch(this::anyLike);
                case "Null" -> values.contains(String.valueOf(asked == null));
                case "ArnNotLike" -> asked == null || !anyLike(asked);
                default -> throw new AssertionError("an operator that this does not know: " + operator);
            };
        }

        private boolean anyLike(String asked) {
            return values.stream().anyMatch(pattern -> like(pattern, asked));
        }
    }

    static boolean like(String pattern, String text) {
        return PATTERNS.computeIfAbsent(
                        pattern,
                        one -> Pattern.compile(
                                Pattern.quote(one).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q")))
                .matcher(text)
                .matches();
    }
}
