package dev.slipway.simulated.cloudwatch;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statistic by its name, as in "CloudWatch statistics definitions": the five plain ones, percentiles (p95), and trimmed
 * counts between absolute bounds (TC(0.8:), the lower exclusive, the upper inclusive). Others are refused.
 */
@FunctionalInterface
interface MetricStatistic {
    Pattern PERCENTILE = Pattern.compile("p(\\d{1,2}(?:\\.\\d{1,10})?|100)");
    Pattern TRIMMED_COUNT = Pattern.compile("(?:TC|tc)\\((\\d+(?:\\.\\d+)?)?:(\\d+(?:\\.\\d+)?)?\\)");

    double of(MetricSamples values);

    /** Throws ValidationError. */
    static MetricStatistic named(String name) {
        MetricStatistic found = find(name);
        if (found == null) {
            throw CloudWatchErrors.validation("The value %s for parameter Stat is not supported.".formatted(name));
        }
        return found;
    }

    private static @Nullable MetricStatistic find(String name) {
        switch (name) {
            case "Sum" -> {
                return MetricSamples::sum;
            }
            case "Average" -> {
                return values -> values.sum() / values.count();
            }
            case "SampleCount" -> {
                return MetricSamples::count;
            }
            case "Minimum" -> {
                return MetricSamples::minimum;
            }
            case "Maximum" -> {
                return MetricSamples::maximum;
            }
            default -> {
                Matcher percentile = PERCENTILE.matcher(name);
                if (percentile.matches()) {
                    double percent = Double.parseDouble(percentile.group(1));
                    return values -> values.percentile(percent);
                }
                Matcher trimmed = TRIMMED_COUNT.matcher(name);
                if (trimmed.matches() && (trimmed.group(1) != null || trimmed.group(2) != null)) {
                    double low = bound(trimmed.group(1), Double.NEGATIVE_INFINITY);
                    double high = bound(trimmed.group(2), Double.POSITIVE_INFINITY);
                    return values -> values.countBetween(low, high);
                }
                return null;
            }
        }
    }

    private static double bound(@Nullable String number, double otherwise) {
        return number == null ? otherwise : Double.parseDouble(number);
    }
}
