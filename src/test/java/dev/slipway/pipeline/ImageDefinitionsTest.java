package dev.slipway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.pipeline.Artifacts.ImageDefinitions;
import dev.slipway.pipeline.Artifacts.ImageDefinitions.Result;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageDefinitionsTest {
    private static final String REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/slipway-dev-web";
    private static final String URI = REGISTRY + ":3f2c8a91b7d0";
    private static final String DIGEST = "sha256:" + "ab".repeat(32);
    private static final String STANDARD = "[{\"name\":\"web\",\"imageUri\":\"" + URI + "\"}]";
    private static final String COMMIT = "3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8";

    @Test
    void takesWhatTheFoundingRepositoryWrites() throws IOException {
        assertThat(read(Map.of("imagedefinitions.json", STANDARD)))
                .isEqualTo(new Result.Found("3f2c8a91b7d0", "3f2c8a91b7d0", null));
    }

    @Test
    void takesTheDigestOfOurOwnFileWhenItIsAboutTheSameImage() throws IOException {
        assertThat(read(Map.of("imagedefinitions.json", STANDARD, "slipway-image.json", ours(URI))))
                .isEqualTo(new Result.Found(DIGEST, "3f2c8a91b7d0", COMMIT));
    }

    @Test
    void believesTheStandardFileWhenOursIsLeftFromAnotherImage() throws IOException {
        assertThat(read(Map.of("imagedefinitions.json", STANDARD, "slipway-image.json", ours(REGISTRY + ":old"))))
                .isEqualTo(new Result.Found("3f2c8a91b7d0", "3f2c8a91b7d0", null));
        assertThat(read(Map.of("imagedefinitions.json", STANDARD, "slipway-image.json", "{")))
                .isEqualTo(new Result.Found("3f2c8a91b7d0", "3f2c8a91b7d0", null));
    }

    @Test
    void takesADigestAndTheOneContainerOfSeveral() throws IOException {
        String several = "[{\"name\":\"proxy\",\"imageUri\":\"envoy:1\"},{\"name\":\"web\",\"imageUri\":\"" + REGISTRY
                + "@" + DIGEST + "\"}]";

        assertThat(read(Map.of("imagedefinitions.json", several))).isEqualTo(new Result.Found(DIGEST, null, null));
    }

    @Test
    void aBuildThatNamesTagAndDigestMeansTheDigest() throws IOException {
        String both = STANDARD.replace(URI, URI + "@" + DIGEST);

        assertThat(read(Map.of("imagedefinitions.json", both)))
                .isEqualTo(new Result.Found(DIGEST, "3f2c8a91b7d0", null))
                .isInstanceOfSatisfying(
                        Result.Found.class, found -> assertThat(found.named()).isEqualTo("3f2c8a91b7d0@" + DIGEST));
    }

    static Stream<Arguments> unusable() {
        String two =
                "[{\"name\":\"web\",\"imageUri\":\"" + URI + "\"},{\"name\":\"web\",\"imageUri\":\"" + URI + "2\"}]";
        return Stream.of(
                wrong(Map.of("README.md", "x"), "image-definitions-missing", "It has README.md."),
                wrong(Map.of("out/imagedefinitions.json", STANDARD), "image-definitions-missing", "discard-paths: yes"),
                wrong(Map.of("imagedefinitions.json", ""), "image-definitions-malformed", "must be a list"),
                wrong(Map.of("imagedefinitions.json", "[{"), "image-definitions-malformed", "is no JSON"),
                wrong(Map.of("imagedefinitions.json", STANDARD + "x"), "image-definitions-malformed", "is no JSON"),
                wrong(Map.of("imagedefinitions.json", "[]"), "image-definitions-malformed", "must be a list"),
                wrong(Map.of("imagedefinitions.json", "{\"ImageURI\":\"x\"}"), "image-definitions-malformed", "a list"),
                wrong(Map.of("imagedefinitions.json", "[{\"name\":\"web\"}]"), "image-definitions-malformed", "a list"),
                wrong(
                        Map.of("imagedefinitions.json", STANDARD.replace("web\",", "go-server\",")),
                        "image-not-named",
                        "names go-server and not web"),
                wrong(Map.of("imagedefinitions.json", two), "image-not-named", "names web 2 times"),
                wrong(
                        Map.of("imagedefinitions.json", STANDARD.replace("slipway-dev-web", "other")),
                        "image-elsewhere",
                        "is not in " + REGISTRY),
                wrong(
                        Map.of("imagedefinitions.json", STANDARD.replace(":3f2c8a91b7d0", "-two:1")),
                        "image-elsewhere",
                        "slipway-dev-web-two:1"),
                wrong(
                        Map.of("imagedefinitions.json", STANDARD.replace(":3f2c8a91b7d0", "")),
                        "image-not-fixed",
                        "push $REPOSITORY_URI:$IMAGE_TAG too"),
                wrong(
                        Map.of("imagedefinitions.json", STANDARD.replace(":3f2c8a91b7d0", ":latest")),
                        "image-not-fixed",
                        "write that to imagedefinitions.json"),
                wrong(
                        Map.of("imagedefinitions.json", STANDARD.replace(":3f2c8a91b7d0", ":v1@sha256:abc")),
                        "image-elsewhere",
                        "with a tag or digest"),
                wrong(
                        Map.of("imagedefinitions.json", " ".repeat(200_000) + STANDARD),
                        "artifact-malformed",
                        "more than 102400 bytes"));
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void saysWhatIsWrongWithTheBuildsResult(Map<String, String> files, String code, String words) throws IOException {
        assertThat(read(files)).isInstanceOfSatisfying(Result.Invalid.class, wrong -> {
            assertThat(wrong.problem().code()).isEqualTo(code);
            assertThat(wrong.problem().detail()).contains(words).endsWith(".");
            assertThat(wrong.problem().action()).isNotNull();
        });
    }

    @Test
    void saysSoWhenTheResultIsNoZip() throws IOException {
        assertThat(read(Zips.bytes("<Error>NoSuchKey</Error>")))
                .isInstanceOfSatisfying(
                        Result.Invalid.class,
                        wrong -> assertThat(wrong.problem().code()).isEqualTo("artifact-malformed"));
    }

    private static Arguments wrong(Map<String, String> files, String code, String words) {
        return Arguments.of(files, code, words);
    }

    private static String ours(String uri) {
        return "{\"imageUri\":\"%s\",\"digest\":\"%s\",\"commit\":\"%s\"}".formatted(uri, DIGEST, COMMIT);
    }

    private static Result read(Map<String, String> files) throws IOException {
        return read(Zips.of(files));
    }

    private static Result read(InputStream zip) throws IOException {
        return ImageDefinitions.read(zip, "web", REGISTRY);
    }
}
