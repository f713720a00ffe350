package dev.slipway.cli.command;

import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The whole command line. */
@Command(
        name = "slipway",
        description = "Containers on AWS without a platform team: declares, rolls out, watches and explains services.",
        synopsisSubcommandLabel = "VERB",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        versionProvider = Version.class,
        subcommands = {
            InitCommand.class,
            PlanCommand.class,
            ApplyCommand.class,
            DeployCommand.class,
            StatusCommand.class,
            WatchCommand.class,
            RollbackCommand.class,
            DecisionCommand.Approve.class,
            DecisionCommand.Reject.class,
            CancelCommand.class,
            RestartCommand.class,
            PromoteCommand.class,
            LogsCommand.class,
            WhyCommand.class,
            HistoryCommand.Rollouts.class,
            HistoryCommand.Releases.class,
            DiffCommand.class,
            ExecCommand.class,
            OpenCommand.class,
            DashboardCommand.class,
            RunsCommand.class,
            LedgerCommand.class,
            CostCommand.class,
            DriftCommand.class,
            GrantCommand.Grant.class,
            GrantCommand.Revoke.class,
            ExportCommand.class,
            DeleteCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        })
public final class Commands extends Session {
    private Commands(Map<String, String> environment, Terminal terminal, Path directory, ApiClient.Pause pause) {
        super(environment, terminal, directory, pause);
    }

    /** The command line of a process. */
    public static CommandLine of(
            Map<String, String> environment, Terminal terminal, Path directory, ApiClient.Pause pause) {
        CommandLine command = new CommandLine(new Commands(environment, terminal, directory, pause));
        for (CommandLine verb : command.getSubcommands().values()) {
            CommandLine.Model.CommandSpec spec = verb.getCommandSpec();
            if (spec.findOption("--help") == null && !spec.helpCommand()) {
                spec.mixinStandardHelpOptions(
                        true); // a verb of an annotated class does not take it over from the whole
            }
        }
        return command.registerConverter(Target.class, converter(Target::of))
                .registerConverter(Integer.class, Commands::number)
                .registerConverter(int.class, Commands::number)
                .registerConverter(Duration.class, converter(new Waiting.Time()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(Math.min(Math.max(terminal.width(), 60), 120))
                .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.isInteractive() ? Ansi.AUTO : Ansi.OFF))
                .setOut(terminal.out())
                .setErr(terminal.err())
                .setExecutionStrategy(Commands::run)
                .setExecutionExceptionHandler((failure, failed, parsed) -> Failures.report(failure, failed))
                .setParameterExceptionHandler((wrong, arguments) -> wronglyCalled(wrong, terminal));
    }

    /** Options with words of their own take no others. */
    private static int run(CommandLine.ParseResult parsed) {
        for (CommandLine.ParseResult verb = parsed; verb != null; verb = verb.subcommand()) {
            for (CommandLine.Model.OptionSpec option : verb.matchedOptions()) {
                List<String> words = CompletionWords.words(option);
                for (String value : option.originalStringValues()) {
                    if (!words.isEmpty() && !words.contains(value.toLowerCase(Locale.ROOT))) {
                        throw new CommandLine.ParameterException(
                                verb.commandSpec().commandLine(),
                                "Invalid value for option '%s' (%s): %s is none of %s."
                                        .formatted(
                                                option.longestName(),
                                                option.paramLabel(),
                                                value.isBlank() ? "\"\"" : value,
                                                String.join(", ", words)));
                    }
                }
            }
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static int wronglyCalled(CommandLine.ParameterException wrong, Terminal terminal) {
        terminal.note(terminal.styled(Style.BAD, "Error: ") + wrong.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(wrong, terminal.err())) {
            terminal.note("See: " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        }
        return ExitCode.USAGE;
    }

    private static Integer number(String written) {
        try {
            return Integer.valueOf(written);
        } catch (NumberFormatException e) {
            throw new TypeConversionException(written + " is no whole number.");
        }
    }

    private static <T> ITypeConverter<T> converter(ITypeConverter<T> read) {
        return written -> {
            try {
                return read.convert(written);
            } catch (CliException e) {
                throw new TypeConversionException(e.getMessage() + (e.action() == null ? "" : " " + e.action()));
            }
        };
    }
}
