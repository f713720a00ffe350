package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.environment.Environments;
import dev.slipway.operation.Errands;
import dev.slipway.operation.WorkQueue;
import dev.slipway.service.Rollouts;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.ServiceId;
import dev.slipway.target.Target;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pipelines, as the function, the worker and the API have them. */
public final class Pipelines implements Errands {
    private static final int PAGE = 100;

    private final Store store;
    private final WorkQueue queue;
    private final Grants grants;
    private final PipelineJobs jobs;
    private final PipelineSight sight;

    /** @param apiUrl where the API is, for links in what CodePipeline shows */
    public Pipelines(
            Store store,
            WorkQueue queue,
            Environments environments,
            Rollouts rollouts,
            PipelineClients clients,
            InstantSource clock,
            String apiUrl) {
        this.store = store;
        this.queue = queue;
        this.grants = new Grants(store, environments, clock);
        this.sight = new PipelineSight(store, grants);
        this.jobs = new PipelineJobs(store, queue, rollouts, sight, clients, clock, apiUrl);
    }

    public Grants grants() {
        return grants;
    }

    public PipelineJobs jobs() {
        return jobs;
    }

    /** How a pipeline stands by its events; without executions when none have come. */
    public PipelineView view(PipelineId pipeline) {
        return sight.view(pipeline);
    }

    /** What its deploy actions do, one for each environment that it has deployed to. */
    public List<PipelineRuns> runs(PipelineId pipeline) {
        List<PipelineRuns> runs = new ArrayList<>();
        @Nullable String next = null;
        do {
            Page<PipelineRuns> page = store.list(
                    PipelineRuns.PARTITION,
                    PipelineRuns.prefix(pipeline.service()),
                    PipelineRuns.KIND,
                    false,
                    PAGE,
                    next);
            page.items().forEach(found -> runs.add(found.value()));
            next = page.next();
        } while (next != null);
        return runs;
    }

    /** What a deploy action waits for, in a sentence; empty while it waits for nothing in particular. */
    public Optional<String> waitsFor(PipelineRun run) {
        String rollout = run.rollout();
        return rollout == null || run.isOver()
                ? Optional.empty()
                : sight.progress(run.service(), rollout)
                        .filter(PipelinePolicy.Progress.Running.class::isInstance)
                        .map(running -> ((PipelinePolicy.Progress.Running) running).waitsFor());
    }

    @Override
    public boolean take(JsonNode message) {
        if (message.has("pipeline")) {
            jobs.look(ServiceId.of(message.path("pipeline").asText()));
            return true;
        }
        Optional<PipelineEvent> event = PipelineEvent.parse(message);
        event.ifPresent(this::told);
        return event.isPresent();
    }

    private void told(PipelineEvent event) {
        Optional<Stored<PipelineView>> found = store.get(PipelineView.key(event.pipeline()));
        PipelineView before = found.map(Stored::value).orElse(PipelineView.empty(event.pipeline()));
        PipelineView after = before.with(event);
        if (!after.equals(before)) {
            // A conflict goes back to the queue: the event is delivered again.
            store.write(found.<Write>map(stored -> new Write.Update<>(stored, after))
                    .orElseGet(() -> new Write.Create<>(PipelineView.key(event.pipeline()), after)));
        }
        boolean stops = event.state() == PipelineEvent.State.STOPPING || event.state() == PipelineEvent.State.STOPPED;
        if (event.stage() == null && stops) {
            runs(event.pipeline()).forEach(runs -> jobs.stopped(runs.service(), event.execution(), event.at()));
        }
    }

    @Override
    public void look(Target target) {
        if (target instanceof ServiceId service) {
            jobs.look(service);
        }
    }

    /** Has every service with something open looked at: the message about it may have been lost. */
    @Override
    public void sweep() {
        @Nullable String next = null;
        do {
            Page<PipelineRuns> page = store.list(PipelineRuns.PARTITION, "", PipelineRuns.KIND, false, PAGE, next);
            page.items().stream()
                    .filter(found -> !found.value().open().isEmpty())
                    .forEach(found ->
                            queue.send(PipelineJobs.message(found.value().service()), Duration.ZERO));
            next = page.next();
        } while (next != null);
    }
}
