package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.pipeline.Artifacts.Buildspecs;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BuildspecsTest {
    @Test
    void theRepositorysOwnGoesFirst() throws IOException {
        assertThat(Buildspecs.choose(
                        Zips.of(Map.of("Dockerfile", "", "buildspec.yml", "version: 0.2")), "buildspec.yml"))
                .isEqualTo("buildspec.yml");
        assertThat(Buildspecs.choose(Zips.of(Map.of("ci/b.yml", "x".repeat(2_000_000))), "ci/b.yml"))
                .isEqualTo("ci/b.yml");
    }

    @Test
    void oneElsewhereIsNotTheOneThatWasAskedFor() throws IOException {
        assertThat(Buildspecs.choose(Zips.of(Map.of("old/buildspec.yml", "")), "buildspec.yml"))
                .isEqualTo(Buildspecs.bundled());
    }

    @Test
    void oursFitsTheThousandCharactersOfAnActionsConfiguration() {
        assertThat(Buildspecs.bundled()).hasSizeLessThan(1_000).contains("SLIPWAY_BUILD");
    }

    @Test
    void anAnswerThatIsNoZipIsNoAnswer() {
        assertThatThrownBy(() -> Buildspecs.choose(Zips.bytes("<Error/>"), "buildspec.yml"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no zip");
    }
}
