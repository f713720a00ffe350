package dev.slipway.cli.command;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What a shell's completion says of the command line. */
final class CompletionWords {
    private CompletionWords() {}

    /** The verbs that help shows, in its order. */
    static List<CommandSpec> verbs(CommandSpec whole) {
        return whole.subcommands().values().stream()
                .distinct() // one with another name is there twice
                .map(CommandLine::getCommandSpec)
                .filter(verb -> !verb.usageMessage().hidden())
                .toList();
    }

    /** A verb's name, and its other ones. */
    static List<String> names(CommandSpec verb) {
        return Stream.concat(Stream.of(verb.name()), Arrays.stream(verb.aliases()))
                .toList();
    }

    /** The verb's own options; those of all verbs are the whole's. */
    static List<OptionSpec> options(CommandSpec spec) {
        return spec.options().stream().filter(option -> !option.hidden()).toList();
    }

    static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    /** The words that an argument takes; empty where it may be any. */
    static List<String> words(ArgSpec argument) {
        return argument.completionCandidates() == null
                ? List.of()
                : StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                        .map(word -> word.toLowerCase(Locale.ROOT))
                        .toList();
    }

    static boolean isFile(ArgSpec argument) {
        return argument.auxiliaryTypes()[0] == Path.class;
    }

    static String description(CommandSpec spec) {
        String[] header = spec.usageMessage().header();
        return text(header.length > 0 ? header : spec.usageMessage().description());
    }

    static String description(ArgSpec argument) {
        return text(argument.description());
    }

    private static String text(String... lines) {
        return Arrays.stream(lines).collect(Collectors.joining(" "));
    }
}
