package dev.slipway.simulated.cloudwatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Of "Metric math syntax and functions": numbers, metrics and other expressions by their ids, + - * /, comparisons (1 or 0), AND and OR,
 * IF, and SUM, MIN, MAX and AVG of an array or of METRICS(). A data point that one of two series lacks is a zero, also in AVG and as what IF
 * chooses when its condition holds; a division by zero has none (CloudWatch user guide, using-metric-math.html).
 */
final class MetricMath {
    private static final Pattern TOKEN =
            Pattern.compile("\\s*(\\d+(?:\\.\\d+)?|[A-Za-z][A-Za-z0-9_]*|<=|>=|==|!=|&&|\\|\\||[-+*/<>()\\[\\],])");

    /** A number or a series. */
    private record Value(@Nullable Double scalar, NavigableMap<Long, Double> series) {}

    private final List<String> tokens = new ArrayList<>();
    private final Function<String, @Nullable NavigableMap<Long, Double>> metrics;
    private final Supplier<List<NavigableMap<Long, Double>>> all;
    private int at;

    private MetricMath(
            String expression,
            Function<String, @Nullable NavigableMap<Long, Double>> metrics,
            Supplier<List<NavigableMap<Long, Double>>> all) {
        this.metrics = metrics;
        this.all = all;
        Matcher matcher = TOKEN.matcher(expression);
        int end = 0;
        while (end < expression.stripTrailing().length()) {
            if (!matcher.find(end) || matcher.start() != end) {
                throw wrong("unexpected text in " + expression);
            }
            tokens.add(matcher.group(1));
            end = matcher.end();
        }
    }

    /**
     * Throws ValidationError where the expression is none, or is no series.
     *
     * @param metrics by their ids
     * @param all what METRICS() stands for: the metrics, without expressions
     */
    static NavigableMap<Long, Double> evaluate(
            String expression,
            Function<String, @Nullable NavigableMap<Long, Double>> metrics,
            Supplier<List<NavigableMap<Long, Double>>> all) {
        MetricMath math = new MetricMath(expression, metrics, all);
        Value value = math.either();
        if (math.at != math.tokens.size() || value.scalar() != null) {
            throw wrong("it has to be one series: " + expression);
        }
        return value.series();
    }

    private static RuntimeException wrong(String message) {
        return CloudWatchErrors.validation("Error in expression: " + message);
    }

    private @Nullable String peek() {
        return at < tokens.size() ? tokens.get(at) : null;
    }

    private boolean take(String token) {
        boolean there = token.equals(peek());
        at += there ? 1 : 0;
        return there;
    }

    private void require(String token) {
        if (!take(token)) {
            throw wrong("expected " + token);
        }
    }

    private Value either() {
        Value value = both();
        while (take("OR") || take("||")) {
            value = combine(value, both(), (a, b) -> a != 0 || b != 0 ? 1 : 0);
        }
        return value;
    }

    private Value both() {
        Value value = comparison();
        while (take("AND") || take("&&")) {
            value = combine(value, comparison(), (a, b) -> a != 0 && b != 0 ? 1 : 0);
        }
        return value;
    }

    private Value comparison() {
        Value value = sum();
        String operator = peek();
        DoubleBinaryOperator compared = operator == null
                ? null
                : switch (operator) {
                    case "<" -> (a, b) -> a < b ? 1 : 0;
                    case ">" -> (a, b) -> a > b ? 1 : 0;
                    case "<=" -> (a, b) -> a <= b ? 1 : 0;
                    case ">=" -> (a, b) -> a >= b ? 1 : 0;
                    case "==" -> (a, b) -> a == b ? 1 : 0;
                    case "!=" -> (a, b) -> a != b ? 1 : 0;
                    default -> null;
                };
        if (compared == null) {
            return value;
        }
        at++;
        return combine(value, sum(), compared);
    }

