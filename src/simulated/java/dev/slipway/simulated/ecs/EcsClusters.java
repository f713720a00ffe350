package dev.slipway.simulated.ecs;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.ecs.model.*;

/** Clusters. */
final class EcsClusters {
    private final EcsState state;

    EcsClusters(EcsState state) {
        this.state = state;
    }

    /** CreateCluster: a cluster that is there already is given back. */
    Cluster create(CreateClusterRequest request) {
        String name = request.clusterName() == null ? "default" : request.clusterName();
        Cluster cluster = state.clusters.computeIfAbsent(
                name,
                key -> Cluster.builder()
                        .clusterName(name)
                        .clusterArn(state.aws.arn("ecs", "cluster/" + name))
                        .status("ACTIVE")
                        .settings(request.settings())
                        .configuration(request.configuration())
                        .capacityProviders(request.capacityProviders())
                        .defaultCapacityProviderStrategy(request.defaultCapacityProviderStrategy())
                        .build());
        state.tags.put(cluster.clusterArn(), request.tags());
        return view(cluster, true);
    }

    DescribeClustersResponse describe(DescribeClustersRequest request) {
        boolean tags = request.include().contains(ClusterField.TAGS);
        List<Cluster> found = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        List<String> asked = request.clusters().isEmpty() ? List.of("default") : request.clusters();
        for (String reference : asked) {
            String name = reference.substring(reference.lastIndexOf('/') + 1);
            Cluster cluster = state.clusters.get(name);
            if (cluster == null) {
                failures.add(Failure.builder()
                        .arn(state.aws.arn("ecs", "cluster/" + name))
                        .reason("MISSING")
                        .build());
            } else {
                found.add(view(cluster, tags));
            }
        }
        return DescribeClustersResponse.builder()
                .clusters(found)
                .failures(failures)
                .build();
    }

    Cluster update(UpdateClusterRequest request) {
        Cluster.Builder changed = state.cluster(request.cluster()).toBuilder();
        if (request.hasSettings()) {
            changed.settings(request.settings());
        }
        if (request.configuration() != null) {
            changed.configuration(request.configuration());
        }
        return put(changed.build());
    }

    private Cluster put(Cluster cluster) {
        state.clusters.put(cluster.clusterName(), cluster);
        return view(cluster, true);
    }

    /** DeleteCluster: refused while services are active or tasks run. */
    Cluster delete(String reference) {
        Cluster cluster = state.cluster(reference);
        boolean services = state.services.values().stream()
                .anyMatch(service -> service.clusterArn.equals(cluster.clusterArn())
                        && service.status != EcsServiceRecord.Status.INACTIVE);
        if (services) {
            throw EcsErrors.clusterHasServices();
        }
        if (live(cluster) > 0) {
            throw EcsErrors.clusterHasTasks();
        }
        state.clusters.remove(cluster.clusterName());
        return view(cluster, false).toBuilder().status("INACTIVE").build();
    }

    private long live(Cluster cluster) {
        return state.tasks.values().stream()
                .filter(task -> task.clusterArn.equals(cluster.clusterArn()) && task.status != EcsTask.Status.STOPPED)
                .count();
    }

    private Cluster view(Cluster cluster, boolean tags) {
        Cluster.Builder view = cluster.toBuilder()
                .activeServicesCount((int) state.services.values().stream()
                        .filter(service -> service.clusterArn.equals(cluster.clusterArn())
                                && service.status == EcsServiceRecord.Status.ACTIVE)
                        .count())
                .runningTasksCount((int) state.tasks.values().stream()
                        .filter(task ->
                                task.clusterArn.equals(cluster.clusterArn()) && task.status == EcsTask.Status.RUNNING)
                        .count())
                .pendingTasksCount((int) state.tasks.values().stream()
                        .filter(task -> task.clusterArn.equals(cluster.clusterArn())
                                && task.status.compareTo(EcsTask.Status.RUNNING) < 0)
                        .count());
        return tags ? view.tags(state.tags.of(cluster.clusterArn())).build() : view.build();
    }
}
