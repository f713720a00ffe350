package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineExecutions.Execution;
import dev.slipway.pipeline.PipelineExecutions.StageState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineExecutionsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PipelineId WEB = new PipelineId("web");
    private static final List<PipelineEvent> EVENTS = recorded();

    @Test
    void aPushShowsItsCommitAndWhatIsUnderWay() {
        Execution execution = view(EVENTS.subList(0, 6)).executions().getFirst();

        assertThat(execution.state()).isEqualTo(PipelineEvent.State.STARTED);
        assertThat(execution.commit()).startsWith("3f2c8a91");
        assertThat(execution.message()).isEqualTo("Say hello in Welsh");
        assertThat(execution.current()).map(StageState::name).contains("Build/Build");
        assertThat(execution.current().orElseThrow().duration(Instant.parse("2026-11-24T10:01:09Z")))
                .isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aFailedBuildNamesItsLog() {
        PipelineEvent failed = EVENTS.get(6);
        Execution execution = view(EVENTS).executions().getFirst();

        assertThat(logStream(failed)).contains("build/86a1cd00-9509-4929-ac8b-7d3a8c10c2bc");
        assertThat(execution.state()).isEqualTo(PipelineEvent.State.FAILED);
        assertThat(execution.current()).isEmpty();
        assertThat(execution.stages())
                .filteredOn(step -> step.name().equals("Build/Build"))
                .singleElement()
                .satisfies(step -> {
                    assertThat(step.duration(Instant.MAX)).isEqualTo(Duration.ofMinutes(2));
                    assertThat(step.result()).isNotNull();
                });
        assertThat(logStream(EVENTS.get(2))).as("a source is no build").isEmpty();
    }

    private static Optional<String> logStream(PipelineEvent event) {
        return Optional.ofNullable(event.result()).flatMap(result -> result.logStream(event.pipeline()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neitherOrderNorRepetitionOfEventsMatters(long seed) {
        List<PipelineEvent> shuffled = new ArrayList<>(EVENTS);
        shuffled.addAll(EVENTS.subList(2, 7));
        PipelineEvent retry = new PipelineEvent(
                WEB,
                "6ba1b26c",
                "Build",
                null,
                PipelineEvent.State.STARTED,
                Instant.parse("2026-11-24T10:30:00Z"),
                null);
        shuffled.add(retry);
        Collections.shuffle(shuffled, new Random(seed));

        List<PipelineEvent> ordered = new ArrayList<>(EVENTS);
        ordered.add(retry);
        assertThat(view(shuffled)).as("seed %d", seed).isEqualTo(view(ordered));
    }

    @Test
    void keepsTheNewestTenAndPutsThemFirst() {
        PipelineExecutions view = PipelineExecutions.empty(WEB);
        for (int i = 0; i < 14; i++) {
            view = view.withEvent(new PipelineEvent(
                    WEB, "e" + i, null, null, PipelineEvent.State.STARTED, Instant.ofEpochSecond(i), null));
        }

        assertThat(view.executions()).extracting(Execution::id).hasSize(10).startsWith("e13", "e12");
    }

    @Test
    void overlooksWhatIsNotOursOrNotYetKnown() throws IOException {
        assertThat(change("source", "aws.ecs")).isEmpty();
        assertThat(change("detail-type", "CodePipeline Something Else")).isEmpty();
        assertThat(change("time", "yesterday")).isEmpty();
        assertThat(changeDetail("pipeline", "somebody-elses")).isEmpty();
        assertThat(changeDetail("pipeline", "slipway-pipeline-Not_A_Name")).isEmpty();
        assertThat(changeDetail("state", "PONDERING"))
                .hasValueSatisfying(
                        event -> assertThat(view(EVENTS).withEvent(event)).isEqualTo(view(EVENTS)));
    }

    @Test
    void aViewSurvivesBeingKept() throws IOException {
        PipelineExecutions view = view(EVENTS);
        ObjectMapper mapper = new ObjectMapper().findAndRegisterModules();

        assertThat(mapper.readValue(mapper.writeValueAsBytes(view), PipelineExecutions.class))
                .isEqualTo(view);
    }

    private static PipelineExecutions view(List<PipelineEvent> events) {
        PipelineExecutions view = PipelineExecutions.empty(WEB);
        for (PipelineEvent event : events) {
            view = view.withEvent(event);
        }
        return view;
    }

    private static Optional<PipelineEvent> change(String field, String value) throws IOException {
        return PipelineEvent.parse(((ObjectNode) raw().get(0)).put(field, value));
    }

    private static Optional<PipelineEvent> changeDetail(String field, String value) throws IOException {
        ObjectNode event = (ObjectNode) raw().get(0);
        ((ObjectNode) event.path("detail")).put(field, value);
        return PipelineEvent.parse(event);
    }

    private static JsonNode raw() throws IOException {
        return JSON.readTree(Files.readString(Path.of("src/test/resources/pipeline/events.json")));
    }

    private static List<PipelineEvent> recorded() {
        try {
            List<PipelineEvent> events = new ArrayList<>();
            raw().forEach(event -> events.add(PipelineEvent.parse(event).orElseThrow()));
            return events;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
