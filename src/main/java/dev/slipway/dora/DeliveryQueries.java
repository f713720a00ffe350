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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How services ship, from the rollouts that are kept of them. */
public record DeliveryQueries(
        Store store, Environments environments, Services services, PipelineModule pipelines, InstantSource clock) {
    /** So many are read of a service, the newest: who ships more often has figures of a shorter time. */
    private static final int ROLLOUTS = 2_000;
    /** Of all services of an environment together, each as many: some hundred reads of the table. */
    private static final int OF_AN_ENVIRONMENT = 5_000;
    /** A rollback comes so long after what it goes back from, at most. */
    private static final Duration BEFORE = Duration.ofDays(7);

    /** Of a service in the last {@code days}. */
    public DeliveryMetrics of(ServiceId id, int days) {
        services.get(id);
        return metrics(id.service(), id.environment(), List.of(id), days);
    }

    /** Of all services that an environment has, together. */
    public DeliveryMetrics of(EnvironmentId id, int days) {
        List<ServiceId> all = environments.get(id).services().keySet().stream()
                .map(service -> new ServiceId(id.environment(), service))
                .toList();
        return metrics(null, id.environment(), all, days);
    }

    private DeliveryMetrics metrics(@Nullable String service, String environment, List<ServiceId> ids, int days) {
        Instant to = clock.instant();
        Instant asked = to.minus(Duration.ofDays(days));
        List<Read> reads = ids.stream()
                .map(id -> changes(id, asked, Math.min(ROLLOUTS, OF_AN_ENVIRONMENT / ids.size())))
                .toList();
        // Of one period all: where one service has been cut, what the others did before does not count either.
        Instant from =
                reads.stream().map(Read::from).max(Comparator.naturalOrder()).orElse(asked);
        return DeliveryPolicy.metrics(
                service,
                environment,
                reads.stream().flatMap(read -> read.changes().stream()).toList(),
                from,
                to,
                from.isAfter(asked));
    }

    /**
     * What a service has changed.
     *
     * @param changes the oldest first
     * @param from since when all that ended is there
     */
    private record Read(List<Change> changes, Instant from) {}

    private Read changes(ServiceId id, Instant from, int most) {
        Map<String, Instant> commits = new HashMap<>();
        pipelines.executions(new PipelineId(id.service())).executions().forEach(execution -> {
            if (execution.commit() != null) {
                commits.merge(execution.commit(), execution.firstSeen(), (a, b) -> a.isBefore(b) ? a : b);
            }
        });
        List<Rollout> newest = store.stream(id.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true)
                .map(Stored::value)
                .limit(most)
                .takeWhile(rollout -> !rollout.progress().startedAt().isBefore(from.minus(BEFORE)))
                .toList();
        List<Change> found = new ArrayList<>(
                newest.stream().flatMap(rollout -> change(rollout, commits)).toList());
        Collections.reverse(found);
        Instant oldest =
                newest.size() < most ? from : newest.getLast().progress().startedAt();
        return new Read(found, oldest.isAfter(from) ? oldest : from);
    }

    private static Stream<Change> change(Rollout rollout, Map<String, Instant> commits) {
        Rollout.Outcome outcome = rollout.outcome();
        boolean nothingChanged =
                rollout.state() == Rollout.State.FAILED && rollout.progress().calledAt() == null;
        boolean deliversNothing = rollout.request().reason() == Rollout.Reason.RESTART
                || rollout.isAutomaticRollback(); // which is a part of what it goes back from
        if (outcome == null || nothingChanged || deliversNothing) {
            return Stream.empty();
        }
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
                committed(rollout, commits),
                stop == null ? rollout.progress().rollbackAt() : stop.at()));
    }

    /**
     * Since when the commit is known that a rollout makes live. Executions are forgotten, so that one which they were asked about when it
     * was accepted keeps the answer; they are asked now for rollouts from before that was kept.
     *
     * @param commits when they were pushed, of the newest executions
     */
    private static @Nullable Instant committed(Rollout rollout, Map<String, Instant> commits) {
        Rollout.Request request = rollout.request();
        if (request.commit() == null || request.reason() != Rollout.Reason.DEPLOY) {
            return null;
        }
        if (request.committedAt() != null) {
            return request.committedAt();
        }
        return request.grant() == null ? rollout.progress().startedAt() : commits.get(request.commit());
    }
}
