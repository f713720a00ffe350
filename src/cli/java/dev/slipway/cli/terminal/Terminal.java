package dev.slipway.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a command writes and asks. On a terminal lines are coloured, and a picture can be drawn again in place; elsewhere lines are
 * whole and plain.
 */
public final class Terminal {
    private final BufferedReader in;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean interactive;
    private final boolean coloured;
    private final Supplier<Size> measure;
    private Size size;
    private int drawn;
    private boolean ended;

    /** Columns and rows. */
    public record Size(int columns, int rows) {}

    /**
     * @param interactive whether a person sees and answers
     * @param coloured whether colours are wanted; they are for a person only
     * @param measure how large it is; asked again before each picture, since windows change
     */
    public Terminal(
            BufferedReader in,
            PrintWriter out,
            PrintWriter err,
            boolean interactive,
            boolean coloured,
            Supplier<Size> measure) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.coloured = coloured;
        this.measure = measure;
        this.size = measure.get();
    }

    public boolean isInteractive() {
        return interactive;
    }

    public int width() {
        return size.columns();
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

    /** Looks how large the window is. Where its width is another, what was drawn stays: its lines may be broken by now. */
    public synchronized void measure() {
        Size now = measure.get();
        if (now.columns() != size.columns()) {
            drawn = 0;
        }
        size = now;
    }

    /**
     * Draws lines in place of those that were drawn before, as many as the window has room for: what has left it above cannot be
     * drawn again. One that is wider than the window takes several. Only on a terminal.
     */
    public synchronized void draw(List<String> lines) {
        if (ended) {
            return;
        }
        List<String> visible = lines.stream()
                .flatMap(line -> Text.fitted(line.replace('\t', ' '), size.columns()).stream())
                .limit(size.rows() - 1)
                .toList();
        StringBuilder picture = new StringBuilder();
        if (drawn > 0) {
            picture.append("\u001b[").append(drawn).append('F');
        }
        for (String line : visible) {
            picture.append(line).append("\u001b[K\n");
        }
        picture.append("\u001b[J");
        out.print(picture);
        out.flush();
        drawn = visible.size();
    }

    /** Lines of a picture that is looked at once. */
    public void show(List<String> lines) {
        lines.stream()
                .flatMap(line -> interactive ? Text.fitted(line, size.columns()).stream() : Stream.of(line))
                .forEach(this::line);
    }

    /** What was drawn stays; what follows is written below it. */
    public synchronized void keep() {
        drawn = 0;
    }

    /** The last words of a process that is being ended: nothing is drawn over them. */
    public synchronized void farewell(String text) {
        ended = true;
        note(text);
    }

    /** Whether whoever read the results has gone, as `head` does. */
    public boolean isClosed() {
        return out.checkError();
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
        return interactive
                ? Text.wrap(Text.printable(text), size.columns(), indent, indent)
                : List.of(" ".repeat(indent) + Text.printable(text));
    }

    /** The same of a text that is printable and may be coloured; all lines but the first are indented. */
    public List<String> broken(String text) {
        return interactive ? Text.wrap(text, size.columns(), 0, 2) : List.of(text);
    }
}
