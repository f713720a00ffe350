package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An environment as the API shows it.
 *
 * @param declared the spec that was accepted last, with every default
 * @param operation what is under way
 * @param last what was done last and how it ended
 * @param address under which its load balancer answers; absent until it is there
 * @param services names of the services in it
 * @param console pages of the AWS console
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record EnvironmentView(
        String name,
        String self,
        long revision,
        EnvironmentSpec declared,
        @Nullable Boolean deleting,
        OperationView.@Nullable Summary operation,
        OperationView.@Nullable Summary last,
        @Nullable String address,
        @Nullable String loadBalancer,
        @Nullable String cluster,
        @Nullable String vpc,
        Set<String> services,
        Instant createdAt,
        Instant updatedAt,
        Map<String, String> console) {
    static EnvironmentView of(EnvironmentRecord record, LatestOperations latest) {
        Map<String, String> outputs = record.outputs();
        String region = record.declared().region();
        return new EnvironmentView(
                record.id().environment(),
                record.id().path(),
                record.revision(),
                record.declared(),
                record.deleting() ? true : null,
                latest.running(),
                latest.ended(),
                outputs.get("Address"),
                outputs.get("LoadBalancerDnsName"),
                outputs.get("Cluster"),
                outputs.get("VpcId"),
                record.services().keySet(),
                record.createdAt(),
                record.updatedAt(),
                Map.of(
                        "stack", ConsoleLinks.stack(region, record.id().stackName()),
                        "cluster", ConsoleLinks.cluster(region, record.id().cluster())));
    }
}
