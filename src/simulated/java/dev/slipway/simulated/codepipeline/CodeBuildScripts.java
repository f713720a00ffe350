package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.simulated.ecr.EcrImage;
import dev.slipway.simulated.ecr.SimulatedEcr;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecr.model.EcrException;

/**
 * What builds of {@code stacks/pipeline.yaml} do, without a shell: what is tested, built, pushed and copied, and what they
 * print and leave. A test of the template runs the real scripts.
 */
final class CodeBuildScripts {
    private static final String DEFINITIONS = "imagedefinitions.json";
    private static final String OURS = "slipway-image.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    sealed interface Result {}

    /** @param files of the artifact */
    record Done(Map<String, String> files) implements Result {}

    record Failed(String command, int status) implements Result {}

    private final SimulatedEcr ecr;

    CodeBuildScripts(SimulatedEcr ecr) {
        this.ecr = ecr;
    }

    /** @param commands null when nobody knows them */
    Result test(@Nullable JsonNode commands, SourcePush push, CodeBuildLog log) {
        String last = "make test";
        if (commands == null) {
            log.runs(last);
        } else {
            for (JsonNode command : commands) {
                last = command.asText();
                log.runs(last);
            }
        }
        if (push.says("tests-fail")) {
            log.prints("--- FAIL: TestGreeting (0.01s)");
            log.prints("    greeting_test.go:17: got \"Hallo\", want \"Hello\"");
            log.prints("FAIL");
            return new Failed(last, 1);
        }
        log.prints("ok  \texample.com/web\t0.412s");
        return new Done(Map.of());
    }

    /** The buildspec of a repository that is made for CodePipeline's own deploy action: it knows of no digest. */
    Result own(Map<String, String> environment, SourcePush push, CodeBuildLog log) {
        String image = environment.get("REPOSITORY_URI") + ":" + push.imageTag();
        Optional<Failed> failed = build(image, push, log);
        if (failed.isPresent()) {
            return failed.get();
        }
        Map<String, String> files = new LinkedHashMap<>();
        files.put("README.md", "# A service\n");
        if (!push.says("no-definitions")) {
            files.put(DEFINITIONS, definitions(environment, image));
        }
        return new Done(files);
    }

    /** Slipway's own, which runs $SLIPWAY_BUILD. */
    Result slipway(Map<String, String> environment, SourcePush push, CodeBuildLog log) {
        String command = "eval \"$SLIPWAY_BUILD\"";
        log.runs(command);
        if (push.says("no-dockerfile")) {
            log.prints("Slipway: the repository has neither a buildspec nor a %s."
                    .formatted(environment.getOrDefault("DOCKERFILE", "Dockerfile")));
            return new Failed(command, 1);
        }
        String image = environment.get("REPOSITORY_URI") + ":" + push.imageTag();
        if (build(image, push, log).isPresent()) {
            return new Failed(command, 1);
        }
        Map<String, String> files = new LinkedHashMap<>();
        if (!push.says("no-definitions")) {
            files.put(DEFINITIONS, definitions(environment, image));
        }
        files.put(
                OURS,
                found(environment, image, ecr.known(image).map(EcrImage::digest).orElse("None"), log));
        return new Done(files);
    }

    private Optional<Failed> build(String image, SourcePush push, CodeBuildLog log) {
        String build = "docker build --tag %s .".formatted(image);
        log.runs(build);
        log.prints("#1 [internal] load build definition from Dockerfile");
        log.prints("#7 [build 4/4] RUN go build -o /web .");
        if (push.says("build-fails")) {
            log.prints("#7 1.913 ./main.go:24:2: undefined: greet");
            log.prints(
                    "ERROR: failed to solve: process \"/bin/sh -c go build -o /web .\" did not complete successfully: exit code: 1");
            return Optional.of(new Failed(build, 1));
        }
        log.prints("#9 exporting to image");
        String command = "docker push " + image;
        log.runs(command);
        if (push.says("missing")) {
            log.prints("nothing to push");
            return Optional.empty();
        }
        try {
            log.prints("%s: digest: %s size: 856"
                    .formatted(push.imageTag(), ecr.push(image).digest()));
            return Optional.empty();
        } catch (EcrException e) {
            log.prints(e.awsErrorDetails().errorMessage());
            return Optional.of(new Failed(command, 1));
        }
    }

    /** Copies the image to the other registries and finds out its digest, whoever has built it. */
    Result copy(Map<String, String> environment, Map<String, String> source, CodeBuildLog log) {
        String registry = environment.getOrDefault("REPOSITORY_URI", "");
        String container = environment.getOrDefault("CONTAINER_NAME", "");
        String uri = named(source, container);
        if (uri.isEmpty()) {
            return refuses("%s does not name the image of %s exactly once.".formatted(DEFINITIONS, container), log);
        }
        if (!uri.startsWith(registry + ":") && !uri.startsWith(registry + "@")) {
            return refuses("%s is not in %s.".formatted(uri, registry), log);
        }
        String reference = uri.substring(registry.length());
        if (reference.equals(":latest")) {
            return refuses("%s may be another image by the time it is deployed.".formatted(uri), log);
        }
        if (reference.startsWith(":release-") || reference.startsWith(":retired-")) {
            return refuses(
                    "tags that begin with release- or retired- are Slipway's own; %s needs another.".formatted(uri),
                    log);
        }
        Optional<EcrImage> image = ecr.known(uri);
        if (image.isEmpty()) {
            return refuses("there is no image %s; was it pushed?".formatted(uri), log);
        }
        String commit = environment.getOrDefault("COMMIT", "");
        String tag =
                reference.startsWith(":") ? reference.substring(1).replaceFirst("@.*", "") : commit.substring(0, 12);
        for (String copy : environment.getOrDefault("COPY_URIS", "").split(",", -1)) {
            String target = copy + ":" + tag;
            Optional<EcrImage> there = ecr.known(target);
            try {
                String digest =
                        there.orElseGet(() -> ecr.copy(image.get(), target)).digest();
                if (!digest.equals(image.get().digest())) {
                    return refuses(
                            "%s is %s and not %s."
                                    .formatted(target, digest, image.get().digest()),
                            log);
                }
            } catch (EcrException e) {
                log.prints("ERROR: " + e.awsErrorDetails().errorMessage());
                return new Failed("copy", 1);
            }
        }
        Map<String, String> files = new LinkedHashMap<>();
        files.put(DEFINITIONS, source.get(DEFINITIONS));
        files.put(OURS, found(environment, uri, image.get().digest(), log));
        return new Done(files);
    }

    private static Failed refuses(String why, CodeBuildLog log) {
        log.prints("Slipway: " + why);
        return new Failed("copy", 1);
    }

    private static String named(Map<String, String> source, String container) {
        try {
            String uri = "";
            for (JsonNode entry : JSON.readTree(source.getOrDefault(DEFINITIONS, "[]"))) {
                if (entry.path("name").asText().equals(container)) {
                    if (!uri.isEmpty()) {
                        return "";
                    }
                    uri = entry.path("imageUri").asText();
                }
            }
            return uri;
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    private static String definitions(Map<String, String> environment, String image) {
        return JSON.createArrayNode()
                .add(JSON.createObjectNode()
                        .put("name", environment.get("CONTAINER_NAME"))
                        .put("imageUri", image))
                .toString();
    }

    private static String found(Map<String, String> environment, String image, String digest, CodeBuildLog log) {
        String text = JSON.createObjectNode()
                .put("imageUri", image)
                .put("digest", digest)
                .put("commit", environment.get("COMMIT"))
                .toString();
        log.prints(text);
        return text;
    }
}
