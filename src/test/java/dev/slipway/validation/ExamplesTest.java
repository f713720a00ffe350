package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExamplesTest {
    private static final Path EXAMPLES = Path.of("examples");
    private final SpecReader reader = new SpecReader();

    @Test
    void everyExampleCanBeReadAndWarnsOfNothing() throws IOException {
        List<Path> specs;
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            specs = files.filter(file -> file.toString().endsWith(".yaml")).toList();
        }
        assertThat(specs).hasSizeGreaterThanOrEqualTo(4);
        for (Path file : specs) {
            byte[] document = Files.readAllBytes(file);
            var read = switch (file.getFileName().toString()) {
                case "service.yaml" -> SpecFixture.service(document, "application/yaml");
                case "pipeline.yaml" -> reader.pipeline(document, "application/yaml");
                default -> reader.environment(document, "application/yaml", SpecFixture.HOME);
            };
            assertThat(read.warnings()).as(file.toString()).isEmpty();
        }
    }

    @Test
    void theGoServerHasTheFoundingSetUp() throws IOException {
        var service = SpecFixture.service(Files.readAllBytes(EXAMPLES.resolve("go-server/service.yaml")), "text/yaml")
                .spec();

        assertThat(service).isEqualTo(SpecFixture.service());
        assertThat(Files.readString(EXAMPLES.resolve("go-server/Dockerfile")))
                .contains("EXPOSE " + service.container().port());
    }
}
