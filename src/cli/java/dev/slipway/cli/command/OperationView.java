package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;
import java.util.ArrayList;
import java.util.List;

/** An apply, a plan or a deletion for people. */
final class OperationView {
    private static final int MOST_EVENTS = 5;

    private OperationView() {}

    static List<String> picture(Target target, JsonNode operation, Terminal terminal) {
        List<String> lines = new ArrayList<>();
        lines.add(terminal.styled(Style.STRONG, target.toString()) + "  "
                + RolloutView.words(operation.path("type").asText()) + "  "
                + terminal.state(operation.path("state").asText()) + progress(operation));
        int shown = 0;
        for (JsonNode event : operation.at("/progress/recent")) {
            if (shown++ < MOST_EVENTS) {
                lines.add("  %s  %s%s"
                        .formatted(
                                Text.of(event, "logicalId"),
                                Text.of(event, "status"),
                                event.has("reason") ? "  " + Advice.of(event, "reason") : ""));
            }
        }
        for (JsonNode service : operation.path("services")) {
            lines.add("  %s  %s  %s"
                    .formatted(
                            Text.of(service, "service"),
                            terminal.state(service.path("state").asText()),
                            Advice.of(service, "finding")));
        }
        return lines;
    }

    static String line(Target target, JsonNode operation) {
        return "%s %s: %s%s"
                .formatted(
                        target,
                        RolloutView.words(operation.path("type").asText()),
                        RolloutView.words(operation.path("state").asText()),
                        progress(operation));
    }

    private static String progress(JsonNode operation) {
        JsonNode progress = operation.path("progress");
        if (!progress.has("step")) {
            return "";
        }
        return ", %s%s"
                .formatted(
                        RolloutView.words(progress.path("step").asText()),
                        progress.path("total").asInt() == 0
                                ? ""
                                : ", %d of %d resources"
                                        .formatted(
                                                progress.path("done").asInt(),
                                                progress.path("total").asInt()));
    }

    static int ended(JsonNode operation, Session session) {
        Terminal terminal = session.terminal();
        boolean done = operation.path("state").asText().equals("SUCCEEDED");
        if (session.wantsDocument()) {
            session.document(operation);
        } else {
            terminal.line(terminal.state(operation.path("state").asText())
                    + (done ? "" : " " + Advice.of(operation.path("failure"), "detail")));
            operation.path("notes").forEach(note -> terminal.line(Advice.asVerbs(Text.printable(note.asText()))));
            for (JsonNode service : operation.path("services")) {
                if (service.has("finding")) {
                    terminal.line("%s: %s".formatted(Text.of(service, "service"), Advice.of(service, "finding")));
                }
            }
            if (!done) {
                DiagnosisView.print(operation.path("diagnosis"), terminal);
                if (operation.at("/failure/action").isTextual()) {
                    terminal.line(Advice.of(operation.path("failure"), "action"));
                }
            }
        }
        return done ? ExitCode.OK : ExitCode.FAILED;
    }
}
