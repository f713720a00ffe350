package dev.slipway.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's Markdown: what lies at its root, docs and the READMEs of the examples. */
final class Documents {
    private static final Pattern FENCE =
            Pattern.compile("^```([a-z]*)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#{1,6} (.+)$", Pattern.MULTILINE);

    private Documents() {}

    /** A fenced block. */
    record Block(Path file, String language, String text) {}

    static List<Path> all() throws IOException {
        List<Path> files =
                new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md"), Path.of("CHANGELOG.md")));
        for (String directory : List.of("docs", "examples")) {
            files.addAll(under(directory, ".md"));
        }
        return files;
    }

    static List<Path> under(String directory, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    static List<Block> blocks(Path file) throws IOException {
        return blocksOf(file, Files.readString(file));
    }

    /** Those in a section of the second level, by its anchor. */
    static List<Block> blocks(Path file, String anchor) throws IOException {
        return Pattern.compile("^## ", Pattern.MULTILINE)
                .splitAsStream(Files.readString(file))
                .skip(1)
                .filter(section ->
                        anchor(section.lines().findFirst().orElseThrow()).equals(anchor))
                .flatMap(section -> blocksOf(file, section).stream())
                .toList();
    }

    private static List<Block> blocksOf(Path file, String text) {
        return FENCE.matcher(text)
                .results()
                .map(found -> new Block(file, found.group(1), found.group(2)))
                .toList();
    }

    static List<String> links(Path file) throws IOException {
        String prose = FENCE.matcher(Files.readString(file)).replaceAll("");
        return LINK.matcher(prose).results().map(found -> found.group(1)).toList();
    }

    /** The anchors that a Markdown page has: its headings in small letters, with hyphens for spaces. */
    static Set<String> anchors(Path file) throws IOException {
        Set<String> anchors = new TreeSet<>();
        String prose = FENCE.matcher(Files.readString(file)).replaceAll("");
        for (MatchResult heading : HEADING.matcher(prose).results().toList()) {
            anchors.add(anchor(heading.group(1)));
        }
        return anchors;
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }
}
