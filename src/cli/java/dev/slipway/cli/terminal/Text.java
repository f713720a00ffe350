package dev.slipway.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** How values are written for people. */
public final class Text {
    private static final Pattern ESCAPE = Pattern.compile("\u001b\\[[0-9;]*m");
    private static final String PLAIN = "\u001b[0m";
    // A log line or a commit's message must not move the cursor of who reads it.
    private static final Pattern CONTROL =
            Pattern.compile("[\\p{Cc}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}&&[^\\t]]");

    // First and last characters of what is wide or full-width in Unicode's annex 11, emoji apart.
    private static final int[] WIDE = {
        0x1100, 0x115f, 0x2e80, 0x303e, 0x3041, 0xa4cf, 0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe30, 0xfe6b,
        0xff01, 0xff60, 0xffe0, 0xffe6, 0x1b000, 0x1b2fb, 0x20000, 0x3fffd
    };

    private Text() {}

    /** Without what a terminal would obey. */
    public static String printable(String text) {
        return CONTROL.matcher(text).replaceAll("�");
    }

    /** A field's text without what a terminal would obey; empty when it is not there. */
    public static String of(JsonNode parent, String field) {
        return printable(parent.path(field).asText(""));
    }

    /** Columns that a text takes, without its colours. */
    static int width(String text) {
        return ESCAPE.matcher(text)
                .replaceAll("")
                .codePoints()
                .map(Text::columns)
                .sum();
    }

    /** Columns of a character: two for those of East Asia and for emoji, none for marks upon another. */
    private static int columns(int codePoint) {
        if (codePoint < 0x300) {
            return 1;
        }
        return switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default -> isWide(codePoint) ? 2 : 1;
        };
    }

    private static boolean isWide(int codePoint) {
        for (int i = 0; i < WIDE.length; i += 2) {
            if (codePoint >= WIDE[i] && codePoint <= WIDE[i + 1]) {
                return true;
            }
        }
        // A letter of a flag is narrow where there is no flag.
        return Character.isEmojiPresentation(codePoint) && !(codePoint >= 0x1f1e6 && codePoint <= 0x1f1ff);
    }

    /** The text in lines of so many columns, broken between words, and within one that is longer than a line. */
    static List<String> wrap(String text, int columns) {
        return wrap(text, columns, 0, 0, true);
    }

    /**
     * The same below an indentation; a word that is longer than a line stays whole, such as an address that is there to be copied.
     *
     * @param first blanks before the first line
     * @param others blanks before each other line
     */
    static List<String> wrap(String text, int columns, int first, int others) {
        return wrap(text, columns, first, others, false);
    }

    private static List<String> wrap(String text, int columns, int first, int others, boolean breaking) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && width(line + " " + word) > columns - (lines.isEmpty() ? first : others)) {
                lines.add(line.toString().stripTrailing());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
            while (breaking && width(line.toString()) > Math.max(2, columns - (lines.isEmpty() ? first : others))) {
                int end = fitting(line, Math.max(2, columns - (lines.isEmpty() ? first : others)));
                lines.add(line.substring(0, end));
                line.delete(0, end);
            }
        }
        lines.add(line.toString());
        return coloured(lines, first, others);
    }

    /** Indents the lines; a colour ends with its line and begins anew in the next. */
    private static List<String> coloured(List<String> lines, int first, int others) {
        List<String> coloured = new ArrayList<>();
        String colour = "";
        for (String line : lines) {
            String begun = " ".repeat(coloured.isEmpty() ? first : others) + colour + line;
            for (MatchResult escape : ESCAPE.matcher(line).results().toList()) {
                colour = escape.group().equals(PLAIN) ? "" : escape.group();
            }
            coloured.add(colour.isEmpty() ? begun : begun + PLAIN);
        }
        return coloured;
    }

    /** A line in as many as it takes, of which those behind the first are two columns further to the right. Nothing is cut. */
    static List<String> fitted(String line, int columns) {
        int indent = line.length() - line.stripLeading().length();
        return width(line) <= columns
                ? List.of(line)
                : wrap(line.stripLeading(), columns, indent, Math.min(indent + 2, columns / 2), true);
    }

    /** Where so many columns end in a text; behind its first character at the least. */
    private static int fitting(CharSequence text, int columns) {
        int taken = 0;
        int i = 0;
        while (i < text.length()) {
            if (text.charAt(i) == '\u001b') {
                i = text.toString().indexOf('m', i) + 1;
                continue;
            }
            int codePoint = Character.codePointAt(text, i);
            taken += columns(codePoint);
            if (taken > columns && i > 0) {
                return i;
            }
            i += Character.charCount(codePoint);
        }
        return i;
    }

    /** A time of the API in UTC and to the second: {@code 2026-11-29 05:14:31Z}. */
    public static String time(JsonNode parent, String field) {
        String written = of(parent, field);
        return written.length() < 19 ? written : written.substring(0, 19).replace('T', ' ') + "Z";
    }

    /** How long from one time of the API to another, such as {@code 4 min 12 s}; empty when one is missing. */
    public static String between(String from, String to) {
        try {
            return duration(Duration.between(Instant.parse(from), Instant.parse(to)));
        } catch (DateTimeParseException e) {
            return "";
        }
    }

    /** Such as {@code 35 s}, {@code 4 min 12 s} or {@code 3 h 5 min}. */
    public static String duration(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        }
        return seconds / 3600 + " h" + (seconds % 3600 < 60 ? "" : " " + seconds % 3600 / 60 + " min");
    }

    /** A number without a fraction that is zero. */
    public static String number(JsonNode number) {
        return number.asText().replaceFirst("\\.0$", "");
    }

    /** Such as {@code $26.32}. */
    public static String dollars(JsonNode amount) {
        return amount.isNumber() ? String.format(Locale.ROOT, "$%,.2f", amount.asDouble()) : "";
    }
}
