package dev.slipway.simulated.cloudwatch;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.waf.SimulatedWaf;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * AWS/WAFV2: the requests that rules of a web ACL have allowed, refused or counted, once a minute and where there are any.
 * waf/latest/developerguide/waf-metrics.html. Rules within groups and labels are left out.
 */
final class FirewallMetrics implements MetricSource {
    static final String NAMESPACE = "AWS/WAFV2";

    private static final Map<String, String> ACTIONS =
            Map.of("AllowedRequests", "ALLOW", "BlockedRequests", "BLOCK", "CountedRequests", "COUNT");
    private static final long LATE = Duration.ofMinutes(1).toMillis();

    private final SimulatedAws aws;
    private final SimulatedWaf waf;

    FirewallMetrics(SimulatedAws aws, SimulatedWaf waf) {
        this.aws = aws;
        this.waf = waf;
    }

    @Override
    public @Nullable MetricSamples minute(MetricName metric, long start) {
        String action = ACTIONS.get(metric.name());
        String acl = metric.dimension("WebACL");
        String rule = metric.dimension("Rule");
        if (action == null
                || acl == null
                || rule == null
                || metric.dimensions().size() != 3
                || !Objects.equals(metric.dimension("Region"), aws.region())
                || start + MetricData.MINUTE + LATE > aws.clock().instant().toEpochMilli()) {
            return null;
        }
        double requests = waf.matched(acl, rule, action, start);
        return requests == 0 ? null : MetricSamples.of(requests, 1);
    }
}
