package dev.slipway.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.Writer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
    private static final List<String> FIGURES =
            List.of("$20.72", "$1,234,567.89", "$123,456.00", "$234,567.00", "$3.00");

    private static Terminal terminal(int columns, boolean interactive) {
        return new Terminal(
                new BufferedReader(Reader.nullReader()),
                new PrintWriter(Writer.nullWriter()),
                new PrintWriter(Writer.nullWriter()),
                interactive,
                interactive,
                () -> new Terminal.Size(columns, 24));
    }

    private static Table cost(Terminal terminal) {
        return new Table("PART", "HOW", "A MONTH")
                .text("PART", "HOW")
                .row("tasks on demand, each with 2 vCPU", "2 × 730 h × $0.014195", "$20.72")
                .row("東京のリリースは新しい", "averyveryveryveryverylongwordthatnobodybreaks", "$1,234,567.89")
                .row("dashboard", "", "$3.00")
                .row(
                        terminal.styled(Style.STRONG, "together"),
                        "",
                        terminal.styled(Style.STRONG, "$123,456.00 to $234,567.00"));
    }

    private static String plain(List<String> lines) {
        return String.join("\n", lines).replaceAll("\u001b\\[[0-9;]*m", "");
    }

    @Test
    void noWindowOfTwentyColumnsAndMoreLosesAFigureOrAWord() {
        for (int width = 20; width <= 120; width++) {
            int columns = width;
            Terminal terminal = terminal(columns, true);
            List<String> lines = cost(terminal).lines(terminal);

            String seen = plain(lines);
            assertThat(seen)
                    .as(columns + " columns:\n" + seen)
                    .contains(FIGURES)
                    .doesNotContain("…");
            assertThat(seen.replaceAll("\\s", "")).contains("東京", "tasks", "demand", "vCPU", "together");
            // The longest word, which stays whole so that it can be copied, where each cell has its line.
            if (columns > 46) {
                assertThat(lines).allMatch(line -> Text.width(line) <= columns);
            }
        }
    }

    @Test
    void columnsOfTextAreBrokenIntoLinesWhereAllHaveRoom() {
        Terminal terminal = terminal(40, true);

        assertThat(plain(new Table("PART", "HOW", "A MONTH")
                        .text("PART", "HOW")
                        .row("metrics that alarms look at", "21 × $0.1", "$2.10")
                        .row("dashboard", "1 × $3", "$3.00")
                        .lines(terminal)))
                .isEqualTo("""
                        PART                  HOW        A MONTH
                        metrics that alarms   21 × $0.1  $2.10
                        look at
                        dashboard             1 × $3     $3.00""");
    }

    @Test
    void whereTheyHaveNoneEachRowIsToldInLinesOfItsOwn() {
        Terminal terminal = terminal(24, true);

        assertThat(plain(new Table("SERVICE", "STATE", "LIVE SINCE", "REASON")
                        .text("SERVICE", "REASON")
                        .row("prod/web", "DOWN", "2026-11-29 05:14:31Z", "no task answers its health check")
                        .row("prod/api", "HEALTHY", "", "")
                        .lines(terminal)))
                .isEqualTo("""
                        Service: prod/web
                        State: DOWN
                        Live since: 2026-11-29
                          05:14:31Z
                        Reason: no task answers
                          its health check

                        Service: prod/api
                        State: HEALTHY""");
    }

    @Test
    void aColourEndsWithItsLineAndGoesOnInTheNext() {
        assertThat(Text.wrap("\u001b[1mone two\u001b[0m three", 4))
                .containsExactly("\u001b[1mone\u001b[0m", "\u001b[1mtwo\u001b[0m", "thre", "e");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 80, 200})
    void inAPipeARowIsALine(int columns) {
        Terminal terminal = terminal(columns, false);

        assertThat(cost(terminal).lines(terminal)).hasSize(5).allMatch(line -> !line.contains("\u001b"));
    }
}
