package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;

/** What is wrong, by what evidence, and what mends it. */
final class DiagnosisView {
    private static final int MOST_EVIDENCE = 3;

    private DiagnosisView() {}

    static void print(JsonNode diagnosis, Terminal terminal) {
        int rank = 1;
        for (JsonNode cause : diagnosis.path("causes")) {
            terminal.line("");
            String sentence = rank++ + ". " + Advice.of(cause, "cause");
            terminal.wrapped(sentence, 0).forEach(line -> terminal.line(terminal.styled(Style.STRONG, line)));
            int shown = 0;
            for (JsonNode evidence : cause.path("evidence")) {
                if (shown++ < MOST_EVIDENCE) {
                    terminal.wrapped(Advice.asVerbs(evidence.asText()), 3)
                            .forEach(line -> terminal.line(terminal.styled(Style.FAINT, line)));
                }
            }
            terminal.wrapped("Do: " + Advice.of(cause, "action"), 3).forEach(terminal::line);
            if (cause.has("playbook")) {
                terminal.line("   Playbook: " + Text.of(cause, "playbook"));
            }
        }
        if (diagnosis.path("causes").isEmpty()) {
            for (JsonNode line : diagnosis.path("evidence")) {
                terminal.line("   %s %s: %s"
                        .formatted(Text.time(line, "at"), Text.of(line, "source"), Text.of(line, "text")));
            }
        }
        for (JsonNode unread : diagnosis.path("unread")) {
            terminal.line("   Not read: " + Text.printable(unread.asText()));
        }
    }
}
