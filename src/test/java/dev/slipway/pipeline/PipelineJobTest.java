package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineJobTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RECORDED = Path.of("src/test/resources/pipeline/deploy-job.json");

    @Test
    void readsAFirstJob() throws IOException {
        assertThat(PipelineJob.parse(event(data -> {}))).isInstanceOfSatisfying(PipelineJob.Deploy.class, job -> {
            assertThat(job.jobId()).isEqualTo("11111111-abcd-1111-abcd-111111abcdef");
            assertThat(job.service()).isEqualTo(new ServiceId("prod", "web"));
            assertThat(job.execution()).isEqualTo("6ba1b26c-4f4c-4d0c-9ff6-c4cd1a39cf35");
            assertThat(job.registry()).endsWith("/slipway-dev-web");
            assertThat(job.commit()).startsWith("3f2c8a91b7d0");
            assertThat(job.artifact().bucket()).isEqualTo("slipway-pipeline-web-artifactbucket-1a2b3c");
            assertThat(job.artifact().key()).isEqualTo("slipway-pipeline-web/Image/pZgR4qB");
            assertThat(job.token()).isNull();
        });
    }

    @Test
    void readsAContinuedJob() throws IOException {
        assertThat(PipelineJob.parse(event(data -> data.put("continuationToken", "01JROLLOUT"))))
                .isInstanceOfSatisfying(
                        PipelineJob.Deploy.class, job -> assertThat(job.token()).isEqualTo("01JROLLOUT"));
    }

    @ParameterizedTest
    @CsvSource({"01JROLLOUT,01JROLLOUT,0", "later,,0", "later:3,,3", "01JROLLOUT:3,01JROLLOUT,3", "later:,later:,0"})
    void aTokenNamesARolloutOrHowOftenWeHaveWaited(String token, @Nullable String rollout, int waited)
            throws IOException {
        assertThat(PipelineJob.parse(event(data -> data.put("continuationToken", token))))
                .isInstanceOfSatisfying(PipelineJob.Deploy.class, job -> {
                    assertThat(job.startedRollout()).isEqualTo(rollout);
                    assertThat(PipelineJob.waited(job.token())).isEqualTo(waited);
                });
    }

    @Test
    void readsASelectBuildspec() throws IOException {
        assertThat(
                        PipelineJob.parse(
                                event(
                                        data -> parameters(
                                                data,
                                                "{\"do\":\"select-buildspec\",\"service\":\"web\",\"path\":\"ci/buildspec.yml\",\"execution\":\"6ba1b26c-4f4c-4d0c-9ff6-c4cd1a39cf35\"}"))))
                .isInstanceOfSatisfying(PipelineJob.SelectBuildspec.class, look -> {
                    assertThat(look.pipeline()).isEqualTo(new PipelineId("web"));
                    assertThat(look.path()).isEqualTo("ci/buildspec.yml");
                });
    }

    @Test
    void neverPrintsTheKeysOfTheArtifact() throws IOException {
        assertThat(PipelineJob.parse(event(data -> {})).toString())
                .contains("ASIAEXAMPLE")
                .doesNotContain("not/a/real/secret", "not-a-real-token");
    }

    @Test
    void aVariableThatHadNoValueIsNoCommit() throws IOException {
        assertThat(
                        PipelineJob.parse(
                                event(
                                        data -> parameters(
                                                data,
                                                "{\"do\":\"deploy\",\"service\":\"web\",\"environment\":\"prod\",\"registry\":\"r\",\"execution\":\"6ba1b26c-4f4c-4d0c-9ff6-c4cd1a39cf35\",\"commit\":\"#{Source.CommitId}\"}"))))
                .isInstanceOfSatisfying(
                        PipelineJob.Deploy.class,
                        job -> assertThat(job.commit()).isNull());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            not JSON                                                       | are no JSON
            {}                                                             | "service" is missing
            {"service":"web"}                                              | "do" is missing
            {"service":"web","do":"dance"}                                 | neither select-buildspec nor deploy
            {"service":"Web","do":"select-buildspec","path":"x"}                       | not a service's name: Web
            {"service":"web","do":"deploy"}                                | "environment" is missing
            {"service":"web","do":"deploy","environment":"a-b"}            | "execution" is missing
            {"service":"web","do":"deploy","environment":"prod","execution":"#{codepipeline.PipelineExecutionId}"} | "execution" is missing
            {"service":"web","do":"deploy","environment":"prod","execution":"e"} | "execution" is not the id of one
            """)
    void answersAnActionThatSomebodyElseWrote(String parameters, String words) throws IOException {
        assertThat(PipelineJob.parse(event(data -> parameters(data, parameters))))
                .isInstanceOfSatisfying(PipelineJob.Malformed.class, malformed -> {
                    assertThat(malformed.jobId()).startsWith("11111111");
                    assertThat(malformed.problem().code()).isEqualTo("job-malformed");
                    assertThat(malformed.problem().detail()).contains(words);
                });
    }

    @Test
    void answersAnActionWithoutArtifactOrKeys() throws IOException {
        assertThat(PipelineJob.parse(event(data -> data.putArray("inputArtifacts"))))
                .isInstanceOf(PipelineJob.Malformed.class);
        assertThat(PipelineJob.parse(event(data -> data.remove("artifactCredentials"))))
                .isInstanceOf(PipelineJob.Malformed.class);
    }

    @Test
    void hasNobodyToAnswerWithoutAJob() {
        assertThatIllegalArgumentException().isThrownBy(() -> PipelineJob.parse(JSON.createObjectNode()));
    }

    private static void parameters(ObjectNode data, String text) {
        ((ObjectNode) data.at("/actionConfiguration/configuration")).put("UserParameters", text);
    }

    private static ObjectNode event(Consumer<ObjectNode> change) throws IOException {
        ObjectNode event = (ObjectNode) JSON.readTree(Files.readString(RECORDED));
        change.accept((ObjectNode) event.path("CodePipeline.job").path("data"));
        return event;
    }
}
