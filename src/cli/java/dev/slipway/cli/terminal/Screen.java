package dev.slipway.cli.terminal;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The terminal that this process runs in, if any. */
public final class Screen {
    private static final Terminal.Size USUAL = new Terminal.Size(100, 40);

    private Screen() {}

    /** With colours unless NO_COLOR is set, as no-color.org has it, or the terminal is none that knows them. */
    public static Terminal ofProcess(Map<String, String> environment) {
        Console console = System.console();
        boolean interactive = console != null && console.isTerminal();
        boolean coloured = interactive
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.get("TERM"));
        return new Terminal(
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                interactive,
                coloured,
                () -> interactive ? size(environment) : USUAL);
    }

    /** The window's by `stty`, which every Unix has; COLUMNS and LINES, which stay what they were when it changes, only else. */
    private static Terminal.Size size(Map<String, String> environment) {
        String[] told = stty().split(" ", 2);
        int rows = number(told[0]);
        int columns = number(told.length < 2 ? "" : told[1]);
        rows = rows > 0 ? rows : number(environment.getOrDefault("LINES", ""));
        columns = columns > 0 ? columns : number(environment.getOrDefault("COLUMNS", ""));
        return new Terminal.Size(columns > 0 ? columns : USUAL.columns(), rows > 0 ? rows : USUAL.rows());
    }

    /** Zero is what a terminal says that does not know. */
    private static int number(String written) {
        return written.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(written) : 0;
    }

    /** Rows and columns; empty when they cannot be had. */
    private static String stty() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return stty.waitFor(1, TimeUnit.SECONDS) ? size : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
