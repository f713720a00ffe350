package dev.slipway.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Rows below a heading, in columns as wide as need be. On a terminal the last column is cut at its edge. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... heading) {
        rows.add(List.of(heading));
    }

    /** Cells may be coloured. */
    public Table row(String... cells) {
        rows.add(Stream.of(cells).map(cell -> cell.replace('\t', ' ')).toList());
        return this;
    }

    public boolean isEmpty() {
        return rows.size() == 1;
    }

    public void print(Terminal terminal) {
        lines(terminal).forEach(terminal::line);
    }

    List<String> lines(Terminal terminal) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], Text.width(row.get(i)));
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = lines.isEmpty() ? terminal.styled(Style.FAINT, row.get(i)) : row.get(i);
                line.append(cell);
                if (i < columns - 1) {
                    line.append(" ".repeat(widths[i] - Text.width(row.get(i)) + 2));
                }
            }
            String whole = line.toString().stripTrailing();
            lines.add(terminal.isInteractive() ? Text.cut(whole, terminal.width()) : whole);
        }
        return lines;
    }
}
