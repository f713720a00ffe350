package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * Runs the shell of stacks/pipeline.yaml, with aws and docker played by scripts: a registry is a directory, an image a
 * file in it that is named after its tag and holds its digest.
 */
class BuildScriptsTest {
    private static final String DEV = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/slipway-dev-web";
    private static final String PROD = "444455556666.dkr.ecr.eu-west-1.amazonaws.com/slipway-prod-web";
    private static final String COMMIT = "3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8";
    private static final String DIGEST = "sha256:built";

    private static final String AWS = """
            #!/bin/bash
            echo "aws $*" >> "$CALLS"
            region=eu-central-1 registry=111122223333
            while [ $# -gt 0 ]; do
              case "$1" in
                get-login-password) echo secret; exit ;;
                --region) region=$2 ;;
                --registry-id) registry=$2 ;;
                --repository-name) name=$2 ;;
                --image-ids) id=$2 ;;
              esac
              shift
            done
            directory="$REGISTRIES/$registry.dkr.ecr.$region.amazonaws.com/$name"
            [ -d "$directory" ] || exit 254
            case "$id" in
              imageTag=*) cat "$directory/${id#*=}" 2> /dev/null || echo None ;;
              imageDigest=*) grep -rhx "${id#*=}" "$directory" | head -1 | grep . || echo None ;;
            esac
            """;
    private static final String DOCKER = """
            #!/bin/bash
            echo "docker $*" >> "$CALLS"
            all="$*"
            case "$all" in
              login*) cat > /dev/null ;;
              "buildx create"*) exit "${NO_BUILDER:-0}" ;;
              "buildx build"*) target="${all#*--tag }" && target="${target%% *}" && digest=sha256:built ;;
              *"imagetools create"*) target="${all#*--tag }" && target="${target%% *}" && digest="${all##*@}" ;;
            esac
            if [ -n "$target" ]; then echo "$digest" > "$REGISTRIES/${target%:*}/${target##*:}"; fi
            """;

    @TempDir
    Path directory;

    private Path calls;

    @BeforeEach
    void play() throws IOException {
        calls = Files.createFile(directory.resolve("calls"));
        Files.createDirectories(directory.resolve("source"));
        Files.createDirectories(directory.resolve("registries").resolve(DEV));
        Files.createDirectories(directory.resolve("registries").resolve(PROD));
        Path bin = Files.createDirectories(directory.resolve("bin"));
        for (Map.Entry<String, String> tool :
                Map.of("aws", AWS, "docker", DOCKER).entrySet()) {
            Path file = Files.writeString(bin.resolve(tool.getKey()), tool.getValue());
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
    }

    @Test
    void buildsOnceTagsByCommitAndSaysWhatItHasMade() throws Exception {
        source("Dockerfile", "FROM scratch");

        assertThat(build(Map.of()).code()).isZero();
        assertThat(written("imagedefinitions.json")).isEqualToIgnoringNewLines("""
                [{"name":"web","imageUri":"%s:3f2c8a91b7d0"}]""".formatted(DEV));
        assertThat(written("slipway-image.json")).isEqualToIgnoringNewLines("""
                {"imageUri":"%s:3f2c8a91b7d0","digest":"%s","commit":"%s"}""".formatted(DEV, DIGEST, COMMIT));
        assertThat(Files.readString(calls))
                .contains("--platform linux/arm64", "--cache-from type=registry,ref=cache:layers", "--push");
    }

    @Test
    void takesTheImageOfAnEarlierBuildOfTheCommit() throws Exception {
        source("Dockerfile", "FROM scratch");
        image(DEV, "3f2c8a91b7d0", "sha256:before");

        assertThat(build(Map.of()).code()).isZero();
        assertThat(written("slipway-image.json")).contains("sha256:before");
        assertThat(Files.readString(calls)).doesNotContain("buildx");
    }

    @Test
    void buildsWithoutACacheWhenThereIsNoBuilder() throws Exception {
        source("Dockerfile", "FROM scratch");

        assertThat(build(Map.of("NO_BUILDER", "1")).code()).isZero();
        assertThat(Files.readString(calls)).contains("buildx build").doesNotContain("--cache-from");
    }

    @Test
    void aDockerfileWithStagesAndArgumentsIsBuiltAsItsOwnerSays() throws Exception {
        source("Dockerfile", "FROM scratch AS runtime");

        assertThat(build(Map.of(
                                "BUILD_TARGET", "runtime",
                                "BUILD_ARGUMENTS", "{\"GO_FLAGS\":\"-ldflags=-s -w\",\"VERSION\":\"$(date)\"}"))
                        .code())
                .isZero();
        assertThat(Files.readString(calls))
                .contains("--target runtime --build-arg GO_FLAGS=-ldflags=-s -w --build-arg VERSION=$(date)");
    }

    @Test
    void aBuildOfTheRepositoryThatPushesLatestAndNamesItIsToldWhatToWrite() throws Exception {
        image(DEV, "latest", "sha256:one");
        for (String uri : List.of(DEV, DEV + ":latest")) {
            definitions(uri);
            Result refused = copy();
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.output()).contains("write $REPOSITORY_URI:$IMAGE_TAG to imagedefinitions.json");
        }
        assertThat(Files.readString(calls)).isEmpty();
    }

