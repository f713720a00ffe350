package dev.slipway.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** The scripts of a small command line, to the letter. */
class CompletionScriptTest {
    @Command(
            name = "ship",
            subcommands = {Sail.class, HelpCommand.class})
    static final class Ship {
        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                scope = ScopeType.INHERIT,
                completionCandidates = Choices.Formats.class,
                description = "table, json or yaml: [as] they're")
        @Nullable
        String output;
    }

    @Command(name = "sail", aliases = "go", description = "Leave the port: it's time")
    static final class Sail {
        @Parameters(index = "0", paramLabel = "PORT")
        @Nullable
        String port;

        @Parameters(index = "1", arity = "0..1", paramLabel = "SHELL", completionCandidates = Choices.Shells.class)
        @Nullable
        String shell;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "Its papers")
        @Nullable
        Path papers;

        @Option(names = "--stop", paramLabel = "PORT", description = "On the way. May be repeated")
        List<String> stops = List.of();

        @Option(names = "--fast", description = "At once")
        boolean fast;

        @Option(names = "--secret", hidden = true)
        boolean secret;
    }

    private static CommandSpec ship() {
        return new CommandLine(new Ship()).getCommandSpec();
    }

    @Test
    void thatOfFish() {
        assertThat(FishCompletion.script(ship())).isEqualTo("""
                # Completion of ship for fish: ship completion fish | source
                # or once: ship completion fish > ~/.config/fish/completions/ship.fish

                function __ship_verb
                    set -l value no
                    set -l words (commandline -opc)
                    for word in $words[2..]
                        if test $value = yes
                            set value no
                        else if contains -- $word -o --output
                            set value yes
                        else if not string match -q -- '-*' $word
                            echo $word
                            return
                        end
                    end
                    return 1
                end

                function __ship_is
                    set -l verb (__ship_verb)
                    and contains -- $verb $argv
                end

                complete -c ship -f
                complete -c ship -n 'not __ship_verb >/dev/null' -a sail -d 'Leave the port: it\\'s time'
                complete -c ship -n 'not __ship_verb >/dev/null' -a go -d 'Leave the port: it\\'s time'
                complete -c ship -n 'not __ship_verb >/dev/null' -a help -d 'Display help information about the specified command.'
                complete -c ship -s o -l output -x -a 'table json yaml' -d 'table, json or yaml: [as] they\\'re'
                complete -c ship -n '__ship_is sail go' -s f -l file -rF -d 'Its papers'
                complete -c ship -n '__ship_is sail go' -l stop -x -d 'On the way. May be repeated'
                complete -c ship -n '__ship_is sail go' -l fast -d 'At once'
                complete -c ship -n '__ship_is sail go' -a 'bash zsh fish'
                complete -c ship -n '__ship_is help' -s h -l help -d 'Show usage help for the help command and exit.'
                complete -c ship -n '__ship_is help' -a 'sail help'""");
    }

    @Test
    void thatOfZsh() {
        assertThat(ZshCompletion.script(ship())).isEqualTo("""
                #compdef ship
                # Completion of ship for zsh: source <(ship completion zsh)
                # or once: ship completion zsh > _ship, in a directory of $fpath

                _ship() {
                  local curcontext="$curcontext" state state_descr line
                  typeset -A opt_args
                  local -a verbs
                  verbs=(
                    'sail:Leave the port\\: it'\\''s time'
                    'go:Leave the port\\: it'\\''s time'
                    'help:Display help information about the specified command.'
                  )
                  _arguments -s -C \\
                        '(-o --output)'{-o,--output}'[table, json or yaml\\: \\[as\\] they'\\''re]:FORMAT:(table json yaml)' \\
                        '1:verb:->verb' '*::argument:->argument'
                  case $state in
                  (verb) _describe verb verbs ;;
                  (argument)
                    case $words[1] in
                      (sail|go) _arguments -s \\
                        '(-f --file)'{-f,--file}'[Its papers]:FILE:_files' \\
                        '*'--stop'[On the way. May be repeated]:PORT: ' \\
                        --fast'[At once]' \\
                        '(-o --output)'{-o,--output}'[table, json or yaml\\: \\[as\\] they'\\''re]:FORMAT:(table json yaml)' \\
                        '1:port:{false}' \\
                        '2::shell:(bash zsh fish)' ;;
                      (help) _arguments -s \\
                        '(-h --help)'{-h,--help}'[Show usage help for the help command and exit.]' \\
                        '(-o --output)'{-o,--output}'[table, json or yaml\\: \\[as\\] they'\\''re]:FORMAT:(table json yaml)' \\
                        '1::verb:(sail help)' ;;
                    esac ;;
                  esac
                }

                if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
                  _ship "$@"
                else
                  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
                  compdef _ship ship
                fi""");
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/bin/zsh, ZSH",
        "/bin/bash, BASH",
        "fish, FISH",
        "/usr/local/bin/fish, FISH",
        "/bin/tcsh, BASH",
        "'', BASH",
    })
    void theShellIsThatOfItsPath(String path, CompletionCommand.Shell shell) {
        assertThat(CompletionCommand.Shell.of(path)).isEqualTo(shell);
    }
}
