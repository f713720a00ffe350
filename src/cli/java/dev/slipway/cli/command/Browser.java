package dev.slipway.cli.command;

import dev.slipway.cli.terminal.Terminal;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The browser of whoever sits at the terminal. */
final class Browser {
    private Browser() {}

    /** Opens an address, which has been printed; in a script, and where there are no windows, nothing. */
    static void open(Session session, String address) {
        Terminal terminal = session.terminal();
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (!terminal.isInteractive()
                || !address.matches("https?://[^\\s\"'`$]+")
                || system.contains("linux") && !hasWindows(session)) {
            return;
        }
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

    /** Without them `xdg-open` would start a browser in the terminal. */
    private static boolean hasWindows(Session session) {
        return Stream.of("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME")
                .anyMatch(name -> !session.variable(name).isEmpty());
    }
}
