package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
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

    @Mixin
    Waiting waiting = new Waiting();

    @Override
    public Integer call() {
        String path = target.path() + "/drift";
        if (detect) {
            accepted(api().post(path));
        }
        JsonNode drift = detect
                ? watch().until(
                                target,
                                path,
                                waiting.timeout,
                                found -> !found.path("state").asText().equals("DETECTING"))
                : api().get(path);
        if (session().wantsDocument()) {
            session().document(drift);
            return ExitCode.OK;
        }
        terminal()
                .line("%s  %s%s"
                        .formatted(
                                terminal().styled(Style.STRONG, target.toString()),
                                terminal().state(drift.path("state").asText()),
                                drift.has("checkedAt") ? " at " + Text.time(drift, "checkedAt") : ""));
        if (drift.has("detail")) {
            terminal().line("  " + Text.of(drift, "detail"));
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
        return ExitCode.OK;
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
            terminal().line("      as it should be: " + Text.of(difference, "reason"));
        }
        if (difference.has("changedBy")) {
            JsonNode author = difference.path("changedBy");
            terminal()
                    .line("      by %s at %s (%s)"
                            .formatted(Text.of(author, "who"), Text.time(author, "at"), Text.of(author, "call")));
        }
        if (difference.has("mend")) {
            terminal().line("      " + Text.of(difference, "mend"));
        }
    }
}
