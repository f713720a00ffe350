package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A rollout for people: as a picture while it is under way, as lines, and how it has ended. */
final class RolloutView {
    private static final int BAR = 30;
    private static final int LABEL = 12;
    // Below it there is no column of labels: what they are about goes on below them.
    private static final int NARROW = 60;

    private RolloutView() {}

    /** Stage, traffic, tasks, verdict with its numbers, and what it waits for. */
    static List<String> picture(Target service, JsonNode rollout, @Nullable JsonNode running, Terminal terminal) {
        List<String> lines = new ArrayList<>();
        String strategy = rollout.at("/strategy/strategy").asText("");
        lines.add("%s  %s  %s  %s"
                .formatted(
                        terminal.styled(Style.STRONG, service.toString()),
                        terminal.state(rollout.path("state").asText()),
                        name(rollout),
                        strategy));
        // Once it has ended there is no stage.
        boolean live = rollout.path("state").asText().equals("SUCCEEDED");
        int percent = rollout.at("/stage/percent").asInt(live ? 100 : 0);
        if (rollout.has("release")) {
            traffic(rollout, percent, terminal, lines);
        }
        if (rollout.has("stage")) {
            part(
                    "Stage",
                    words(rollout.at("/stage/name").asText()) + " since " + Text.time(rollout.path("stage"), "since"),
                    terminal,
                    lines);
        }
        JsonNode tasks = running == null ? rollout.path("none") : running.at("/live/tasks");
        if (tasks.isObject()) {
            String starting = tasks.path("pending").asInt() == 0
                    ? ""
                    : ", %d starting".formatted(tasks.path("pending").asInt());
            part(
                    "Tasks",
                    "%d running, %d wanted%s"
                            .formatted(
                                    tasks.path("running").asInt(),
                                    tasks.path("desired").asInt(),
                                    starting),
                    terminal,
                    lines);
        }
        checks(rollout).forEach(check -> part("Check", check, terminal, lines));
        if (rollout.has("verdict")) {
            String outcome = rollout.at("/verdict/outcome").asText();
            lines.add(label("Verdict") + terminal.styled(Style.ofState(outcome), words(outcome)));
            lines.addAll(terminal.wrapped(rollout.at("/verdict/message").asText(), indent(terminal)));
        }
        if (rollout.has("waitsFor")) {
            part("Waits", Advice.of(rollout, "waitsFor"), terminal, lines);
        }
        if (rollout.has("approval")) {
            terminal.wrapped(
                            "slipway approve %s lets it go on to %s %%"
                                    .formatted(service, Text.number(rollout.at("/approval/percent"))),
                            2)
                    .forEach(line -> lines.add(terminal.styled(Style.WARNING, line)));
        }
        return lines;
    }

    /** A bar and its words, below it where they have no room beside it. */
    private static void traffic(JsonNode rollout, int percent, Terminal terminal, List<String> lines) {
        String words = "%d %% release %s"
                        .formatted(percent, rollout.path("release").asText())
                + (rollout.has("previous")
                        ? ", %d %% release %s"
                                .formatted(
                                        100 - percent, rollout.path("previous").asText())
                        : "");
        int room = terminal.width() - LABEL;
        int bar = Math.max(1, Math.min(BAR, room));
        int filled = percent * bar / 100;
        String drawn = label("Traffic")
                + terminal.styled(Style.UNDER_WAY, "█".repeat(filled))
                + terminal.styled(Style.FAINT, "░".repeat(bar - filled));
        if (bar + 2 + words.length() <= room) {
            lines.add(drawn + "  " + words);
        } else {
            lines.add(drawn);
            lines.addAll(terminal.wrapped(words, indent(terminal)));
        }
    }

