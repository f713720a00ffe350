package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Table;
import dev.slipway.cli.terminal.Text;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a service has had, newest first. */
@Command
abstract class HistoryCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Option(names = "--limit", paramLabel = "NUMBER", description = "How many at most (default: ${DEFAULT-VALUE})")
    int limit = 20;

    @Command(name = "releases", description = "The releases of a service, newest first")
    static final class Releases extends HistoryCommand {
        @Override
        public Integer call() {
            List<JsonNode> releases = items(service.service().path() + "/releases", Map.of(), limit);
            if (session().wantsDocument()) {
                documents(releases);
                return ExitCode.OK;
            }
            Table table = new Table("RELEASE", "TAG", "CREATED", "BY", "LIVE SINCE", "NOTE").text("TAG", "BY", "NOTE");
            for (JsonNode release : releases) {
                table.row(
                        Text.of(release, "number"),
                        Text.of(release, "tag"),
                        Text.time(release, "createdAt"),
                        Text.of(release, "createdBy"),
                        Text.time(release, "liveAt"),
                        release.has("rolledBack")
                                ? "rolled back"
                                : release.has("imageKept")
                                                && !release.path("imageKept").asBoolean()
                                        ? "its image is gone"
                                        : "");
            }
            table.print(terminal());
            return ExitCode.OK;
        }
    }

    @Command(name = "rollouts", description = "The rollouts of a service, newest first")
    static final class Rollouts extends HistoryCommand {
        @Override
        public Integer call() {
            List<JsonNode> rollouts = items(service.service().path() + "/rollouts", Map.of(), limit);
            if (session().wantsDocument()) {
                documents(rollouts);
                return ExitCode.OK;
            }
            Table table =
                    new Table("STARTED", "STATE", "RELEASE", "TAG", "BY", "TOOK", "DETAIL").text("TAG", "BY", "DETAIL");
            for (JsonNode rollout : rollouts) {
                table.row(
                        Text.time(rollout, "startedAt"),
                        terminal().state(rollout.path("state").asText()),
                        Text.of(rollout, "release"),
                        Text.of(rollout, "tag"),
                        Text.of(rollout, "startedBy"),
                        Text.between(
                                rollout.path("startedAt").asText(),
                                rollout.path("endedAt").asText()),
                        Advice.of(rollout, rollout.has("waitsFor") ? "waitsFor" : "detail"));
            }
            table.print(terminal());
            return ExitCode.OK;
        }
    }
}
