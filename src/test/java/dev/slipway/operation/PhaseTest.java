package dev.slipway.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of phases is what docs/architecture.md draws, and operations keep to it. */
class PhaseTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final ServiceId WEB = new ServiceId("dev", "web");

    private static Set<String> drawn(String name) {
        try {
            Pattern picture = Pattern.compile(
                    "```mermaid\\R\\s*stateDiagram-v2\\R\\s*%% " + name + "\\R(.*?)```", Pattern.DOTALL);
            String edges = picture.matcher(Files.readString(Path.of("docs/architecture.md")))
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.joining());
            return Pattern.compile("(\\S+) --> (\\w+)")
                    .matcher(edges)
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String id(Phase phase) {
        return phase.name().toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest
    @EnumSource
    void thePictureIsTheTable(Phase.Transitions table) {
        Set<String> pictured = drawn(table.name());
        assertThat(pictured).contains("[*] --> " + id(table.first()));
        if (table == Phase.Transitions.SERVICE_APPLY) { // it is drawn without the rollout that it may go on as
            pictured.addAll(drawn(Phase.Transitions.ROLLOUT.name()));
            pictured.remove("[*] --> " + id(Phase.Transitions.ROLLOUT.first()));
        }
        Set<String> edges = new TreeSet<>(Set.of("[*] --> " + id(table.first())));
        table.next().forEach((from, all) -> all.forEach(to -> edges.add(id(from) + " --> " + id(to))));

        assertThat(pictured).isEqualTo(edges);
    }

    @ParameterizedTest
    @CsvSource({
        "APPLY, observe",
        "ROLLOUT, preflight",
        "DELETE, stack",
        "PLAN, stack",
    })
    void operationsOfAServiceBeginInTheirFirstPhase(Operation.Type type, String first) {
        assertThat(operation(WEB, type).phase()).hasToString(first);
    }

    @Test
    void anotherWayThanTheTablesIsRefused() {
        Operation apply = operation(WEB, Operation.Type.APPLY);

        assertThatThrownBy(() -> apply.enterPhase(Phase.COUNT, NOON))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("SERVICE_APPLY: count does not follow observe");
        assertThatThrownBy(() -> apply.succeeded(NOON)).hasMessageContaining("done does not follow observe");
        assertThatThrownBy(() ->
                        operation(new EnvironmentId("dev"), Operation.Type.PLAN).enterPhase(Phase.SERVICES, NOON))
                .hasMessage("STACK_ONLY: services does not follow stack");
    }

    private static Operation operation(Target target, Operation.Type type) {
        return Operation.accepted("1", target, type, "ann", NOON);
    }
}
