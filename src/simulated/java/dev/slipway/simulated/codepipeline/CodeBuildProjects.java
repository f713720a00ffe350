package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.ecr.SimulatedEcr;
import dev.slipway.simulated.logs.SimulatedLogs;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CodeBuild in memory: projects, and builds that pipelines start. Source: CodePipeline user guide, "AWS CodeBuild build and
 * test action reference"; CodeBuild user guide, "Build specification reference" and "Build phase transitions". Log streams are
 * named {@code {StreamName}/{build id}} (API reference, CloudWatchLogsConfig). How long builds take is assumed.
 */
public final class CodeBuildProjects {
    private static final Duration PROVISIONING = Duration.ofSeconds(20);
    private static final Duration TEST = Duration.ofSeconds(70);
    private static final Duration IMAGE = Duration.ofMinutes(3);
    private static final Duration COPY = Duration.ofSeconds(45);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedAws aws;
    private final SimulatedLogs logs;
    private final PipelineArtifacts artifacts;
    private final CodeBuildScripts scripts;
    private final Map<String, ObjectNode> projects = new LinkedHashMap<>();

    public CodeBuildProjects(SimulatedAws aws, SimulatedLogs logs, SimulatedEcr ecr, PipelineArtifacts artifacts) {
        this.aws = aws;
        this.logs = logs;
        this.artifacts = artifacts;
        this.scripts = new CodeBuildScripts(ecr);
    }

    /** @param properties of AWS::CodeBuild::Project, evaluated */
    void put(String project, ObjectNode properties) {
        projects.put(project, properties);
    }

    void remove(String project) {
        projects.remove(project);
    }

    Optional<ObjectNode> find(String project) {
        return Optional.ofNullable(projects.get(project));
    }

    /** Whether an action makes something of the source, by a buildspec that a repository may have or not. */
    static boolean makesImages(SimulatedAction action) {
        return action.kind() == SimulatedAction.Kind.FUNCTION
                || !action.outputs().isEmpty();
    }

    /** Where an action expects the repository's buildspec, if it does: a build, or a function that looks for it. */
    Optional<String> buildspecPath(SimulatedAction action) {
        return switch (action.kind()) {
            case SOURCE -> Optional.empty();
            case FUNCTION ->
                Optional.of(json(action.configuration().getOrDefault("UserParameters", "{}"))
                                .path("path")
                                .asText(""))
                        .filter(path -> !path.isEmpty());
            case BUILD ->
                find(action.configuration().getOrDefault("ProjectName", ""))
                        .map(project -> project.path("Source").path("BuildSpec").asText())
                        .filter(CodeBuildProjects::isPath);
        };
    }

    private static boolean isPath(String buildspec) {
        return buildspec.matches("\\S+\\.ya?ml");
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + text, e);
        }
    }

    void start(ActionRun run) {
        String name = run.configured("ProjectName");
        ObjectNode project = projects.get(name);
        if (project == null) {
            run.fail(
                    "ConfigurationError",
                    "Error calling startBuild: Project cannot be found: %s (Service: AWSCodeBuild; Status Code: 400; Error Code: ResourceNotFoundException)"
                            .formatted(aws.arn("codebuild", "project/" + name)));
            return;
        }
        String uuid = aws.uuid();
        run.externalId = name + ":" + uuid;
        run.externalUrl = "https://console.aws.amazon.com/codebuild/home?region=%s#/builds/%s/view/new"
                .formatted(aws.region(), run.externalId);
        CodeBuildLog log = new CodeBuildLog(aws, logs, project, uuid);
        aws.clock().after(PROVISIONING, () -> run(run, project, log));
    }

    private void run(ActionRun run, ObjectNode project, CodeBuildLog log) {
        String override = run.configured("BuildspecOverride");
        String buildspec =
                override.isEmpty() ? project.path("Source").path("BuildSpec").asText() : override;
        Map<String, String> source = artifacts.get(run);
        log.begins(isPath(buildspec) ? buildspec : null);
        if (isPath(buildspec) && !source.containsKey(buildspec)) {
            log.noBuildspec(buildspec);
            terminated(run, "FAILED");
            return;
        }
        Map<String, String> environment = environment(run, project);
        Kind kind = environment.containsKey("COPY_URIS")
                ? Kind.COPY
                : run.action.outputs().isEmpty() ? Kind.TEST : Kind.IMAGE;
        SourcePush push = run.execution.push;
        Duration limit =
                Duration.ofMinutes(project.path("TimeoutInMinutes").asLong(60)).minus(PROVISIONING);
        Duration takes = kind.takes.minus(PROVISIONING);
        log.entersBuild();
        if (takes.compareTo(limit) > 0 || kind == Kind.IMAGE && push.says("build-hangs")) {
            aws.clock().after(limit, () -> {
                log.timedOut();
                terminated(run, "TIMED_OUT");
            });
            return;
        }
        aws.clock().after(takes, () -> {
            CodeBuildScripts.Result result = switch (kind) {
                case TEST -> scripts.test(commands(buildspec), push, log);
                case IMAGE ->
                    isPath(buildspec) ? scripts.own(environment, push, log) : scripts.slipway(environment, push, log);
                case COPY -> scripts.copy(environment, source, log);
            };
            ends(run, log, result);
        });
    }

    private enum Kind {
        TEST(CodeBuildProjects.TEST),
        IMAGE(CodeBuildProjects.IMAGE),
        COPY(CodeBuildProjects.COPY);

        final Duration takes;

        Kind(Duration takes) {
            this.takes = takes;
        }
    }

    private void ends(ActionRun run, CodeBuildLog log, CodeBuildScripts.Result result) {
        switch (result) {
            case CodeBuildScripts.Failed(String command, int status) -> {
                log.failed(command, status);
                terminated(run, "FAILED");
            }
            case CodeBuildScripts.Done(Map<String, String> files) -> {
                artifacts.put(run, files);
                log.succeeded();
                run.succeed("Build terminated with state: SUCCEEDED");
            }
        }
    }

    /** The words as seen in public events. */
    private static void terminated(ActionRun run, String state) {
        run.fail("JobFailed", "Build terminated with state: " + state);
    }

    /** The project's variables, those of the action over them. */
    private static Map<String, String> environment(ActionRun run, ObjectNode project) {
        Map<String, String> environment = new LinkedHashMap<>();
        project.path("Environment")
                .path("EnvironmentVariables")
                .forEach(variable -> environment.put(
                        variable.path("Name").asText(), variable.path("Value").asText()));
        String added = run.configured("EnvironmentVariables");
        json(added.isEmpty() ? "[]" : added)
                .forEach(variable -> environment.put(
                        variable.path("name").asText(), variable.path("value").asText()));
        return environment;
    }

    /** What a whole buildspec in JSON runs; null for one whose commands are not known here. */
    private static @Nullable JsonNode commands(String buildspec) {
        return buildspec.startsWith("{")
                ? json(buildspec).path("phases").path("build").path("commands")
                : null;
    }
}