    /** A label and what it is about, in as many lines as it takes. */
    private static void part(String label, String text, Terminal terminal, List<String> lines) {
        int indent = indent(terminal);
        if (indent < LABEL) {
            lines.addAll(terminal.wrapped(label + " " + text, indent));
            return;
        }
        List<String> wrapped = terminal.wrapped(text, indent);
        lines.add(label(label) + wrapped.getFirst().substring(indent));
        lines.addAll(wrapped.subList(1, wrapped.size()));
    }

    private static String label(String label) {
        return "  %-10s".formatted(label);
    }

    private static int indent(Terminal terminal) {
        return terminal.width() < NARROW ? 2 : LABEL;
    }

    /** One line of what is worth telling now. */
    static String line(Target service, JsonNode rollout) {
        StringBuilder line = new StringBuilder("%s %s: %s"
                .formatted(service, name(rollout), words(rollout.path("state").asText())));
        if (rollout.has("stage")) {
            line.append(", ").append(words(rollout.at("/stage/name").asText()));
            line.append(", ").append(rollout.at("/stage/percent").asInt()).append(" % of the traffic");
        }
        if (rollout.has("verdict")) {
            line.append(", verdict ")
                    .append(words(rollout.at("/verdict/outcome").asText()));
        }
        if (rollout.has("waitsFor")) {
            line.append(". ").append(Advice.of(rollout, "waitsFor"));
        }
        return line.toString();
    }

    /** What a line is written anew for: not for each request that is counted. */
    static String gist(JsonNode rollout) {
        return rollout.path("state").asText()
                + rollout.at("/stage/name").asText()
                + rollout.at("/stage/percent").asText()
                + rollout.at("/verdict/outcome").asText()
                + rollout.path("waitsFor").asText().replaceAll("[0-9.,]+", "");
    }

    /** How it has ended, why, and what mends it; gives the exit code. */
    static int ended(JsonNode rollout, Session session) {
        Terminal terminal = session.terminal();
        boolean live = rollout.path("state").asText().equals("SUCCEEDED");
        if (session.wantsDocument()) {
            session.document(rollout);
        } else {
            String state = rollout.path("state").asText();
            terminal.line("%s %s"
                    .formatted(terminal.state(state), Advice.of(rollout, "detail"))
                    .stripTrailing());
            if (!live) {
                DiagnosisView.print(rollout.path("diagnosis"), terminal);
                if (rollout.at("/failure/action").isTextual() && !rollout.has("diagnosis")) {
                    terminal.line(Advice.of(rollout.path("failure"), "action"));
                }
            }
        }
        return live ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Such as {@code release 3 (v3)}; the image before it has a number. */
    static String name(JsonNode rollout) {
        String tag = Text.of(rollout, "tag");
        if (!rollout.has("release")) {
            return tag.isEmpty() ? "rollout" : tag;
        }
        return "release " + rollout.path("release").asText() + (tag.isEmpty() ? "" : " (" + tag + ")");
    }

    /** Said before somebody tries: whoever began it may not approve it, where the spec says so. */
    static Optional<String> otherEyes(JsonNode rollout) {
        return rollout.at("/strategy/approval/by").asText().equals("others") && rollout.has("startedBy")
                ? Optional.of("Somebody else than %s, who started it, has to approve it (approval.by: others)."
                        .formatted(Text.of(rollout, "startedBy")))
                : Optional.empty();
    }

    /** The checks of the gate that was asked last. */
    private static List<String> checks(JsonNode rollout) {
        List<String> lines = new ArrayList<>();
        JsonNode gates = rollout.path("gate");
        if (!gates.isEmpty()) {
            for (JsonNode check : gates.get(gates.size() - 1).path("checks")) {
                lines.add(Text.of(check, "path")
                        + (check.path("passed").asBoolean() ? " passed" : " failed: " + Advice.of(check, "message")));
            }
        }
        return lines;
    }

    /** A constant's words: {@code BAKE_TIME} is {@code bake time}. */
    static String words(String constant) {
        return Text.printable(constant).replace('_', ' ').toLowerCase(Locale.ROOT);
    }
}
