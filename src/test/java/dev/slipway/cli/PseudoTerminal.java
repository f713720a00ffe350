package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.VirtualEnvironment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A program in a real pseudo-terminal, and what a person sees there: its escape sequences are drawn by a terminal emulator. */
final class PseudoTerminal implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final ObjectMapper json = new ObjectMapper();
    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;

    PseudoTerminal(int columns, int rows, Map<String, String> environment, List<String> program) {
        List<String> arguments = new ArrayList<>(List.of(
                "src/test/resources/cli/pseudo_terminal.py", Integer.toString(columns), Integer.toString(rows)));
        arguments.addAll(program);
        ProcessBuilder builder = new ProcessBuilder(VirtualEnvironment.command("python", arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Stream.of("COLUMNS", "LINES", "NO_COLOR", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
                .forEach(builder.environment()::remove);
        builder.environment().put("TERM", "xterm-256color");
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        orders = process.outputWriter(StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The command line, out of its jar. */
    static PseudoTerminal ofSlipway(int columns, int rows, Map<String, String> environment, String... arguments) {
        List<String> program = new ArrayList<>(command());
        program.addAll(List.of(arguments));
        return new PseudoTerminal(columns, rows, environment, program);
    }

    /** What runs the jar. */
    static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-jar",
                "target/cli/slipway.jar");
    }

    /**
     * What is to be seen.
     *
     * @param history lines that have left the window above
     * @param lines of the window, without what is blank at their ends
     * @param coloured whether any of them is
     * @param cursor whether it is to be seen
     * @param row the cursor's
     * @param column the cursor's
     * @param exitCode null while the program runs
     */
    record Seen(
            List<String> history,
            List<String> lines,
            boolean coloured,
            boolean cursor,
            int row,
            int column,
            Integer exitCode) {
        /** The window as one text. */
        String text() {
            return String.join("\n", lines).stripTrailing();
        }

        /** With all that has left it. */
        String all() {
            return String.join("\n", history) + "\n" + text();
        }
    }

    void type(String text) {
        order(Map.of("type", text));
    }

    void resize(int columns, int rows) {
        order(Map.of("resize", List.of(columns, rows)));
    }

    Seen seen() {
        return order(Map.of());
    }

    /** As soon as it is so. */
    Seen until(Predicate<Seen> wanted) {
        long end = System.nanoTime() + LONGEST.toNanos();
        Seen seen = seen();
        while (!wanted.test(seen)) {
            assertThat(System.nanoTime()).as(seen.toString()).isLessThan(end);
            assertThat(seen.exitCode()).as(seen.toString()).isNull();
            seen = seen();
        }
        return seen;
    }

    /** As soon as the text is to be seen. */
    Seen until(String text) {
        return until(seen -> seen.text().contains(text));
    }

    /** What is left when the program has ended. */
    Seen ended() {
        return until(seen -> seen.exitCode() != null);
    }

    private Seen order(Map<String, ?> order) {
        try {
            orders.write(json.writeValueAsString(order) + "\n");
            orders.flush();
            String answer = answers.readLine();
            assertThat(answer).isNotNull();
            JsonNode seen = json.readTree(answer);
            return new Seen(
                    texts(seen.path("history")),
                    texts(seen.path("lines")),
                    seen.path("coloured").asBoolean(),
                    seen.path("cursor").asBoolean(),
                    seen.path("row").asInt(),
                    seen.path("column").asInt(),
                    seen.path("exitCode").isNull()
                            ? null
                            : seen.path("exitCode").asInt());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> texts(JsonNode lines) {
        List<String> texts = new ArrayList<>();
        lines.forEach(line -> texts.add(line.asText()));
        return texts;
    }

    @Override
    public void close() {
        try {
            orders.close();
            process.waitFor();
        } catch (IOException | InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
