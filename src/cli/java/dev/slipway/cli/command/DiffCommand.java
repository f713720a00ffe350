package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Table;
import dev.slipway.cli.terminal.Text;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "diff", description = "What of a service, or of all, is different in two environments")
final class DiffCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "0", paramLabel = "FROM", description = "An environment such as dev")
    Target from;

    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "1", paramLabel = "TO", description = "An environment such as prod")
    Target to;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "SERVICE",
            description = "Such as web; left out: all services")
    @Nullable
    String service;

    @Override
    public Integer call() {
        if (!from.isEnvironment() || !to.isEnvironment()) {
            String meant = from.isPipeline() || to.isPipeline()
                    ? "dev prod web"
                    : "%s %s %s"
                            .formatted(
                                    from.environment(), to.environment(), from.isService() ? from.name() : to.name());
            throw CliException.usage("Two environments are compared.", "Write slipway diff " + meant + ".");
        }
        // A name, and nothing else.
        Target one = service == null ? null : Target.of(from + "/" + service);
        List<JsonNode> comparisons = new ArrayList<>();
        for (String name : one != null ? Set.of(String.valueOf(one.name())) : servicesOfBoth()) {
            comparisons.add(api().get("/v1/diff/%s/%s/services/%s".formatted(from, to, name)));
        }
        if (session().wantsDocument()) {
            documents(comparisons);
            return ExitCode.OK;
        }
        comparisons.forEach(this::print);
        return ExitCode.OK;
    }

    /** One that only one of them has is told by name, beside the comparisons. */
    private Set<String> servicesOfBoth() {
        Set<String> here = names(from);
        Set<String> there = names(to);
        here.stream().filter(name -> !there.contains(name)).forEach(name -> alone(name, from));
        there.stream().filter(name -> !here.contains(name)).forEach(name -> alone(name, to));
        here.retainAll(there);
        return here;
    }

    private void alone(String name, Target environment) {
        String sentence = "%s: only in %s".formatted(Text.printable(name), environment);
        if (session().wantsDocument()) {
            terminal().note(sentence);
        } else {
            terminal().line(sentence);
        }
    }

    private Set<String> names(Target environment) {
        Set<String> names = new LinkedHashSet<>();
        api().get(environment.path()).path("services").forEach(name -> names.add(name.asText()));
        return names;
    }

    private void print(JsonNode comparison) {
        String name = Text.of(comparison, "service");
        if (comparison.path("differences").isEmpty()) {
            terminal().line(name + ": the same");
            return;
        }
        terminal().line(terminal().styled(Style.STRONG, name));
        Table table = new Table("PART", "SETTING", side(comparison.path("from")), side(comparison.path("to")))
                .text("SETTING", side(comparison.path("from")), side(comparison.path("to")));
        for (JsonNode difference : comparison.path("differences")) {
            boolean shown = difference.has("from") || difference.has("to");
            table.row(
                    RolloutView.words(difference.path("part").asText()),
                    Text.of(difference, "setting"),
                    shown ? Text.of(difference, "from") : where(difference, from),
                    shown ? Text.of(difference, "to") : where(difference, to));
        }
        table.print(terminal());
    }

    /** For values that are never shown. */
    private static String where(JsonNode difference, Target environment) {
        for (JsonNode in : difference.path("in")) {
            if (in.asText().equals(environment.toString())) {
                return "(another)";
            }
        }
        return "-";
    }

    private static String side(JsonNode side) {
        return Text.of(side, "environment")
                + (side.has("release") ? " release " + side.path("release").asText() : "");
    }
}
