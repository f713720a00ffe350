package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Table;
import dev.slipway.cli.terminal.Text;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "status",
        aliases = "list",
        description = "How services stand: all, those of an environment, or one with its reasons")
final class StatusCommand extends Verb {
    private static final int MOST = 1000;

    @Parameters(arity = "0..1", paramLabel = "TARGET", description = "prod or prod/web; left out: all services")
    @Nullable
    Target target;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            completionCandidates = Choices.States.class,
            description = "Only services that are healthy, degraded, down, …")
    @Nullable
    String state;

    @Override
    public Integer call() {
        if (target == null) {
            services(items("/v1/services", Collections.singletonMap("state", state), MOST));
        } else if (target.isEnvironment()) {
            environment(target);
        } else if (target.isPipeline()) {
            RunsCommand.print(api().get(target.path()), session());
        } else {
            service(target);
        }
        return ExitCode.OK;
    }

    private void services(List<JsonNode> services) {
        if (session().wantsDocument()) {
            documents(services);
            return;
        }
        Table table = new Table("SERVICE", "STATE", "RELEASE", "SINCE", "REASON").text("SERVICE", "REASON");
        for (JsonNode service : services) {
            table.row(
                    Text.of(service, "environment") + "/" + Text.of(service, "service"),
                    terminal().state(service.path("state").asText()),
                    Text.of(service, "release"),
                    Text.time(service, "since"),
                    Advice.of(service, "reason"));
        }
        if (table.isEmpty()) {
            terminal().line(state == null ? "There are no services." : "No service is " + state + ".");
        } else {
            table.print(terminal());
        }
    }

    private void environment(Target environment) {
        JsonNode status = api().get(environment.path() + "/status");
        if (session().wantsDocument()) {
            session().document(status);
            return;
        }
        head(environment, status, "");
        alarms(status);
        terminal().line("");
        services(items("/v1/services", Collections.singletonMap("state", state), MOST).stream()
                .filter(service -> service.path("environment").asText().equals(environment.environment()))
                .toList());
    }

    private void service(Target service) {
        JsonNode status = api().get(service.path() + "/status");
        if (session().wantsDocument()) {
            session().document(status);
            return;
        }
        JsonNode counts = status.path("counts");
        head(
                service,
                status,
                (status.has("release") ? "release " + status.path("release").asText() : "nothing live")
                        + (counts.has("desired")
                                ? ", %d of %d tasks"
                                        .formatted(
                                                counts.path("running").asInt(),
                                                counts.path("desired").asInt())
                                : ""));
        alarms(status);
        Table tasks = new Table("TASK", "RELEASE", "ZONE", "STATUS", "TARGET", "STARTED").text("TARGET");
        for (JsonNode task : status.path("tasks")) {
            tasks.row(
                    Text.of(task, "id"),
                    Text.of(task, "release"),
                    Text.of(task, "zone"),
                    Text.of(task, "status"),
                    Text.of(task, "target"),
                    Text.time(task, "startedAt"));
        }
        if (!tasks.isEmpty()) {
            terminal().line("");
            tasks.print(terminal());
        }
        Table stops = new Table("STOPPED", "RELEASE", "ZONE", "REASON").text("REASON");
        for (JsonNode stop : status.path("stops")) {
            stops.row(
                    Text.time(stop, "at"), Text.of(stop, "release"), Text.of(stop, "zone"), Advice.of(stop, "reason"));
        }
        if (!stops.isEmpty()) {
            terminal().line("");
            stops.print(terminal());
        }
        status.path("unread").forEach(unread -> terminal().line("Not read: " + Text.printable(unread.asText())));
    }

    private void head(Target target, JsonNode status, String what) {
        terminal()
                .line("%s  %s%s%s"
                        .formatted(
                                terminal().styled(Style.STRONG, target.toString()),
                                terminal().state(status.path("state").asText()),
                                status.has("since") ? " since " + Text.time(status, "since") : "",
                                what.isEmpty() ? "" : "  " + what));
        for (JsonNode reason : status.path("reasons")) {
            terminal()
                    .line("  %s  %s: %s"
                            .formatted(
                                    terminal().state(reason.path("state").asText()),
                                    RolloutView.words(reason.path("level").asText()),
                                    Advice.of(reason, "message")));
            String more = Text.of(reason, "more");
            if (!reason.path("state").asText().equals("CHANGING")) {
                // It has ended, and need not be the newest, which watch tells of.
                more = more.replaceFirst("/rollouts/[^/]+$", "/rollouts");
            }
            String verb = Advice.asVerbs(more.startsWith("/") ? "GET " + more : more);
            if (verb.startsWith("`")) {
                terminal().line("    " + verb);
            }
        }
    }

    private void alarms(JsonNode status) {
        if (status.has("alarms")) {
            terminal()
                    .wrapped("Alarms: " + Advice.of(status.path("alarms"), "summary"), 2)
                    .forEach(terminal()::line);
            status.at("/alarms/raised")
                    .forEach(alarm -> terminal()
                            .line("  %s since %s, playbook %s"
                                    .formatted(
                                            terminal().styled(Style.BAD, Text.of(alarm, "name")),
                                            Text.time(alarm, "since"),
                                            Text.of(alarm, "playbook"))));
        }
    }
}
