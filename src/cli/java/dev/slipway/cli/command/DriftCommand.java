package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "drift", description = "What AWS has otherwise than it was deployed, who did it, and what mends it")
final class DriftCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "TARGET", description = "prod, prod/web or pipeline:web")
    Target target;

    @Option(names = "--detect", description = "Look now, and wait for the answer; else what the last look found")
    boolean detect;

    @Option(names = "--all", description = "Also what rollouts and scaling set, each with its reason")
    boolean all;

    @Option(
            names = "--mend",
            description = "Have CloudFormation put it back, after a look and a question; nothing live changes")
    boolean mend;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask")
    boolean yes;

    @Mixin
    Overriding overriding = new Overriding();

    @Mixin
    Waiting waiting = new Waiting();

    @Override
    public Integer call() {
        String path = target.path() + "/drift";
        if (detect) {
            accepted(api().post(path));
        }
        JsonNode drift = detect
                ? watch(waiting)
                        .until(
                                target,
                                path,
                                found -> !found.path("state").asText().equals("DETECTING"))
                : api().get(path);
        if (!mend) {
            show(drift);
            return ExitCode.OK;
        }
        if (!session().wantsDocument()) {
            show(drift);
        }
        return mend(drift);
    }

    private int mend(JsonNode drift) {
        if (!drift.path("state").asText().equals("DRIFTED")) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "%s has nothing to put back: it is %s."
                            .formatted(
                                    target,
                                    RolloutView.words(drift.path("state").asText())),
                    "--detect looks now.");
        }
        confirm(yes, "Put this back at " + target + "?");
        ObjectNode body = body().put("checkedAt", drift.path("checkedAt").asText());
        JsonNode accepted = accepted(api().post(overriding.path(target, body) + "/drift/mend", body));
        return watch(waiting).operation(target, accepted.path("location").asText());
    }

    private void show(JsonNode drift) {
        if (session().wantsDocument()) {
            session().document(drift);
            return;
        }
        terminal()
                .line("%s  %s%s"
                        .formatted(
                                terminal().styled(Style.STRONG, target.toString()),
                                terminal().state(drift.path("state").asText()),
                                drift.has("checkedAt") ? " at " + Text.time(drift, "checkedAt") : ""));
        if (drift.has("detail")) {
            terminal().line("  " + Advice.of(drift, "detail"));
        }
        int excluded = 0;
        for (JsonNode difference : drift.path("differences")) {
            if (difference.has("excluded") && !all) {
                excluded++;
            } else {
                print(difference);
            }
        }
        if (excluded > 0) {
            terminal()
                    .line("  %d more %s as rollouts and scaling set them (--all)"
                            .formatted(excluded, excluded == 1 ? "difference is" : "differences are"));
        }
        if (drift.path("omitted").asInt() > 0) {
            terminal().line("  and %d more".formatted(drift.path("omitted").asInt()));
        }
    }

    private void print(JsonNode difference) {
        boolean excluded = difference.has("excluded");
        terminal()
                .line(terminal()
                        .styled(
                                excluded ? Style.FAINT : Style.WARNING,
                                "  ~ %s %s: %s → %s"
                                        .formatted(
                                                Text.of(difference, "resource"),
                                                Text.of(difference, "path"),
                                                Text.of(difference, "expected"),
                                                Text.of(difference, "actual"))));
        if (excluded) {
            terminal().line("      as it should be: " + Advice.of(difference, "reason"));
        }
        if (difference.has("changedBy")) {
            JsonNode author = difference.path("changedBy");
            terminal()
                    .line("      by %s at %s (%s)"
                            .formatted(Text.of(author, "who"), Text.time(author, "at"), Text.of(author, "call")));
        }
        if (difference.has("action") && !excluded) {
            terminal().line("      " + Advice.of(difference, "action"));
        }
        if (difference.has("spec")) {
            terminal()
                    .line("      to keep it, in the spec: %s: %s"
                            .formatted(
                                    Text.of(difference.path("spec"), "field"),
                                    Text.printable(difference.at("/spec/value").toString())));
        }
    }
}