    private Value sum() {
        Value value = product();
        while (true) {
            if (take("+")) {
                value = combine(value, product(), Double::sum);
            } else if (take("-")) {
                value = combine(value, product(), (a, b) -> a - b);
            } else {
                return value;
            }
        }
    }

    private Value product() {
        Value value = factor();
        while (true) {
            if (take("*")) {
                value = combine(value, factor(), (a, b) -> a * b);
            } else if (take("/")) {
                value = combine(value, factor(), (a, b) -> b == 0 ? Double.NaN : a / b);
            } else {
                return value;
            }
        }
    }

    private Value factor() {
        String token = peek();
        if (token == null) {
            throw wrong("it ends too early");
        }
        at++;
        if (token.equals("(")) {
            Value value = either();
            require(")");
            return value;
        }
        if (Character.isDigit(token.charAt(0))) {
            return new Value(Double.valueOf(token), new TreeMap<>());
        }
        if (take("(")) {
            return function(token);
        }
        NavigableMap<Long, Double> series = metrics.apply(token);
        if (series == null) {
            throw wrong("[Undefined variable %s]".formatted(token));
        }
        return new Value(null, series);
    }

    private Value function(String name) {
        if (name.equals("IF")) {
            return choice();
        }
        List<NavigableMap<Long, Double>> array = new ArrayList<>();
        if (take("METRICS")) {
            require("(");
            require(")");
            array.addAll(all.get());
        } else {
            require("[");
            do {
                array.add(either().series());
            } while (take(","));
            require("]");
        }
        require(")");
        NavigableMap<Long, Double> result = new TreeMap<>();
        TreeSet<Long> times = new TreeSet<>();
        array.forEach(series -> times.addAll(series.keySet()));
        for (Long time : times) {
            List<Double> values = array.stream()
                    .filter(series -> series.containsKey(time))
                    .map(series -> series.get(time))
                    .toList();
            double sum = values.stream().mapToDouble(Double::doubleValue).sum();
            result.put(
                    time,
                    switch (name) {
                        case "SUM" -> sum;
                        case "AVG" -> sum / array.size();
                        case "MIN" ->
                            values.stream().min(Comparator.naturalOrder()).orElseThrow();
                        case "MAX" ->
                            values.stream().max(Comparator.naturalOrder()).orElseThrow();
                        default -> throw wrong("the function %s is not simulated".formatted(name));
                    });
        }
        return new Value(null, result);
    }

    /** Where the condition has a data point: the first value or 0, or else the second if that has one. */
    private Value choice() {
        NavigableMap<Long, Double> condition = either().series();
        require(",");
        Value yes = either();
        require(",");
        Value no = either();
        require(")");
        NavigableMap<Long, Double> result = new TreeMap<>();
        condition.forEach((time, holds) -> {
            Value chosen = holds != 0 ? yes : no;
            Double value =
                    chosen.scalar() != null ? chosen.scalar() : chosen.series().get(time);
            if (value != null || holds != 0) {
                result.put(time, value == null ? 0 : value);
            }
        });
        return new Value(null, result);
    }

    private static Value combine(Value left, Value right, DoubleBinaryOperator operator) {
        if (left.scalar() != null && right.scalar() != null) {
            return new Value(operator.applyAsDouble(left.scalar(), right.scalar()), new TreeMap<>());
        }
        NavigableMap<Long, Double> result = new TreeMap<>();
        TreeSet<Long> times = new TreeSet<>(left.series().keySet());
        times.addAll(right.series().keySet());
        for (Long time : times) {
            double a = left.scalar() != null ? left.scalar() : left.series().getOrDefault(time, 0.0);
            double b = right.scalar() != null ? right.scalar() : right.series().getOrDefault(time, 0.0);
            double value = operator.applyAsDouble(a, b);
            if (Double.isFinite(value)) {
                result.put(time, value);
            }
        }
        return new Value(null, result);
    }
}
