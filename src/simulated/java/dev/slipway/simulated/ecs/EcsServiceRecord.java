package dev.slipway.simulated.ecs;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;
import software.amazon.awssdk.services.ecs.model.PropagateTags;
import software.amazon.awssdk.services.ecs.model.ServiceEvent;

/** All that ECS knows of one service. */
public final class EcsServiceRecord {
    /** DescribeServices: "The event stream for your service. A maximum of 100 of the latest events are displayed." */
    private static final int MOST_EVENTS = 100;

    enum Status {
        ACTIVE,
        DRAINING,
        INACTIVE
    }

    public final String name;
    public final String arn;
    final String clusterArn;
    final Instant createdAt;
    final @Nullable String clientToken;
    final Deque<ServiceEvent> events = new ArrayDeque<>();
    /** Tasks that are not yet STOPPED. */
    final List<EcsTask> tasks = new ArrayList<>();
    /** Every deployment entry, the newest first; the one at the front is PRIMARY. */
    public final List<EcsDeployment> entries = new ArrayList<>();
    /** The newest first. */
    final List<EcsServiceDeployment> deployments = new ArrayList<>();

    Status status = Status.ACTIVE;
    int desiredCount;
    int graceSeconds;
    DeploymentConfiguration configuration = DeploymentConfiguration.builder().build();
    boolean enableExecuteCommand;
    boolean enableManagedTags;
    PropagateTags propagateTags = PropagateTags.NONE;
    boolean steady;

    @Nullable
    Instant nextPass;

    EcsServiceRecord(String name, String arn, String clusterArn, @Nullable String clientToken, Instant createdAt) {
        this.name = name;
        this.arn = arn;
        this.clusterArn = clusterArn;
        this.clientToken = clientToken;
        this.createdAt = createdAt;
    }

    EcsDeployment primary() {
        return entries.getFirst();
    }

    /** The service deployment that is on its way, if there is one. */
    @Nullable
    EcsServiceDeployment ongoing() {
        EcsServiceDeployment newest = deployments.isEmpty() ? null : deployments.getFirst();
        return newest != null && newest.running() ? newest : null;
    }

    /** What a rollback goes to: the last deployment that completed. */
    @Nullable
    EcsDeployment lastCompleted() {
        return entries.stream()
                .filter(entry -> entry.completedAt != null)
                .max(Comparator.comparing(entry -> Objects.requireNonNull(entry.completedAt)))
                .orElse(null);
    }

    /**
     * What has the traffic, or will have it again when the deployment on its way is given up: the last that completed,
     * or a target whose traffic has moved and baked already.
     */
    @Nullable
    EcsDeployment live() {
        EcsServiceDeployment ongoing = ongoing();
        if (ongoing != null
                && ongoing.staged()
                && ongoing.forward()
                && ongoing.progress().stage() == EcsStage.CLEAN_UP) {
            return ongoing.target;
        }
        return lastCompleted();
    }

    /** Tasks of {@code entry} that the scheduler wants to keep. */
    Stream<EcsTask> kept(EcsDeployment entry) {
        return tasks.stream().filter(task -> task.entry == entry && task.wanted());
    }

    boolean hasTasks(EcsDeployment entry) {
        return tasks.stream().anyMatch(task -> task.entry == entry);
    }

    /** PRIMARY, then those that still have tasks. */
    List<EcsDeployment> shown() {
        return status == Status.INACTIVE
                ? List.of()
                : entries.stream()
                        .filter(entry -> entry == primary() || hasTasks(entry))
                        .toList();
    }

    /** Likewise, and the one whose tasks ECS asks for though none is there. */
    List<EcsDeployment> current() {
        List<EcsDeployment> shown = shown();
        return shown.isEmpty()
                ? shown
                : entries.stream()
                        .filter(entry -> shown.contains(entry) || isAskedFor(entry))
                        .toList();
    }

    private boolean isAskedFor(EcsDeployment entry) {
        EcsServiceDeployment ongoing = ongoing();
        return ongoing != null
                && ongoing.staged()
                && entry == ongoing.source
                && EcsRequestedState.tasks(this, entry.revision) > 0;
    }

    void remember(ServiceEvent event) {
        events.addFirst(event);
        if (events.size() > MOST_EVENTS) {
            events.removeLast();
        }
    }
}
