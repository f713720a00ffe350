package dev.slipway.stack;

import dev.slipway.digest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * A CloudFormation template that ships with the control plane.
 *
 * @param body YAML, without what is for readers of the file only
 * @param version the first 16 hexadecimal digits of the body's SHA-256; stacks carry it as a tag
 */
public record Template(String body, String version) {
    /** A line whose value follows on lines of its own, as they are: {@code key: |} or {@code - >-}. */
    private static final Pattern BLOCK = Pattern.compile("(.*[:-] +)?(![A-Za-z:]+ +)?[|>][-+1-9]* *");

    /** Reads {@code stacks/<name>.yaml}. */
    public static Template load(String name) {
        try (InputStream in = Template.class.getResourceAsStream("/stacks/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("no template " + name);
            }
            String body = slim(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return new Template(body, Sha256.hex(body, 16));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A column of the file, and the one of the body. */
    private record Column(int from, int to) {}

    /**
     * The same template without lines that hold nothing or only a comment, and with one blank for each level, except in texts:
     * CloudFormation takes 51,200 bytes. What changes in a comment changes no version.
     */
    static String slim(String yaml) {
        StringBuilder slim = new StringBuilder();
        Deque<Column> columns = new ArrayDeque<>();
        int block = -1; // how far the line is indented whose text goes on
        for (String line : yaml.lines().toList()) {
            String text = line.strip();
            int indented = line.indexOf(text);
            if (block >= 0 && !text.isEmpty() && indented <= block) {
                block = -1;
            }
            if (block >= 0) {
                slim.append(line).append('\n');
            } else if (!text.isEmpty() && text.charAt(0) != '#') {
                int column = column(columns, indented);
                slim.repeat(" ", column).append(text).append('\n');
                // What an item of a list begins with stands where its further keys do.
                for (int at = 0; text.startsWith("- ", at); at += 2) {
                    columns.push(new Column(indented + at + 2, column + at + 2));
                }
                block = BLOCK.matcher(text).matches() ? indented : -1;
            }
        }
        return slim.toString();
    }

    private static int column(Deque<Column> columns, int indented) {
        while (!columns.isEmpty() && columns.element().from() > indented) {
            columns.pop();
        }
        if (columns.isEmpty() || columns.element().from() < indented) {
            columns.push(new Column(
                    indented, columns.isEmpty() ? 0 : columns.element().to() + 1));
        }
        return columns.element().to();
    }
}
