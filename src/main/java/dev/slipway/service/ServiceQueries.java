package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.id.ServiceId;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.Service;

/** What is live of a service, and why it differs from what is declared. */
public final class ServiceQueries {
    private final Store store;
    private final EcsDeployments deployments;
    private final LiveObserver observer;

    public ServiceQueries(Store store, Clients clients) {
        this.store = store;
        this.observer = new LiveObserver(clients.elb());
        this.deployments = new EcsDeployments(clients.ecs());
    }

    /**
     * What is live, from ECS and the load balancer.
     *
     * @param release with the live task definition; null when it is none of ours
     * @param desired tasks that ECS wants to run; the others are those that it runs and those that start
     * @param weightA share of the requests for target group A, relative to {@code weightB}
     * @param traffic which releases get the production requests
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
            @Nullable String outOfBand) {
        public Live {
            traffic = List.copyOf(traffic);
        }
    }

    /**
     * A release's share of the production requests.
     *
     * @param release null when it is none of ours
     * @param percent 0 to 100; during a rolling update its share of the running tasks, which is about the same
     */
    public record Share(@Nullable Integer release, double percent) {}

    /** Empty as long as ECS has no such service. */
    public Optional<Live> live(ServiceRecord record) {
        Optional<Service> found = deployments.findActive(record.id());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Service service = found.get();
        LiveTraffic traffic = observer.observe(
                () -> found, record.outputs(), record.declared().container().port());
        return Optional.of(new Live(
                release(record, service.taskDefinition()).orElse(null),
                service.taskDefinition(),
                service.desiredCount(),
                service.runningCount(),
                service.pendingCount(),
                traffic.productionWeightA(),
                traffic.productionWeightB(),
                shares(record, service, traffic),
                OutOfBandDeployments.find(store, record, service)
                        .filter(OutOfBandDeployments::isUnderWay)
                        .map(Deployment::taskDefinition)
                        .orElse(null)));
    }

    /** By the load balancer's weights while, or since, two releases are on two target groups; else by running tasks. */
    private List<Share> shares(ServiceRecord record, Service service, LiveTraffic traffic) {
        Rollout rollout = latest(record.id())
                .filter(found -> found.isRunning() || found.isRollbackFailed())
                .orElse(null);
        TargetGroups groups = rollout == null ? null : rollout.progress().targetGroups();
        int all = traffic.productionWeightA() + traffic.productionWeightB();
        if (rollout != null && groups != null && !groups.live().equals(groups.candidate()) && all > 0) {
            boolean onA = groups.candidate().equals(record.outputs().get("TargetGroupA"));
            double candidate = 100.0 * (onA ? traffic.productionWeightA() : traffic.productionWeightB()) / all;
            return List.of(
                    new Share(rollout.release(), candidate),
                    new Share(rollout.progress().previous(), 100 - candidate));
        }
        double running = Math.max(
                1,
                service.deployments().stream()
                        .mapToInt(Deployment::runningCount)
                        .sum());
        return service.deployments().stream()
                .filter(deployment -> deployment.runningCount() > 0)
                .map(deployment -> new Share(
                        release(record, deployment.taskDefinition())
                                .map(Release::number)
                                .orElse(null),
                        100 * deployment.runningCount() / running))
                .toList();
    }

    /** Nearly always the one that went live last; else it is looked for among all, newest first. */
    private Optional<Release> release(ServiceRecord record, String taskDefinition) {
        if (record.live() != null) {
            Optional<Release> last =
                    store.get(Release.key(record.id(), record.live())).map(Stored::value);
            if (last.isPresent() && last.get().taskDefinition().equals(taskDefinition)) {
                return last;
            }
        }
        return store.stream(record.id().partition(), Release.SORT, Release.ITEM_TYPE, true)
                .map(Stored::value)
                .filter(release -> release.taskDefinition().equals(taskDefinition))
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
