package dev.slipway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Types commands and reads what they print. */
final class Shell {
    private static final Terminal.Size SIZE = new Terminal.Size(100, 40);

    private final Map<String, String> environment = new HashMap<>();
    private final Path directory;
    private final ApiClient.Pause pause;
    private @Nullable Thread background;
    private volatile Duration passed = Duration.ZERO;

    Shell(Path directory, ApiClient.Pause pause) {
        this.directory = directory;
        this.pause = new ApiClient.Pause() {
            @Override
            public void of(Duration time) throws InterruptedException {
                passes(time);
                pause.of(time);
            }

            @Override
            public Duration now() {
                return passed;
            }
        };
    }

    /** Time goes by: in pauses, and in requests that take some. */
    void passes(Duration time) {
        passed = passed.plus(time);
    }

    /** What a command has printed, where, and its exit code. */
    record Printed(int exitCode, String out, String err) {
        JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new IllegalStateException(out, e);
            }
        }
    }

    Shell with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** In a script: nobody answers, and nothing is coloured or drawn. */
    Printed run(String... arguments) {
        return run(false, "", arguments);
    }

    /** At a terminal, with what the person types. */
    Printed typed(String answers, String... arguments) {
        return run(true, answers, arguments);
    }

    /** In a script that goes on meanwhile, until {@link #interrupt}; its results are written where one can look. */
    Future<Integer> inBackground(StringWriter out, String... arguments) {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        background = Thread.ofVirtual()
                .start(() -> exitCode.complete(run(terminal(false, "", out, new StringWriter()), arguments)));
        return exitCode;
    }

    /** As `| head` does, once it has what it wants; gives the exit code. */
    int intoAClosedPipe(String... arguments) {
        Writer closed = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        PrintWriter err = new PrintWriter(Writer.nullWriter());
        return run(
                new Terminal(
                        new BufferedReader(Reader.nullReader()),
                        new PrintWriter(closed),
                        err,
                        false,
                        false,
                        () -> SIZE),
                arguments);
    }

    /** As Ctrl-C does. */
    void interrupt() {
        Objects.requireNonNull(background).interrupt();
    }

    private Printed run(boolean interactive, String answers, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = run(terminal(interactive, answers, out, err), arguments);
        return new Printed(exitCode, out.toString(), err.toString());
    }

    private int run(Terminal terminal, String... arguments) {
        return Slipway.run(arguments, environment, terminal, directory, pause);
    }

    private Terminal terminal(boolean interactive, String answers, StringWriter out, StringWriter err) {
        return new Terminal(
                new BufferedReader(new StringReader(answers)),
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                interactive,
                interactive && environment.getOrDefault("NO_COLOR", "").isEmpty(),
                () -> SIZE);
    }
}
