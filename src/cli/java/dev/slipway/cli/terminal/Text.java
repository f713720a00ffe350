package dev.slipway.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Pattern;

/** How values are written for people. */
public final class Text {
    private static final Pattern ESCAPE = Pattern.compile("\u001b\\[[0-9;]*m");
    // A log line or a commit's message must not move the cursor of who reads it.
    private static final Pattern CONTROL =
            Pattern.compile("[\\p{Cc}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}&&[^\\t]]");

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
        String bare = ESCAPE.matcher(text).replaceAll("");
        return bare.codePointCount(0, bare.length());
    }

    /** The text within so many columns, its colours ended. */
    static String cut(String text, int columns) {
        if (width(text) <= columns) {
            return text;
        }
        StringBuilder cut = new StringBuilder();
        int taken = 0;
        for (int i = 0; i < text.length() && taken < columns - 1; ) {
            if (text.charAt(i) == '\u001b') {
                int end = text.indexOf('m', i) + 1;
                cut.append(text, i, end);
                i = end;
            } else {
                int codePoint = text.codePointAt(i);
                cut.appendCodePoint(codePoint);
                i += Character.charCount(codePoint);
                taken++;
            }
        }
        return cut.append('…')
                .append(text.indexOf('\u001b') < 0 ? "" : "\u001b[0m")
                .toString();
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
