package dev.slipway.dora;

import dev.slipway.dora.DeliveryPolicy.Change;
import dev.slipway.dora.DeliveryPolicy.End;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.Services;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How services ship, from the rollouts that are kept of them. */
public record DeliveryQueries(
        Store store, Environments environments, Services services, PipelineModule pipelines, InstantSource clock) {
    /** The newest of a service; a team that ships more often than so has figures of a shorter time. */
    private static final int ROLLOUTS = 2_000;
    /** A rollback comes so long after what it goes back from, at most. */
    private static final Duration BEFORE = Duration.ofDays(7);

    /** Of a service in the last {@code days}. */
    public DeliveryMetrics of(ServiceId id, int days) {
        services.get(id);
        Instant to = clock.instant();
        Instant from = to.minus(Duration.ofDays(days));
        return DeliveryPolicy.metrics(id.service(), id.environment(), changes(id, from), from, to);
    }

    /** Of all services that an environment has, together. */
    public DeliveryMetrics of(EnvironmentId id, int days) {
        Instant to = clock.instant();
        Instant from = to.minus(Duration.ofDays(days));
        List<Change> all = environments.get(id).services().keySet().stream()
                .flatMap(service -> changes(new ServiceId(id.environment(), service), from).stream())
                .toList();
        return DeliveryPolicy.metrics(null, id.environment(), all, from, to);
    }

    /** The oldest first. */
    private List<Change> changes(ServiceId id, Instant from) {
        Map<String, Instant> commits = new HashMap<>();
        pipelines.executions(new PipelineId(id.service())).executions().forEach(execution -> {
            if (execution.commit() != null) {
                commits.merge(execution.commit(), execution.firstSeen(), (a, b) -> a.isBefore(b) ? a : b);
            }
        });
        List<Change> found = new ArrayList<>(store.stream(id.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true)
                .map(Stored::value)
                .limit(ROLLOUTS)
                .takeWhile(rollout -> !rollout.progress().startedAt().isBefore(from.minus(BEFORE)))
                .flatMap(rollout -> change(rollout, commits))
                .toList());
        Collections.reverse(found);
        return found;
    }

    private static Stream<Change> change(Rollout rollout, Map<String, Instant> commits) {
        Rollout.Outcome outcome = rollout.outcome();
        boolean nothingChanged =
                rollout.state() == Rollout.State.FAILED && rollout.progress().calledAt() == null;
        boolean deliversNothing = rollout.request().reason() == Rollout.Reason.RESTART
                || rollout.request().revertOf() != null; // which is a part of what it goes back from
        if (outcome == null || nothingChanged || deliversNothing) {
            return Stream.empty();
        }
        String commit = rollout.request().commit();
        Rollout.Stop stop = rollout.stop();
        return Stream.of(new Change(
                rollout.service().service(),
                rollout.request().reason() == Rollout.Reason.ROLLBACK,
                switch (rollout.state()) {
                    case SUCCEEDED -> End.LIVE;
                    case ROLLED_BACK -> End.ROLLED_BACK;
                    case CANCELLED -> End.CANCELLED;
                    case FAILED, QUEUED, RUNNING -> End.FAILED;
                },
                rollout.progress().startedAt(),
                outcome.endedAt(),
                commit == null ? null : committed(commit, rollout, commits),
                stop == null ? null : stop.at()));
    }

    private static @Nullable Instant committed(String commit, Rollout rollout, Map<String, Instant> commits) {
        Instant pushed = commits.get(commit);
        return pushed == null ? rollout.progress().startedAt() : pushed;
    }
}
