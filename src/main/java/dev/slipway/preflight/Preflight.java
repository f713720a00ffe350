package dev.slipway.preflight;

import dev.slipway.aws.AwsLookups;
import dev.slipway.cost.Prices;
import dev.slipway.cost.Spot;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.id.ServiceId;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Images;
import dev.slipway.release.Manifest;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.StackState;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;

/**
 * Looks at what a rollout will rest on, before it starts. Reads only, and only what can matter: nothing of alarms where
 * none is named, and of a rollback no more than what could make it impossible. A read that AWS refuses becomes a warning;
 * one that may succeed later is thrown, for the pass to be repeated.
 */
public final class Preflight {
    private final PreflightReader reader;
    private final StackReconciler stacks;
    private final SecretAccess secrets;
    private final Prices prices;
    private final History history;

    public Preflight(
            ElasticLoadBalancingV2Client elb,
            CloudWatchClient cloudWatch,
            AwsLookups lookups,
            StackReconciler stacks,
            Images images,
            EcsDeployments deployments,
            TargetGroupMetrics metrics,
            SecretAccess secrets,
            Prices prices,
            History history) {
        this.reader = new PreflightReader(elb, cloudWatch, lookups, images, deployments, metrics, history);
        this.stacks = stacks;
        this.secrets = secrets;
        this.prices = prices;
        this.history = history;
    }

    /** What past rollouts tell. */
    public interface History {
        /** How long the tasks of a service took to be ready, in seconds; when rolling, until the end. */
        List<Integer> seconds(ServiceId service, boolean rolling);

        /** Since when the target group of a release that is live has been its alone; the store's rollouts are read until that is found. */
        Instant ownSince(ServiceId service, @Nullable Integer release);
    }

    /**
     * What is to be rolled out.
     *
     * @param image by digest
     * @param manifest of the image, when it was read just now
     * @param unresolved what is wrong with the image's name, when there is no such image
     * @param previous the release that is live; null if the service has none yet
     * @param count declared number of tasks
     * @param outputs of the service's stack
     * @param environment outputs of the environment's stack
     */
    public record Input(
            ServiceId service,
            boolean rollback,
            String image,
            @Nullable Manifest manifest,
            @Nullable Finding unresolved,
            ContainerSettings container,
            RolloutSettings settings,
            @Nullable Integer previous,
            int count,
            Map<String, String> outputs,
            Map<String, String> environment) {
        public Input {
            outputs = Map.copyOf(outputs);
            environment = Map.copyOf(environment);
        }

        boolean first() {
            return previous == null;
        }
    }

    /** @param groups null where the load balancer has no rule for the service */
    public record Result(PreflightReport report, @Nullable TargetGroups groups) {}

    /** The target groups as they are now; null where the load balancer has no rule for the service. */
    public @Nullable TargetGroups groups(Input input) {
        PreflightReader.Routing routing = reader.routing(input, PreflightSnapshot.draft());
        return routing == null ? null : routing.groups();
    }

    /**
     * Reads what a rollout rests on and tells what speaks against it, how long it will take and what its extra tasks will cost; changes
     * nothing. Of a rollback only routing, image, logs and secrets are read. What AWS refuses to tell is a finding.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException when AWS fails in a way that passes by itself
     */
    public Result run(Input input, Instant now) {
        PreflightSnapshotBuilder seen = PreflightSnapshot.draft();
        PreflightReader.Routing routing = reader.routing(input, seen);
        reader.image(input, seen);
        reader.logs(input, seen);
        seen.secrets(secrets.refusals(input.service(), input.container()));
        ForecastPolicy.Timing timing = ForecastPolicy.Timing.DEFAULT;
        Spot spot = Spot.NONE;
        Traffic traffic = null;
        if (!input.rollback()) {
            if (!input.first()) {
                reader.serviceState(input, seen);
                reader.traffic(routing, seen);
                StackState live = stack(input, seen);
                timing = timing(live);
                spot = spot(live);
            }
            reader.alarms(input, seen);
            reader.ownMetrics(input, seen, now);
            reader.subnets(input, seen);
            reader.roles(input, seen);
            traffic = routing == null ? null : reader.metrics(input, routing.groups(), seen, now);
        }
        PreflightSnapshot snapshot = seen.build();
        var basis = new ForecastPolicy.Input(
                PreflightPolicy.isStopped(snapshot) ? input.settings().forStopped() : input.settings(),
                input.first(),
                snapshot.service() == null ? input.count() : snapshot.service().desired(),
                spot,
                "ENABLED".equals(input.environment().get("AssignPublicIp")),
                input.container(),
                timing,
                input.first()
                        ? List.of()
                        : history.seconds(input.service(), input.settings().isRolling()),
                traffic,
                prices);
        Forecast forecast = ForecastPolicy.forecast(basis);
        List<Finding> findings = new ArrayList<>(PreflightPolicy.findings(input, snapshot));
        findings.addAll(PreflightPolicy.evidence(forecast));
        return new Result(new PreflightReport(findings, forecast), routing == null ? null : routing.groups());
    }

    private @Nullable StackState stack(Input input, PreflightSnapshotBuilder seen) {
        StackState live = PreflightReader.read(
                "The service's stack",
                seen,
                () -> stacks.observe(input.service().stackName()).orElse(null));
        if (live != null) {
            seen.stack(new PreflightSnapshot.Stack(live.name(), live.status(), live.phase()));
        }
        return live;
    }

    private static Spot spot(@Nullable StackState live) {
        return live == null
                ? Spot.NONE
                : new Spot(number(live.parameters(), "SpotPercent", 0), number(live.parameters(), "OnDemandBase", 0));
    }

    private static ForecastPolicy.Timing timing(@Nullable StackState live) {
        if (live == null) {
            return ForecastPolicy.Timing.DEFAULT;
        }
        Map<String, String> parameters = live.parameters();
        ForecastPolicy.Timing usual = ForecastPolicy.Timing.DEFAULT;
        return new ForecastPolicy.Timing(
                number(parameters, "HealthCheckIntervalSeconds", usual.intervalSeconds()),
                number(parameters, "HealthyThreshold", usual.threshold()),
                number(parameters, "DrainingSeconds", usual.drainingSeconds()));
    }

    private static int number(Map<String, String> parameters, String name, int otherwise) {
        String value = parameters.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }
}
