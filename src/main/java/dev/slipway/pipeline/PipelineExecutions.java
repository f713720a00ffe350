package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.PipelineId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline stands, as far as its events have told. Events come doubled, late and out of order: each is taken by its own
 * time, so that the order of their coming changes nothing, except of two in the same second, where the later state wins.
 *
 * @param executions the newest first, at most {@link #MAX_EXECUTIONS}
 */
@RegisterForReflection
public record PipelineExecutions(PipelineId pipeline, List<Execution> executions) {
    /** More are in CodePipeline itself, for a year. */
    static final int MAX_EXECUTIONS = 10;

    private static final ItemType<PipelineExecutions> ITEM_TYPE =
            new ItemType<>("pipeline-executions", PipelineExecutions.class, 1);
    private static final String SOURCE = "Source";
    /** What the names of deploy stages begin with, by {@code stacks/pipeline.yaml}; the environment's follows. */
    private static final String DEPLOY = "Deploy-";

    private static final ObjectMapper JSON = new ObjectMapper();

    public PipelineExecutions {
        executions = List.copyOf(executions);
    }

    static Key<PipelineExecutions> key(PipelineId pipeline) {
        return new Key<>("pipeline#" + pipeline.service(), "executions", ITEM_TYPE);
    }

    public static PipelineExecutions empty(PipelineId pipeline) {
        return new PipelineExecutions(pipeline, List.of());
    }

    /**
     * One run of a pipeline.
     *
     * @param commit null until the source has been fetched; as are message and author
     * @param stages in the order in which they began
     */
    @RecordBuilder
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Execution(
            String id,
            PipelineEvent.@Nullable State state,
            Instant firstSeen,
            @Nullable Instant changedAt,
            @Nullable String commit,
            @Nullable String message,
            @Nullable String author,
            List<StageState> stages)
            implements PipelineExecutionsExecutionBuilder.With {
        public Execution {
            stages = List.copyOf(stages);
        }

        /** Without the deploy stages of other environments: who may look at dev is not told of prod. */
        Execution onlyIn(String environment) {
            return withStages(stages.stream()
                    .filter(step -> !step.name().startsWith(DEPLOY)
                            || step.name().equals(DEPLOY + environment)
                            || step.name().startsWith(DEPLOY + environment + "/"))
                    .toList());
        }

        /** How long it took, or takes already. */
        public Duration duration(Instant now) {
            return Duration.between(firstSeen, changedAt != null && state != null && state.isEnd() ? changedAt : now);
        }

        /**
         * In a sentence what it failed at: the last stage, with its action where that is known, that has failed and has not begun anew;
         * empty where none has, or the execution goes on.
         */
        @JsonIgnore
        public Optional<String> failure() {
            if (current().isPresent()) {
                return Optional.empty();
            }
            return stages.stream()
                    .filter(step -> step.state() == PipelineEvent.State.FAILED)
                    .max(Comparator.comparing(StageState::changedAt)
                            .thenComparingInt(step -> step.name().length()))
                    .map(step -> "Its pipeline has failed in %s at %s%s"
                            .formatted(
                                    step.name(),
                                    step.changedAt(),
                                    step.result() == null || step.result().summary() == null
                                            ? "."
                                            : ": " + step.result().summary()));
        }

        /** What is under way, the newest: the stage, with its action where that is known. */
        @JsonIgnore
        public Optional<StageState> current() {
            if (state != null && state.isEnd()) {
                return Optional.empty();
            }
            return stages.stream()
                    .filter(step -> !step.state().isEnd())
                    .max(Comparator.comparing(StageState::startedOrChangedAt));
        }
    }

    /**
     * A stage, or an action in it.
     *
     * @param name {@code Build} or {@code Build/SelectBuildspec}
     * @param startedAt when it last began; null while no event has told
     * @param changedAt when it came into its state
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StageState(
            String name,
            PipelineEvent.State state,
            @Nullable Instant startedAt,
            Instant changedAt,
            PipelineEvent.@Nullable Result result) {
        @JsonIgnore
        public Instant startedOrChangedAt() {
            return startedAt == null ? changedAt : startedAt;
        }

        /** How long it took, or takes already. */
        public Duration duration(Instant now) {
            return Duration.between(startedOrChangedAt(), state.isEnd() ? changedAt : now);
        }
    }

    /** Whether the source of an execution has been fetched, and nobody has asked who wrote it. */
    boolean needsAuthor(PipelineEvent event) {
        return SOURCE.equals(event.stage())
                && event.action() != null
                && event.state() == PipelineEvent.State.SUCCEEDED
                && execution(event.execution())
                        .filter(found -> found.author() == null)
                        .isPresent();
    }

    PipelineExecutions withAuthor(String execution, String author) {
        return new PipelineExecutions(
                pipeline,
                executions.stream()
                        .map(found -> found.id().equals(execution) ? found.withAuthor(author) : found)
                        .toList());
    }

    /**
     * When a commit that an execution brings was pushed: when the first execution with it was seen to begin. By the times of AWS's
     * events; empty where the execution is none of those that are kept, so that nothing tells.
     *
     * @param commit null where none is named
     */
    Optional<Instant> pushedAt(String execution, @Nullable String commit) {
        return execution(execution)
                .map(Execution::firstSeen)
                .map(own -> executions.stream()
                        .filter(found ->
                                found.commit() != null && found.commit().equals(commit))
                        .map(Execution::firstSeen)
                        .filter(own::isAfter)
                        .min(Comparator.naturalOrder())
                        .orElse(own));
    }

    private Optional<Execution> execution(String id) {
        return executions.stream().filter(found -> found.id().equals(id)).findFirst();
    }

    /** The pipeline after an event; this one itself when the event is old or of another pipeline. */
    public PipelineExecutions withEvent(PipelineEvent event) {
        if (!event.pipeline().equals(pipeline) || event.state() == PipelineEvent.State.UNKNOWN) {
            return this;
        }
        List<Execution> changed = new ArrayList<>(executions);
        Execution before = execution(event.execution())
                .orElse(new Execution(event.execution(), null, event.at(), null, null, null, null, List.of()));
        changed.removeIf(execution -> execution.id().equals(event.execution()));
        changed.add(after(before, event));
        changed.sort(Comparator.comparing(Execution::firstSeen).reversed().thenComparing(Execution::id));
        return new PipelineExecutions(pipeline, changed.subList(0, Math.min(changed.size(), MAX_EXECUTIONS)));
    }

    private static Execution after(Execution before, PipelineEvent event) {
        Execution seen = event.at().isBefore(before.firstSeen()) ? before.withFirstSeen(event.at()) : before;
        if (event.stage() == null) {
            boolean newer = before.state() == null
                    || before.changedAt() == null
                    || isNewer(before.state(), before.changedAt(), event.state(), event.at());
            return newer ? seen.withState(event.state()).withChangedAt(event.at()) : seen;
        }
        Execution told = seen.withStages(steps(before.stages(), event.stage(), event));
        PipelineEvent.Result result = event.result();
        return SOURCE.equals(event.stage()) && result != null && result.id() != null
                ? told.withCommit(result.id()).withMessage(message(result.summary()))
                : told;
    }

    private static List<StageState> steps(List<StageState> before, String stage, PipelineEvent event) {
        String name = event.action() == null ? stage : stage + "/" + event.action();
        List<StageState> steps = new ArrayList<>(before);
        StageState known = before.stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElse(null);
        Instant start = event.state() == PipelineEvent.State.STARTED ? event.at() : null;
        StageState told = new StageState(name, event.state(), start, event.at(), event.result());
        steps.remove(known);
        steps.add(known == null ? told : merged(known, told));
        steps.sort(Comparator.comparing(StageState::startedOrChangedAt).thenComparing(StageState::name));
        return steps;
    }

    private static StageState merged(StageState known, StageState told) {
        StageState newest = isNewer(known.state(), known.changedAt(), told.state(), told.changedAt()) ? told : known;
        return new StageState(
                known.name(),
                newest.state(),
                later(known.startedAt(), told.startedAt()),
                newest.changedAt(),
                newest.result());
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }

    private static boolean isNewer(
            PipelineEvent.State state, Instant at, PipelineEvent.State toldState, Instant toldAt) {
        int order = toldAt.compareTo(at);
        return order > 0 || order == 0 && toldState.compareTo(state) > 0;
    }

    /** A source's summary is JSON with the commit's message for some providers, and the message itself for others. */
    private static @Nullable String message(@Nullable String summary) {
        if (summary == null || !summary.startsWith("{")) {
            return summary;
        }
        try {
            JsonNode message = JSON.readTree(summary).path("CommitMessage");
            return message.isTextual() ? message.asText() : summary;
        } catch (JsonProcessingException e) {
            return summary;
        }
    }
}
