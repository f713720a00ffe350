package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.cli.PseudoTerminal.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Tab offers in a real zsh and a real fish, that read the script when they start or find it as a file when it is needed. */
class ZshAndFishCompletionIT {
    /** How a shell comes to the script. */
    enum Setting {
        ZSH_SOURCED("zsh", ".zshrc", "source %s\nPS1='$ '\n"),
        ZSH_FILE("zsh", ".zshrc", "fpath=($ZDOTDIR $fpath)\nautoload -Uz compinit\ncompinit -i\nPS1='$ '\n"),
        FISH_SOURCED(
                "fish", "fish/config.fish", "source %s\nset -g fish_greeting\nfunction fish_prompt; echo '$ '; end\n"),
        FISH_FILE("fish", "fish/config.fish", "set -g fish_greeting\nfunction fish_prompt; echo '$ '; end\n");

        private final String shell;
        private final String file;
        private final String settings;

        Setting(String shell, String file, String settings) {
            this.shell = shell;
            this.file = file;
            this.settings = settings;
        }
    }

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    private PseudoTerminal shell(Setting setting) throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(place -> Files.isExecutable(Path.of(place, setting.shell))),
                "There is no " + setting.shell + " on this machine.");
        Path script = directory.resolve(
                switch (setting) {
                    case ZSH_FILE -> "_slipway";
                    case FISH_FILE -> "fish/completions/slipway.fish";
                    default -> "script";
                });
        Files.createDirectories(script.getParent());
        Process process = new ProcessBuilder(
                        Stream.concat(PseudoTerminal.command().stream(), Stream.of("completion", setting.shell))
                                .toList())
                .redirectOutput(script.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        Path settings = directory.resolve(setting.file);
        Files.createDirectories(settings.getParent());
        Files.writeString(settings, setting.settings.formatted(script));
        // fish reads the file of a program that is there.
        Path program = Files.createDirectories(directory.resolve("bin")).resolve("slipway");
        Files.writeString(program, "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        PseudoTerminal terminal = new PseudoTerminal(
                160,
                60,
                Map.of(
                        "PATH", directory.resolve("bin") + ":" + System.getenv("PATH"),
                        "HOME", directory.toString(),
                        "ZDOTDIR", directory.toString(),
                        "XDG_CONFIG_HOME", directory.toString(),
                        "XDG_DATA_HOME", directory.resolve("data").toString()),
                List.of(setting.shell, "-i"));
        terminal.until("$");
        return terminal;
    }

    private static Set<String> words(Seen seen) {
        return seen.lines().stream()
                .filter(line -> !line.startsWith("$"))
                .flatMap(line -> Stream.of(line.strip().split("\\s+")))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ZSH_SOURCED  | 'slipway re'                      | reject,releases,restart,revoke,Refuse
            ZSH_FILE     | 'slipway --url x -o json re'      | reject,releases,restart,revoke
            ZSH_SOURCED  | 'slipway help re'                 | reject,releases,restart,revoke
            ZSH_SOURCED  | 'slipway deploy prod/web --'      | --commit,--dry-run,--freeze,--output,--override,--strategy,--url
            ZSH_FILE     | 'slipway deploy --strategy '      | rolling,blue-green,canary,linear
            ZSH_SOURCED  | 'slipway list -o '                | table,json,yaml
            ZSH_SOURCED  | 'slipway completion '             | bash,zsh,fish
            FISH_SOURCED | 'slipway re'                      | reject,releases,restart,revoke,(Refuse
            FISH_FILE    | 'slipway --url x -o json re'      | reject,releases,restart,revoke
            FISH_SOURCED | 'slipway help re'                 | reject,releases,restart,revoke
            FISH_SOURCED | 'slipway deploy prod/web --'      | --commit,--dry-run,--freeze,--output,--override,--strategy,--url
            FISH_FILE    | 'slipway deploy --strategy '      | rolling,blue-green,canary,linear
            FISH_SOURCED | 'slipway list -o '                | table,json,yaml
            FISH_SOURCED | 'slipway completion '             | bash,zsh,fish
            """)
    void verbsOptionsAndTheirWordsAreOffered(Setting setting, String typed, String offered)
            throws IOException, InterruptedException {
        try (PseudoTerminal terminal = shell(setting)) {
            terminal.type(typed + "\t");

            Seen seen = terminal.until(now -> words(now).containsAll(List.of(offered.split(","))));
            assertThat(words(seen)).doesNotContain("apply", "--nonsense", "pom.xml");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ZSH_SOURCED, slipway rollb, slipway rollback",
        "ZSH_FILE, slipway wh, slipway why",
        "ZSH_SOURCED, slipway deploy --str, slipway deploy --strategy",
        "ZSH_SOURCED, slipway plan -f spe, slipway plan -f spec.yaml",
        "FISH_SOURCED, slipway rollb, slipway rollback",
        "FISH_FILE, slipway wh, slipway why",
        "FISH_SOURCED, slipway deploy --str, slipway deploy --strategy",
        "FISH_SOURCED, slipway plan -f spe, slipway plan -f spec.yaml",
    })
    void oneThatIsLeftIsWritten(Setting setting, String typed, String written)
            throws IOException, InterruptedException {
        Files.writeString(directory.resolve("spec.yaml"), "{}");
        try (PseudoTerminal terminal = shell(setting)) {
            terminal.type("cd " + directory + "; clear\n");
            terminal.until(now -> now.text().strip().equals("$"));
            terminal.type(typed + "\t");

            terminal.until(now -> now.text().strip().equals("$ " + written));
        }
    }
}
