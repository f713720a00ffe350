package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.Pipelines.PipelineRules;
import dev.slipway.pipeline.Pipelines.PipelineRules.RolloutDurations;
import dev.slipway.pipeline.Pipelines.PipelineRules.StageSnapshot;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.validation.SpecFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineRulesTest {
    private static final PipelineId WEB = new PipelineId("web");
    private static final RolloutDurations SHORT = waits(15, 0, 10);
    private static final StageSnapshot GOOD = new StageSnapshot(SHORT, Architecture.ARM64, true, true);
    private static final String SPEC = "repository: {id: acme/web}\ndeploy: [{environment: dev}, {environment: prod}]";

    @Test
    void nothingIsWrongWithAUsualPipeline() {
        assertThat(check(SPEC, Map.of("dev", GOOD, "prod", GOOD), "eu-central-1"))
                .isEmpty();
    }

    @Test
    void saysWhichEnvironmentsThereAre() {
        assertThat(check(SPEC, Map.of("dev", GOOD), "eu-central-1"))
                .containsExactly(
                        "/deploy/1/environment has no service web yet: declare it first, since images are pushed to its registry");
        assertThat(check(SPEC.replace("prod", "live"), Map.of("dev", GOOD), "eu-central-1"))
                .containsExactly("/deploy/1/environment does not exist; these do: dev, prod");
    }

    @ParameterizedTest
    @CsvSource({"15,1200,165,false", "15,1200,166,true", "1440,0,0,true", "0,1380,0,false", "0,0,1381,true"})
    void refusesARolloutThatCouldOutlastCodePipeline(int work, int approvals, int bakes, boolean refused) {
        assertThat(PipelineRules.tooLong(waits(work, approvals, bakes)).isPresent())
                .isEqualTo(refused);
    }

    @Test
    void saysWhatTakesSoLong() {
        StageSnapshot slow = new StageSnapshot(waits(15, 1440, 90), Architecture.ARM64, true, true);

        assertThat(check(SPEC, Map.of("dev", GOOD, "prod", slow), "eu-central-1"))
                .containsExactly(
                        "/deploy/1/environment may take 25 h 45 min (approvals 24 h, bakes 1 h 30 min, the rest 15"
                                + " min), and CodePipeline gives up after 24 hours: at most 23 are possible in a pipeline");
    }

    @Test
    void needsARegistryToPushTo() {
        StageSnapshot early = new StageSnapshot(SHORT, Architecture.ARM64, true, false);

        assertThat(check(SPEC, Map.of("dev", GOOD, "prod", early), "eu-central-1"))
                .singleElement()
                .asString()
                .startsWith("/deploy/1/environment has no registry for web yet");
    }

    @Test
    void whoBuildsElsewhereMayWaitAndBuildAsTheyLike() {
        StageSnapshot slow = new StageSnapshot(waits(15, 1440, 90), Architecture.X86_64, true, true);

        assertThat(check("tagPattern: v*\ndeploy: [{environment: dev}]", Map.of("dev", slow), "eu-central-1"))
                .isEmpty();
    }

    /** Nothing is told of an environment that has granted nothing. */
    @Test
    void needsAGrantAndThenOneProcessor() {
        StageSnapshot other = new StageSnapshot(waits(15, 1440, 90), Architecture.X86_64, false, true);

        assertThat(check(SPEC, Map.of("dev", GOOD, "prod", other), "eu-central-1"))
                .singleElement()
                .asString()
                .contains("somebody who may change prod has to give it");
        assertThat(check(
                        SPEC,
                        Map.of("dev", GOOD, "prod", new StageSnapshot(SHORT, Architecture.X86_64, true, true)),
                        "eu-central-1"))
                .singleElement()
                .asString()
                .contains("another processor than dev");
    }

    @Test
    void runsWhereConnectionsAre() throws IOException {
        assertThat(check(SPEC, Map.of("dev", GOOD, "prod", GOOD), "af-south-1"))
                .singleElement()
                .asString()
                .contains("no connections to repositories");
        try (Stream<String> lines = Files.lines(Path.of("src/test/resources/pipeline-regions.txt"))) {
            assertThat(lines.filter(line -> !line.startsWith("#")).toList())
                    .containsExactlyInAnyOrderElementsOf(PipelineRules.REGIONS);
        }
    }

    @Test
    void usesConnectionsOfItsOwnRegionAndAccount() {
        String spec = SPEC.replace(
                "acme/web",
                "acme/web, connectionArn: 'arn:aws:codeconnections:eu-west-1:123456789012:connection/aEXAMPLE-1'");

        assertThat(check(spec, Map.of("dev", GOOD, "prod", GOOD), "eu-west-1")).isEmpty();
        assertThat(check(spec, Map.of("dev", GOOD, "prod", GOOD), "eu-central-1"))
                .singleElement()
                .asString()
                .contains("is in eu-west-1 of account 123456789012; the pipeline runs in eu-central-1");
    }

    @Test
    void whereNothingIsBuiltTheRegionDoesNotMatter() {
        assertThat(check("tagPattern: v*\ndeploy: [{environment: dev}]", Map.of("dev", GOOD), "af-south-1"))
                .isEmpty();
    }

    private static List<String> check(String spec, Map<String, StageSnapshot> environments, String region) {
        return PipelineRules.check(
                        WEB, SpecFixture.pipeline(spec), environments, Set.of("dev", "prod"), "123456789012", region)
                .stream()
                .map(error -> error.field() + " " + error.message())
                .toList();
    }

    private static RolloutDurations waits(int work, int approvals, int bakes) {
        return new RolloutDurations(Duration.ofMinutes(work), Duration.ofMinutes(approvals), Duration.ofMinutes(bakes));
    }
}
