package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where a reader is sent, there is something: each class that the documents name by its package, and each package of the table. */
class ArchitectureDocumentTest {
    private static final Path MAIN = Path.of("src/main/java/dev/slipway");
    private static final Path ARCHITECTURE = Path.of("docs/architecture.md");
    /** {@code rollout/Gate} or {@code stack/StackReconciler.apply}. */
    private static final Pattern CLASS = Pattern.compile("`(?!scripts/)([a-z]+)/([A-Z]\\w+)(?:\\.\\w+)*`");
    /** What the outline of a fourth kind of target would make. */
    private static final Pattern NOT_THERE_YET = Pattern.compile("Bucket\\w*");

    private static final Pattern ROW = Pattern.compile("^\\| ((?:`[a-z]+`(?:, )?)+) \\|", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("`([a-z]+)`");

    private static boolean exists(MatchResult named) throws IOException {
        Pattern type = Pattern.compile("\\b(?:class|record|interface|enum) " + named.group(2) + "\\b");
        try (Stream<Path> files = Files.list(MAIN.resolve(named.group(1)))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (type.matcher(Files.readString(file)).find()) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void everyClassThatIsNamedByItsPackageIsThere() throws IOException {
        List<Path> documents = new ArrayList<>(Documents.under("docs", ".md"));
        documents.add(Path.of("CONTRIBUTING.md"));
        int seen = 0;
        for (Path file : documents) {
            List<MatchResult> found =
                    CLASS.matcher(Files.readString(file)).results().toList();
            for (MatchResult named : found) {
                if (!NOT_THERE_YET.matcher(named.group(2)).matches()) {
                    seen++;
                    assertThat(exists(named))
                            .as("%s in %s", named.group(), file)
                            .isTrue();
                }
            }
        }
        assertThat(seen).isGreaterThan(60);
    }

    @Test
    void theTableHasEveryPackageAndNoOther() throws IOException {
        String text = Files.readString(ARCHITECTURE);
        String table = text.substring(text.indexOf("## Where things are in the code"), text.indexOf("## Rights"));
        TreeSet<String> told = new TreeSet<>();
        ROW.matcher(table)
                .results()
                .flatMap(row -> NAME.matcher(row.group(1)).results())
                .forEach(name -> told.add(name.group(1)));
        told.removeAll(List.of("simulated", "cli")); // source roots of their own

        TreeSet<String> packages = new TreeSet<>();
        try (Stream<Path> directories = Files.list(MAIN)) {
            directories
                    .filter(Files::isDirectory)
                    .forEach(directory -> packages.add(directory.getFileName().toString()));
        }
        assertThat(told).isEqualTo(packages);
    }
}
