package dev.slipway.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/diagnosis.md has the causes that there are, in the order in which they are tried. */
class DiagnosisDocumentTest {
    private static final Path DOCUMENT = Path.of("docs/diagnosis.md");
    private static final Path GENERATED = Path.of("target/causes.md");

    private static String table() {
        return Stream.of(Cause.values())
                .map(cause ->
                        "| `%s` | %s | %s |\n".formatted(cause.code(), shown(cause.sentence), shown(cause.action)))
                .collect(Collectors.joining("", "| code | cause | what mends it |\n|---|---|---|\n", ""));
    }

    /** What a sentence names is in italics: a value, or what stands in its place where there is none; as where a rollback helps. */
    private static String shown(String sentence) {
        return sentence.replaceAll("\\{(\\w+)(?:\\|[^}]*)?}", "_$1_")
                .replaceAll("\\[([^]]*)]", "$1")
                .strip();
    }

    @Test
    void theTableIsThatOfTheCode() throws IOException {
        Files.writeString(GENERATED, table());

        assertThat(Files.readString(DOCUMENT))
                .as("its table is to be that of " + GENERATED)
                .contains(table());
    }

    @Test
    void everyPlaybookIsThere() {
        assertThat(Cause.values())
                .allSatisfy(cause -> assertThat(Path.of("docs/playbooks", cause.playbook + ".md"))
                        .exists());
    }
}
