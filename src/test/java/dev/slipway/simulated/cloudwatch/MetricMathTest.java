package dev.slipway.simulated.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Series are written as their data points minute by minute, with - where there is none. */
class MetricMathTest {
    private static NavigableMap<Long, Double> series(String points) {
        NavigableMap<Long, Double> series = new TreeMap<>();
        List<String> values = List.of(points.split(" "));
        for (int minute = 0; minute < values.size(); minute++) {
            if (!values.get(minute).equals("-")) {
                series.put((long) minute, Double.valueOf(values.get(minute)));
            }
        }
        return series;
    }

    private static String evaluated(String expression, Map<String, NavigableMap<Long, Double>> metrics, int minutes) {
        NavigableMap<Long, Double> result =
                MetricMath.evaluate(expression, metrics::get, () -> List.copyOf(metrics.values()));
        return LongStream.range(0, minutes)
                .mapToObj(minute -> result.containsKey(minute) ? String.valueOf(Math.round(result.get(minute))) : "-")
                .collect(Collectors.joining(" "));
    }

    /** The first three are examples of the user guide. */
    @ParameterizedTest
    @CsvSource({
        "m < n,                        0 0 1 0 -",
        "m >= 30,                      1 0 0 0 -",
        "m > 15 AND n > 15,            1 0 0 0 -",
        "m + n,                        50 20 20 0 -",
        "n - m,                        -10 -20 20 0 -",
        "m / n,                        2 - 0 - -",
        "'SUM([m, n])',                50 20 20 0 -",
        "'AVG([m, n])',                25 10 10 0 -",
        "'MAX([m, n])',                30 20 20 0 -",
        "'MIN([m, n])',                20 20 0 0 -"
    })
    void aMissingDataPointIsAZero(String expression, String expected) {
        var metrics = Map.of("m", series("30 20 0 0 -"), "n", series("20 - 20 - -"));
        assertThat(evaluated(expression, metrics, 5)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"'IF(a, b, c)', 30 0 20 - -", "'IF(a, 5, c)', 5 5 20 - -", "'IF(a, b, 5)', 30 0 5 5 -"})
    void ifIsThatOfTheUserGuidesTables(String expression, String expected) {
        var metrics = Map.of("a", series("1 1 0 0 -"), "b", series("30 - 0 0 30"), "c", series("0 0 20 - 20"));
        assertThat(evaluated(expression, metrics, 5)).isEqualTo(expected);
    }

    /** Metrics come late, each on its own: a minute of which one is missing is no minute without load. */
    @ParameterizedTest
    @CsvSource({
        "ScaleByCpu,      60 0 60 60 - 60, 2 2 2 2 2 -, - - 2 1 - -, 60 0 120 90 - -",
        "ScaleByRequests, 60 0 4 60 - 60,  9 9 - - 9 -, - 9 - 9 - -, 9 18 0 9 9 -"
    })
    void scalingSeesNoZeroInAMinuteThatIsNotThereYet(String policy, String cpu, String a, String b, String expected)
            throws IOException {
        String template = Files.readString(Path.of("src/main/resources/stacks/service.yaml"));
        Matcher expression = Pattern.compile("Expression: (.*)").matcher(template);
        assertThat(expression.find(template.indexOf("\n  " + policy + ":"))).isTrue();
        var metrics = Map.of("cpu", series(cpu), "a", series(a), "b", series(b));
        assertThat(evaluated(expression.group(1), metrics, 6)).isEqualTo(expected);
    }
}
