package dev.slipway.cli.command;

import dev.slipway.cli.terminal.Terminal;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** The browser of whoever sits at the terminal. */
final class Browser {
    private Browser() {}

    /** Opens an address; in a script, nothing. */
    static void open(Terminal terminal, String address) {
        if (!terminal.isInteractive() || !address.matches("https?://[^\\s\"'`$]+")) {
            return;
        }
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        List<String> command = system.contains("mac")
                ? List.of("open", address)
                : system.contains("windows")
                        ? List.of("rundll32", "url.dll,FileProtocolHandler", address)
                        : List.of("xdg-open", address);
        try {
            new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            terminal.note("No browser could be started: open it yourself.");
        }
    }
}
