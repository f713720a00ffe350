package dev.slipway.cli.command;

import dev.slipway.cli.exit.ExitCode;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = "Print a script for bash, zsh or fish: Tab then completes verbs, options and their words")
final class CompletionCommand extends Verb {
    /** Shells that there is a script for. */
    enum Shell {
        BASH,
        ZSH,
        FISH;

        /** That of a path such as {@code /usr/bin/zsh}; bash where it is none of these. */
        static Shell of(String path) {
            String name = path.substring(path.lastIndexOf('/') + 1).toUpperCase(Locale.ROOT);
            return Stream.of(values())
                    .filter(shell -> shell.name().equals(name))
                    .findFirst()
                    .orElse(BASH);
        }
    }

    @Parameters(
            arity = "0..1",
            paramLabel = "SHELL",
            completionCandidates = Choices.Shells.class,
            description = "bash, zsh or fish; left out: that of SHELL, else bash")
    @Nullable
    Shell shell;

    @Override
    public Integer call() {
        CommandSpec whole = spec.root();
        Shell wanted = shell != null ? shell : Shell.of(session().variable("SHELL"));
        terminal()
                .line(
                        switch (wanted) {
                            case BASH -> AutoComplete.bash(whole.name(), whole.commandLine());
                            case ZSH -> ZshCompletion.script(whole);
                            case FISH -> FishCompletion.script(whole);
                        });
        return ExitCode.OK;
    }
}
