package dev.slipway.service;

import dev.slipway.aws.AwsErrors;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.scaling.ScalableTargets;
import dev.slipway.scaling.ScalingState;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.Service;

/** What is live of a service, and why it differs from what is declared. */
public final class ServiceQueries {
    private final Store store;
    private final Operations operations;
    private final EcsDeployments deployments;
    private final LiveObserver observer;
    private final TrafficShares shares;
    private final ScalableTargets scaling;

    public ServiceQueries(Store store, Operations operations, Clients clients) {
        this.store = store;
        this.operations = operations;
        this.observer = new LiveObserver(clients.elb());
        this.deployments = new EcsDeployments(clients.ecs());
        this.shares = new TrafficShares(clients.ecs(), clients.elb());
        this.scaling = new ScalableTargets(clients.scaling());
    }

    /**
     * What is live, from ECS and the load balancer.
     *
     * @param release that most production requests reach; null when it is none of ours
     * @param taskDefinition likewise
     * @param desired tasks that ECS wants to run; the others are those that it runs and those that start
     * @param weightA share of the requests for target group A, relative to {@code weightB}
     * @param traffic which releases get the production requests
     * @param scaling what follows the load; null when the service does not scale
     * @param outOfBand task definition of a deployment under way that was started outside Slipway
     */
    public record Live(
            @Nullable Release release,
            String taskDefinition,
            int desired,
            int running,
            int pending,
            int weightA,
            int weightB,
            List<Share> traffic,
            @Nullable ScalingState scaling,
            @Nullable String outOfBand) {
        public Live {
            traffic = List.copyOf(traffic);
        }
    }

    /**
     * A release's share of the production requests.
     *
     * @param release null when it is none of ours
     * @param percent more than 0 to 100; during a rolling update its share of the tasks that get requests
     */
    public record Share(@Nullable Integer release, double percent) {}

    /** Empty as long as no release has production traffic for the first time. */
    public Optional<Live> live(ServiceRecord record) {
        Optional<Service> found = deployments.findActive(record.id());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Service service = found.get();
        LiveTraffic traffic = observer.observe(
                () -> found, record.outputs(), record.declared().container().port());
        Map<String, Double> shares = this.shares.of(
                record.id(),
                service,
                Map.of(
                        record.outputs().getOrDefault("TargetGroupA", "a"), traffic.productionWeightA(),
                        record.outputs().getOrDefault("TargetGroupB", "b"), traffic.productionWeightB()));
        return liveTaskDefinition(record, service, shares)
                .map(taskDefinition -> new Live(
                        release(record, taskDefinition).orElse(null),
                        taskDefinition,
                        service.desiredCount(),
                        service.runningCount(),
                        service.pendingCount(),
                        traffic.productionWeightA(),
                        traffic.productionWeightB(),
                        shares.entrySet().stream()
                                .map(share -> new Share(
                                        release(record, share.getKey())
                                                .map(Release::number)
                                                .orElse(null),
                                        share.getValue()))
                                .toList(),
                        scaling(record, service),
                        OutOfBandDeployments.find(store, record, service)
                                .filter(OutOfBandDeployments::isUnderWay)
                                .filter(_ -> !isApplied(record.id()))
                                .map(Deployment::taskDefinition)
                                .orElse(null)));
    }

    /** The target group that has all requests though no task is in it, A or B; empty where that is not so. */
    public Optional<String> emptyGroup(ServiceRecord record, Live live) {
        String group = live.weightA() > 0 ? "A" : "B";
        boolean one = live.weightA() > 0 != live.weightB() > 0;
        return live.running() > 0 && one && !observer.hasTasks(record.outputs().getOrDefault("TargetGroup" + group, ""))
                ? Optional.of(group)
                : Optional.empty();
    }

    /** Who wants to see the service is not refused for what Application Auto Scaling does not tell. */
    private @Nullable ScalingState scaling(ServiceRecord record, Service service) {
        if (record.declared().scaling() == null) {
            return null;
        }
        try {
            return scaling.limits(record.id())
                    .map(limits -> ScalingState.of(service.desiredCount(), limits, scaling.activities(record.id())))
                    .orElse(null);
        } catch (SdkException e) {
            return ScalingState.unknown("Application Auto Scaling did not tell. "
                    + AwsErrors.failure(e).orElseThrow().problem().detail());
        }
    }

    /**
     * What most production requests reach. Where none reaches any task, as in a service that is stopped, what was live before
     * counts until a deployment has ended.
     */
    private Optional<String> liveTaskDefinition(ServiceRecord record, Service service, Map<String, Double> shares) {
        Optional<String> most = shares.entrySet().stream()
                .reduce((newer, older) -> newer.getValue() > older.getValue() ? newer : older)
                .map(Map.Entry::getKey);
        if (most.isPresent()) {
            return most;
        }
        Optional<String> completed = service.deployments().stream()
                .filter(deployment -> deployment.rolloutState() == DeploymentRolloutState.COMPLETED)
                .map(Deployment::taskDefinition)
                .findFirst();
        if (completed.isPresent() || record.live() == null) {
            return completed;
        }
        return Optional.of(service.taskDefinition());
    }

    /** Whether an apply or a mend is under way: what is deployed meanwhile may be CloudFormation's. */
    private boolean isApplied(ServiceId id) {
        return operations
                .findRunning(id)
                .filter(operation ->
                        operation.type() == Operation.Type.APPLY || operation.type() == Operation.Type.MEND)
                .isPresent();
    }

    /** The rollouts under way in an environment, by service. */
    public Map<ServiceId, Rollout> running(EnvironmentId id) {
        return operations
                .runningServices(id)
                .filter(operation -> operation.rollout() != null)
                .flatMap(
                        operation -> store
                                .get(Rollout.key(
                                        (ServiceId) operation.target(), Objects.requireNonNull(operation.rollout())))
                                .stream())
                .map(Stored::value)
                .collect(Collectors.toMap(Rollout::service, rollout -> rollout));
    }

    /**
     * The number of the release that had most of the production requests when the worker looked last, without a call to AWS.
     *
     * @param running the rollout under way, if there is one
     */
    public static @Nullable Integer lastSeen(ServiceRecord record, @Nullable Rollout running) {
        Rollout.Stage stage = running == null ? null : running.progress().stage();
        return running != null && stage != null && stage.percent() > 50 ? running.release() : record.live();
    }

    /** Nearly always the one that went live last; else it is looked for among all, newest first. */
    private Optional<Release> release(ServiceRecord record, String taskDefinition) {
        if (record.live() != null) {
            Optional<Release> last =
                    store.get(Release.key(record.id(), record.live())).map(Stored::value);
            if (last.isPresent() && last.get().isTaskDefinition(taskDefinition)) {
                return last;
            }
        }
        return store.stream(record.id().partition(), Release.SORT, Release.ITEM_TYPE, true)
                .map(Stored::value)
                .filter(release -> release.isTaskDefinition(taskDefinition))
                .findFirst();
    }

    /** Why declared and live differ, in a sentence; empty when they do not. */
    public Optional<String> drift(ServiceRecord record, Optional<Live> live) {
        return DriftExplanation.explain(record, live, latest(record.id()));
    }

    /** The rollout that was started last. */
    private Optional<Rollout> latest(ServiceId id) {
        return OutOfBandDeployments.latest(store, id).stream().findFirst();
    }
}
