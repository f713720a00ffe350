package dev.slipway.cli.terminal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Rows below a heading, in columns as wide as need be. On a terminal that is too narrow for them, columns of text are broken into
 * lines, and where that is not enough each row is told in lines of its own. Nothing is cut.
 */
public final class Table {
    /** So narrow a column of text may become; below it a row's lines are easier to read. */
    private static final int LEAST = 12;

    private static final int GAP = 2;

    private final List<String> heading;
    private final List<Integer> textColumns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();
    private int indent;

    public Table(String... heading) {
        this.heading = List.of(heading);
    }

    /** The columns of text, which may be broken into lines; numbers, times and states may not. */
    public Table text(String... columns) {
        Stream.of(columns).map(heading::indexOf).forEach(textColumns::add);
        return this;
    }

    /** Further to the right by so many columns. */
    public Table indented(int columns) {
        indent = columns;
        return this;
    }

    /** Cells may be coloured. */
    public Table row(String... cells) {
        rows.add(Stream.of(cells).map(cell -> cell.replace('\t', ' ')).toList());
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    public void print(Terminal terminal) {
        lines(terminal).forEach(terminal::line);
    }

    List<String> lines(Terminal terminal) {
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; i < heading.size(); i++) {
            int column = i;
            widths.add(Stream.concat(Stream.of(heading), rows.stream())
                    .mapToInt(row -> Text.width(row.get(column)))
                    .max()
                    .orElse(0));
        }
        int room = terminal.isInteractive() ? terminal.width() : Integer.MAX_VALUE;
        if (!fit(widths, room)) {
            return told(terminal, room);
        }
        List<String> lines = new ArrayList<>();
        lines.addAll(line(
                heading.stream().map(word -> terminal.styled(Style.FAINT, word)).toList(), widths));
        rows.forEach(row -> lines.addAll(line(row, widths)));
        return lines;
    }

    /** Makes columns of text narrower, the widest first, until all have room; whether they have. */
    private boolean fit(List<Integer> widths, int room) {
        long wanted = indent
                + GAP * (widths.size() - 1L)
                + widths.stream().mapToInt(Integer::intValue).sum();
        for (long excess = wanted - room; excess > 0; excess--) {
            int widest = textColumns.stream()
                    .reduce((one, other) -> widths.get(one) >= widths.get(other) ? one : other)
                    .orElse(-1);
            if (widest < 0 || widths.get(widest) <= LEAST) {
                return false;
            }
            widths.set(widest, widths.get(widest) - 1);
        }
        return true;
    }

    private List<String> line(List<String> row, List<Integer> widths) {
        List<List<String>> cells = IntStream.range(0, row.size())
                .mapToObj(i -> Text.wrap(row.get(i), widths.get(i)))
                .toList();
        int height = cells.stream().mapToInt(List::size).max().orElse(1);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < height; i++) {
            StringBuilder line = new StringBuilder(" ".repeat(indent));
            for (int column = 0; column < row.size(); column++) {
                String part = i < cells.get(column).size() ? cells.get(column).get(i) : "";
                line.append(part).append(" ".repeat(widths.get(column) - Text.width(part) + GAP));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** A line for each cell that says something, and a blank one between rows. */
    private List<String> told(Terminal terminal, int room) {
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            for (int column = 0; column < row.size(); column++) {
                if (!row.get(column).isEmpty()) {
                    String word = heading.get(column);
                    String label = word.substring(0, 1) + word.substring(1).toLowerCase(Locale.ROOT) + ":";
                    lines.addAll(Text.wrap(
                            terminal.styled(Style.FAINT, label) + " " + row.get(column), room, indent, indent + GAP));
                }
            }
        }
        return Collections.unmodifiableList(lines);
    }
}
