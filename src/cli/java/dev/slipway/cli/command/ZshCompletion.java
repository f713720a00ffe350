package dev.slipway.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The completion of zsh, by its {@code _arguments}: verbs and options with their descriptions, and the words that they take. */
final class ZshCompletion {
    private static final String INDENT = " \\\n        ";

    private ZshCompletion() {}

    static String script(CommandSpec whole) {
        String verbs = CompletionWords.verbs(whole).stream()
                .flatMap(verb -> CompletionWords.names(verb).stream()
                        .map(name -> "    "
                                + quoted(name + ":"
                                        + CompletionWords.description(verb).replace(":", "\\:"))))
                .collect(Collectors.joining("\n"));
        String cases = CompletionWords.verbs(whole).stream()
                .map(verb -> "      (%s) _arguments -s%s ;;"
                        .formatted(String.join("|", CompletionWords.names(verb)), arguments(verb, whole)))
                .collect(Collectors.joining("\n"));
        // Sourced, it registers itself; as a file _NAME of a directory of $fpath, it is the function already.
        return """
                #compdef %1$s
                # Completion of %1$s for zsh: source <(%1$s completion zsh)
                # or once: %1$s completion zsh > _%1$s, in a directory of $fpath

                _%1$s() {
                  local curcontext="$curcontext" state state_descr line
                  typeset -A opt_args
                  local -a verbs
                  verbs=(
                %2$s
                  )
                  _arguments -s -C%3$s \\
                        '1:verb:->verb' '*::argument:->argument'
                  case $state in
                  (verb) _describe verb verbs ;;
                  (argument)
                    case $words[1] in
                %4$s
                    esac ;;
                  esac
                }

                if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
                  _%1$s "$@"
                else
                  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
                  compdef _%1$s %1$s
                fi""".formatted(whole.name(), verbs, options(whole), cases);
    }

    private static String options(CommandSpec spec) {
        return CompletionWords.options(spec).stream()
                .map(option -> INDENT + option(option))
                .collect(Collectors.joining());
    }

    private static String arguments(CommandSpec verb, CommandSpec whole) {
        List<String> arguments = new ArrayList<>();
        if (verb.helpCommand()) {
            arguments.add(quoted("1::verb:"
                    + words(CompletionWords.verbs(whole).stream()
                            .map(CommandSpec::name)
                            .toList())));
        } else {
            verb.positionalParameters().forEach(argument -> arguments.add(positional(argument)));
        }
        return options(verb)
                + arguments.stream().map(argument -> INDENT + argument).collect(Collectors.joining());
    }

    /** Its names, of which one excludes the others, what it is for, and what it takes. */
    private static String option(OptionSpec option) {
        String[] names = option.names();
        String value =
                CompletionWords.takesValue(option) ? ":" + escaped(option.paramLabel()) + ":" + action(option) : "";
        String rest = quoted("[" + escaped(CompletionWords.description(option)) + "]" + value);
        if (option.isMultiValue()) {
            return Stream.of(names).map(name -> "'*'" + name + rest).collect(Collectors.joining(" "));
        }
        return names.length == 1
                ? names[0] + rest
                : "'(%s)'{%s}%s".formatted(String.join(" ", names), String.join(",", names), rest);
    }

    /**
     * One that may be any word offers nothing: without it zsh completes no option after the word, and a message in its place would keep an
     * option that is the only one left from being written.
     */
    private static String positional(PositionalParamSpec argument) {
        String offers = action(argument).isBlank() ? "{false}" : action(argument);
        String place = argument.index().max() == Integer.MAX_VALUE
                        || argument.index().isUnspecified() && argument.isMultiValue()
                ? "*"
                : (argument.index().min() + 1) + (argument.arity().min() == 0 ? ":" : "");
        return quoted(place + ":" + escaped(argument.paramLabel().toLowerCase(Locale.ROOT)) + ":" + offers);
    }

    private static String action(ArgSpec argument) {
        List<String> words = CompletionWords.words(argument);
        return !words.isEmpty() ? words(words) : CompletionWords.isFile(argument) ? "_files" : " ";
    }

    private static String words(List<String> words) {
        return "(" + String.join(" ", words) + ")";
    }

    private static String escaped(String text) {
        return text.replaceAll("[\\\\\\[\\]:]", "\\\\$0");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
