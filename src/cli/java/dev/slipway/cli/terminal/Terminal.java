package dev.slipway.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a command writes and asks. On a terminal lines are coloured and cut at its width, and a picture can be drawn again in
 * place; elsewhere lines are whole and plain.
 */
public final class Terminal {
    private final BufferedReader in;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean interactive;
    private final boolean coloured;
    private final int width;
    private int drawn;

    /**
     * @param interactive whether a person sees and answers
     * @param coloured whether colours are wanted; they are for a person only
     * @param width columns
     */
    public Terminal(
            BufferedReader in, PrintWriter out, PrintWriter err, boolean interactive, boolean coloured, int width) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.coloured = coloured;
        this.width = width;
    }

    public boolean isInteractive() {
        return interactive;
    }

    public int width() {
        return width;
    }

    /** Where results go. */
    public PrintWriter out() {
        return out;
    }

    /** Where all else goes: progress, warnings, errors. */
    public PrintWriter err() {
        return err;
    }

    /** A line of the result. */
    public void line(String text) {
        out.println(text);
        out.flush();
    }

    /** A line that is no result: what is under way, what to do next. */
    public void note(String text) {
        err.println(text);
        err.flush();
    }

    public String styled(Style style, String text) {
        return coloured ? style.escape(text) : text;
    }

    /** A state's word in its colour. */
    public String state(String word) {
        return styled(Style.ofState(word), word);
    }

    /** Draws lines in place of those that were drawn before. Only on a terminal. */
    public void draw(List<String> lines) {
        StringBuilder picture = new StringBuilder();
        if (drawn > 0) {
            picture.append("\u001b[").append(drawn).append('F');
        }
        for (String line : lines) {
            picture.append(Text.cut(line, width)).append("\u001b[K\n");
        }
        picture.append("\u001b[J");
        out.print(picture);
        out.flush();
        drawn = lines.size();
    }

    /** What was drawn stays; what follows is written below it. */
    public void keep() {
        drawn = 0;
    }

    /** Asks; null when nobody answers. */
    public @Nullable String ask(String question) {
        err.print(question);
        err.flush();
        try {
            return in.readLine();
        } catch (IOException e) {
            return null;
        }
    }

    /** Asks for yes or no; anything but yes is no. */
    public boolean confirms(String question) {
        String answer = ask(question + " [y/N] ");
        return answer != null && answer.strip().matches("(?i)y|yes");
    }

    /** A line in several, each within the width. */
    public List<String> wrapped(String text, int indent) {
        List<String> lines = new ArrayList<>();
        int room = Math.max(20, (interactive ? width : 100_000) - indent);
        StringBuilder line = new StringBuilder();
        for (String word : Text.printable(text).split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > room) {
                lines.add(" ".repeat(indent) + line);
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(" ".repeat(indent) + line);
        return lines;
    }
}