    @Test
    void aBuildOfTheRepositoryThatNamesTagAndDigestIsCopiedByTheDigest() throws Exception {
        image(DEV, "v1", "sha256:one");
        definitions(DEV + ":v1@sha256:one");

        Result copied = copy();
        assertThat(copied.code()).as(copied.output()).isZero();
        assertThat(Files.readString(
                        directory.resolve("registries").resolve(PROD).resolve("v1")))
                .isEqualToIgnoringNewLines("sha256:one");
    }

    @Test
    void aBuildOfTheRepositoryThatNumbersItsImagesAsWeDoIsTold() throws Exception {
        image(DEV, "release-2", "sha256:one");
        definitions(DEV + ":release-2");

        assertThat(copy().output()).contains("release- or retired- are Slipway's own");
    }

    @Test
    void saysThatThereIsNothingToBuild() throws Exception {
        Result result = build(Map.of());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output()).contains("neither a buildspec nor a Dockerfile");
        assertThat(Files.readString(calls)).isEmpty();
    }

    @Test
    void copiesAnImageWithItsDigestToAnotherAccountAndRegion() throws Exception {
        image(DEV, "v1", "sha256:one");
        definitions(DEV + ":v1");

        assertThat(copy().output()).isNotNull();
        assertThat(copy().code()).as("a second time").isZero();
        assertThat(Files.readString(
                        directory.resolve("registries").resolve(PROD).resolve("v1")))
                .isEqualToIgnoringNewLines("sha256:one");
        assertThat(written("slipway-image.json")).contains("\"digest\":\"sha256:one\"", COMMIT);
        assertThat(Files.readString(calls))
                .contains("aws ecr get-login-password --region eu-west-1")
                .containsOnlyOnce("imagetools create --prefer-index=false");
    }

    @Test
    void copiesAnImageThatIsNamedByItsDigest() throws Exception {
        image(DEV, "v1", "sha256:one");
        definitions(DEV + "@sha256:one");

        assertThat(copy().code()).isZero();
        assertThat(Files.readString(
                        directory.resolve("registries").resolve(PROD).resolve("3f2c8a91b7d0")))
                .isEqualToIgnoringNewLines("sha256:one");
    }

    @Test
    void refusesToCopyWhatItCannotAnswerFor() throws Exception {
        definitions(DEV + ":v1");
        assertThat(copy().output()).contains("there is no image " + DEV + ":v1; was it pushed?");
        definitions("nginx:latest");
        assertThat(copy().output()).contains("nginx:latest is not in " + DEV);
        source("imagedefinitions.json", "[{\"name\":\"proxy\",\"imageUri\":\"x\"}]");
        assertThat(copy().output()).contains("does not name the image of web exactly once");
        image(DEV, "v1", "sha256:one");
        image(PROD, "v1", "sha256:other");
        definitions(DEV + ":v1");
        Result differs = copy();
        assertThat(differs.code()).isEqualTo(1);
        assertThat(differs.output()).contains("is sha256:other and not sha256:one");
    }

    private Result build(Map<String, String> more) throws Exception {
        Object variables = StackTemplate.named("pipeline.yaml")
                .resource("BuildProject")
                .at("Properties.Environment.EnvironmentVariables");
        String script = StackTemplate.mapsIn(variables)
                .filter(variable -> "SLIPWAY_BUILD".equals(variable.get("Name")))
                .map(variable -> String.valueOf(variable.get("Value")))
                .findFirst()
                .orElseThrow();
        return run("eval \"$SLIPWAY_BUILD\"", script, more);
    }

    private Result copy() throws Exception {
        Object buildspec =
                StackTemplate.named("pipeline.yaml").resource("CopyProject").at("Properties.Source.BuildSpec");
        Map<String, Object> tree = new Yaml().load(String.valueOf(buildspec));
        Object commands = StackTemplate.map(
                        StackTemplate.map(tree.get("phases")).get("build"))
                .get("commands");
        List<String> lines = new ArrayList<>();
        ((List<?>) commands).forEach(command -> lines.add(String.valueOf(command)));
        return run(String.join("\n", lines), "", Map.of());
    }

    private Result run(String command, String script, Map<String, String> more) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command)
                .directory(directory.resolve("source").toFile())
                .redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("PATH", directory.resolve("bin") + ":" + environment.get("PATH"));
        environment.put("CALLS", calls.toString());
        environment.put("REGISTRIES", directory.resolve("registries").toString());
        environment.putAll(Map.of(
                "SLIPWAY_BUILD", script,
                "COMMIT", COMMIT,
                "REPOSITORY_URI", DEV,
                "COPY_URIS", PROD,
                "CONTAINER_NAME", "web",
                "CACHE_URI", "cache",
                "PLATFORM", "linux/arm64",
                "DOCKERFILE", "Dockerfile",
                "BUILD_CONTEXT", "."));
        environment.putAll(Map.of("BUILD_TARGET", "", "BUILD_ARGUMENTS", "{}"));
        environment.putAll(more);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }

    private void definitions(String uri) throws IOException {
        source("imagedefinitions.json", "[{\"name\":\"web\",\"imageUri\":\"" + uri + "\"}]");
    }

    private void source(String name, String text) throws IOException {
        Files.writeString(directory.resolve("source").resolve(name), text);
    }

    private void image(String registry, String tag, String digest) throws IOException {
        Files.writeString(directory.resolve("registries").resolve(registry).resolve(tag), digest + "\n");
    }

    private String written(String name) throws IOException {
        return Files.readString(directory.resolve("source").resolve(name));
    }

    private record Result(int code, String output) {}
}
