package dev.slipway.metrics;

import dev.slipway.metrics.Sample.Unit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.metrics.CoreMetric;
import software.amazon.awssdk.core.retry.RetryUtils;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;

/**
 * Counts attempts that AWS has refused because there were too many, by service of AWS, also those whose repetition went well: they are
 * what the first signs of a limit look like. Each client tells this after each of its calls.
 */
public final class ThrottledCalls implements MetricPublisher {
    /** As the SDK spells the kind of an attempt's error: sdk-for-java/latest/developer-guide/metrics-list.html. */
    private static final String THROTTLING = "Throttling";

    private final Metrics metrics;

    public ThrottledCalls(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void publish(MetricCollection call) {
        long throttled = call.children().stream()
                .flatMap(attempt -> attempt.metricValues(CoreMetric.ERROR_TYPE).stream())
                .filter(THROTTLING::equals)
                .count();
        if (throttled > 0) {
            put(
                    first(call.metricValues(CoreMetric.SERVICE_ID)),
                    first(call.metricValues(CoreMetric.OPERATION_NAME)),
                    throttled);
        }
    }

    /** One attempt without a client of the SDK has failed. */
    public void onFailure(String service, SdkException failure) {
        if (failure instanceof AwsServiceException && RetryUtils.isThrottlingException(failure)) {
            put(service, null, 1);
        }
    }

    private void put(String service, @Nullable String call, long attempts) {
        metrics.put(new Sample()
                .by("AwsService", service)
                .value("ThrottledCalls", Unit.COUNT, attempts)
                .property("call", call));
    }

    private static String first(List<String> values) {
        return values.isEmpty() ? "unknown" : values.getFirst();
    }

    @Override
    public void close() {}
}
