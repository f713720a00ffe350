package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;

/** What an apply would change: a diff with its risks and its cost. */
final class PlanView {
    /** Of a value, so many characters are shown; all of it is in the document. */
    private static final int LONGEST_VALUE = 120;

    private PlanView() {}

    static boolean isEmpty(JsonNode plan) {
        return plan.path("changes").isEmpty()
                && plan.path("release").isEmpty()
                && plan.path("settings").isEmpty();
    }

    static void print(JsonNode plan, Terminal terminal) {
        for (JsonNode change : plan.path("changes")) {
            resource(change, terminal);
        }
        settings("A new release, rolled out after the apply:", plan.path("release"), terminal);
        settings("Settings:", plan.path("settings"), terminal);
        if (!plan.path("risks").isEmpty()) {
            terminal.line("Risks:");
            for (JsonNode risk : plan.path("risks")) {
                boolean blocking = risk.path("blocking").asBoolean();
                terminal.wrapped(Advice.of(risk, "message"), 4)
                        .forEach(line -> terminal.line(terminal.styled(blocking ? Style.BAD : Style.WARNING, line)));
                if (blocking) {
                    terminal.line("    It is done only with --allow " + Text.of(risk, "logicalId"));
                }
            }
        }
        if (plan.has("cost")) {
            terminal.line("Cost: " + Advice.of(plan.path("cost"), "message"));
            for (JsonNode part : plan.at("/cost/changes")) {
                terminal.line("  ~ %s: %s → %s"
                        .formatted(Text.of(part, "what"), Text.of(part, "before"), Text.of(part, "after")));
            }
        }
    }

    private static void resource(JsonNode change, Terminal terminal) {
        String action = change.path("action").asText();
        boolean replaced = change.path("replacement").asText().equals("YES");
        String sign = switch (action) {
            case "ADD" -> "+";
            case "REMOVE" -> "-";
            case "IMPORT" -> "<";
            default -> replaced ? "±" : "~";
        };
        Style style = switch (sign) {
            case "+", "<" -> Style.GOOD;
            case "~" -> Style.WARNING;
            default -> Style.BAD;
        };
        String notes = (replaced ? "  replaced" : "")
                + (change.path("replacement").asText().equals("CONDITIONAL") ? "  perhaps replaced" : "")
                + (action.equals("REMOVE") && change.path("retained").asBoolean() ? "  kept in the account" : "");
        terminal.line(terminal.styled(style, "%s %s".formatted(sign, Text.of(change, "logicalId")))
                + terminal.styled(Style.FAINT, "  " + Text.of(change, "type"))
                + notes);
        for (JsonNode property : change.path("properties")) {
            terminal.line("    %s: %s%s"
                    .formatted(
                            Text.of(property, "path"),
                            values(property),
                            property.has("cause")
                                    ? terminal.styled(Style.FAINT, "  by " + Advice.of(property, "cause"))
                                    : ""));
        }
    }

    private static void settings(String heading, JsonNode settings, Terminal terminal) {
        if (!settings.isEmpty()) {
            terminal.line(heading);
            settings.properties()
                    .forEach(setting -> terminal.line(
                            "  ~ %s: %s".formatted(Text.printable(setting.getKey()), values(setting.getValue()))));
        }
    }

    private static String values(JsonNode change) {
        return "%s → %s".formatted(value(change, "before"), value(change, "after"));
    }

    private static String value(JsonNode change, String field) {
        String value = change.has(field) ? Text.of(change, field) : "nothing";
        return value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) + "…" : value;
    }
}
