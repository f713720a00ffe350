package dev.slipway.cli.command;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The completion of fish: verbs and options with their descriptions, and the words that they take. */
final class FishCompletion {
    // The verb is the first word that is neither an option nor an option's value.
    private static final String HEAD = """
            # Completion of %1$s for fish: %1$s completion fish | source
            # or once: %1$s completion fish > ~/.config/fish/completions/%1$s.fish

            function __%1$s_verb
                set -l value no
                set -l words (commandline -opc)
                for word in $words[2..]
                    if test $value = yes
                        set value no
                    else if contains -- $word %2$s
                        set value yes
                    else if not string match -q -- '-*' $word
                        echo $word
                        return
                    end
                end
                return 1
            end

            function __%1$s_is
                set -l verb (__%1$s_verb)
                and contains -- $verb $argv
            end

            complete -c %1$s -f
            """;

    private FishCompletion() {}

    static String script(CommandSpec whole) {
        String name = whole.name();
        StringBuilder script = new StringBuilder(HEAD.formatted(
                name,
                whole.options().stream()
                        .filter(CompletionWords::takesValue)
                        .flatMap(option -> Stream.of(option.names()))
                        .collect(Collectors.joining(" "))));
        for (CommandSpec verb : CompletionWords.verbs(whole)) {
            for (String word : CompletionWords.names(verb)) {
                line(
                        script,
                        "complete -c %s -n 'not __%1$s_verb >/dev/null' -a %s -d %s"
                                .formatted(name, word, quoted(CompletionWords.description(verb))));
            }
        }
        CompletionWords.options(whole)
                .forEach(option -> line(script, "complete -c %s%s".formatted(name, option(option))));
        for (CommandSpec verb : CompletionWords.verbs(whole)) {
            String condition = " -n '__%s_is %s'".formatted(name, String.join(" ", CompletionWords.names(verb)));
            for (OptionSpec option : CompletionWords.options(verb)) {
                if (whole.findOption(option.longestName()) == null) {
                    line(script, "complete -c %s%s%s".formatted(name, condition, option(option)));
                }
            }
            for (ArgSpec argument : verb.positionalParameters()) {
                List<String> words = verb.helpCommand()
                        ? CompletionWords.verbs(whole).stream()
                                .map(CommandSpec::name)
                                .toList()
                        : CompletionWords.words(argument);
                if (!words.isEmpty()) {
                    line(script, "complete -c %s%s -a %s".formatted(name, condition, quoted(String.join(" ", words))));
                }
            }
        }
        return script.toString().stripTrailing();
    }

    private static String option(OptionSpec option) {
        StringBuilder line = new StringBuilder();
        for (String word : option.names()) {
            line.append(word.startsWith("--") ? " -l " + word.substring(2) : " -s " + word.substring(1));
        }
        if (CompletionWords.takesValue(option)) {
            List<String> words = CompletionWords.words(option);
            line.append(CompletionWords.isFile(option) ? " -rF" : " -x");
            if (!words.isEmpty()) {
                line.append(" -a ").append(quoted(String.join(" ", words)));
            }
        }
        return line + " -d " + quoted(CompletionWords.description(option));
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static void line(StringBuilder script, String line) {
        script.append(line).append('\n');
    }
}
