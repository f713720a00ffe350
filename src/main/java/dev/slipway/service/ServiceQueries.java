package dev.slipway.service;

import dev.slipway.release.Release;
import dev.slipway.rollout.EcsDeployments;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.target.ServiceId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
     */
    public record Live(
            @Nullable Release release,
            String taskDefinition,
            int desired,
            int running,
            int pending,
            int weightA,
            int weightB) {}

    /** Empty as long as ECS has no such service. */
    public Optional<Live> live(ServiceRecord record) {
        Optional<Service> found = deployments.active(record.id());
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
                traffic.productionWeightB()));
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
        @Nullable String next = null;
        do {
            Page<Release> page = store.list(partition(record.id()), Release.SORT, Release.kind(), true, 100, next);
            for (Stored<Release> release : page.items()) {
                if (release.value().taskDefinition().equals(taskDefinition)) {
                    return Optional.of(release.value());
                }
            }
            next = page.next();
        } while (next != null);
        return Optional.empty();
    }

    /** Why declared and live differ, in a sentence; empty when they do not. */
    public Optional<String> difference(ServiceRecord record, Optional<Live> live) {
        return LiveDifference.sentence(record, live, latest(record.id()));
    }

    /** The rollout that was started last. */
    private Optional<Rollout> latest(ServiceId id) {
        return store.list(partition(id), Rollout.SORT, Rollout.kind(), true, 1, null).items().stream()
                .map(Stored::value)
                .findFirst();
    }

    private static String partition(ServiceId id) {
        return Release.key(id, 1).partition();
    }
}
