package dev.slipway.rollout;

import dev.slipway.id.ServiceId;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;

/**
 * Tells CloudWatch that a release of a service is being judged or rolled back, so that the service's alarm waits with its page. A
 * metric, which is measured anew with each look: what is told no more, because we have crashed or all is done, ends by itself, and
 * there is nothing to reset. A state set by SetAlarmState would be gone at the alarm's next evaluation.
 */
final class RolloutSignal {
    private static final Logger LOG = Logger.getLogger(RolloutSignal.class);
    static final String NAMESPACE = "Slipway";
    static final String METRIC = "RolloutInProgress";

    /**
     * So long after its share of the traffic has changed what goes wrong is the new release's doing, in all likelihood, and the verdict
     * rolls it back. It needs 6 to 9 minutes; after that people are told.
     */
    private static final Duration JUDGED_WITHIN = Duration.ofMinutes(10);

    private final CloudWatchClient cloudWatch;

    RolloutSignal(CloudWatchClient cloudWatch) {
        this.cloudWatch = cloudWatch;
    }

    /** Whether a deployment that goes on is still to be judged; {@code verdict} is null before its first request. */
    static boolean isJudging(AnalysisState state, @Nullable Verdict verdict, Instant now) {
        return (verdict == null || verdict.outcome() != Outcome.HEALTHY)
                && state.lastShift()
                        .filter(shift -> now.isBefore(shift.at().plus(JUDGED_WITHIN)))
                        .isPresent();
    }

    /** A rollout does not fail for it: the worst is a page too many. */
    void send(ServiceId service, Instant now) {
        try {
            cloudWatch.putMetricData(PutMetricDataRequest.builder()
                    .namespace(NAMESPACE)
                    .metricData(MetricDatum.builder()
                            .metricName(METRIC)
                            .dimensions(
                                    dimension("Environment", service.environment()),
                                    dimension("Service", service.service()))
                            .timestamp(now)
                            .value(1.0)
                            .build())
                    .build());
        } catch (SdkException e) {
            LOG.warnf(e, "target=%s its alarm was not told of the rollout", service.key());
        }
    }

    private static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }
}
